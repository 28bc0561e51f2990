"""The first screen of a run's page: its answer, four numbers with intervals, the first picture and how to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from cpsim.constants import WEEKS_PER_YEAR
from cpsim.formatting import (
    FEWEST,
    UNDEFINED,
    format_count,
    format_day,
    format_outcome,
    format_percent,
    format_price,
    raise_first,
)
from cpsim.present.blocks import (
    BulletList,
    Heading,
    Lead,
    Note,
    NumberTile,
    NumberTiles,
    Paragraph,
    TwoColumns,
)
from cpsim.present.chance import LABEL, poisson_interval, wilson_interval
from cpsim.present.load import describe_load
from cpsim.present.phrases import format_sentence
from cpsim.present.reach import list_event_sentences
from cpsim.present.run_answer import count_followed, create_answer, describe_stops, format_run_outcome
from cpsim.present.terms import link_term

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpsim.present.blocks import Block, PageFigure
    from cpsim.present.run_answer import CompareLine
    from cpsim.results import RunResult

TILES = (
    "missed_risk_rate", "missed_on_file_share", "assessed_neither_per_10k_year", "utilisation_mean",
    "cost_gbp_per_child_year",
)  # fmt: skip
"""Outcomes in large type."""

_MOST_EVENTS = 3
"""Most events of which the first screen says what they can do; the section on the setting has all."""


def create_first_screen(result: RunResult, line: CompareLine, figure: PageFigure | None) -> Iterator[Block]:
    """Yield the blocks of the first screen.

    Args:
        result: the run.
        line: the command that compares its scenario with a reference.
        figure: the first picture, if it is drawn.
    """
    answer = create_answer(result, line)
    names = (result.scenario["name"],)
    yield Lead(format_sentence(answer.first, names))
    ranges = f"One run, one draw of chance. Ranges: {LABEL}."
    yield Note(format_sentence(" ".join((*answer.others, ranges)), names))
    yield NumberTiles(tuple(_create_tiles(result)))
    narrow = tuple(_create_explanations(result))
    yield from (TwoColumns((figure,), narrow),) if figure else narrow


def _create_tiles(result: RunResult) -> Iterator[NumberTile]:
    summary = result.summary
    for name in TILES[:2]:
        lines = (_format_share_range(result, name), format_price(name, summary))
        yield NumberTile(link_term(name), format_run_outcome(result, name), tuple(filter(None, lines)))
    neither = TILES[2]
    evaluated = result.weekly[result.weekly["phase"] == "evaluated"]
    exposure = evaluated["children"].sum() / WEEKS_PER_YEAR / 1e4
    _, *ends = poisson_interval(evaluated["assessed_neither"].sum(), exposure)
    low, high = (format_outcome(neither, end) for end in ends)
    yield NumberTile(
        link_term(neither),
        format_run_outcome(result, neither),
        ("families a year per 10,000 children", *(() if low == UNDEFINED else (f"{low} to {high}",))),
    )
    hours, cost = TILES[3:]
    demanded = summary[hours]
    load = describe_load(demanded) if isinstance(demanded, float) else ""
    yield NumberTile(
        Markup("{} · {}").format(link_term(hours), link_term(cost)),
        f"{format_run_outcome(result, hours)} · {format_run_outcome(result, cost)}",
        (_format_load(load) if load else "hours for each hour available", "a year for each child"),
    )


def _format_load(load: str) -> Markup:
    """Mark up the name of an overload in the colour of what is worse."""
    return Markup('<span class="worse">{}</span>').format(raise_first(load.partition(":")[0]))


def _format_share_range(result: RunResult, name: str) -> str:
    """Format the interval of a share of spells; empty if there are too few for a percentage."""
    share, followed = result.summary[name], count_followed(result)
    if not isinstance(share, float) or followed < FEWEST:
        return ""
    _, low, high = wilson_interval(round(share * followed), followed)
    return f"{format_percent(low)} to {format_percent(high)} of spells of harm"


def _create_explanations(result: RunResult) -> Iterator[Block]:
    """Yield what the events can do, where harm was missed, and how to read the picture."""
    yield Heading("What the events can do here", 2)
    sentences = list_event_sentences(result.scenario)
    if sentences:
        more = len(sentences) - _MOST_EVENTS
        shown = sentences[:_MOST_EVENTS]
        rest = (
            [f"{format_count(more, 'more event is', 'more events are')} in the setting below."]
            if more > 0
            else []
        )
        yield BulletList((*shown, *rest), quiet=True)
    elif result.scenario.get("timeline"):
        yield Paragraph("The events were not tried; the setting below lists them.")
    else:
        start = format_day(result.scenario["clock"]["start"])
        yield Paragraph(f"This scenario has no events: the rules of {start} hold throughout.")
    if stops := describe_stops(result):
        yield Heading("Where the chain stopped", 2)
        yield Paragraph(stops)
    yield Heading("How to read it", 2)
    yield Paragraph(
        f"A spell of harm is missed if, {format_count(result.horizon, 'week')} after it began, the child is neither "
        "protected nor out of harm. Shares in the picture are of all spells."
    )
