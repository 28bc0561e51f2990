"""Outcomes: gaps in missed risk and in false alarms between groups of children."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.measures.horizons import result_column
from cpsim.measures.outcomes.registry import PER_10K_YEAR, POINTS, outcome

if TYPE_CHECKING:
    import pandas as pd

    from cpsim.measures.outcomes.columns import OutcomeColumns


@outcome(
    unit=POINTS,
    label="Deprivation gap, misses",
    meaning="Missed-risk rate in the most deprived fifth of areas minus that in the least deprived fifth.",
    heading="Misses",
    note="percentage points, most minus least",
)
def equity_gap_miss(run: OutcomeColumns) -> float | None:
    from cpsim.measures.equity import compare_by_deprivation, missed_risk_gap

    return missed_risk_gap(_results(run), compare_by_deprivation(run.spells["decile"].to_numpy()))


@outcome(
    unit=PER_10K_YEAR,
    is_difference=True,
    label="Deprivation gap, alarms",
    meaning="False-alarm rate in the most deprived fifth of areas minus that in the least deprived fifth.",
    heading="False alarms",
    note="per 10,000 a year, most minus least",
)
def equity_gap_false_alarm(run: OutcomeColumns) -> float | None:
    return _false_alarm_gap(run, "most_deprived", "least_deprived")


@outcome(
    unit=POINTS,
    label="Group gap, misses",
    meaning="Missed-risk rate of the smaller group of the population minus that of the larger group.",
)
def group_gap_miss(run: OutcomeColumns) -> float | None:
    from cpsim.measures.equity import compare_by_group, missed_risk_gap

    return missed_risk_gap(_results(run), compare_by_group((run.spells["group"] == "smaller").to_numpy()))


@outcome(
    unit=PER_10K_YEAR,
    is_difference=True,
    label="Group gap, alarms",
    meaning="False-alarm rate of the smaller group of the population minus that of the larger group.",
)
def group_gap_false_alarm(run: OutcomeColumns) -> float | None:
    return _false_alarm_gap(run, "smaller_group", "larger_group")


def _false_alarm_gap(run: OutcomeColumns, *groups: str) -> float | None:
    from cpsim.measures.equity import false_alarm_gap

    return false_alarm_gap(
        [run.count(f"false_alarms_{group}") for group in groups],
        [run.count(f"child_weeks_{group}") for group in groups],
    )


def _results(run: OutcomeColumns) -> pd.Series:
    return run.spells[result_column(run.horizon)]
