"""The report of a sweep.

In the example, `folder` is the folder of a finished sweep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpsim.analysis import page as markdown
from cpsim.analysis.analyse import parse_dates
from cpsim.analysis.findings import create_analysis
from cpsim.analysis.sections import MOST_ROWS, find_sections, select_rows
from cpsim.analysis.sentences import summarise_findings
from cpsim.analysis.wording import format_varied
from cpsim.formatting import format_count, format_list, raise_first
from cpsim.plot import SWEEP_FIGURES
from cpsim.plot.figures import group_by_section, list_sweep_figures
from cpsim.present.blocks import (
    Block,
    BulletList,
    Details,
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
from cpsim.present.phrases import format_sentence, format_value, isolate_name
from cpsim.present.run_terminal import CAUTION
from cpsim.present.setting import create_settings_of_arms
from cpsim.present.sweep_findings import create_answer, create_table, describe_figure
from cpsim.present.terms import create_terms
from cpsim.reach import describe_idle_arms
from cpsim.scenario.descriptions import describe_settings
from cpsim.scenario.read import from_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.figure import Figure

    from cpsim.analysis.findings import Findings, Study
    from cpsim.analysis.sections import Section
    from cpsim.present.blocks import PageFigure
    from cpsim.scenario.descriptions import SettingDescription
    from cpsim.scenario.schema import Scenario

__all__ = ["render_sweep_page"]

_MOST_POINTS = 100
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
        analysis = create_analysis(study, found)
        figures = {name: SWEEP_FIGURES[name](analysis) for name in list_sweep_figures(analysis)}
    return render_page(_create_page(study, found, frozen, figures))


def _create_page(
    study: Study, found: Findings, frozen: Mapping[str, Any], figures: Mapping[str, Figure]
) -> Page:
    definition = study.definition
    answers = tuple(format_sentence(sentence, study.arms) for sentence in summarise_findings(study, found))
    gaps = tuple(format_sentence(sentence, study.arms) for sentence in markdown.list_limits(study, found))
    first = next(iter(figures), None)
    return Page(
        kind="Report of a sweep",
        name=definition.name,
        about=format_sentence(markdown.describe_runs(study), study.arms),
        title=isolate_name(definition.question or definition.name),
        answer=tuple(create_answer(study, found, _embed_first(study, found, figures))),
        sections=(
            PageSection("answer", "The answer in brief", (BulletList(answers),) if answers else ()),
            PageSection("setting", "The setting", tuple(_create_setting_blocks(study, frozen))),
            *_create_sections(study, found, {name: figures[name] for name in figures if name != first}),
            PageSection("terms", "What the words mean", create_terms(study.outcomes)),
            PageSection("origins", "Where the numbers come from", create_origins()),
            PageSection("limits", "What this cannot show", (BulletList((*gaps, *list_limits()[1:4])),)),
            PageSection("repeat", "How to repeat the sweep", _create_repeat_blocks(study, frozen)),
        ),
        version=frozen["code"]["version"],
        caution=CAUTION,
    )


def _embed_first(study: Study, found: Findings, figures: Mapping[str, Figure]) -> PageFigure | None:
    """Embed the first figure, which is on the first screen and not in its section."""
    sections = group_by_section(list(figures)[:1])
    return next(
        (
            _embed(section, study, found, figures[name], f"The numbers are in the section “{section.title}”.")
            for section in find_sections(found.tables)
            for name in sections.get(section.table, ())
        ),
        None,
    )


def _embed(section: Section, study: Study, found: Findings, figure: Figure, caption: str) -> PageFigure:
    return embed_figure(figure, section.title, describe_figure(figure, section, study, found), caption)


def _create_setting_blocks(study: Study, frozen: Mapping[str, Any]) -> Iterator[Block]:
    """Yield the varied settings, the points, and the settings of the arms."""
    arms = {arm: parse_dates(settings) for arm, settings in frozen["decides"]["arms"].items()}
    if study.definition.vary:
        columns = PageColumn("Setting"), PageColumn("Values"), PageColumn("Meaning")
        described = describe_settings(study.definition.vary, next(iter(arms.values())))
        rows = tuple(
            (
                format_sentence(f"{described[path].name} `{path}`", ()),
                _format_varied(varied.model_dump(by_alias=True), described[path]),
                described[path].meaning,
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
    """List the points with the numbers by which the files of the analysis refer to them."""
    points, described = study.points.head(_MOST_POINTS), study.described
    columns = (
        PageColumn("Number of the point", True),
        *(PageColumn(raise_first(described[path].name), True) for path in points.columns),
    )
    rows = tuple(
        (
            f"{number}",
            *(format_varied(described[path], value) for path, value in zip(points.columns, row, strict=True)),
        )
        for number, row in zip(points.index, points.itertuples(index=False), strict=True)
    )
    left = len(study.points) - len(points)
    caption = f"The first {len(points)} points" if left else "The points"
    return Details(f"{caption} and their values", (PageTable(caption, columns, (RowGroup(rows),)),))


def _format_varied(values: Any, setting: SettingDescription) -> str:
    """Write the values that a setting takes, with its unit."""
    if not isinstance(values, dict):
        *others, last = values
        return ", ".join([*map(format_value, others), format_varied(setting, last)])
    limits = (
        f"{format_value(values['from'])} to {format_varied(setting, values['to'])}"
        if "from" in values
        else ""
    )
    rest = (f"{name} {format_value(given)}" for name, given in values.items() if name not in ("from", "to"))
    return ", ".join(filter(None, (limits, *rest)))


def _create_sections(study: Study, found: Findings, figures: Mapping[str, Figure]) -> Iterator[PageSection]:
    """Yield a section for each question that the design can answer: its figures and its most important rows."""
    names = group_by_section(figures)
    for section in find_sections(found.tables):
        left = len(select_rows(found.tables[section.table], study)) - MOST_ROWS
        files = format_list(f"`analysis/{name}.csv`" for name in section.list_files(found.tables))
        more = f"{format_count(left, 'more row')}, and all columns," if left > 0 else "All rows and columns"
        yield PageSection(
            section.table.replace("_", "-"),
            section.title,
            (
                Paragraph(section.explanation),
                *(
                    _embed(section, study, found, figures[name], "The numbers are in the table below.")
                    for name in names.get(section.table, ())
                ),
                create_table(section, study, found),
                Paragraph(format_sentence(f"{more} are in {files}.", ())),
            ),
        )


def _create_repeat_blocks(study: Study, frozen: Mapping[str, Any]) -> tuple[Block, ...]:
    definition = study.definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    provenance = {
        "seeds": format_value(study.definition.seeds_run),
        "code_sha256": frozen["code"]["sha256"],
        "versions": {"cpsim": frozen["code"]["version"]},
    }
    command = "cpsim sweep experiment.yaml --out again"
    return create_instructions(_AGAIN, command, {"experiment.yaml": parse_dates(definition)}, provenance)
