"""What outcomes are called in figures, with their units."""

from cpsim.results.printed import HEADLINES

_LABELS = {outcome: label for rows in HEADLINES.values() for outcome, (label, _) in rows.items()}
_UNITS = {
    "missed_risk_rate": "of spells of harm",
    "unprotected_weeks_share": "of all weeks in harm",
    "serious_events_avoidable": "a year per 10,000 children",
    "false_alarm_families_per_10k_year": "a year per 10,000 children",
    "needless_family_weeks_per_10k_year": "a year per 10,000 children",
    "utilisation_mean": "for each hour available",
    "cost_gbp_per_child_year": "£ a year for each child",
}
"""Outcome that people look at most -> unit of its level, short enough for a margin."""


def named(outcome: str) -> tuple[str, str]:
    """What an outcome is called wherever people read it, and its unit; of the others their own name says it."""
    if outcome in _UNITS:
        return _LABELS[outcome], _UNITS[outcome]
    return readable(outcome), ""


def readable(outcome: str) -> str:
    """The name of an outcome in words."""
    return outcome.replace("_", " ")
