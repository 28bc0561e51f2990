"""The report of one run.

In the example, `result` is the `RunResult` of an authority of 500 children.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.formatting import format_count
from cpsim.measures.outcomes import group_by_heading
from cpsim.plot.figures import list_run_figures
from cpsim.plot.registry import FIGURES, list_figures
from cpsim.present import run_findings as found
from cpsim.present.attribution_section import create_attribution_section
from cpsim.present.blocks import BulletList, Page, PageSection
from cpsim.present.number_tables import create_headline_table, create_number_details
from cpsim.present.origins import create_instructions, create_origins, create_settings_details, list_limits
from cpsim.present.page_figures import embed_figure
from cpsim.present.page_html import render_page
from cpsim.present.phrases import add_changes
from cpsim.present.reach import create_reach_blocks
from cpsim.present.run_answer import OWN_FILE
from cpsim.present.run_gaps import GAPS, create_gap_table
from cpsim.present.run_screen import TILES, create_first_screen
from cpsim.present.run_terminal import CAUTION, format_period
from cpsim.present.setting import create_claims, create_setting, create_title
from cpsim.present.terms import create_terms
from cpsim.results.carried import NETWORK, replace_network

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    from matplotlib.figure import Figure

    from cpsim.plot.saving import DrawnFigure
    from cpsim.present.blocks import Block, PageFigure
    from cpsim.present.run_answer import CompareLine
    from cpsim.results import RunResult
    from cpsim.results.attribution import Attribution

__all__ = ["render_run_page"]

_AGAIN = "In the folder of this page and with the same version of cpsim, this command gives the same numbers:"


def render_run_page(
    result: RunResult,
    figures: Mapping[str, Figure | DrawnFigure] | None = None,
    attribution: Attribution | None = None,
    regions: pd.DataFrame | None = None,
    line: CompareLine = OWN_FILE,
) -> str:
    """Return the report of one run as the HTML of a self-contained page.

    Args:
        result: the result of the run.
        figures: its figures by the names of `cpsim.plot.figures.list_run_figures`; drawn if omitted.
        attribution: the attribution of its misses to stages, if there is one.
        regions: the table of regions of a scenario in tiles, if there is one.
        line: the command that compares its scenario with a reference.

    >>> page = render_run_page(result, figures={})
    >>> page.startswith("<!DOCTYPE html>"), "Report of one run" in page
    (True, True)
    """
    if figures is None:
        figures = {name: draw() for name, draw in list_run_figures(result).items()}
    return render_page(_create_page(result, figures, attribution, regions, line))


def _create_page(
    result: RunResult,
    figures: Mapping[str, Figure | DrawnFigure],
    attribution: Attribution | None,
    regions: pd.DataFrame | None,
    line: CompareLine,
) -> Page:
    shown = dict(_embed_figures(result, figures))
    first = next(iter(shown.values()), None)
    scenario = replace_network(result.scenario, NETWORK)
    children = result.weekly.loc[result.weekly["phase"] == "evaluated", "children"].mean()
    command = f"cpsim run scenario.yaml --seed {result.seed}"
    return Page(
        kind="Report of one run",
        name=scenario["name"],
        about=add_changes(
            f"{format_count(children, 'child', 'children')}, {format_period(result)}, seed {result.seed}",
            result.provenance,
        ),
        title=create_title(scenario),
        answer=tuple(create_first_screen(result, line, first)),
        sections=(
            PageSection(
                "answer", "What else the run shows", (BulletList(tuple(found.describe_findings(result))),)
            ),
            PageSection("claims", "Claims that it examines", create_claims(scenario)),
            PageSection(
                "setting", "The setting", (*create_setting(scenario), *create_reach_blocks(result.scenario))
            ),
            *_create_figure_sections(result, shown),
            *(() if attribution is None else (create_attribution_section(attribution),)),
            *(
                ()
                if regions is None
                else (PageSection("regions", "The regions", (found.create_region_table(regions),)),)
            ),
            PageSection("numbers", "The numbers", tuple(_create_number_blocks(result))),
            PageSection(
                "origins",
                "Where the numbers come from",
                (*create_origins(), create_settings_details(scenario)),
            ),
            PageSection("limits", "What this cannot show", (BulletList(list_limits()),)),
            PageSection(
                "repeat",
                "How to repeat the run",
                create_instructions(_AGAIN, command, {"scenario.yaml": scenario}, result.provenance),
            ),
            PageSection("terms", "What the words mean", create_terms(_list_terms())),
        ),
        version=result.provenance["versions"]["cpsim"],
        caution=CAUTION,
    )


def _embed_figures(
    result: RunResult, figures: Mapping[str, Figure | DrawnFigure]
) -> Iterator[tuple[str, PageFigure]]:
    """Yield the figures that are drawn by name, in the order in which a report shows them."""
    for each in list_figures("run"):
        if each.name in figures and each.exhibit is not None:
            exhibit = each.exhibit
            yield (
                each.name,
                embed_figure(figures[each.name], exhibit.title, exhibit.describe(result), exhibit.caption),
            )


def _create_figure_sections(result: RunResult, shown: Mapping[str, PageFigure]) -> Iterator[PageSection]:
    """Yield a section for each figure with its table; the first figure itself is on the first screen."""
    for place, (name, figure) in enumerate(shown.items()):
        exhibit = FIGURES["run", name].exhibit
        assert exhibit is not None
        table = () if exhibit.create_table is None else (exhibit.create_table(result),)
        blocks = (*(() if place == 0 else (figure,)), *table)
        yield PageSection(name.replace("_", "-"), exhibit.title, blocks)


def _create_number_blocks(result: RunResult) -> Iterator[Block]:
    yield create_headline_table(result)
    yield create_gap_table(result)
    authorities = found.create_authority_table(result)
    if authorities is not None:
        yield authorities
    yield create_number_details(result)


def _list_terms() -> Iterator[str]:
    """Yield the outcomes that the page names outside the table of every number."""
    yield from TILES
    yield from found.COMPARED_OUTCOMES
    yield from GAPS
    yield from (each.name for outcomes in group_by_heading("run").values() for each in outcomes)
