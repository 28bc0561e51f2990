"""Labels and units of outcomes in figures."""

from cpsim.formatting import format_outcome_name
from cpsim.measures.outcomes import OUTCOMES


def label_outcome(outcome: str) -> tuple[str, str]:
    """Return the label and the unit of an outcome or of a part of one, each in words.

    >>> label_outcome("missed_risk_rate")
    ('Missed risk', 'of spells of harm')
    >>> label_outcome("chain_stopped_at.C3")
    ('Misses: known but not shared', 'of missed spells')
    """
    known = OUTCOMES.get(outcome.partition(".")[0])
    return format_outcome_name(outcome), known.axis if known is not None else ""
