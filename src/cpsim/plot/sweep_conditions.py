"""Figure of a sweep: under which conditions an arm is worse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cpsim.plot import style
from cpsim.plot.outcomes import readable
from cpsim.plot.panels import BOTTOM, TOP, asked, short, stacked

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    import pandas as pd
    from matplotlib.figure import Figure

    from cpsim.results.analysis import Analysis


@style.styled()
def conditions(analysis: Analysis) -> Figure:
    """Draw the way to the surest box, and the box."""
    table = analysis.tables["conditions"].dropna(subset="by_chance")
    best = table[table["outcome"].isin(analysis.outcomes)].sort_values("by_chance", kind="stable").iloc[0]
    arm, outcome = best["arm"], best["outcome"]
    box = table[(table["arm"] == arm) & (table["outcome"] == outcome)].dropna(subset="setting")
    sure = (
        "seldom finds as good a box"
        if best["shown"]
        else "finds as good a box easily: no conditions are shown"
    )
    figure = asked(
        analysis,
        f"Under which conditions is {style.plain(arm)} worse?",
        f"Worse: {best['worse_is']} {readable(outcome)} than in the first arm on the same children, as at\n"
        f"{100 * best['worse_share']:.0f} % of {best['points']} points. Chance {sure} (p = {best['by_chance']:.2g}).",
    )
    _draw_way(figure, analysis.tables["conditions_way"], best)
    _draw_box(figure, box)
    return figure


def _draw_way(figure: Figure, ways: pd.DataFrame, best: pd.Series) -> None:
    way = ways[(ways["arm"] == best["arm"]) & (ways["outcome"] == best["outcome"])]
    axes = figure.add_axes((0.08, BOTTOM, 0.3, TOP - BOTTOM))
    axes.set_title("Peel by peel; large: the box", fontsize=12)
    axes.plot(way["coverage"], way["density"], "o-", color=style.SKY, markersize=4)
    axes.plot(best["coverage"], best["density"], "o", color=style.VERMILION, markersize=11)
    axes.set_xlim(0, 1.05)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel("share of worse points inside")
    axes.set_ylabel("share of points inside that are worse")


def _draw_box(figure: Figure, box: pd.DataFrame) -> None:
    axes = figure.add_axes((0.64, BOTTOM, 0.31, TOP - BOTTOM))
    axes.set_title("The box, within the ranges run", fontsize=12)
    axes.set_axis_off()
    axes.set_ylim(max(len(box), 4) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    if box.empty:
        axes.text(0, 0, "all of it: chance explains every limit", va="center", color=style.QUIET)
    for row, limit in enumerate(box.to_dict("records")):
        low, high = max(limit["low"], limit["lowest"]), min(limit["high"], limit["highest"])
        reach = limit["highest"] - limit["lowest"]
        axes.barh(row, 1, height=0.22, color=style.FAINT)
        axes.barh(
            row,
            (high - low) / reach,
            left=(low - limit["lowest"]) / reach,
            height=0.22,
            color=style.VERMILION,
        )
        axes.text(-0.03, row, stacked(short(limit["setting"])), ha="right", va="center")
        axes.text(0, row + 0.17, f"{limit['lowest']:.3g}", va="top", color=style.QUIET, fontsize=10)
        axes.text(
            1, row + 0.17, f"{limit['highest']:.3g}", va="top", ha="right", color=style.QUIET, fontsize=10
        )
        axes.text(0.5, row - 0.17, _between(limit), va="bottom", ha="center", fontsize=11)


def _between(limit: Mapping[Hashable, Any]) -> str:
    low, high = limit["low"], limit["high"]
    if math.isinf(low):
        return f"below {high:.3g}"
    return f"above {low:.3g}" if math.isinf(high) else f"{low:.3g} to {high:.3g}"
