"""Figures of a sweep that compare its arms: differences, Pareto front and regret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.analysis.tones import judge_tone
from cpsim.formatting import format_percent
from cpsim.plot import registry, style
from cpsim.plot.outcomes import label_outcome
from cpsim.plot.panels import (
    COLOURS,
    MOST_ROWS,
    add_legend,
    add_panels,
    create_sweep_figure,
    draw_estimate,
    label_differences,
    label_values,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results.analysis import Analysis


_COLOURS_OF_TONES = {"better": style.BETTER, "worse": style.WORSE, "none": style.INK}


@registry.figure(
    of="sweep",
    question="What does each arm change?",
    order=10,
    name="differences",
)
@style.use_style()
def arm_differences(analysis: Analysis) -> Figure:
    """Draw the mean difference of each arm over all points, and behind it the difference at each point.

    Raises:
        KeyError: the analysis has no table `differences`; `list_sweep_figures` lists what can be drawn.

    A panel for each outcome:

    >>> len(arm_differences(analysis).axes) == len(analysis.outcomes)
    True
    """
    table, by_point = analysis.tables["differences"], analysis.tables["differences_by_point"]
    pairing = " on the same children" if table["paired"].all() else ", unpaired if an arm has other children"
    arms = list(dict.fromkeys(table["arm"]))[:MOST_ROWS]
    figure = create_sweep_figure(
        analysis,
        "What does each arm change?",
        f"Difference from the first arm{pairing}, averaged over all points, with 95% intervals that hold together.\n"
        "Filled: shown; blue: better, orange: worse, unless something else explains it. Small dots: single points.",
        len(arms),
    )
    jitter = np.random.default_rng(0)
    for axes, outcome in add_panels(figure, analysis.outcomes, [style.format_name(arm) for arm in arms]):
        own = table[table["outcome"] == outcome].set_index("arm", drop=False)
        for row, arm in enumerate(arms):
            each = by_point[(by_point["outcome"] == outcome) & (by_point["arm"] == arm)]["difference"]
            heights = row + 0.13 + 0.2 * jitter.random(len(each))
            axes.plot(
                each, heights, ".", color=style.QUIET, alpha=0.5, markersize=5, rasterized=True, zorder=1
            )
            tone = judge_tone(own.loc[arm].to_dict(), table)
            draw_estimate(axes, row, own.loc[arm], "difference", _COLOURS_OF_TONES[tone])
        label_differences(axes, outcome)
    return figure


@registry.figure(
    of="sweep",
    question="Which alternatives are on the Pareto front?",
    order=80,
)
@style.use_style()
def pareto(analysis: Analysis) -> Figure:
    """Draw the first outcome against each of the others, and mark the alternatives on the Pareto front.

    Raises:
        KeyError: the analysis has no table `pareto`; `list_sweep_figures` lists what can be drawn.

    >>> pareto(analysis).texts[0].get_text()
    'Which alternatives are on the Pareto front?'
    """
    table = analysis.tables["pareto"]
    few = len(table) <= MOST_ROWS
    lines = " Lines: 95% over seeds." if few else ""
    figure = create_sweep_figure(
        analysis,
        "Which alternatives are on the Pareto front?",
        "Filled: on the front. Large and hollow: undecided, because the differences are within chance.\n"
        f"Small and pale: dominated (another is as good in every outcome and better in one).{lines}",
    )
    misses, *others = (name for name in analysis.outcomes if name in table)
    drawn = table.reset_index()
    arms = list(dict.fromkeys(drawn["arm"])) if "arm" in drawn else [""]
    colours = dict(zip(arms, COLOURS, strict=False))
    for place, (axes, other) in enumerate(add_panels(figure, others, ())):
        for row in drawn.to_dict("records"):
            colour = colours.get(row.get("arm", ""), style.QUIET)
            _draw_alternative(axes, row, other, misses, colour, few=few)
        for arm, colour in colours.items():
            axes.plot([], [], "o", color=colour, label=style.format_name(arm))
        axes.set_title("")
        label_values(axes.xaxis, other)
        label_values(axes.yaxis, misses)
        axes.set_xlabel(", ".join(filter(None, label_outcome(other))))
        axes.set_ylabel(", ".join(filter(None, label_outcome(misses))) if place == 0 else "")
        axes.margins(0.1)
    add_legend(figure)
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


@registry.figure(
    of="sweep",
    question="Which arm has the least regret?",
    order=90,
)
@style.use_style()
def regret(analysis: Analysis) -> Figure:
    """Draw the mean and the largest regret of each arm, and the share of points at which it is best.

    Raises:
        KeyError: the analysis has no table `regret`; `list_sweep_figures` lists what can be drawn.

    >>> regret(analysis).texts[0].get_text()
    'Which arm has the least regret?'
    """
    table = analysis.tables["regret"]
    arms = list(dict.fromkeys(table["arm"]))[:MOST_ROWS]
    figure = create_sweep_figure(
        analysis,
        "Which arm has the least regret?",
        "Regret: how much worse an arm is than the best arm at the same point. Dot: mean over points. Diamond: worst\n"
        "point. Lines: 95% over seeds. Text: share of points at which no arm is better.",
        len(arms),
    )
    for axes, outcome in add_panels(figure, analysis.outcomes, [style.format_name(arm) for arm in arms]):
        own = table[table["outcome"] == outcome].set_index("arm")
        for row, arm in enumerate(arms):
            if arm not in own.index:
                continue
            values = own.loc[arm]
            for kind, marker, colour, shift in (
                ("mean", "o", style.BLUE, -0.1),
                ("max", "D", style.VERMILION, 0.1),
            ):
                axes.hlines(
                    row + shift, values[f"{kind}_low"], values[f"{kind}_high"], color=colour, linewidth=1.5
                )
                axes.plot(values[kind], row + shift, marker, color=colour)
            axes.annotate(
                f"best at {format_percent(values['best'])} of points", (1, row - 0.32),
                xycoords=("axes fraction", "data"),
                ha="right", va="center", color=style.QUIET, fontsize=11,
            )  # fmt: skip
        label_differences(axes, outcome)
        axes.set_xlim(left=0)
    return figure
