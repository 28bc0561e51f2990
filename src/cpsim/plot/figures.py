"""The four figures of a run that are worth showing in a seminar, and how they are saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.plot import style
from cpsim.plot.cascade import lost_where
from cpsim.plot.funnel import funnel
from cpsim.plot.network import network
from cpsim.plot.weeks import weeks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.figure import Figure

    from cpsim.results import RunResult

__all__ = ["FIGURES", "funnel", "lost_where", "network", "save_figures", "weeks"]

FIGURES: dict[str, Callable[[RunResult], Figure]] = {
    "lost_where": lost_where,
    "funnel": funnel,
    "weeks": weeks,
    "network": network,
}
"""File name without its ending -> what draws it; the first is the one to open first."""


@style.styled()
def save_figures(result: RunResult, folder: Path) -> None:
    """Draw every figure into `folder`, which is made if need be, as PNG (150 dpi) and SVG.

    Raises:
        OSError: the disk refuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in FIGURES.items():
        figure = draw(result)
        for ending in ("png", "svg"):
            style.save(figure, folder / f"{name}.{ending}")
