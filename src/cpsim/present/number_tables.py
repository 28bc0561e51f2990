"""The summary of a run as tables: every number with its unit, its meaning and its name in summary.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from cpsim.formatting import format_outcome, raise_first
from cpsim.measures.outcomes import group_by_heading
from cpsim.present.blocks import Details, PageColumn, PageTable, RowGroup
from cpsim.present.phrases import format_code
from cpsim.present.run_answer import format_run_outcome
from cpsim.present.run_terminal import format_note
from cpsim.present.terms import link_term
from cpsim.results import STOP_PARTS, SUMMARY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpsim.present.blocks import Text
    from cpsim.results import RunResult


def create_headline_table(result: RunResult) -> PageTable:
    """Create the table of the outcomes of the terminal: missed risk, harm, assessments, workload and money."""
    columns = PageColumn("Outcome"), PageColumn("Value", True), PageColumn("What it refers to")
    groups = tuple(
        RowGroup(
            tuple(
                (
                    link_term(each.name),
                    format_run_outcome(result, each.name),
                    raise_first(format_note(each, result.summary)),
                )
                for each in outcomes
            ),
            heading,
        )
        for heading, outcomes in group_by_heading("run").items()
    )
    return PageTable("Headline outcomes", columns, groups)


def create_number_details(result: RunResult) -> Details:
    """Create the details with every name of `summary.json`."""
    columns = PageColumn("Name in summary.json"), PageColumn("Value", True), PageColumn("Meaning and unit")
    rows = tuple(row for name in SUMMARY for row in _create_rows(name, result))
    table = PageTable("Every number of summary.json", columns, (RowGroup(rows),))
    return Details(f"Every number of this run ({len(rows)})", (table,))


def _create_rows(name: str, result: RunResult) -> Iterator[tuple[Text, ...]]:
    """Yield the row of an outcome, or one row for each of its parts."""
    quantity, value = SUMMARY[name], result.summary[name]
    if not isinstance(value, dict):
        yield (
            format_code(name),
            format_run_outcome(result, name),
            _format_meaning(quantity.meaning, quantity.unit),
        )
        return
    for part, number in value.items():
        meaning = STOP_PARTS.get(part, part.replace("_", " "))
        text = _format_meaning(f"{meaning}. {quantity.meaning}", quantity.unit)
        yield format_code(f"{name}.{part}"), format_outcome(name, number), text


def _format_meaning(meaning: str, unit: str) -> Markup:
    return Markup('{} <span class="unit">{}</span>').format(meaning, unit)
