"""Figure: what comes first after harm begins, and how soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import PercentFormatter

from cpsim.plot import style
from cpsim.plot.labels import spread
from cpsim.results.incidence import FIRSTS, WEEKS, cumulative_incidence
from cpsim.results.printed import percent, period

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results import RunResult

_COLOURS = {"protected": style.GREEN, "ended": style.QUIET, "serious_event": style.VERMILION}
_DEADLINE = 13


@style.styled()
def incidence(result: RunResult) -> Figure:
    """Draw the cumulative incidence of protection, of the harm's own end and of a serious event.

    Shares of all spells of significant harm by weeks since onset (Aalen-Johansen: the three compete, and children who
    turn 18 count as long as they are followed). Bands: 95 %, bootstrap of families.
    """
    figure = style.titled(
        result,
        "How soon does help come?",
        f"What came first, by weeks since the harm began, in spells of significant harm {period(result)}.\n"
        "Bands: 95 %, by resampling families. Children who turned 18 count as long as they were followed.",
    )
    axes = figure.add_axes((0.07, 0.12, 0.65, 0.66))
    curves = cumulative_incidence(result.spells)
    axes.set(xlim=(0, WEEKS), ylim=(0, 1), xlabel="weeks since the harm began")
    axes.set_xticks([0, 4, _DEADLINE, 26, WEEKS])
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.grid(axis="y", color=style.FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)
    axes.axvline(_DEADLINE, color=style.QUIET, linewidth=1, linestyle=":")
    axes.tick_params(pad=8)
    if curves["share"].notna().all():
        _draw(axes, curves)
    return figure


def _draw(axes: Axes, curves: pd.DataFrame) -> None:
    """A step line for each event and for what still waits, each named at its end with its share there."""
    by_event = {str(event): curve.set_index("week") for event, curve in curves.groupby("event")}
    for event, colour in _COLOURS.items():
        curve = by_event[event]
        axes.fill_between(
            curve.index, curve["low"], curve["high"], step="post", color=colour, alpha=0.2, linewidth=0
        )
        axes.step(curve.index, curve["share"], where="post", color=colour, linewidth=2.4)
    waiting = (1 - curves.groupby("week")["share"].sum()).clip(lower=0)
    axes.step(waiting.index, waiting, where="post", color=style.INK, linewidth=1.6, linestyle=(0, (5, 2)))
    ends = {FIRSTS[event]: by_event[event]["share"] for event in _COLOURS}
    ends["Still in harm, not protected"] = waiting
    heights = spread([float(share.iloc[-1]) for share in ends.values()], apart=0.085)
    for (name, share), height in zip(ends.items(), heights, strict=True):
        axes.annotate(
            name, (WEEKS, float(share.iloc[-1])), xytext=(WEEKS + 1.6, height), va="bottom", weight="bold",
            annotation_clip=False, arrowprops={"arrowstyle": "-", "color": style.FAINT, "relpos": (0, 0)},
        )  # fmt: skip
        told = f"{percent(share.loc[_DEADLINE])} at {_DEADLINE} weeks, {percent(share.iloc[-1])} at {WEEKS}"
        axes.annotate(
            told, (WEEKS + 1.6, height), xytext=(0, -2), textcoords="offset points", va="top", color=style.QUIET,
            fontsize=11, annotation_clip=False,
        )  # fmt: skip
