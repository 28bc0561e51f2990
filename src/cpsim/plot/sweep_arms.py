"""Figures of a sweep: what each arm changes, which no other beats, and which would be regretted least."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.plot import style
from cpsim.plot.outcomes import named
from cpsim.plot.panels import COLOURS, MOST_ROWS, asked, legend, panels, short, whisker

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results.analysis import Analysis


@style.styled()
def arm_differences(analysis: Analysis) -> Figure:
    """Draw what each arm changes over all points, and behind it at each point."""
    table, by_point = analysis.tables["differences"], analysis.tables["differences_by_point"]
    figure = asked(
        analysis,
        "What does each arm change?",
        "Difference to the first arm on the same children. Dot and line: mean over all points, 95 % interval;\n"
        "blue where a difference is shown, allowing for the number of comparisons. Behind: each point on its own.",
    )
    arms = list(dict.fromkeys(table["arm"]))[:MOST_ROWS]
    jitter = np.random.default_rng(0)
    for axes, outcome in panels(figure, analysis.outcomes, [short(arm) for arm in arms]):
        own = table[table["outcome"] == outcome].set_index("arm")
        for row, arm in enumerate(arms):
            each = by_point[(by_point["outcome"] == outcome) & (by_point["arm"] == arm)]["difference"]
            heights = row + 0.13 + 0.2 * jitter.random(len(each))
            axes.plot(each, heights, ".", color=style.FAINT, markersize=5, rasterized=True, zorder=1)
            whisker(axes, row, own.loc[arm], "difference")
        axes.axvline(0, color=style.QUIET, linewidth=1, zorder=0)
    return figure


@style.styled()
def pareto(analysis: Analysis) -> Figure:
    """Draw the first outcome against each of the others, with what no alternative beats."""
    table = analysis.tables["pareto"]
    few = len(table) <= MOST_ROWS
    lines = " Lines: 95 % over seeds." if few else ""
    figure = asked(
        analysis,
        "Which alternatives does no other beat?",
        "Full: on the front. Large and hollow: cannot be told, its place hangs on differences that chance explains.\n"
        f"Small and pale: another is as good in everything and shown to be better in something.{lines}",
    )
    misses, *others = (name for name in analysis.outcomes if name in table)
    drawn = table.reset_index()
    arms = list(dict.fromkeys(drawn["arm"])) if "arm" in drawn else [""]
    colours = dict(zip(arms, COLOURS, strict=False))
    for place, (axes, other) in enumerate(panels(figure, others, ())):
        for row in drawn.to_dict("records"):
            colour = colours.get(row.get("arm", ""), style.QUIET)
            _draw_alternative(axes, row, other, misses, colour, few=few)
        for arm, colour in colours.items():
            axes.plot([], [], "o", color=colour, label=short(arm))
        axes.set_title("")
        axes.set_xlabel(", ".join(filter(None, named(other))))
        axes.set_ylabel(", ".join(filter(None, named(misses))) if place == 0 else "")
        axes.margins(0.1)
    legend(figure)
    return figure


def _draw_alternative(
    axes: Axes, row: Mapping[Hashable, Any], across: str, up: str, colour: str, *, few: bool
) -> None:
    dominated = row["status"] == "dominated"
    if few:
        axes.hlines(row[up], row[f"{across}_low"], row[f"{across}_high"], color=style.FAINT)
        axes.vlines(row[across], row[f"{up}_low"], row[f"{up}_high"], color=style.FAINT)
    face = colour if row["status"] == "on the front" else style.PAPER
    alpha, size = (0.35, 5) if dominated else (1.0, 9)
    axes.plot(row[across], row[up], "o", color=colour, markerfacecolor=face, alpha=alpha, markersize=size)


@style.styled()
def regret(analysis: Analysis) -> Figure:
    """Draw the mean and the largest regret of each arm, and in how many worlds it is best."""
    table = analysis.tables["regret"]
    figure = asked(
        analysis,
        "Which arm would be regretted least?",
        "How much worse an arm is than the best one for that world. Dot: mean over worlds. Diamond: the worst world.\n"
        "Lines: 95 % over seeds. Beside it: share of worlds in which no arm is better.",
    )
    arms = list(dict.fromkeys(table["arm"]))[:MOST_ROWS]
    for axes, outcome in panels(figure, analysis.outcomes, [short(arm) for arm in arms]):
        own = table[table["outcome"] == outcome].set_index("arm")
        for row, arm in enumerate(arms):
            if arm not in own.index:
                continue
            about = own.loc[arm]
            for kind, marker, colour, shift in (
                ("mean", "o", style.BLUE, -0.1),
                ("max", "D", style.VERMILION, 0.1),
            ):
                axes.hlines(
                    row + shift, about[f"{kind}_low"], about[f"{kind}_high"], color=colour, linewidth=1.5
                )
                axes.plot(about[kind], row + shift, marker, color=colour)
            axes.annotate(
                f"best in {100 * about['best']:.0f} %", (1, row - 0.32), xycoords=("axes fraction", "data"),
                ha="right", va="center", color=style.QUIET, fontsize=11,
            )  # fmt: skip
        axes.set_xlim(left=0)
    return figure
