"""Codes of the ledger of missed risk and their names: results of a spell of harm, and where a chain of concern stopped.

A code says which stage a concern about the child reached and did not pass. It does not say why: a perfect stage, in
`cpsim.attribution`, shows what would have happened if that stage had worked.
"""

STOPS: dict[str, str] = {
    "C0": "No opportunity",
    "C1": "Not recognised",
    "C2": "Not recorded",
    "C3": "Known but not shared",
    "C4": "Lost or late in transit",
    "C5": "Screened out",
    "C6": "Waiting in a queue",
    "C7": "Assessed below threshold",
    "C8": "Decided, too late or ineffective",
    "C9": "Closed while in harm",
}
"""Where the chain of a missed spell stopped: code -> name, in the order of the stages."""

STOP_PARTS: dict[str, str] = {
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
    "C7": "Assessed below threshold",
    "C8": "Decided, too late or ineffective",
    "C9a": "Closed while in harm",
}
"""Parts of the stages: code -> name. New harm after a sound closure (C9b) is coded by its own chain, and marked."""

RESULTS: dict[str, str] = {
    "protected": "Protected in time",
    "self_resolved": "Ended without protection",
    "missed": "Missed",
    "censored": "Could not be followed",
}
"""The four results of a spell of harm at its deadline, of which exactly one applies: code -> name."""

FAILURES: dict[str, str] = {
    "never_referred": "Never referred",
    "not_protected": "Referred, not protected",
    "protection_lost": "Protected, and lost again",
}
"""How a missed spell failed: code -> name."""

TIERS: dict[str, str] = {
    "known": "Known to one agency",
    "on_file": "On file, in pieces",
    "noticed": "Noticed, not all recorded",
}
"""How much a missed spell's agencies had: code -> name. Each tier contains the one before; a spell has the first."""

COURSES: dict[str, str] = {
    "acute": "Acute",
    "chronic": "Chronic",
}
"""Course of a spell of harm: code -> name; see `measures.chronic_from_weeks`."""
