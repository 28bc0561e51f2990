"""The report of a sweep.

In the example, `folder` is the folder of a finished sweep.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from cpsim.analysis import page as markdown
from cpsim.analysis.sentences import summarise_findings
from cpsim.analysis.wording import format_cell
from cpsim.formatting import format_count, format_outcome_name
from cpsim.plot import SWEEP_FIGURES
from cpsim.plot.figures import group_by_section, list_sweep_figures
from cpsim.present.blocks import (
    Block,
    BulletList,
    Details,
    Lead,
    Page,
    PageColumn,
    PageSection,
    PageTable,
    Paragraph,
    RowGroup,
)
from cpsim.present.origins import create_instructions, create_origins, list_limits
from cpsim.present.page_figures import embed_figure
from cpsim.present.page_html import render_page
from cpsim.present.phrases import format_code, format_sentence, format_value, isolate_name
from cpsim.present.run_terminal import CAUTION
from cpsim.present.setting import create_settings_of_arms, describe_setting
from cpsim.present.sweep_findings import create_table, describe_figure
from cpsim.reach import describe_idle_arms
from cpsim.results.analysis import Analysis
from cpsim.scenario.read import from_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.figure import Figure

    from cpsim.analysis.findings import Findings, Study
    from cpsim.scenario.schema import Scenario

__all__ = ["render_sweep_page"]

_MOST_POINTS = 100
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")
_AGAIN = (
    "With the same version of cpsim and the experiment below saved as a file (in the folder of its base, if the base "
    "is your own file), this command gives the same numbers:"
)


def render_sweep_page(
    study: Study, found: Findings, frozen: Mapping[str, Any], figures: Mapping[str, Figure] | None = None
) -> str:
    """Return the report of a sweep as the HTML of a self-contained page.

    Args:
        study: the runs of the sweep and its definition.
        found: the findings of the analysis.
        frozen: the sweep as recorded in its folder, as returned by `cpsim.sweeps.loaded.read_sweep_file`.
        figures: its figures by the names of `cpsim.plot.SWEEP_FIGURES`; drawn if omitted.

    >>> from cpsim.analysis.findings import Study, collect_findings
    >>> from cpsim.sweeps.loaded import load_definition, load_sweep, read_sweep_file
    >>> study = Study(load_sweep(folder), load_definition(folder))
    >>> page = render_sweep_page(study, collect_findings(study), read_sweep_file(folder), figures={})
    >>> page.startswith("<!DOCTYPE html>"), "Report of a sweep" in page
    (True, True)
    """
    if figures is None:
        analysis = Analysis(study.definition.name, tuple(study.headlines), found.tables)
        figures = {name: SWEEP_FIGURES[name](analysis) for name in list_sweep_figures(analysis)}
    return render_page(_create_page(study, found, frozen, figures))


def _create_page(
    study: Study, found: Findings, frozen: Mapping[str, Any], figures: Mapping[str, Figure]
) -> Page:
    definition = study.definition
    answers = tuple(
        format_sentence(_capitalise(sentence, study), study.arms)
        for sentence in summarise_findings(study, found)
    )
    gaps = tuple(format_sentence(sentence, study.arms) for sentence in markdown.list_limits(study, found))
    return Page(
        kind="Report of a sweep",
        name=definition.name,
        about=format_sentence(markdown.describe_runs(study), study.arms),
        title=isolate_name(definition.question or definition.name),
        answer=(Lead(answers[0]),) if answers else (),
        sections=(
            PageSection("answer", "The answer in brief", (BulletList(answers),) if answers else ()),
            PageSection("setting", "The setting", tuple(_create_setting_blocks(study, frozen))),
            *_create_sections(study, found, figures),
            PageSection("origins", "Where the numbers come from", create_origins()),
            PageSection("limits", "What this cannot show", (BulletList((*gaps, *list_limits()[1:4])),)),
            PageSection("repeat", "How to repeat the sweep", _create_repeat_blocks(study, frozen)),
        ),
        version=frozen["code"]["version"],
        caution=CAUTION,
    )


def _capitalise(sentence: str, study: Study) -> str:
    """Capitalise a sentence that begins with an outcome, but not one that begins with a name given by the user."""
    starts_with_outcome = any(
        sentence.startswith(format_outcome_name(outcome)) for outcome in study.headlines
    )
    return f"{sentence[0].upper()}{sentence[1:]}" if starts_with_outcome else sentence


def _create_setting_blocks(study: Study, frozen: Mapping[str, Any]) -> Iterator[Block]:
    """Yield the varied settings, the points, and the settings of the arms."""
    arms = {arm: _parse_dates(settings) for arm, settings in frozen["decides"]["arms"].items()}
    if study.definition.vary:
        columns = PageColumn("Setting"), PageColumn("Values"), PageColumn("Meaning")
        rows = tuple(
            (
                format_code(path),
                _format_varied(varied.model_dump(by_alias=True)),
                describe_setting(path, next(iter(arms.values()))),
            )
            for path, varied in study.definition.vary.items()
        )
        yield PageTable("Settings varied in every arm", columns, (RowGroup(rows),))
    if study.settings:
        yield _create_point_table(study)
    yield from create_settings_of_arms(arms)
    idle = _list_idle_arms(study, arms)
    if idle:
        yield Paragraph("Not in play at any point, so the results are the same without it:")
        yield BulletList(tuple(format_sentence(sentence, study.arms) for sentence in idle))


def _list_idle_arms(study: Study, arms: Mapping[str, Any]) -> list[str]:
    """List the sentences about events that are not in play, and about arms that are one."""
    columns = dict(study.points.items()) if study.settings else {}

    def build(arm: str, point: int) -> Scenario:
        return from_mapping(arms[arm], {str(path): column.iloc[point] for path, column in columns.items()})

    return describe_idle_arms(list(arms), len(study.points) if columns else 1, build)


def _create_point_table(study: Study) -> Details:
    """List the points by number, by which other tables refer to them."""
    points = study.points.head(_MOST_POINTS)
    columns = PageColumn("Point", True), *(PageColumn(path, True) for path in points.columns)
    rows = tuple(
        (f"{number}", *map(format_cell, row))
        for number, row in zip(points.index, points.itertuples(index=False), strict=True)
    )
    left = len(study.points) - len(points)
    caption = f"The first {len(points)} points" if left else "The points"
    return Details(f"{caption} and their values", (PageTable(caption, columns, (RowGroup(rows),)),))


def _format_varied(values: Any) -> str:
    if not isinstance(values, dict):
        return format_value(values)
    limits = f"{format_value(values['from'])} to {format_value(values['to'])}"
    return ", ".join(
        [
            limits,
            *(
                f"{name} {format_value(setting)}"
                for name, setting in values.items()
                if name not in ("from", "to")
            ),
        ]
    )


def _create_sections(study: Study, found: Findings, figures: Mapping[str, Figure]) -> Iterator[PageSection]:
    """Yield a section for each question that the design can answer: its figures and its most important rows."""
    sections = group_by_section(figures)
    for title, table, description, columns in markdown.SECTIONS:
        if table not in found.tables:
            continue
        rows = markdown.select_rows(found.tables[table], study)
        shown = [name for name in columns if name in rows] or list(rows.columns)
        introduction = format_sentence(_LINK.sub(r"`analysis/\1`", description), study.arms)
        embedded = tuple(
            embed_figure(
                figures[name],
                title,
                describe_figure(figures[name], rows[shown]),
                "The numbers are in the table below.",
            )
            for name in sections.get(table, ())
        )
        shown_rows = create_table(title, rows[shown].head(markdown.MOST_ROWS))
        left = len(rows) - markdown.MOST_ROWS
        more = f"{format_count(left, 'more row')}, and all others, are" if left > 0 else "All rows are"
        rest = Paragraph(format_sentence(f"{more} in `analysis/{table}.csv`.", ()))
        yield PageSection(
            table.replace("_", "-"), title, (Paragraph(introduction), *embedded, shown_rows, rest)
        )


def _create_repeat_blocks(study: Study, frozen: Mapping[str, Any]) -> tuple[Block, ...]:
    definition = study.definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    provenance = {
        "seeds": format_value(study.definition.seeds_run),
        "code_sha256": frozen["code"]["sha256"],
        "versions": {"cpsim": frozen["code"]["version"]},
    }
    command = "cpsim sweep experiment.yaml --out again"
    return create_instructions(_AGAIN, command, {"experiment.yaml": _parse_dates(definition)}, provenance)


def _parse_dates(settings: Any) -> Any:
    """Convert dates in settings from JSON text to dates, as in YAML."""
    if isinstance(settings, dict):
        return {name: _parse_dates(inner) for name, inner in settings.items()}
    if isinstance(settings, list):
        return [_parse_dates(inner) for inner in settings]
    return (
        date.fromisoformat(settings) if isinstance(settings, str) and _DATE.fullmatch(settings) else settings
    )
