"""Figure: misses against false alarms, seed by seed."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from cpsim.plot import style
from cpsim.plot.comparisons import asked, estimates, seeds
from cpsim.plot.labels import spread

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results.comparison import Comparison

_COLOURS = (style.GREEN, style.PURPLE, style.ORANGE, style.SKY)
"""Of arms: neither of the two that mean better and worse. Further arms are grey."""

_ALARMS, _MISSES = "false_alarm_families_per_10k_year", "missed_risk_rate"


@style.styled()
def trade_off(comparison: Comparison) -> Figure:
    """Draw where each arm takes the reference: missed risks (share of spells) against families alarmed.

    A faint line is one seed, from the reference to the arm; a dot is the mean over seeds. The cross on an arm is the
    95 % interval of its difference to the reference, seed by seed.
    """
    several = len(comparison.seeds) > 1
    figure = asked(
        comparison,
        "Fewer misses, or only more alarms?",
        f"Faint lines: one seed each, from {style.plain(comparison.reference, 40)} to the other arm.\n"
        + (
            f"Dots: means over {seeds(comparison)}. Crosses: 95 % intervals of the differences between arms."
            if several
            else "One seed: what chance does cannot be told."
        ),
    )
    axes = figure.add_axes((0.085, 0.13, 0.66, 0.62))
    runs = comparison.at(table="runs").set_index("arm")
    start = runs.loc[[comparison.reference]].set_index("seed")
    told = estimates(comparison)
    ends = {comparison.reference: _mean(axes, start, style.INK)}
    for arm, colour in zip_longest(
        comparison.others, _COLOURS[: len(comparison.others)], fillvalue=style.QUIET
    ):
        end = runs.loc[[arm]].set_index("seed").loc[start.index]
        axes.plot(
            [start[_ALARMS], end[_ALARMS]],
            [start[_MISSES], end[_MISSES]],
            color=colour,
            alpha=0.5,
            linewidth=1,
            marker=".",
            markevery=[1],
        )
        ends[arm] = x, y = _mean(axes, end, colour)
        axes.annotate("", (x, y), ends[comparison.reference], arrowprops=_arrow(colour), zorder=3)
        across, up = (told[arm, outcome] for outcome in (_ALARMS, _MISSES))
        axes.hlines(
            y,
            x + across["low"] - across["difference"],
            x + across["high"] - across["difference"],
            color=colour,
        )
        axes.vlines(x, y + up["low"] - up["difference"], y + up["high"] - up["difference"], color=colour)
    axes.margins(0.08)
    axes.set_xlabel("families alarmed with nobody in harm, a year per 10,000 children")
    axes.set_title("missed, of spells of harm, 13 weeks after onset", weight="normal")
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")
    axes.grid(color=style.FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    _name(axes, ends)
    return figure


def _mean(axes: Axes, runs: pd.DataFrame, colour: str) -> tuple[float, float]:
    place = float(runs[_ALARMS].mean()), float(runs[_MISSES].mean())
    axes.plot(*place, "o", color=colour, markersize=10, markeredgecolor=style.PAPER, zorder=4)
    return place


def _arrow(colour: str) -> dict[str, object]:
    return {"arrowstyle": "-|>", "color": colour, "linewidth": 2.2, "shrinkA": 5, "shrinkB": 6}


def _name(axes: Axes, ends: dict[str, tuple[float, float]]) -> None:
    """Names of the arms to the right of the panel, in the order of their misses, each tied to its dot."""
    bottom, top = axes.get_ylim()
    right = axes.get_xlim()[1]
    heights = spread([(y - bottom) / (top - bottom) for _, y in ends.values()], apart=0.11, highest=0.94)
    for (arm, (x, y)), height in zip(ends.items(), heights, strict=True):
        at = bottom + height * (top - bottom)
        axes.plot([x, right], [y, at], color=style.QUIET, linewidth=0.7, zorder=1, clip_on=False)
        axes.annotate(
            style.plain(arm, 26), (right, at), xytext=(6, 0), textcoords="offset points", va="bottom", weight="bold",
            annotation_clip=False,
        )  # fmt: skip
        told = f"{100 * y:.1f} % missed, {x:,.0f} alarmed"
        axes.annotate(
            told, (right, at), xytext=(6, -2), textcoords="offset points", va="top",
            fontsize=11, color=style.QUIET, annotation_clip=False,
        )  # fmt: skip
