"""Figures of a sweep: Sobol and Morris indices, and whether they have settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.plot import style
from cpsim.plot.panels import COLOURS, asked, legend, panels, plain_ticks, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.figure import Figure

    from cpsim.results.analysis import Analysis


@style.styled()
def sobol(analysis: Analysis) -> Figure:
    """Draw first-order and total indices of the first arm."""
    table = _of_first_arm(analysis.tables["sobol"])
    last = table[table["base_points"] == table["base_points"].max()]
    figure = asked(
        analysis,
        "Which settings make the outcome uncertain?",
        "Share of the variance that goes when a setting is known (dark: alone), or stays when all others are\n"
        "(light: with its interactions). Lines: 95 % intervals.",
    )
    settings = _strongest(last, analysis.outcomes, "total")
    for axes, outcome in panels(figure, analysis.outcomes, [short(name) for name in settings]):
        own = last[last["outcome"] == outcome].set_index("setting").reindex(settings)
        for kind, colour, shift in (("total", style.SKY, 0.16), ("first", style.BLUE, -0.16)):
            rows = np.arange(len(settings)) + shift
            axes.barh(rows, own[kind].clip(lower=0), height=0.3, color=colour)
            axes.hlines(rows, own[f"{kind}_low"], own[f"{kind}_high"], color=style.INK, linewidth=1.2)
        axes.set_xlim(left=min(0.0, float(own["first_low"].min())) if own["first_low"].notna().any() else 0)
    return figure


@style.styled()
def sobol_settling(analysis: Analysis) -> Figure:
    """Draw how total indices settle as base points are added."""
    table = _of_first_arm(analysis.tables["sobol"])
    size = table["base_points"]
    figure = asked(
        analysis,
        "Have the indices settled?",
        "Total index from the first base points of the design and from all; band: 95 %.",
    )
    settings = _strongest(table[size == size.max()], analysis.outcomes, "total")
    for axes, outcome in panels(figure, analysis.outcomes, ()):
        for colour, setting in zip(COLOURS, settings, strict=False):
            own = table[(table["outcome"] == outcome) & (table["setting"] == setting)]
            axes.fill_between(
                own["base_points"], own["total_low"], own["total_high"], color=colour, alpha=0.15, linewidth=0
            )
            axes.plot(own["base_points"], own["total"], "o-", color=colour, label=short(setting))
        axes.set_xscale("log")
        axes.set_xlabel("base points")
        plain_ticks(axes, np.unique(size))
    legend(figure)
    return figure


@style.styled()
def morris(analysis: Analysis) -> Figure:
    """Draw how strong and how uneven the effect of each setting is."""
    table = _of_first_arm(analysis.tables["morris"])
    last = table[table["trajectories"] == table["trajectories"].max()]
    figure = asked(
        analysis,
        "Which settings matter at all?",
        "Across: mean size of the change over a setting's whole range, with its 95 % interval.\n"
        "Up: how much that change differs from place to place; above the line it is mostly crooked or shared.",
    )
    settings = _strongest(last, analysis.outcomes, "mu_star")
    colours = dict(zip(settings, COLOURS, strict=False))
    for axes, outcome in panels(figure, analysis.outcomes, ()):
        own = last[last["outcome"] == outcome]
        reach = 1.1 * float(max(own["mu_star_high"].max(), own["sigma"].max(), 1e-12))
        axes.plot([0, reach], [0, reach], color=style.FAINT, linewidth=1, zorder=0)
        for row in own.to_dict("records"):
            colour = colours.get(row["setting"], style.FAINT)
            axes.hlines(row["sigma"], max(row["mu_star_low"], 0), row["mu_star_high"], color=colour)
            axes.plot(row["mu_star"], row["sigma"], "o", color=colour, label=short(row["setting"]))
        axes.set_xlim(0, reach)
        axes.set_ylim(-0.03 * reach, reach)
    legend(figure)
    return figure


def _strongest(table: pd.DataFrame, outcomes: Sequence[str], value: str) -> list[str]:
    """Settings in the order of their largest share of any outcome's largest value, as many as there are colours."""
    own = table[table["outcome"].isin(outcomes)]
    shares = own[value] / own.groupby("outcome")[value].transform("max")
    ranked = shares.groupby(own["setting"]).max().sort_values(ascending=False)
    return [str(name) for name in ranked.index[: len(COLOURS)]]


def _of_first_arm(table: pd.DataFrame) -> pd.DataFrame:
    of_first: pd.DataFrame = table[table["arm"] == table["arm"].iloc[0]]
    return of_first
