"""The findings of a sweep as blocks: the first screen, tables, and text alternatives to figures."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from markupsafe import Markup

from cpsim.analysis.answer import (
    answer_question,
    describe_seeds,
    explain_drivers,
    find_main_arm,
    find_primary,
    format_smallest,
)
from cpsim.analysis.sections import MOST_ROWS, name_with_unit, select_columns, select_rows
from cpsim.analysis.tables import outcome_table
from cpsim.analysis.tones import judge_tone
from cpsim.analysis.wording import clean_text
from cpsim.formatting import (
    add_rate,
    format_difference,
    format_interval,
    format_noun,
    format_outcome,
    lower_first,
)
from cpsim.present.blocks import (
    BulletList,
    Lead,
    Note,
    NumberTile,
    NumberTiles,
    PageColumn,
    PageTable,
    Paragraph,
    RowGroup,
    TwoColumns,
)
from cpsim.present.load import describe_load
from cpsim.present.phrases import format_sentence, isolate_name
from cpsim.present.terms import link_term
from cpsim.results.verdicts import CANNOT_BE_SAID, NOT_SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure

    from cpsim.analysis.findings import Findings, Study
    from cpsim.analysis.sections import FindingColumn, Row, Section
    from cpsim.present.blocks import Block, PageFigure, Text

_LOAD = "utilisation_mean"
_MOST_DESCRIBED = 8
_CODE = re.compile(r" `[^`]*`")


def create_answer(study: Study, found: Findings, figure: PageFigure | None) -> Iterator[Block]:
    """Yield the first screen: the answer, what it rests on, the headlines, the first picture, and what drives them.

    Args:
        study: the sweep.
        found: its findings.
        figure: the first picture; None if the analysis has none.
    """
    yield Lead(format_sentence(answer_question(study, found), study.arms))
    yield Note(format_sentence(describe_seeds(study, found), study.arms))
    for sentence in _list_overload(study):
        yield Note(format_sentence(sentence, study.arms))
    tiles = tuple(_create_tiles(study, found))
    if tiles:
        yield NumberTiles(tiles)
    outcome = find_primary(study)
    drivers = tuple(format_sentence(sentence, study.arms) for sentence in explain_drivers(study, found))
    if outcome is None or not drivers:
        yield from (figure,) if figure else ()
        return
    why = (
        Paragraph(format_sentence(f"What drives {format_noun(outcome)}:", study.arms)),
        BulletList(drivers, quiet=True),
    )
    yield from (TwoColumns((figure,), why),) if figure else why


def _list_overload(study: Study) -> Iterator[str]:
    """Yield a sentence for each arm in which social work is overloaded at a point, about the point with most load."""
    if _LOAD not in study.outcomes:
        return
    for arm in study.arms:
        loads = outcome_table(study.runs, arm, _LOAD).mean(axis=1).dropna()
        text = describe_load(float(loads.max())) if len(loads) else ""
        if text:
            where = "" if len(loads) == 1 else " at the point with most load"
            yield f"With {clean_text(arm)},{where} {lower_first(text)}."


def _create_tiles(study: Study, found: Findings) -> Iterator[NumberTile]:
    """Yield a tile for each headline: the level in the arm that the answer is about, and its difference or range."""
    arm = find_main_arm(study, found)
    for outcome in study.headlines:
        means = outcome_table(study.runs, arm or study.arms[0], outcome).mean(axis=1).dropna()
        if not len(means):
            continue
        where = f" with {clean_text(arm)}" if arm else ""
        name = Markup("{}{}").format(link_term(outcome), format_sentence(where, study.arms))
        level = format_outcome(outcome, means.mean())
        if arm is not None:
            table = found.tables["differences"]
            (row,) = table[(table["outcome"] == outcome) & (table["arm"] == arm)].to_dict("records")
            yield NumberTile(name, level, tuple(_describe_difference(row)), judge_tone(row, table))
        elif len(means) > 1:
            ends = f"{format_outcome(outcome, means.min())} to {format_outcome(outcome, means.max())}"
            yield NumberTile(name, level, (f"{ends} between the points",))
        else:
            yield NumberTile(name, level)


def _describe_difference(row: Row) -> Iterator[str]:
    """Yield what is shown in lines: the difference and its interval, or what would have been seen."""
    outcome, low, high = row["outcome"], row["low"], row["high"]
    if low == high == 0:
        yield "the same with every seed"
    elif row["verdict"] == NOT_SHOWN:
        yield f"{NOT_SHOWN}: {format_interval(outcome, low, high, unit=False)}"
        yield f"{format_smallest([row])} would have been seen"
    else:
        yield add_rate(outcome, format_difference(outcome, row["difference"], (high - low) / 2))
        if row["verdict"] != CANNOT_BE_SAID:
            yield format_interval(outcome, low, high, unit=False)


def describe_figure(figure: Figure, section: Section, study: Study, found: Findings) -> str:
    """Describe a figure by its label and the first rows of its table."""
    table = found.tables[section.table]
    columns, rows = select_columns(section, table, study), select_rows(table, study).to_dict("records")
    texts = (
        ", ".join(f"{column.head.lower()} {column.format(row, study)}" for column in columns)
        for row in rows[:_MOST_DESCRIBED]
    )
    more = f" and {len(rows) - _MOST_DESCRIBED} more" if len(rows) > _MOST_DESCRIBED else ""
    return _CODE.sub("", f"{figure.get_label()} {'; '.join(texts)}{more}.")


def create_table(section: Section, study: Study, found: Findings) -> PageTable:
    """Create the table of a section from its first rows; rows about the same outcome are grouped."""
    table = found.tables[section.table]
    columns = select_columns(section, table, study)
    rows = select_rows(table, study).to_dict("records")[:MOST_ROWS]
    shown = [column for column in columns if column.kind != "outcome"]
    groups = groupby(rows, key=lambda row: row.get("outcome", ""))
    return PageTable(
        section.title,
        tuple(PageColumn(column.head, column.kind == "number") for column in shown),
        tuple(
            RowGroup(
                tuple(_create_cells(row, shown, study) for row in own),
                name_with_unit(outcome) if outcome else "",
            )
            for outcome, own in groups
        ),
    )


def _create_cells(row: Row, columns: list[FindingColumn], study: Study) -> tuple[Text, ...]:
    texts = (column.format(row, study) for column in columns)
    return tuple(
        isolate_name(text) if text in study.arms else format_sentence(text, study.arms) for text in texts
    )
