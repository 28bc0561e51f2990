"""Figures of a sweep: Sobol and Morris indices, and their convergence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.plot import registry, style
from cpsim.plot.panels import (
    COLOURS,
    add_legend,
    add_panels,
    create_sweep_figure,
    label_setting,
    label_sizes,
    set_log_ticks,
    title_differences,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.figure import Figure

    from cpsim.results.analysis import Analysis


@registry.figure(
    of="sweep",
    question="Which settings make the outcome uncertain?",
    order=30,
)
@style.use_style()
def sobol(analysis: Analysis) -> Figure:
    """Draw the first-order and total Sobol indices of the first arm.

    Raises:
        KeyError: the analysis has no table `sobol`; `list_sweep_figures` lists what can be drawn.

    >>> sobol(analysis).texts[0].get_text()
    'Which settings make the outcome uncertain?'
    """
    table = _select_first_arm(analysis.tables["sobol"])
    last = table[table["base_points"] == table["base_points"].max()]
    figure = create_sweep_figure(
        analysis,
        "Which settings make the outcome uncertain?",
        "Share of the variance that is due to a setting: alone (dark, first-order index) and with its interactions\n"
        "(light, total index). Lines: 95% intervals.",
    )
    settings = _list_strongest(last, analysis.outcomes, "total")
    for axes, outcome in add_panels(
        figure, analysis.outcomes, [label_setting(analysis, name) for name in settings]
    ):
        own = last[last["outcome"] == outcome].set_index("setting").reindex(settings)
        for kind, colour, shift in (("total", style.SKY, 0.16), ("first", style.BLUE, -0.16)):
            rows = np.arange(len(settings)) + shift
            axes.barh(rows, own[kind].clip(lower=0), height=0.3, color=colour)
            axes.hlines(rows, own[f"{kind}_low"], own[f"{kind}_high"], color=style.INK, linewidth=1.2)
        axes.set_xlim(left=min(0.0, float(own["first_low"].min())) if own["first_low"].notna().any() else 0)
    return figure


@registry.figure(
    of="sweep",
    question="Have the indices converged?",
    order=40,
    section="sobol",
)
@style.use_style()
def sobol_settling(analysis: Analysis) -> Figure:
    """Draw the total Sobol indices by number of base points.

    Raises:
        KeyError: the analysis has no table `sobol`; `list_sweep_figures` lists what can be drawn.

    >>> sobol_settling(analysis).texts[0].get_text()
    'Have the indices converged?'
    """
    table = _select_first_arm(analysis.tables["sobol"])
    size = table["base_points"]
    figure = create_sweep_figure(
        analysis,
        "Have the indices converged?",
        "Total index from the first base points of the design, up to all of them; band: 95%.",
    )
    settings = _list_strongest(table[size == size.max()], analysis.outcomes, "total")
    for axes, outcome in add_panels(figure, analysis.outcomes, ()):
        for colour, setting in zip(COLOURS, settings, strict=False):
            own = table[(table["outcome"] == outcome) & (table["setting"] == setting)]
            axes.fill_between(
                own["base_points"], own["total_low"], own["total_high"], color=colour, alpha=0.15, linewidth=0
            )
            axes.plot(
                own["base_points"], own["total"], "o-", color=colour, label=label_setting(analysis, setting)
            )
        axes.set_xscale("log")
        axes.set_xlabel("base points")
        set_log_ticks(axes, np.unique(size))
    add_legend(figure)
    return figure


@registry.figure(
    of="sweep",
    question="Which settings have any effect?",
    order=50,
)
@style.use_style()
def morris(analysis: Analysis) -> Figure:
    """Draw the size of each setting's effect (mu star) against its variation (sigma).

    Raises:
        KeyError: the analysis has no table `morris`; `list_sweep_figures` lists what can be drawn.

    >>> morris(analysis).texts[0].get_text()
    'Which settings have any effect?'
    """
    table = _select_first_arm(analysis.tables["morris"])
    last = table[table["trajectories"] == table["trajectories"].max()]
    figure = create_sweep_figure(
        analysis,
        "Which settings have any effect?",
        "Horizontal: mean size of the change over a setting's whole range, with its 95% interval. Vertical: its\n"
        "standard deviation; above the line the effect is mostly non-linear or depends on other settings.",
    )
    settings = _list_strongest(last, analysis.outcomes, "mu_star")
    colours = dict(zip(settings, COLOURS, strict=False))
    for axes, outcome in add_panels(figure, analysis.outcomes, ()):
        own = last[last["outcome"] == outcome]
        reach = 1.1 * float(max(own["mu_star_high"].max(), own["sigma"].max(), 1e-12))
        axes.plot([0, reach], [0, reach], color=style.FAINT, linewidth=1, zorder=0)
        for row in own.to_dict("records"):
            colour = colours.get(row["setting"], style.FAINT)
            axes.hlines(row["sigma"], max(row["mu_star_low"], 0), row["mu_star_high"], color=colour)
            axes.plot(
                row["mu_star"], row["sigma"], "o", color=colour, label=label_setting(analysis, row["setting"])
            )
        title_differences(axes, outcome)
        label_sizes(axes.xaxis, outcome)
        label_sizes(axes.yaxis, outcome)
        axes.set_xlim(0, reach)
        axes.set_ylim(-0.03 * reach, reach)
    add_legend(figure)
    return figure


def _list_strongest(table: pd.DataFrame, outcomes: Sequence[str], value: str) -> list[str]:
    """List settings by their largest share of any outcome's largest value, at most one for each colour."""
    own = table[table["outcome"].isin(outcomes)]
    shares = own[value] / own.groupby("outcome")[value].transform("max")
    ranked = shares.groupby(own["setting"]).max().sort_values(ascending=False)
    return [str(name) for name in ranked.index[: len(COLOURS)]]


def _select_first_arm(table: pd.DataFrame) -> pd.DataFrame:
    rows: pd.DataFrame = table[table["arm"] == table["arm"].iloc[0]]
    return rows
