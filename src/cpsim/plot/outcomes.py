"""Labels and units of outcomes in figures."""

from cpsim.formatting import format_outcome_name
from cpsim.measures.outcomes import OUTCOMES


def label_outcome(outcome: str) -> tuple[str, str]:
    """Return the label and the unit of an outcome; a part of an outcome has its name in words and no unit.

    >>> label_outcome("missed_risk_rate")
    ('Missed risk', 'of spells of harm')
    >>> label_outcome("contacts_by_kind_per_10k_year.gp")
    ('Contacts by GP practices', '')
    """
    if outcome in OUTCOMES:
        return OUTCOMES[outcome].label, OUTCOMES[outcome].axis
    return format_outcome_name(outcome), ""
