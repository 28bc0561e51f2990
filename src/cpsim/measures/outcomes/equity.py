"""Outcomes: gaps in missed risk and in assessments without need or harm between groups of children."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.measures.horizons import result_column
from cpsim.measures.outcomes.registry import PER_10K_YEAR, POINTS, outcome

if TYPE_CHECKING:
    import pandas as pd

    from cpsim.measures.outcomes.columns import OutcomeColumns


@outcome(
    unit=POINTS,
    label="Deprivation gap, missed",
    meaning="Missed-risk rate in the most deprived fifth of areas minus that in the least deprived fifth.",
    heading="Missed risk",
    note="percentage points, most minus least",
)
def equity_gap_miss(run: OutcomeColumns) -> float | None:
    from cpsim.measures.equity import compare_by_deprivation, missed_risk_gap

    return missed_risk_gap(_results(run), compare_by_deprivation(run.spells["decile"].to_numpy()))


@outcome(
    unit=PER_10K_YEAR,
    is_difference=True,
    label="Deprivation gap, neither",
    meaning="Families assessed with neither need nor harm, per 10,000 children a year, in the most deprived fifth of "
    "areas minus the least deprived fifth.",
    heading="Assessments",
    note="families per 10,000, most minus least",
    tables=("comparison",),
)
def equity_gap_assessed_neither(run: OutcomeColumns) -> float | None:
    return _assessed_neither_gap(run, "most_deprived", "least_deprived")


@outcome(
    unit=POINTS,
    label="Group gap, missed",
    meaning="Missed-risk rate of the smaller group of the population minus that of the larger group.",
)
def group_gap_miss(run: OutcomeColumns) -> float | None:
    from cpsim.measures.equity import compare_by_group, missed_risk_gap

    return missed_risk_gap(_results(run), compare_by_group((run.spells["group"] == "smaller").to_numpy()))


@outcome(
    unit=PER_10K_YEAR,
    is_difference=True,
    label="Group gap, neither",
    meaning="Families assessed with neither need nor harm, per 10,000 children a year, in the smaller group of the "
    "population minus the larger group.",
)
def group_gap_assessed_neither(run: OutcomeColumns) -> float | None:
    return _assessed_neither_gap(run, "smaller_group", "larger_group")


def _assessed_neither_gap(run: OutcomeColumns, *groups: str) -> float | None:
    from cpsim.measures.equity import assessed_neither_gap

    return assessed_neither_gap(
        [run.count(f"assessed_neither_{group}") for group in groups],
        [run.count(f"child_weeks_{group}") for group in groups],
    )


def _results(run: OutcomeColumns) -> pd.Series:
    return run.spells[result_column(run.horizon)]
