"""The page of a sweep."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from cpsim.plot import OF_SWEEP
from cpsim.plot.figures import possible
from cpsim.report.blocks import (
    Block,
    Column,
    Fold,
    Group,
    Lead,
    Page,
    Paragraph,
    Points,
    Section,
    Table,
)
from cpsim.report.html import html
from cpsim.report.origins import limits, origins, repeated
from cpsim.report.pictures import picture
from cpsim.report.setting import meaning, settings_of_arms
from cpsim.report.sweep_found import in_words, table
from cpsim.report.words import code, named, value, with_names
from cpsim.results.analysis import Analysis
from cpsim.results.printed import CAUTION
from cpsim.study.analysis import page as markdown
from cpsim.study.analysis.sentences import in_short
from cpsim.study.analysis.wording import cell, readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.figure import Figure

    from cpsim.study.analysis.findings import Findings, Study

_MOST_POINTS = 100
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")
_AGAIN = (
    "With the same version of cpsim, and the experiment below as a file (beside the file of its base, if that is your "
    "own), this command gives the same numbers:"
)


def sweep_page(
    study: Study, found: Findings, frozen: Mapping[str, Any], figures: Mapping[str, Figure] | None = None
) -> str:
    """The report of a sweep: the complete text of a page that needs no other file.

    Args:
        study: the runs of the sweep and what they were meant to be.
        found: what was found in them.
        frozen: what the sweep's folder has written down of it, as `cpsim.study.folder.read_frozen` gives it.
        figures: its figures by the names of `cpsim.plot.OF_SWEEP`; drawn if they are left out.
    """
    if figures is None:
        analysis = Analysis(study.definition.name, tuple(study.headlines), found.tables)
        figures = {name: OF_SWEEP[name](analysis) for name in possible(analysis)}
    return html(_page(study, found, frozen, figures))


def _page(study: Study, found: Findings, frozen: Mapping[str, Any], figures: Mapping[str, Figure]) -> Page:
    definition = study.definition
    asked = (
        Lead(named(definition.question))
        if definition.question
        else Paragraph("The experiment names no question.")
    )
    answers = tuple(with_names(_capital(sentence, study), study.arms) for sentence in in_short(study, found))
    unsaid = tuple(with_names(sentence, study.arms) for sentence in markdown.limits(study, found))
    return Page(
        kind="Report of a sweep",
        title=definition.name,
        about=with_names(markdown.what_was_run(study), study.arms),
        sections=(
            Section("question", "The question", (asked,)),
            Section("answer", "The answer in short", (Points(answers),) if answers else ()),
            Section("setting", "The setting", tuple(_setting(study, frozen))),
            *_asked(study, found, figures),
            Section("origins", "Where the numbers come from", origins()),
            Section("limits", "What this cannot show", (Points((*unsaid, *limits()[1:4])),)),
            Section("repeat", "How to repeat it", _repeated(study, frozen)),
        ),
        version=frozen["code"]["version"],
        caution=CAUTION,
    )


def _capital(sentence: str, study: Study) -> str:
    """A sentence that begins with an outcome as sentences begin; a name that somebody gave stays as it is."""
    begins = any(sentence.startswith(readable(outcome)) for outcome in study.headlines)
    return f"{sentence[0].upper()}{sentence[1:]}" if begins else sentence


def _setting(study: Study, frozen: Mapping[str, Any]) -> Iterator[Block]:
    """What varies, and the settings of the arms before it does."""
    arms = {arm: _with_dates(settings) for arm, settings in frozen["decides"]["arms"].items()}
    if study.definition.vary:
        columns = Column("Setting"), Column("Values"), Column("Meaning")
        rows = tuple(
            (code(path), _varied(varied.model_dump(by_alias=True)), meaning(path, next(iter(arms.values()))))
            for path, varied in study.definition.vary.items()
        )
        yield Table("What varies, in every arm alike", columns, (Group(rows),))
    if study.settings:
        yield _points(study)
    yield from settings_of_arms(arms)


def _points(study: Study) -> Fold:
    """The points by number, as tables of alternatives name them."""
    points = study.points.head(_MOST_POINTS)
    columns = Column("Point", True), *(Column(path, True) for path in points.columns)
    rows = tuple(
        (f"{number}", *map(cell, row))
        for number, row in zip(points.index, points.itertuples(index=False), strict=True)
    )
    left = len(study.points) - len(points)
    caption = f"The first {len(points)} points" if left else "The points"
    return Fold(f"{caption} and their values", (Table(caption, columns, (Group(rows),)),))


def _varied(values: Any) -> str:
    if not isinstance(values, dict):
        return value(values)
    ends = f"{value(values['from'])} to {value(values['to'])}"
    return ", ".join(
        [ends, *(f"{name} {value(told)}" for name, told in values.items() if name not in ("from", "to"))]
    )


def _asked(study: Study, found: Findings, figures: Mapping[str, Figure]) -> Iterator[Section]:
    """A section for each question that the design allows: its figures, and the rows that matter most."""
    for title, names, says, columns in markdown.SECTIONS:
        if names[0] not in found.tables:
            continue
        rows = markdown.chosen(found.tables[names[0]], study)
        shown = [name for name in columns if name in rows] or list(rows.columns)
        told = with_names(_LINK.sub(r"`analysis/\1`", says), study.arms)
        pictures = tuple(
            picture(
                figures[name],
                title,
                in_words(figures[name], rows[shown]),
                "Its numbers are in the table below.",
            )
            for name in names
            if name in figures
        )
        shown_rows = table(title, rows[shown].head(markdown.MOST_ROWS))
        left = len(rows) - markdown.MOST_ROWS
        more = f"{left:,} more rows, and all others, are" if left > 0 else "All rows are"
        rest = Paragraph(with_names(f"{more} in `analysis/{names[0]}.csv`.", ()))
        yield Section(names[0].replace("_", "-"), title, (Paragraph(told), *pictures, shown_rows, rest))


def _repeated(study: Study, frozen: Mapping[str, Any]) -> tuple[Block, ...]:
    definition = study.definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    provenance = {
        "seeds": value(study.definition.seeds_run),
        "code_sha256": frozen["code"]["sha256"],
        "versions": {"cpsim": frozen["code"]["version"]},
    }
    command = "cpsim sweep experiment.yaml --out again"
    return repeated(_AGAIN, command, {"experiment.yaml": _with_dates(definition)}, provenance)


def _with_dates(settings: Any) -> Any:
    """Settings out of JSON with the dates that YAML knows."""
    if isinstance(settings, dict):
        return {name: _with_dates(inner) for name, inner in settings.items()}
    if isinstance(settings, list):
        return [_with_dates(inner) for inner in settings]
    return (
        date.fromisoformat(settings) if isinstance(settings, str) and _DATE.fullmatch(settings) else settings
    )
