"""Which figures show a run, a comparison and a sweep, and how all of them are saved at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cpsim.plot.comparison_children import children
from cpsim.plot.comparison_differences import differences
from cpsim.plot.comparison_flow import flow
from cpsim.plot.comparison_prevalence import prevalence
from cpsim.plot.comparison_trade_off import trade_off
from cpsim.plot.run_cascade import lost_where
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

OF_RUN: dict[str, Callable[[RunResult], Figure]] = {
    "lost_where": lost_where,
    "incidence": incidence,
    "funnel": funnel,
    "weeks": weeks,
    "network": network,
}
"""File name without its ending -> what draws a run; the first is the one to open first."""

OF_ARMS: dict[str, Callable[[Comparison], Figure]] = {
    "differences": differences,
    "trade_off": trade_off,
    "prevalence": prevalence,
}
"""File name without its ending -> what draws all arms of a comparison; the first is the one to open first."""

OF_ARM: dict[str, Callable[[Comparison, str], Figure]] = {"flow": flow, "children": children}
"""File name without its ending -> what draws one arm of a comparison beside the reference."""

OF_SWEEP: dict[str, Callable[[Analysis], Figure]] = {
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
"""File name without its ending -> what draws a sweep."""

_NEEDS = {"sobol_settling": "sobol", "conditions": "conditions_way"}
"""Tables that figures of a sweep need, where they are called differently."""


def of_comparison(comparison: Comparison) -> dict[str, Callable[[], Figure]]:
    """What draws a comparison, by file name without its ending, the one to open first before the others.

    Several arms have numbers: `flow_1` is of the first after the reference. Prevalences are drawn where there are
    several.
    """
    own: dict[str, Callable[[], Figure]] = {
        name: partial(draw, comparison)
        for name, draw in OF_ARMS.items()
        if name != "prevalence" or len(comparison.prevalences) > 1
    }
    several = len(comparison.others) > 1
    for number, arm in enumerate(comparison.others, start=1):
        for name, draw in OF_ARM.items():
            own[f"{name}_{number}" if several else name] = partial(draw, comparison, arm)
    return own


def save_figures(result: RunResult, folder: Path) -> None:
    """Draw every figure of a run into `folder`, which is made if need be, as PNG (150 dpi) and SVG.

    Raises:
        OSError: the disk refuses.
    """
    _save({name: partial(draw, result) for name, draw in OF_RUN.items()}, folder)


def save_comparison_figures(comparison: Comparison, folder: Path) -> None:
    """The same for a comparison.

    Raises:
        OSError: the disk refuses.
    """
    _save(of_comparison(comparison), folder)


def _save(figures: Mapping[str, Callable[[], Figure]], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in figures.items():
        figure = draw()
        for ending in ("png", "svg"):
            save(figure, folder / f"{name}.{ending}")


def possible(analysis: Analysis) -> list[str]:
    """Names of the figures of a sweep for which its analysis has tables."""
    return [name for name in OF_SWEEP if analysis.outcomes and _NEEDS.get(name, name) in analysis.tables]


def save_sweep_figures(analysis: Analysis, folder: Path) -> list[str]:
    """Draw what there are tables for into `folder`, which exists, as PNG (150 dpi).

    Returns:
        The names of the figures that were drawn.

    Raises:
        OSError: the disk refuses.
    """
    drawn = possible(analysis)
    for name in drawn:
        save(OF_SWEEP[name](analysis), folder / f"{name}.png")
    return drawn
