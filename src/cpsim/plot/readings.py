"""Figure: three readings of which stage answers for what was missed, side by side on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.plot import style
from cpsim.results.printed import percent
from cpsim.results.stages import STAGES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results.attribution import Attribution

_COLOURS = {cause: hands.colour for hands in STAGES for cause in hands.causes}
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


@style.styled()
def readings(attribution: Attribution) -> Figure:
    """Draw what each stage answers for: where concerns stopped, what it alone would rescue, and its Shapley share.

    Spells that a perfect stage loses are drawn beside those that it rescues. Lines are 95 % intervals: over seeds if
    there are several, else over sampled orders.
    """
    figure = style.sheet(
        "Who answers for what was missed?",
        f"{attribution.missed:,.0f} of {attribution.spells:,.0f} spells of significant harm were missed"
        f"{_over(attribution)}. Three readings of the same misses,\nas shares of them. None of the three is the truth "
        "about blame: they answer three different questions.",
        _source(attribution),
    )
    table = attribution.table
    if not attribution.missed:
        figure.text(0.5, 0.5, "Nothing was missed.", ha="center", color=style.QUIET)
        return figure
    lost = table["newly_missed"] / attribution.missed
    panels = _panels(figure, table, -float(lost.max()))
    _ledger(panels[0], table)
    _but_for(panels[1], table, lost)
    _shapley(panels[2], table, attribution.floor)
    return figure


def _panels(figure: Figure, table: pd.DataFrame, least: float) -> list[Axes]:
    """Three panels with one scale, from what is lost to the largest share, and the stages beside the first."""
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


def _ledger(axes: Axes, table: pd.DataFrame) -> None:
    _headed(axes, "Where it stopped", "the furthest concern about\nthe child (ledger)")
    _bars(axes, table, "ledger_share")
    _below(axes, f"{percent(table['ledger_share'].sum())} in all", "each missed spell once")


def _but_for(axes: Axes, table: pd.DataFrame, lost: pd.Series[float]) -> None:
    _headed(axes, "But for this stage", "rescued if it alone were\nperfect; grey: lost instead")
    _bars(axes, table, "but_for_share", table["but_for_low"], table["but_for_high"])
    axes.barh(range(len(table)), -lost, height=_HEIGHT, color=style.QUIET)
    alone, together = float(table["but_for_share"].sum()), float(table["shapley_share"].sum())
    why = (
        f"less than all together rescue:\n{percent(together - alone)} or more need several repairs"
        if alone < together
        else "more than all together rescue:\nmany could be found in several ways"
    )
    _below(axes, f"{percent(alone)} in all", why)


def _shapley(axes: Axes, table: pd.DataFrame, floor: float) -> None:
    _headed(axes, "Its share of the rescue", "if all were perfect, over every\norder of repair (Shapley)")
    _bars(axes, table, "shapley_share", table["shapley_low"], table["shapley_high"])
    _below(axes, f"{percent(table['shapley_share'].sum())} in all", f"{percent(floor)} are missed even so")


def _headed(axes: Axes, heading: str, meaning: str) -> None:
    axes.text(0, 1.155, heading, transform=axes.transAxes, weight="bold", va="bottom")
    axes.text(0, 1.135, meaning, transform=axes.transAxes, color=style.QUIET, fontsize=11.5, va="top")


def _below(axes: Axes, total: str, why: str) -> None:
    axes.text(0, -0.04, total, transform=axes.transAxes, weight="bold", va="top")
    axes.text(
        0, -0.105, why, transform=axes.transAxes, color=style.QUIET, fontsize=11.5, va="top", linespacing=1.4
    )


def _bars(
    axes: Axes,
    table: pd.DataFrame,
    share: str,
    low: pd.Series[float] | None = None,
    high: pd.Series[float] | None = None,
) -> None:
    """A bar a stage with its share at the end, and a line over the interval where there is one."""
    colours = [_COLOURS[causes.partition(",")[0]] for causes in table["causes"]]
    axes.barh(range(len(table)), table[share], height=_HEIGHT, color=colours)
    room = 0.015 * (axes.get_xlim()[1] - axes.get_xlim()[0])
    ends = table[share].clip(lower=0)
    if low is not None and high is not None and high.notna().any():
        axes.hlines(range(len(table)), low, high, color=style.INK, linewidth=1.6)
        ends = ends.combine(high, max)
    for row, (value, end) in enumerate(zip(table[share], ends, strict=True)):
        axes.text(
            end + room, row, f"−{percent(-value)}" if value <= -0.0005 else percent(abs(value)), va="center"
        )


def _over(attribution: Attribution) -> str:
    seeds = len(attribution.seeds)
    return f" in a mean over {seeds} seeds" if seeds > 1 else ""


def _source(attribution: Attribution) -> str:
    seeds = attribution.seeds
    which = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {', '.join(map(str, seeds))}"
    return f"{style.plain(attribution.scenario, 40)} · {style.shortened(which, 40)}"
