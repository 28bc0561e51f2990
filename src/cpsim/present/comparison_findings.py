"""The findings of a comparison as tables, and as text alternatives to its figures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cpsim.formatting import (
    format_decimals,
    format_difference,
    format_interval,
    format_outcome,
    format_percent,
    format_percent_setting,
    format_range,
)
from cpsim.measures.outcomes import OUTCOMES, group_by_heading, list_first_headlines
from cpsim.present.blocks import PageColumn, PageTable, RowGroup
from cpsim.present.comparison_sentences import SAME, count_tests, format_smallest_shown
from cpsim.present.phrases import format_code, isolate_name
from cpsim.results import STOPS
from cpsim.results.comparison_tables import FATES, TURNS
from cpsim.results.verdicts import NOT_SHOWN

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    import pandas as pd

    from cpsim.present.blocks import Text
    from cpsim.results.comparison import Comparison

    Row = Mapping[Hashable, Any]

_OUTCOMES = list_first_headlines()
_MISSED, _NEITHER = list_first_headlines(("Missed risk", "Assessments"))
_MOST_FLOWS = 12


def create_difference_table(comparison: Comparison, arm: str) -> PageTable:
    """Create the table of headline outcomes and of where chains stopped: both levels, difference and verdict."""
    rows, tests = _select_rows(comparison, arm), count_tests(comparison)
    groups = [
        RowGroup(
            tuple(_create_row(each.label, rows[each.name], tests) for each in outcomes),
            heading,
        )
        for heading, outcomes in group_by_heading("comparison").items()
    ]
    stops = tuple(_create_row(name, rows[f"chain_stopped_at.{code}"]) for code, name in STOPS.items())
    groups.insert(1, RowGroup(stops, "Where the chain stopped, as shares of all misses"))
    return PageTable(
        f"{arm} against {comparison.reference}", _create_columns(comparison, arm, "Outcome"), tuple(groups)
    )


def create_full_difference_table(comparison: Comparison, arm: str) -> PageTable:
    """Create the same table for every outcome of the summary, by name."""
    rows = tuple(
        _create_row(format_code(outcome), row) for outcome, row in _select_rows(comparison, arm).items()
    )
    columns = _create_columns(comparison, arm, "Name in differences.csv")
    return PageTable(f"Every outcome: {arm} against {comparison.reference}", columns, (RowGroup(rows),))


def _create_columns(comparison: Comparison, arm: str, first: str) -> tuple[PageColumn, ...]:
    return (
        PageColumn(first), PageColumn(comparison.reference, True), PageColumn(arm, True),
        PageColumn("Difference", True), PageColumn("95% interval", True), PageColumn("p (Holm)", True),
        PageColumn("Verdict"),
    )  # fmt: skip


def _select_rows(comparison: Comparison, arm: str) -> dict[str, Row]:
    own = comparison.select_rows()
    return {str(row["outcome"]): row for row in own[own["arm"] == arm].to_dict("records")}


def _create_row(name: Text, row: Row, tests: int | None = None) -> tuple[Text, ...]:
    """Create a row; with the number of `tests`, the verdict on a headline names what would have been shown."""
    outcome, half = row["outcome"], (row["high"] - row["low"]) / 2
    before, after = (format_outcome(outcome, row[when]) for when in ("reference_mean", "mean"))
    return (
        name,
        before,
        after,
        format_difference(outcome, row["difference"], half),
        format_interval(outcome, row["low"], row["high"], unit=False),
        _format_p(row["p_holm"]),
        _format_verdict(row, tests),
    )


def _format_verdict(row: Row, tests: int | None) -> str:
    """Format the verdict, with the difference that would have been shown, or that there is none with any seed."""
    if row["verdict"] != NOT_SHOWN:
        return str(row["verdict"])
    if row["low"] == row["high"] == 0:
        return SAME
    if tests is None or row["family"] != "headline":
        return NOT_SHOWN
    return f"{NOT_SHOWN}; {format_smallest_shown(row, tests)} would have been"


def _format_p(value: float) -> str:
    return "<0.001" if value < 0.001 else format_decimals(value, 3)


def create_run_table(comparison: Comparison) -> PageTable:
    """Create the table of headline outcomes of every arm and seed at the scenarios' own prevalence."""
    columns = (
        PageColumn("Arm"),
        PageColumn("Seed", True),
        *(PageColumn(OUTCOMES[outcome].label, True) for outcome in _OUTCOMES),
    )
    rows = tuple(
        (
            isolate_name(row["arm"]),
            f"{row['seed']}",
            *(format_outcome(outcome, row[outcome]) for outcome in _OUTCOMES),
        )
        for row in comparison.select_rows(table="runs").to_dict("records")
    )
    return PageTable("Every run", columns, (RowGroup(rows),))
