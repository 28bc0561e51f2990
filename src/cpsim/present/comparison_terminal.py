"""A comparison as text for a terminal: the answer first, then what differs, then where the rest is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cpsim.formatting import (
    UNDEFINED,
    find_grain,
    format_count,
    format_difference,
    format_interval,
    format_month,
    format_outcome,
    format_outcome_name,
)
from cpsim.measures.outcomes import group_by_heading
from cpsim.present.comparison_answer import Answer, create_answer, format_smallest_shown, select_arm
from cpsim.present.phrases import add_changes, find_question
from cpsim.present.reach import list_equal_arms
from cpsim.present.run_terminal import SHORT_CAUTION
from cpsim.results.comparison_tables import HEADLINES
from cpsim.results.verdicts import HIGHER, LOWER, NOT_SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cpsim.results.comparison import Comparison

    Row = Mapping[str, Any]

_LABEL, _NAME = 24, 8
"""Width in characters of a label, and of an arm's name above its column."""


def format_comparison(comparison: Comparison) -> Group:
    """Lay out a comparison for rich, 80 characters wide: the question and its answer, then a table for each arm."""
    answers = [create_answer(comparison, arm) for arm in comparison.others]
    parts: list[Any] = [Text(_title(comparison), style="dim")]
    question = find_question(comparison.scenarios)
    if question:
        parts += ["", Text(question, style="bold")]
    for answer in answers:
        name = [Text(answer.arm, style="bold")] if len(answers) > 1 else []
        parts += ["", *name, *_format_answer(comparison, answer)]
    for sentence in list_equal_arms(comparison.scenarios):
        parts += ["", _indent(Text(sentence))]
    return Group(*parts, "", Text(SHORT_CAUTION, style="italic"))


def _title(comparison: Comparison) -> str:
    clock = comparison.scenarios[comparison.reference]["clock"]
    seeds, years = format_count(len(comparison.seeds), "seed"), format_count(clock["years"], "year")
    others = ", ".join(comparison.others)
    title = (
        f"{others} compared with {comparison.reference} · {seeds} · {years} from "
        f"{format_month(clock['start'])}"
    )
    return add_changes(title, comparison.provenance, "\n")


def _format_answer(comparison: Comparison, answer: Answer) -> Iterator[Any]:
    yield _indent(Text(answer.lead, style="bold"))
    notes = " ".join(filter(None, (answer.note, answer.seeds)))
    if notes:
        yield _indent(Text(notes))
    for caution in answer.caution:
        yield _indent(Text(caution, style="bold"))
    if not answer.touched and not answer.unmoved and not answer.price:
        return
    yield ""
    yield _format_table(comparison, answer.arm)
    yield Text("  In brackets after “no”: the smallest change that would have been seen.", style="dim")
    yield ""
    for sentence in answer.moved:
        yield _indent(Text(sentence))
    for sentence in filter(None, (answer.whom, answer.prevalences)):
        yield _indent(Text(sentence))
    for line in answer.reach:
        yield _indent(Text(line, style="dim"))


def _format_table(comparison: Comparison, arm: str) -> Table:
    """Format the outcomes that an arm touches, then the headlines by heading."""
    rows = select_arm(comparison, arm)
    page = Table.grid(padding=(0, 1))
    page.add_column(min_width=_LABEL, max_width=_LABEL)
    for _ in range(3):
        page.add_column(justify="right", no_wrap=True)
    page.add_column(no_wrap=True)
    near = [name for name in comparison.near[arm] if name in rows]
    groups: dict[str, list[str]] = {
        "What it touches directly": near,
        **{
            heading: [each.name for each in outcomes if each.name in HEADLINES and each.name not in near]
            for heading, outcomes in group_by_heading("comparison").items()
        },
    }
    if comparison.primary not in {name for names in groups.values() for name in names}:
        groups = {"Judged first": [comparison.primary], **groups}
    names = (_shorten(comparison.reference), _shorten(arm), "change (95%)", "shown?")
    head = names
    for heading, outcomes in groups.items():
        if outcomes:
            page.add_row(Text(heading, style="bold"), *(Text(name, style="dim") for name in head))
            head = ("",) * 4
        for name in outcomes:
            page.add_row(_indent(Text(format_outcome_name(name))), *_format_cells(rows[name]))
    return page


def _format_cells(row: Row) -> tuple[str, str, str, Text]:
    outcome = str(row["outcome"])
    before, after = (format_outcome(outcome, row[when], unit=False) for when in ("reference_mean", "mean"))
    return before, after, _format_interval(outcome, row), _format_verdict(row)


def _format_verdict(row: Row) -> Text:
    """Format whether a change is shown, or how large it would have to be."""
    if row["verdict"] in (HIGHER, LOWER):
        return Text(str(row["verdict"]), style="bold")
    if row["verdict"] != NOT_SHOWN:
        return Text(UNDEFINED, style="dim")
    if row["low"] == row["high"] == 0:
        return Text("the same", style="dim")
    smallest = format_smallest_shown(row).partition(" ")[0]
    return Text(f"no ({smallest})", style="dim")


def _format_interval(outcome: str, row: Row) -> str:
    """Format a difference with its interval, without the unit, which the levels next to it show."""
    half = find_grain(row["low"], row["high"])
    text = format_difference(outcome, row["difference"], half, unit=False)
    if not math.isnan(half):
        text += f" ({format_interval(outcome, row['low'], row['high'], half, unit=False).replace('+', '')})"
    return text.replace("£", "")


def _indent(content: Text) -> Padding:
    """Indent a text, and every line of it if it is too long for one."""
    return Padding(content, (0, 0, 0, 2))


def _shorten(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
