"""The page of one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cpsim.plot import OF_RUN
from cpsim.report import run_found as found
from cpsim.report.attribution import which_stage
from cpsim.report.blocks import Lead, Page, Points, Section
from cpsim.report.html import html
from cpsim.report.numbers import every_number, headline_numbers
from cpsim.report.origins import limits, origins, repeated, settings_as_run
from cpsim.report.pictures import picture
from cpsim.report.setting import question, setting
from cpsim.report.words import count
from cpsim.results.carried import NETWORK, with_network
from cpsim.results.printed import CAUTION, period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from matplotlib.figure import Figure

    from cpsim.report.blocks import Block, Table
    from cpsim.results import RunResult
    from cpsim.results.attribution import Attribution

_AGAIN = "In the folder of this page, with the same version of cpsim, this command gives the same numbers:"


@dataclass(frozen=True)
class _Exhibit:
    """A figure with its heading, what it shows in words, and its numbers as a table."""

    title: str
    shows: Callable[[RunResult], str]
    numbers: Callable[[RunResult], Table]
    caption: str


_EXHIBITS = {
    "lost_where": _Exhibit(
        "Where the risks were lost", found.shows_lost_where, found.every_spell,
        "From the top: all spells of harm, those that ended by themselves, and at each step of the way those that were "
        "lost there. What is left at the bottom was protected within 13 weeks.",
    ),
    "incidence": _Exhibit(
        "How soon help came", found.shows_incidence, found.what_came_first,
        "Of a serious event, protection and the harm's own end, the first to come decides. The dotted line is the "
        "deadline of 13 weeks by which a spell counts as missed.",
    ),
    "funnel": _Exhibit(
        "How far a concern gets", found.shows_funnel, found.funnel_steps,
        "Each bar is a step of the work. The dark part of the referrals names a child who was in significant harm in "
        "that week.",
    ),
    "weeks": _Exhibit(
        "Week by week", found.shows_weeks, found.year_by_year,
        "Pale: each week. Dark: the mean of the last 13 weeks. All scales begin at zero.",
    ),
    "network": _Exhibit(
        "Who talks to whom", found.shows_network, found.ties_by_kind,
        "Each dot is an organisation, in the middle the front door of children's social care. A line is a tie that was "
        "used: the wider the busier, orange where trust is low and blue where it is high.",
    ),
}  # fmt: skip


def run_page(
    result: RunResult,
    figures: Mapping[str, Figure] | None = None,
    attribution: Attribution | None = None,
) -> str:
    """The report of one run: the complete text of a page that needs no other file.

    Args:
        result: what the run has left behind.
        figures: its figures by the names of `cpsim.plot.OF_RUN`; drawn if they are left out.
        attribution: which stage answers for what it missed, if that has been asked.
    """
    drawn = {name: draw(result) for name, draw in OF_RUN.items()} if figures is None else figures
    return html(_page(result, drawn, attribution))


def _page(result: RunResult, figures: Mapping[str, Figure], attribution: Attribution | None) -> Page:
    scenario = with_network(result.scenario, NETWORK)
    children = result.weekly.loc[result.weekly["phase"] == "evaluated", "children"].mean()
    command = f"cpsim run scenario.yaml --seed {result.seed}"
    return Page(
        kind="Report of one run",
        title=scenario["name"],
        about=f"{count(children, 'child', 'children')}, {period(result)}, seed {result.seed}",
        sections=(
            Section("question", "The question", question(scenario)),
            Section(
                "answer",
                "The answer in short",
                (Lead(found.lead(result)), Points(tuple(found.answers(result)))),
            ),
            Section("setting", "The setting", setting(scenario)),
            *_exhibited(result, figures),
            *(() if attribution is None else (which_stage(attribution),)),
            Section("numbers", "The numbers", tuple(_numbers(result))),
            Section("origins", "Where the numbers come from", (*origins(), settings_as_run(scenario))),
            Section("limits", "What this cannot show", (Points(limits()),)),
            Section(
                "repeat",
                "How to repeat it",
                repeated(_AGAIN, command, {"scenario.yaml": scenario}, result.provenance),
            ),
        ),
        version=result.provenance["versions"]["cpsim"],
        caution=CAUTION,
    )


def _exhibited(result: RunResult, figures: Mapping[str, Figure]) -> Iterator[Section]:
    for name, exhibit in _EXHIBITS.items():
        if name in figures:
            shown = picture(figures[name], exhibit.title, exhibit.shows(result), exhibit.caption)
            yield Section(name.replace("_", "-"), exhibit.title, (shown, exhibit.numbers(result)))


def _numbers(result: RunResult) -> Iterator[Block]:
    yield headline_numbers(result.summary)
    beside = found.authorities_beside_each_other(result)
    if beside is not None:
        yield beside
    yield every_number(result.summary)
