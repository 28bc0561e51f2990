"""The findings of a comparison as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpsim.formatting import find_grain, format_difference, format_interval, format_outcome
from cpsim.measures.outcomes import OUTCOMES, group_by_heading, list_first_headlines
from cpsim.measures.outcomes.registry import PATH
from cpsim.present.blocks import PageColumn, PageTable, RowGroup
from cpsim.present.comparison_answer import format_smallest_shown, select_arm
from cpsim.present.phrases import format_code, isolate_name
from cpsim.present.terms import link_term
from cpsim.results import STOPS
from cpsim.results.verdicts import NOT_SHOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cpsim.present.blocks import Text
    from cpsim.results.comparison import Comparison

    Row = Mapping[str, Any]

_OUTCOMES = list_first_headlines()


def create_difference_table(comparison: Comparison, arm: str) -> PageTable:
    """Create the table of what an arm touches, the headlines and where chains stopped: levels, change and verdict."""
    rows = select_arm(comparison, arm)
    near = [name for name in comparison.near[arm] if name in rows]
    groups = [RowGroup(tuple(_create_row(rows[name]) for name in near), "What it touches directly")]
    groups += [
        RowGroup(tuple(_create_row(rows[each.name]) for each in outcomes if each.name not in near), heading)
        for heading, outcomes in group_by_heading("comparison").items()
    ]
    stops = tuple(_create_row(rows[f"chain_stopped_at.{code}"]) for code in STOPS)
    path = tuple(_create_row(rows[name]) for name in PATH if name in rows and name not in near)
    groups += [
        RowGroup(path, "From contacts to protection"),
        RowGroup(stops, "Where the chain stopped, as shares of all misses"),
    ]
    return PageTable(
        f"{arm} compared with {comparison.reference}",
        _create_columns(comparison, arm, "Outcome"),
        tuple(group for group in groups if group.rows),
    )


def create_full_difference_table(comparison: Comparison, arm: str) -> PageTable:
    """Create the same table for every outcome of the summary, with its name in the files."""
    rows = tuple(
        (format_code(outcome), *_create_row(row)) for outcome, row in select_arm(comparison, arm).items()
    )
    columns = PageColumn("Name in differences.csv"), *_create_columns(comparison, arm, "Outcome")
    return PageTable(f"Every outcome: {arm} compared with {comparison.reference}", columns, (RowGroup(rows),))


def _create_columns(comparison: Comparison, arm: str, first: str) -> tuple[PageColumn, ...]:
    return (
        PageColumn(first), PageColumn(comparison.reference, True), PageColumn(arm, True),
        PageColumn("Change", True), PageColumn("Interval", True), PageColumn("Shown?"),
    )  # fmt: skip


def _create_row(row: Row) -> tuple[Text, ...]:
    outcome, half = row["outcome"], find_grain(row["low"], row["high"])
    before, after = (format_outcome(outcome, row[when]) for when in ("reference_mean", "mean"))
    return (
        link_term(outcome),
        before,
        after,
        format_difference(outcome, row["difference"], half),
        format_interval(outcome, row["low"], row["high"], half, unit=False),
        _format_verdict(row),
    )


def _format_verdict(row: Row) -> str:
    """Format the verdict, with the change that would have been seen, or that there is none with any seed."""
    if row["verdict"] != NOT_SHOWN:
        return str(row["verdict"])
    if row["low"] == row["high"] == 0:
        return "the same, with every seed"
    smallest = format_smallest_shown(row)
    return f"no; {smallest} would have been seen"


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
