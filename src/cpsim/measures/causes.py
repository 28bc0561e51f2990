"""The words of the ledger: what can become of a spell of harm, and where a missed one was lost."""

CAUSES: dict[str, str] = {
    "C0": "No opportunity",
    "C1": "Not recognised",
    "C2": "Not recorded",
    "C3": "Known but not shared",
    "C4": "Lost or late in transit",
    "C5": "Screened out",
    "C6": "Waiting in a queue",
    "C7": "Wrongly assessed",
    "C8": "Decided, too late or ineffective",
    "C9": "Closed too early",
}
"""The step at which a missed spell was lost: code -> plain name, in the order in which a concern travels."""

CAUSE_PARTS: dict[str, str] = {
    "C0": "No opportunity",
    "C1a": "Never noticed",
    "C1b": "Seen, too weak to recognise",
    "C2": "Not recorded",
    "C3a": "Known to one agency, not shared",
    "C3b": "Jigsaw not assembled",
    "C4a": "Message lost",
    "C4b": "Message late",
    "C4c": "Message to the wrong authority",
    "C5": "Screened out",
    "C6a": "Unread at the front door",
    "C6b": "Waiting for or in assessment",
    "C6c": "Waiting for a conference",
    "C7": "Wrongly assessed",
    "C8": "Decided, too late or ineffective",
    "C9": "Closed too early",
}
"""The finer codes of the ledger: code -> plain name."""

RESULTS: dict[str, str] = {
    "protected": "Protected in time",
    "self_resolved": "Ended by itself",
    "missed": "Missed",
    "censored": "Could not be followed",
}
"""The four exclusive results of a spell of harm at a deadline: code -> plain name."""
