"""The tables of a comparison: every column with its type and meaning."""

from cpsim.results.names import CAUSE_PARTS, CAUSES, SUMMARY
from cpsim.results.tables import Column
from cpsim.results.verdicts import VERDICTS

FATES: dict[str, str] = {
    "protected": "Protected in time",
    "self_resolved": "Ended by itself",
    "censored": "Could not be followed",
    "not_begun": "Never began",
    **CAUSES,
}
"""What becomes of a spell of harm in one arm, 13 weeks after onset: code -> plain name. A cause stands for missed."""

HEADLINES = (
    "missed_risk_rate",
    "unprotected_weeks_share",
    "serious_events_avoidable",
    "false_alarm_families_per_10k_year",
    "needless_family_weeks_per_10k_year",
    "utilisation_mean",
    "cost_gbp_per_child_year",
)
"""The outcomes that a comparison is judged by: misses beside false alarms, workload and money."""

FAMILIES = ("headline", "other")
"""p-values are adjusted within each of these families of outcomes, over all arms, at each prevalence by itself."""

PAIRINGS: dict[str, str] = {
    "harm": "the same children, with the same harm if nobody intervened",
    "children": "the same children, but with other harm",
    "seed": "other children: pairs share a seed only",
}
"""What an arm has in common with the reference in each seed: code -> in words."""

RESCUED, LOST = "rescued", "lost"
TURNS: dict[str, str] = {
    RESCUED: "missed in the reference and protected in time in the arm",
    LOST: "protected in time in the reference and missed in the arm",
}
"""The two ways in which a child's fate turns: code -> in words."""

_ARM = Column("str", "Name of the arm.")
_PREVALENCE = Column(
    "float64",
    "Share of children in significant harm at a time if nobody intervened; empty as the scenarios have it.",
)
_BEFORE = Column("category", "Fate in the reference; a cause if missed.", tuple(FATES))
_AFTER = Column("category", "Fate in the arm; a cause if missed.", tuple(FATES))
_PARTS = {
    "missed_by_cause": tuple(CAUSES),
    "missed_by_cause_part": tuple(CAUSE_PARTS),
    "source_share": ("<kind>",),
}
OF_TWO_RUNS = "cost_gbp_per_unprotected_week_averted"
"""The one name of the summary that no single run has; a comparison's `prices` have it."""


def _rate(meaning: str) -> Column:
    return Column("float64", meaning)


def _figures() -> dict[str, Column]:
    """A column for each figure of the summary; parts get one each, such as `missed_by_cause.C3`."""
    columns: dict[str, Column] = {}
    for name, quantity in SUMMARY.items():
        if name in _PARTS:
            parts = _PARTS[name]
            columns |= {
                f"{name}.{part}": _rate(f"The part {part} of it. {quantity.meaning}") for part in parts
            }
        elif name != OF_TWO_RUNS:
            columns[name] = _rate(quantity.meaning)
    return columns


COMPARISON_TABLES: dict[str, dict[str, Column]] = {
    "runs": {
        "prevalence": _PREVALENCE,
        "arm": _ARM,
        "seed": Column("int64", "Seed of the run."),
        **_figures(),
        "unprotected_child_weeks": _rate("Weeks that children spend in significant harm unprotected."),
        "cost_gbp": _rate("What the system costs over the evaluated years, in GBP at constant prices."),
    },
    "differences": {
        "prevalence": _PREVALENCE,
        "outcome": Column("str", "A figure of the summary, as a column of `runs` is named."),
        "arm": _ARM,
        "family": Column("category", "Whether it is judged among the headlines or the others.", FAMILIES),
        "reference_mean": _rate("Mean over seeds in the reference."),
        "mean": _rate("Mean over the same seeds in the arm."),
        "difference": _rate("What the arm has more, mean over seeds."),
        "low": _rate("Lower limit of its 95 % interval over seeds (Student, paired)."),
        "high": _rate("Upper limit."),
        "relative": _rate("Difference as a share of the reference; empty where the reference is not above 0."),
        "relative_low": _rate("Lower limit of its 95 % interval (bootstrap over seeds)."),
        "relative_high": _rate("Upper limit."),
        "seeds": Column("int32", "Seeds in which both arms have the figure."),
        "p": _rate("Two-sided p-value of the difference."),
        "p_holm": _rate("The same, adjusted to be read together with all of its family (Holm)."),
        "verdict": Column("category", "What the adjusted p-value shows.", VERDICTS),
    },
    "children": {
        "arm": _ARM,
        "seed": Column("int64", "Seed of the run."),
        "child": Column("int32", "Row of the child."),
        "onset": Column("int32", "Week in which the harm began; week 0 is the first evaluated week."),
        "severity": _rate("Severity; 1 is a typical child in need."),
        "age_years": _rate("Age at onset, in years."),
        "decile": Column("int32", "Deprivation of the area, 1 least to 10 most."),
        "before": _BEFORE,
        "after": _AFTER,
        "delay_before": Column("Int32", "Weeks from onset to protection in the reference; empty if it never came."),
        "delay_after": Column("Int32", "Weeks from onset to protection in the arm; empty if it never came."),
    },
    "flows": {
        "arm": _ARM,
        "before": _BEFORE,
        "after": _AFTER,
        "spells": _rate("Spells of harm with these fates, mean a seed."),
        "low": _rate("Lower limit of its 95 % interval over seeds (Student)."),
        "high": _rate("Upper limit."),
        "share": _rate("Of all spells of harm."),
    },
    "turns": {
        "arm": _ARM,
        "turn": Column("category", "Which way the fate turned.", tuple(TURNS)),
        "children": _rate("Children whose fate turned this way, mean a seed."),
        "low": _rate("Lower limit of its 95 % interval over seeds (Student)."),
        "high": _rate("Upper limit."),
    },
    "prices": {
        "prevalence": _PREVALENCE,
        "arm": _ARM,
        "weeks_averted": _rate("Weeks of unprotected harm that the reference has more, mean a seed."),
        "weeks_low": _rate("Lower limit of its 95 % interval over seeds (Student)."),
        "weeks_high": _rate("Upper limit."),
        "extra_gbp": _rate("What the arm costs more over the evaluated years, in GBP, mean a seed."),
        "extra_low": _rate("Lower limit of its 95 % interval over seeds (Student)."),
        "extra_high": _rate("Upper limit."),
        "harm": Column("category", "Unprotected weeks in the arm, of both p-values of all arms adjusted.", VERDICTS),
        "money": Column("category", "Cost in the arm, likewise.", VERDICTS),
        OF_TWO_RUNS: _rate(f"{SUMMARY[OF_TWO_RUNS].meaning} Empty unless harm is shown to be lower."),
        "price_low": _rate("Lower limit of its 95 % interval (bootstrap over seeds)."),
        "price_high": _rate("Upper limit."),
    },
}  # fmt: skip
"""Table -> column -> `Column`. `<kind>` in a column's name stands for each kind of agency in the scenarios."""
