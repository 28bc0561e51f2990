"""Which figures show a run and which a sweep, and how all of them are saved at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.plot.run_cascade import lost_where
from cpsim.plot.run_funnel import funnel
from cpsim.plot.run_network import network
from cpsim.plot.run_weeks import weeks
from cpsim.plot.saving import save
from cpsim.plot.sweep_arms import arm_differences, pareto, regret
from cpsim.plot.sweep_conditions import conditions
from cpsim.plot.sweep_effects import effects
from cpsim.plot.sweep_indices import morris, sobol, sobol_settling
from cpsim.plot.sweep_seeds import seeds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.figure import Figure

    from cpsim.results import RunResult
    from cpsim.results.analysis import Analysis

OF_RUN: dict[str, Callable[[RunResult], Figure]] = {
    "lost_where": lost_where,
    "funnel": funnel,
    "weeks": weeks,
    "network": network,
}
"""File name without its ending -> what draws a run; the first is the one to open first."""

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


def save_figures(result: RunResult, folder: Path) -> None:
    """Draw every figure of a run into `folder`, which is made if need be, as PNG (150 dpi) and SVG.

    Raises:
        OSError: the disk refuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in OF_RUN.items():
        figure = draw(result)
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
