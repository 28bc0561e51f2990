"""Labels and units of outcomes in figures."""

from cpsim.present.run_terminal import HEADLINE_ROWS

_LABELS = {outcome: label for rows in HEADLINE_ROWS.values() for outcome, (label, _) in rows.items()}
_UNITS = {
    "missed_risk_rate": "of spells of harm",
    "unprotected_weeks_share": "of all weeks in harm",
    "serious_events_avoidable": "per 10,000 children a year",
    "false_alarm_families_per_10k_year": "per 10,000 children a year",
    "needless_family_weeks_per_10k_year": "per 10,000 children a year",
    "utilisation_mean": "per hour available",
    "cost_gbp_per_child_year": "£ per child a year",
}
"""Headline outcome -> its unit, short enough for the margin of a figure."""


def label_outcome(outcome: str) -> tuple[str, str]:
    """Return the label and the unit of an outcome; one without a label has its name in words and no unit.

    >>> label_outcome("missed_risk_rate")[1]
    'of spells of harm'
    >>> label_outcome("plans_started")
    ('plans started', '')
    """
    if outcome in _UNITS:
        return _LABELS[outcome], _UNITS[outcome]
    return format_outcome_name(outcome), ""


def format_outcome_name(outcome: str) -> str:
    """Write the name of an outcome in words.

    >>> format_outcome_name("missed_risk_rate")
    'missed risk rate'
    """
    return outcome.replace("_", " ")
