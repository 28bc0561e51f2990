"""The figures of a run, a comparison and a sweep, by file name, and functions that save all of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cpsim.plot.comparison_children import children
from cpsim.plot.comparison_differences import differences
from cpsim.plot.comparison_flow import flow
from cpsim.plot.comparison_prevalence import prevalence
from cpsim.plot.comparison_trade_off import trade_off
from cpsim.plot.run_cascade import cascade
from cpsim.plot.run_funnel import funnel
from cpsim.plot.run_incidence import incidence
from cpsim.plot.run_network import network
from cpsim.plot.run_weeks import weeks
from cpsim.plot.saving import save
from cpsim.plot.sweep_arms import arm_differences, pareto, regret
from cpsim.plot.sweep_conditions import conditions
from cpsim.plot.sweep_effects import effects
from cpsim.plot.sweep_indices import morris, sobol, sobol_settling
from cpsim.plot.sweep_seeds import seeds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from matplotlib.figure import Figure

    from cpsim.results import RunResult
    from cpsim.results.analysis import Analysis
    from cpsim.results.comparison import Comparison

RUN_FIGURES: dict[str, Callable[[RunResult], Figure]] = {
    "cascade": cascade,
    "incidence": incidence,
    "funnel": funnel,
    "weeks": weeks,
    "network": network,
}
"""File name without suffix -> function that draws a run; the first is the one to open first."""

COMPARISON_FIGURES: dict[str, Callable[[Comparison], Figure]] = {
    "differences": differences,
    "trade_off": trade_off,
    "prevalence": prevalence,
}
"""File name without suffix -> function that draws all arms of a comparison; the first is the one to open first."""

ARM_FIGURES: dict[str, Callable[[Comparison, str], Figure]] = {"flow": flow, "children": children}
"""File name without suffix -> function that draws one arm of a comparison against the reference."""

SWEEP_FIGURES: dict[str, Callable[[Analysis], Figure]] = {
    "differences": arm_differences,
    "effects": effects,
    "sobol": sobol,
    "sobol_settling": sobol_settling,
    "morris": morris,
    "seeds": seeds,
    "conditions": conditions,
    "pareto": pareto,
    "regret": regret,
}
"""File name without suffix -> function that draws a sweep."""

_NEEDS = {"sobol_settling": "sobol", "conditions": "conditions_way"}
"""Figure of a sweep -> the table that it needs, if the table has another name."""


def list_comparison_figures(comparison: Comparison) -> dict[str, Callable[[], Figure]]:
    """List the figures of a comparison: file name without suffix -> function that draws it.

    Figures of one arm are numbered if there are several arms: `flow_1` shows the first arm after the reference.
    `prevalence` is listed only if the comparison has several prevalences.
    """
    figures: dict[str, Callable[[], Figure]] = {
        name: partial(draw, comparison)
        for name, draw in COMPARISON_FIGURES.items()
        if name != "prevalence" or len(comparison.prevalences) > 1
    }
    several = len(comparison.others) > 1
    for number, arm in enumerate(comparison.others, start=1):
        for name, draw in ARM_FIGURES.items():
            figures[f"{name}_{number}" if several else name] = partial(draw, comparison, arm)
    return figures


def save_figures(result: RunResult, folder: Path) -> None:
    """Save every figure of a run in `folder`, as PNG (150 dpi) and SVG; the folder is created if necessary.

    Raises:
        OSError: the folder or a file cannot be written.
    """
    _save({name: partial(draw, result) for name, draw in RUN_FIGURES.items()}, folder)


def save_comparison_figures(comparison: Comparison, folder: Path) -> None:
    """Save every figure of a comparison in `folder`, as PNG (150 dpi) and SVG; the folder is created if necessary.

    Raises:
        OSError: the folder or a file cannot be written.
    """
    _save(list_comparison_figures(comparison), folder)


def _save(figures: Mapping[str, Callable[[], Figure]], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in figures.items():
        figure = draw()
        for suffix in ("png", "svg"):
            save(figure, folder / f"{name}.{suffix}")


def list_sweep_figures(analysis: Analysis) -> list[str]:
    """List the names of the figures of a sweep for which its analysis has tables."""
    return [name for name in SWEEP_FIGURES if analysis.outcomes and _NEEDS.get(name, name) in analysis.tables]


def save_sweep_figures(analysis: Analysis, folder: Path) -> list[str]:
    """Save each figure for which the analysis has tables in `folder`, which must exist, as PNG (150 dpi).

    Returns:
        Names of the figures that were saved.

    Raises:
        OSError: a file cannot be written.
    """
    drawn = list_sweep_figures(analysis)
    for name in drawn:
        save(SWEEP_FIGURES[name](analysis), folder / f"{name}.png")
    return drawn
