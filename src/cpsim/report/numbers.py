"""The summary of a run as tables: every number with its unit, its meaning and the name by which programs know it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from cpsim.report.blocks import Column, Fold, Group, Table
from cpsim.report.words import code
from cpsim.results import CAUSE_PARTS, SUMMARY
from cpsim.results.printed import HEADLINES, formatted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpsim.report.blocks import Text
    from cpsim.results import Summary


def headline_numbers(summary: Summary) -> Table:
    """The numbers that the terminal shows too: misses beside false alarms, workload and money."""
    columns = Column("Number"), Column("Value", True), Column("Meaning and unit")
    groups = tuple(
        Group(
            tuple(
                (label, formatted(name, summary[name]), _meaning(SUMMARY[name].meaning, SUMMARY[name].unit))
                for name, (label, _) in rows.items()
            ),
            heading,
        )
        for heading, rows in HEADLINES.items()
    )
    return Table("Headline numbers", columns, groups)


def every_number(summary: Summary) -> Fold:
    """All names of `summary.json`."""
    columns = Column("Name in summary.json"), Column("Value", True), Column("Meaning and unit")
    rows = tuple(row for name in SUMMARY for row in _rows(name, summary))
    table = Table("Every number of summary.json", columns, (Group(rows),))
    return Fold(f"Every number of this run ({len(rows)})", (table,))


def _rows(name: str, summary: Summary) -> Iterator[tuple[Text, ...]]:
    """One row; for a number by parts, one a part."""
    quantity, value = SUMMARY[name], summary[name]
    if not isinstance(value, dict):
        yield code(name), formatted(name, value), _meaning(quantity.meaning, quantity.unit)
        return
    for part, number in value.items():
        meaning = CAUSE_PARTS.get(part, part.replace("_", " "))
        told = _meaning(f"{meaning}. {quantity.meaning}", quantity.unit)
        yield code(f"{name}.{part}"), formatted(name, number), told


def _meaning(meaning: str, unit: str) -> Markup:
    return Markup('{} <span class="unit">{}</span>').format(meaning, unit)
