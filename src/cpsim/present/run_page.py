"""The report of one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cpsim.formatting import format_count
from cpsim.plot import RUN_FIGURES
from cpsim.present import run_findings as found
from cpsim.present.attribution_section import create_attribution_section
from cpsim.present.blocks import BulletList, Lead, Page, PageSection
from cpsim.present.number_tables import create_headline_table, create_number_details
from cpsim.present.origins import create_instructions, create_origins, create_settings_details, list_limits
from cpsim.present.page_figures import embed_figure
from cpsim.present.page_html import render_page
from cpsim.present.run_terminal import CAUTION, format_period
from cpsim.present.setting import create_question, create_setting
from cpsim.results.carried import NETWORK, replace_network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from matplotlib.figure import Figure

    from cpsim.present.blocks import Block, PageTable
    from cpsim.results import RunResult
    from cpsim.results.attribution import Attribution

_AGAIN = "In the folder of this page and with the same version of cpsim, this command gives the same numbers:"


@dataclass(frozen=True)
class _Exhibit:
    """A figure with its title, its text alternative, its numbers as a table, and its caption."""

    title: str
    describe: Callable[[RunResult], str]
    create_table: Callable[[RunResult], PageTable]
    caption: str


_EXHIBITS = {
    "cascade": _Exhibit(
        "Where risks were missed", found.describe_cascade, found.create_spell_table,
        "From the top: all spells of harm, those that ended without protection, and those missed by each cause. What "
        "remains at the bottom was protected by the deadline.",
    ),
    "incidence": _Exhibit(
        "Time to protection", found.describe_incidence, found.create_incidence_table,
        "Each spell counts by its first event: a serious event, protection, or its end without protection. The "
        "dotted line is the deadline at which a spell counts as missed.",
    ),
    "funnel": _Exhibit(
        "From contact to plan", found.describe_funnel, found.create_funnel_table,
        "Each bar is a step of casework. The dark part of the bar for referrals shows children in significant harm "
        "in that week.",
    ),
    "weeks": _Exhibit(
        "Week by week", found.describe_weeks, found.create_year_table,
        "Pale: each week. Dark: mean of the last 13 weeks. All scales begin at zero.",
    ),
    "network": _Exhibit(
        "Ties between organisations", found.describe_network, found.create_tie_table,
        "Each dot is an organisation; the front door of children's social care is in the middle. Each line is a tie "
        "that was used: wider if it was used more, orange if trust is low, blue if it is high.",
    ),
}  # fmt: skip


def render_run_page(
    result: RunResult,
    figures: Mapping[str, Figure] | None = None,
    attribution: Attribution | None = None,
) -> str:
    """Return the report of one run as the HTML of a self-contained page.

    Args:
        result: the result of the run.
        figures: its figures by the names of `cpsim.plot.RUN_FIGURES`; drawn if omitted.
        attribution: the attribution of its misses to stages, if there is one.
    """
    drawn = {name: draw(result) for name, draw in RUN_FIGURES.items()} if figures is None else figures
    return render_page(_create_page(result, drawn, attribution))


def _create_page(result: RunResult, figures: Mapping[str, Figure], attribution: Attribution | None) -> Page:
    scenario = replace_network(result.scenario, NETWORK)
    children = result.weekly.loc[result.weekly["phase"] == "evaluated", "children"].mean()
    command = f"cpsim run scenario.yaml --seed {result.seed}"
    return Page(
        kind="Report of one run",
        title=scenario["name"],
        about=f"{format_count(children, 'child', 'children')}, {format_period(result)}, seed {result.seed}",
        sections=(
            PageSection("question", "The question", create_question(scenario)),
            PageSection(
                "answer",
                "The answer in brief",
                (
                    Lead(found.describe_main_finding(result)),
                    BulletList(tuple(found.describe_findings(result))),
                ),
            ),
            PageSection("setting", "The setting", create_setting(scenario)),
            *_create_figure_sections(result, figures),
            *(() if attribution is None else (create_attribution_section(attribution),)),
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


def _create_figure_sections(result: RunResult, figures: Mapping[str, Figure]) -> Iterator[PageSection]:
    for name, exhibit in _EXHIBITS.items():
        if name in figures:
            figure = embed_figure(figures[name], exhibit.title, exhibit.describe(result), exhibit.caption)
            yield PageSection(name.replace("_", "-"), exhibit.title, (figure, exhibit.create_table(result)))


def _create_number_blocks(result: RunResult) -> Iterator[Block]:
    yield create_headline_table(result.summary)
    authorities = found.create_authority_table(result)
    if authorities is not None:
        yield authorities
    yield create_number_details(result.summary)
