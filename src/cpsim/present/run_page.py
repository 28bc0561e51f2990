"""The report of one run.

In the example, `result` is the `RunResult` of an authority of 500 children.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.formatting import format_count
from cpsim.plot.figures import list_run_figures
from cpsim.plot.registry import list_figures
from cpsim.present import run_findings as found
from cpsim.present.attribution_section import create_attribution_section
from cpsim.present.blocks import BulletList, Lead, Page, PageSection
from cpsim.present.number_tables import create_headline_table, create_number_details
from cpsim.present.origins import create_instructions, create_origins, create_settings_details, list_limits
from cpsim.present.page_figures import embed_figure
from cpsim.present.page_html import render_page
from cpsim.present.phrases import add_changes
from cpsim.present.reach import create_reach_blocks
from cpsim.present.run_terminal import CAUTION, format_period
from cpsim.present.setting import create_claims, create_setting, create_title
from cpsim.results.carried import NETWORK, replace_network

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    from matplotlib.figure import Figure

    from cpsim.plot.saving import DrawnFigure
    from cpsim.present.blocks import Block
    from cpsim.results import RunResult
    from cpsim.results.attribution import Attribution

__all__ = ["render_run_page"]

_AGAIN = "In the folder of this page and with the same version of cpsim, this command gives the same numbers:"


def render_run_page(
    result: RunResult,
    figures: Mapping[str, Figure | DrawnFigure] | None = None,
    attribution: Attribution | None = None,
    regions: pd.DataFrame | None = None,
) -> str:
    """Return the report of one run as the HTML of a self-contained page.

    Args:
        result: the result of the run.
        figures: its figures by the names of `cpsim.plot.figures.list_run_figures`; drawn if omitted.
        attribution: the attribution of its misses to stages, if there is one.
        regions: the table of regions of a scenario in tiles, if there is one.

    >>> page = render_run_page(result, figures={})
    >>> page.startswith("<!DOCTYPE html>"), "Report of one run" in page
    (True, True)
    """
    if figures is None:
        figures = {name: draw() for name, draw in list_run_figures(result).items()}
    return render_page(_create_page(result, figures, attribution, regions))


def _create_page(
    result: RunResult,
    figures: Mapping[str, Figure | DrawnFigure],
    attribution: Attribution | None,
    regions: pd.DataFrame | None,
) -> Page:
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
        answer=(Lead(found.describe_main_finding(result)),),
        sections=(
            PageSection(
                "answer", "The answer in brief", (BulletList(tuple(found.describe_findings(result))),)
            ),
            PageSection("claims", "Claims that it examines", create_claims(scenario)),
            PageSection(
                "setting", "The setting", (*create_setting(scenario), *create_reach_blocks(result.scenario))
            ),
            *_create_figure_sections(result, figures),
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
        ),
        version=result.provenance["versions"]["cpsim"],
        caution=CAUTION,
    )


def _create_figure_sections(
    result: RunResult, figures: Mapping[str, Figure | DrawnFigure]
) -> Iterator[PageSection]:
    for each in list_figures("run"):
        if each.name in figures and each.exhibit is not None:
            exhibit = each.exhibit
            drawn = figures[each.name]
            figure = embed_figure(drawn, exhibit.title, exhibit.describe(result), exhibit.caption)
            table = () if exhibit.create_table is None else (exhibit.create_table(result),)
            yield PageSection(each.name.replace("_", "-"), exhibit.title, (figure, *table))


def _create_number_blocks(result: RunResult) -> Iterator[Block]:
    yield create_headline_table(result.summary)
    authorities = found.create_authority_table(result)
    if authorities is not None:
        yield authorities
    yield create_number_details(result.summary)
