"""Figure: three measures of each stage's share of the missed spells, side by side on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.formatting import format_count, format_decimals, format_percent, pluralise
from cpsim.plot import registry, style
from cpsim.present.stages import STAGES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results.attribution import Attribution

_COLOURS = {stop: stage.colour for stage in STAGES for stop in stage.stops}
_NAMES = {
    "opportunity": "Opportunity",
    "noticing and recording": "Noticing\nand recording",
    "sharing and pooling": "Sharing\nand pooling",
    "transit": "Transit",
    "front door and assessment": "Front door\nand assessment",
    "protection": "Protection",
}
_LEFT, _BOTTOM, _TOP, _GAP = 0.165, 0.19, 0.71, 0.03
_HEIGHT = 0.56


@registry.figure(
    of="attribution",
    question="Which stages account for the missed spells?",
    order=10,
)
@style.use_style()
def readings(attribution: Attribution) -> Figure:
    """Draw each stage's share of the missed spells by three measures: ledger, but-for and Shapley.

    The but-for panel also shows the spells that are newly missed when the stage is perfect. Lines are 95% intervals:
    over seeds if there are several, else over sampled orders.

    There is a panel for each of the three measures:

    >>> len(readings(attribution).axes)
    3
    """
    figure = style.create_figure(
        "Which stages account for the missed spells?",
        f"{format_decimals(attribution.missed)} of {format_count(attribution.spells, 'spell')} of significant harm "
        f"{pluralise(attribution.missed, 'was', 'were')} missed"
        f"{_format_seeds(attribution)}. Bars: shares of the missed spells.\n"
        "The three measures answer different questions, and none of them assigns blame.",
        _format_source(attribution),
    )
    table = attribution.table
    if not attribution.missed:
        figure.text(0.5, 0.5, "Nothing was missed.", ha="center", color=style.QUIET)
        return figure
    newly_missed = table["newly_missed"] / attribution.missed
    panels = _add_panels(figure, table, -float(newly_missed.max()))
    _draw_ledger(panels[0], table)
    _draw_but_for(panels[1], table, newly_missed)
    _draw_shapley(panels[2], table, attribution.floor)
    return figure


def _add_panels(figure: Figure, table: pd.DataFrame, least: float) -> list[Axes]:
    """Add three panels on one scale, from the newly missed to the largest share, and name the stages on the left."""
    width = (1 - style.LEFT - _LEFT - 2 * _GAP) / 3
    most = float(
        np.nanmax(
            table[
                ["ledger_share", "but_for_share", "but_for_high", "shapley_share", "shapley_high"]
            ].to_numpy()
        )
    )
    panels = []
    for place in range(3):
        axes = figure.add_axes((_LEFT + place * (width + _GAP), _BOTTOM, width, _TOP - _BOTTOM))
        axes.set_xlim(min(1.6 * least, -0.02 * most), 1.28 * most)
        axes.set_ylim(len(table) - 0.5, -0.5)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.axvline(0, color=style.QUIET, linewidth=1, zorder=0)
        panels.append(axes)
    for row, stage in enumerate(table["stage"]):
        figure_y = _TOP - (row + 0.5) / len(table) * (_TOP - _BOTTOM)
        figure.text(style.LEFT, figure_y, _NAMES[stage], va="center", linespacing=1.2)
    return panels


def _draw_ledger(axes: Axes, table: pd.DataFrame) -> None:
    _write_heading(
        axes, "Where the concern stopped", "each missed spell counted once,\nat one stage (ledger)"
    )
    _draw_bars(axes, table, "ledger_share")
    _write_total(axes, f"{format_percent(table['ledger_share'].sum())} in all", "every missed spell")


def _draw_but_for(axes: Axes, table: pd.DataFrame, newly_missed: pd.Series[float]) -> None:
    _write_heading(axes, "If this stage were perfect", "newly reached; grey: newly\nmissed (but-for)")
    _draw_bars(axes, table, "but_for_share", table["but_for_low"], table["but_for_high"])
    axes.barh(range(len(table)), -newly_missed, height=_HEIGHT, color=style.QUIET)
    alone, together = float(table["but_for_share"].sum()), float(table["shapley_share"].sum())
    why = (
        f"less than all stages together:\n{format_percent(together - alone)} or more need several stages"
        if alone < together
        else "more than all stages together:\nmany could be protected in several ways"
    )
    _write_total(axes, f"{format_percent(alone)} in all", why)


def _draw_shapley(axes: Axes, table: pd.DataFrame, floor: float) -> None:
    _write_heading(axes, "If all were perfect", "share of the newly reached,\nover all orders (Shapley)")
    _draw_bars(axes, table, "shapley_share", table["shapley_low"], table["shapley_high"])
    _write_total(
        axes,
        f"{format_percent(table['shapley_share'].sum())} in all",
        f"{format_percent(floor)} are missed even then",
    )


def _write_heading(axes: Axes, heading: str, meaning: str) -> None:
    axes.text(0, 1.155, heading, transform=axes.transAxes, weight="bold", va="bottom")
    axes.text(0, 1.135, meaning, transform=axes.transAxes, color=style.QUIET, fontsize=11.5, va="top")


def _write_total(axes: Axes, total: str, why: str) -> None:
    axes.text(0, -0.04, total, transform=axes.transAxes, weight="bold", va="top")
    axes.text(
        0, -0.105, why, transform=axes.transAxes, color=style.QUIET, fontsize=11.5, va="top", linespacing=1.4
    )


def _draw_bars(
    axes: Axes,
    table: pd.DataFrame,
    share: str,
    low: pd.Series[float] | None = None,
    high: pd.Series[float] | None = None,
) -> None:
    """Draw a bar for each stage, with its share at the end and its interval, if any, as a line."""
    colours = [_COLOURS[stops.partition(",")[0]] for stops in table["stops"]]
    axes.barh(range(len(table)), table[share], height=_HEIGHT, color=colours)
    room = 0.015 * (axes.get_xlim()[1] - axes.get_xlim()[0])
    ends = table[share].clip(lower=0)
    if low is not None and high is not None and high.notna().any():
        axes.hlines(range(len(table)), low, high, color=style.INK, linewidth=1.6)
        ends = ends.combine(high, max)
    for row, (value, end) in enumerate(zip(table[share], ends, strict=True)):
        axes.text(
            end + room,
            row,
            format_percent(value),
            va="center",
        )


def _format_seeds(attribution: Attribution) -> str:
    seeds = len(attribution.seeds)
    return f" (mean over {seeds} seeds)" if seeds > 1 else ""


def _format_source(attribution: Attribution) -> str:
    seeds = attribution.seeds
    which = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {', '.join(map(str, seeds))}"
    return f"{style.format_name(attribution.scenario, 40)} · {style.shorten(which, 40)}"
