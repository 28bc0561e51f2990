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


def describe_differences(comparison: Comparison) -> str:
    """Describe the figure of differences."""
    differences = "; ".join(f"{arm}: {_summarise(comparison, arm, None)}" for arm in comparison.others)
    return f"Dots with 95% intervals of the differences from {comparison.reference}. {differences}."


def _summarise(comparison: Comparison, arm: str, prevalence: float | None) -> str:
    frame = comparison.select_rows(prevalence)
    rows = {row["outcome"]: row for row in frame[frame["arm"] == arm].to_dict("records")}
    return ", ".join(_format_finding(rows[outcome]) for outcome in _OUTCOMES)


def _format_finding(row: Row) -> str:
    half = (row["high"] - row["low"]) / 2
    limits = (
        ""
        if math.isnan(half)
        else f" ({format_interval(row['outcome'], row['low'], row['high'], unit=False)}, {row['verdict']})"
    )
    label = OUTCOMES[row["outcome"]].label.lower()
    return f"{label} {format_difference(row['outcome'], row['difference'], half)}{limits}"


def describe_trade_off(comparison: Comparison) -> str:
    """Describe the figure of misses against families assessed with neither need nor harm."""
    means = comparison.select_rows(table="runs").groupby("arm", sort=False)[[_MISSED, _NEITHER]].mean()
    points = "; ".join(
        f"{arm}: {format_outcome(_MISSED, row[_MISSED])} of spells missed, "
        f"{format_outcome(_NEITHER, row[_NEITHER])} families"
        for arm, row in means.iterrows()
    )
    return (
        "Each arm as a dot: missed risks on the vertical axis, families assessed with neither need nor harm, per "
        f"10,000 children a year, on the horizontal. Means: {points}."
    )


def describe_prevalences(comparison: Comparison) -> str:
    """Describe the figure of differences by prevalence of harm."""
    differences = "; ".join(
        f"{arm} at {format_percent_setting(share)}: {_summarise(comparison, arm, share)}"
        for arm in comparison.others
        for share in comparison.prevalences
        if share is not None
    )
    return f"Differences from {comparison.reference} by the share of children in harm. {differences}."


def create_prevalence_table(comparison: Comparison) -> PageTable:
    """Create the table of differences in the first headline of each heading by prevalence of harm."""
    columns = (
        PageColumn("Children in harm"),
        *(PageColumn(OUTCOMES[outcome].label, True) for outcome in _OUTCOMES),
    )
    groups = tuple(
        RowGroup(tuple(_create_prevalence_rows(comparison, arm)), arm) for arm in comparison.others
    )
    return PageTable(f"Differences from {comparison.reference}, with their 95% intervals", columns, groups)


def _create_prevalence_rows(comparison: Comparison, arm: str) -> Iterator[tuple[Text, ...]]:
    for share in comparison.prevalences:
        frame = comparison.select_rows(share)
        rows = {row["outcome"]: row for row in frame[frame["arm"] == arm].to_dict("records")}
        cells = (
            f"{format_difference(outcome, row['difference'], (row['high'] - row['low']) / 2)} "
            f"({format_interval(outcome, row['low'], row['high'], unit=False)})"
            for outcome, row in ((outcome, rows[outcome]) for outcome in _OUTCOMES)
        )
        yield "as in the scenarios" if share is None else format_percent_setting(share), *cells


def describe_flow(comparison: Comparison, arm: str) -> str:
    """Describe the figure of flows between fates."""
    flows = "; ".join(
        f"{FATES[row['before']].lower()}, then {FATES[row['after']].lower()}: {format_decimals(row['spells'], 1)}"
        for row in _select_changed_flows(comparison, arm).head(_MOST_FLOWS).to_dict("records")
    )
    own = comparison.flows[(comparison.flows["arm"] == arm)]
    share = own.loc[own["before"].astype(str) == own["after"].astype(str), "share"].sum()
    return (
        f"Bands from the fate of a spell under {comparison.reference} to its fate under {arm}, in spells per seed. "
        f"{format_percent(share)} have the same fate. {flows}."
    )


def _select_changed_flows(comparison: Comparison, arm: str) -> pd.DataFrame:
    """Select the flows between different fates, the largest first."""
    own = comparison.flows[comparison.flows["arm"] == arm].astype({"before": "str", "after": "str"})
    return own[own["before"] != own["after"]].sort_values("spells", ascending=False, kind="stable")


def create_flow_table(comparison: Comparison, arm: str) -> PageTable:
    """Create the table of the largest flows between different fates, with intervals."""
    rows = tuple(
        (
            FATES[row["before"]],
            FATES[row["after"]],
            format_decimals(row["spells"], 1),
            format_range(row["low"], row["high"]),
            format_percent(row["share"]),
        )
        for row in _select_changed_flows(comparison, arm).head(_MOST_FLOWS).to_dict("records")
    )
    columns = (
        PageColumn(f"Under {comparison.reference}"), PageColumn(f"Under {arm}"), PageColumn("Spells per seed", True),
        PageColumn("95% interval", True), PageColumn("Of all spells", True),
    )  # fmt: skip
    return PageTable("Spells with another fate, the most frequent first", columns, (RowGroup(rows),))


def describe_children(comparison: Comparison, arm: str) -> str:
    """Describe which children are newly reached and which newly missed."""
    rows = comparison.turns[comparison.turns["arm"] == arm].to_dict("records")
    changes = "; ".join(
        f"{TURNS[row['turn']]}: {format_decimals(row['children'], 1)} children per seed" for row in rows
    )
    return (
        f"Dots for the children newly reached and newly missed under {arm} compared with {comparison.reference}, "
        f"by where the chain of concern stopped. {changes}."
    )


def create_children_table(comparison: Comparison, arm: str) -> PageTable:
    """Create the table of children newly reached and newly missed."""
    rows = tuple(
        (
            f"{TURNS[row['turn']][0].upper()}{TURNS[row['turn']][1:]}",
            format_decimals(row["children"], 1),
            format_range(row["low"], row["high"]),
        )
        for row in comparison.turns[comparison.turns["arm"] == arm].to_dict("records")
    )
    columns = (
        PageColumn("Change of fate"),
        PageColumn("Children per seed", True),
        PageColumn("95% interval", True),
    )
    return PageTable(f"Newly reached and newly missed under {arm}", columns, (RowGroup(rows),))


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
