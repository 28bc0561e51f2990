"""Codes of the ledger of missed risk and their names: results of a spell of harm, and causes of a miss."""

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
"""Causes of a miss, which are stages of loss: code -> name, in the order of the stages."""

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
"""Parts of the causes: code -> name."""

RESULTS: dict[str, str] = {
    "protected": "Protected in time",
    "self_resolved": "Ended without protection",
    "missed": "Missed",
    "censored": "Could not be followed",
}
"""The four results of a spell of harm at its deadline, of which exactly one applies: code -> name."""
