"""The tables of a comparison: type and meaning of every column."""

from cpsim.measures.outcomes import list_headlines
from cpsim.results.columns import TableColumn
from cpsim.results.names import STOPS, SUMMARY
from cpsim.results.verdicts import VERDICTS

FATES: dict[str, str] = {
    "protected": "Protected in time",
    "self_resolved": "Ended without protection",
    "censored": "Could not be followed",
    "not_begun": "Never began",
    **STOPS,
}
"""Fate of a spell of harm in one arm at its deadline: code -> label. A stop, such as C3, means that it was missed."""

HEADLINES = list_headlines()
"""The headline outcomes of a comparison: missed risk, harm, assessments, workload and money."""

FAMILIES: dict[str, str] = {
    "primary": "the outcome by which the comparison is judged first",
    "headline": "the other headline outcomes",
    "near": "other outcomes that an arm's events and settings touch directly",
    "path": "the steps from a contact to protection that are in none of the other families",
    "other": "all other outcomes",
}
"""Families of tests over all arms, separately for each prevalence: code -> its outcomes. All intervals of a family hold
together with a probability of 95%."""

PAIRINGS: dict[str, str] = {
    "harm": "the same children, with the same harm if no one intervened",
    "children": "the same children, but with other harm",
    "seed": "other children, so runs with the same seed are not paired",
}
"""What an arm shares with the reference in each seed: code -> description."""

NEWLY_REACHED, NEWLY_MISSED = "newly_reached", "newly_missed"
TURNS: dict[str, str] = {
    NEWLY_REACHED: "missed in the reference and protected in time in the arm",
    NEWLY_MISSED: "protected in time in the reference and missed in the arm",
}
"""Changes of the fate of a spell: code -> description."""

_ARM = TableColumn("str", "Name of the arm.")
_PREVALENCE = TableColumn(
    "float64",
    "Share of children in significant harm at a time if no one intervened; empty for the scenarios' own share.",
    low=0,
    high=1,
)
_BEFORE = TableColumn("category", "Fate in the reference; where the chain stopped if missed.", tuple(FATES))
_AFTER = TableColumn("category", "Fate in the arm; where the chain stopped if missed.", tuple(FATES))
OF_TWO_RUNS = "cost_gbp_per_unprotected_week_averted"
"""The only name of the summary without a value in a single run; it is in a comparison's `prices`."""


def _rate(meaning: str, low: float | None = None, high: float | None = None) -> TableColumn:
    return TableColumn("float64", meaning, low=low, high=high)


def _describe_outcomes() -> dict[str, TableColumn]:
    """Describe a column for each outcome of the summary; each part has its own, such as `chain_stopped_at.C3`."""
    columns: dict[str, TableColumn] = {}
    for name, quantity in SUMMARY.items():
        if quantity.parts:
            columns |= {
                f"{name}.{part}": _rate(f"Part {part}. {quantity.meaning}", *quantity.limits)
                for part in quantity.parts
            }
        elif name != OF_TWO_RUNS:
            columns[name] = _rate(quantity.meaning, *quantity.limits)
    return columns


COMPARISON_TABLES: dict[str, dict[str, TableColumn]] = {
    "runs": {
        "prevalence": _PREVALENCE,
        "arm": _ARM,
        "seed": TableColumn("int64", "Seed of the run.", low=0),
        **_describe_outcomes(),
        "unprotected_child_weeks": _rate(
            "Weeks that children spend in significant harm without effective protection.", 0
        ),
        "cost_gbp": _rate("Cost of the system over the evaluated years, in GBP at constant prices.", 0),
    },
    "differences": {
        "prevalence": _PREVALENCE,
        "outcome": TableColumn("str", "Outcome of the summary, named like the column of `runs`."),
        "arm": _ARM,
        "family": TableColumn("category", "Family of tests, whose intervals hold together.", tuple(FAMILIES)),
        "reference_mean": _rate("Mean over seeds in the reference."),
        "mean": _rate("Mean over the same seeds in the arm."),
        "difference": _rate("Difference, arm minus reference, mean over seeds."),
        "low": _rate(
            "Lower limit of its interval over seeds (Student, paired), at the level of one test of its family."
        ),
        "high": _rate("Upper limit of the same interval."),
        "tests": TableColumn("int32", "Distinct tests of its family (Bonferroni).", low=0),
        "freedom": _rate("Degrees of freedom of the interval.", 0),
        "relative": _rate("Difference as a share of the reference; empty unless the reference is above 0."),
        "seeds": TableColumn("int32", "Seeds in which the outcome is defined in both arms.", low=0),
        "p": _rate("Two-sided p-value of the difference, as if it were the only test.", 0, 1),
        "verdict": TableColumn("category", "Verdict on the difference, read from its interval.", VERDICTS),
    },
    "children": {
        "arm": _ARM,
        "seed": TableColumn("int64", "Seed of the run.", low=0),
        "child": TableColumn("int32", "Row of the child.", low=0),
        "onset": TableColumn("int32", "Week in which the harm began; week 0 is the first evaluated week.", low=0),
        "severity": _rate("Severity; 1 is a typical child in need.", 0),
        "age_years": _rate("Age at onset, in years.", 0, 18),
        "decile": TableColumn(
            "int32", "Deprivation decile of the area, from 1 (least deprived) to 10 (most deprived).", low=1, high=10
        ),
        "before": _BEFORE,
        "after": _AFTER,
        "delay_before": TableColumn(
            "Int32", "Weeks from onset to protection in the reference; empty if never protected.", low=0
        ),
        "delay_after": TableColumn(
            "Int32", "Weeks from onset to protection in the arm; empty if never protected.", low=0
        ),
    },
    "flows": {
        "arm": _ARM,
        "before": _BEFORE,
        "after": _AFTER,
        "spells": _rate("Spells of harm with these fates, mean over seeds.", 0),
        "low": _rate("Lower limit of its 95% interval over seeds (Student)."),
        "high": _rate("Upper limit of the same interval."),
        "share": _rate("The same as a share of all spells of harm, 0 to 1.", 0, 1),
    },
    "turns": {
        "arm": _ARM,
        "turn": TableColumn("category", "Change of fate: newly reached or newly missed.", tuple(TURNS)),
        "spells": _rate("Spells of harm whose fate changed in this way, mean over seeds.", 0),
        "low": _rate("Lower limit of its 95% interval over seeds (Student)."),
        "high": _rate("Upper limit of the same interval."),
    },
    "prices": {
        "prevalence": _PREVALENCE,
        "arm": _ARM,
        "weeks_averted": _rate("Weeks of unprotected harm averted, reference minus arm, mean over seeds."),
        "weeks_low": _rate("Lower limit of its interval, at the level of one of the tests of weeks and cost."),
        "weeks_high": _rate("Upper limit of the same interval."),
        "extra_gbp": _rate("Extra cost over the evaluated years, arm minus reference, in GBP, mean over seeds."),
        "extra_low": _rate("Lower limit of its interval, at the level of one of the tests of weeks and cost."),
        "extra_high": _rate("Upper limit of the same interval."),
        "harm": TableColumn(
            "category", "Verdict on unprotected weeks, read from its interval.", VERDICTS
        ),
        "money": TableColumn("category", "Verdict on cost, read from its interval.", VERDICTS),
        OF_TWO_RUNS: _rate(f"{SUMMARY[OF_TWO_RUNS].meaning} Empty unless unprotected harm is shown to be lower."),
        "price_low": _rate("Lower limit of its 95% interval (bootstrap over seeds)."),
        "price_high": _rate("Upper limit of the same interval."),
    },
}  # fmt: skip
"""Table -> column -> its description. `<kind>` in a column name stands for each kind of agency in the scenarios."""
