"""Figure of a sweep: the conditions under which an arm is worse (PRIM)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.analysis.wording import format_limits
from cpsim.formatting import format_count, format_noun, format_number, format_percent
from cpsim.plot import registry, style
from cpsim.plot.panels import BOTTOM, TOP, create_sweep_figure, find_setting, fold, label_setting

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from cpsim.results.analysis import Analysis


@registry.figure(
    of="sweep",
    question="Under which conditions is an arm worse?",
    order=70,
    needs="conditions_way",
)
@style.use_style()
def conditions(analysis: Analysis) -> Figure:
    """Draw the box of conditions that chance explains least, and the steps that lead to it.

    Raises:
        KeyError: the analysis has no table `conditions`; `list_sweep_figures` lists what can be drawn.

    >>> conditions(analysis).texts[0].get_text()
    'Under which conditions is bound worse?'
    """
    table = analysis.tables["conditions"].dropna(subset="by_chance")
    best = table[table["outcome"].isin(analysis.outcomes)].sort_values("by_chance", kind="stable").iloc[0]
    arm, outcome = best["arm"], best["outcome"]
    box = table[(table["arm"] == arm) & (table["outcome"] == outcome)].dropna(subset="setting")
    chance = (
        "seldom gives as good a box"
        if best["shown"]
        else "often gives as good a box: no conditions are shown"
    )
    figure = create_sweep_figure(
        analysis,
        f"Under which conditions is {style.format_name(arm)} worse?",
        f"Worse: {format_noun(outcome)} is {best['worse_is']} than in the first arm on the same children;\n"
        f"{format_percent(best['worse_share'])} of {format_count(best['points'], 'point is', 'points are')} worse. "
        f"Chance {chance} (p = {format_number(best['by_chance'])}).",
    )
    _draw_steps(figure, analysis.tables["conditions_way"], best)
    _draw_box(figure, box, analysis)
    return figure


def _draw_steps(figure: Figure, ways: pd.DataFrame, best: pd.Series) -> None:
    steps = ways[(ways["arm"] == best["arm"]) & (ways["outcome"] == best["outcome"])]
    axes = figure.add_axes((0.08, BOTTOM, 0.3, TOP - BOTTOM))
    axes.set_title("Steps of the search; large: the box", fontsize=12)
    axes.plot(steps["coverage"], steps["density"], "o-", color=style.SKY, markersize=4)
    axes.plot(best["coverage"], best["density"], "o", color=style.VERMILION, markersize=11)
    axes.set_xlim(0, 1.05)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel("share of all worse points that are inside")
    axes.set_ylabel("share of points inside that are worse")


def _draw_box(figure: Figure, box: pd.DataFrame, analysis: Analysis) -> None:
    axes = figure.add_axes((0.64, BOTTOM, 0.31, TOP - BOTTOM))
    axes.set_title("The box, within the ranges of the sweep", fontsize=12)
    axes.set_axis_off()
    axes.set_ylim(max(len(box), 4) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    if box.empty:
        axes.text(0, 0, "the whole space: chance explains every limit", va="center", color=style.QUIET)
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
        axes.text(-0.03, row, fold(label_setting(analysis, limit["setting"])), ha="right", va="center")
        axes.text(0, row + 0.17, format_number(limit["lowest"]), va="top", color=style.QUIET, fontsize=10)
        axes.text(
            1,
            row + 0.17,
            format_number(limit["highest"]),
            va="top",
            ha="right",
            color=style.QUIET,
            fontsize=10,
        )
        axes.text(
            0.5,
            row - 0.17,
            format_limits(find_setting(analysis, limit["setting"]), limit).removeprefix("is "),
            va="bottom",
            ha="center",
            fontsize=11,
        )
