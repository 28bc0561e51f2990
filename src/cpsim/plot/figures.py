"""The figures of a run, a comparison and a sweep, by file name, and functions that save all of them.

`cpsim.plot` describes the results that the examples use.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from cpsim.plot.registry import list_figures
from cpsim.plot.saving import DrawnFigure, save, save_both

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from matplotlib.figure import Figure

    from cpsim.results import RunResult
    from cpsim.results.analysis import Analysis
    from cpsim.results.comparison import Comparison

for _module in sorted(each.name for each in iter_modules([str(Path(__file__).parent)])):
    import_module(f"cpsim.plot.{_module}")

RUN_FIGURES: dict[str, Callable[[RunResult], Figure]] = {each.name: each.draw for each in list_figures("run")}
"""File name without suffix -> function that draws a run; the first is the one to open first."""

COMPARISON_FIGURES: dict[str, Callable[[Comparison], Figure]] = {
    each.name: each.draw for each in list_figures("comparison")
}
"""File name without suffix -> function that draws all arms of a comparison; the first is the one to open first."""

ARM_FIGURES: dict[str, Callable[[Comparison, str], Figure]] = {
    each.name: each.draw for each in list_figures("arm")
}
"""File name without suffix -> function that draws one arm of a comparison against the reference."""

SWEEP_FIGURES: dict[str, Callable[[Analysis], Figure]] = {
    each.name: each.draw for each in list_figures("sweep")
}
"""File name without suffix -> function that draws a sweep."""


def list_run_figures(result: RunResult) -> dict[str, Callable[[], Figure]]:
    """List the figures of a run that apply to it: file name without suffix -> function that draws it.

    >>> list_run_figures(result)["funnel"]().texts[0].get_text()
    'How far does a concern get?'
    """
    return {each.name: partial(each.draw, result) for each in list_figures("run") if each.applies(result)}


def list_comparison_figures(comparison: Comparison) -> dict[str, Callable[[], Figure]]:
    """List the figures of a comparison that apply to it: file name without suffix -> function that draws it.

    Figures of one arm are numbered if there are several arms: `flow_1` shows the first arm after the reference.
    `prevalence` is listed only if the comparison has several prevalences.

    >>> [name for name in list_comparison_figures(comparison) if name.startswith("flow")]
    ['flow_1', 'flow_2']
    """
    figures: dict[str, Callable[[], Figure]] = {
        each.name: partial(each.draw, comparison)
        for each in list_figures("comparison")
        if each.applies(comparison)
    }
    for arm in comparison.others:
        for each in list_figures("arm"):
            if each.applies(comparison):
                figures[name_arm_figure(comparison, arm, each.name)] = partial(each.draw, comparison, arm)
    return figures


def name_arm_figure(comparison: Comparison, arm: str, name: str) -> str:
    """Return the file name of a figure of one arm: with the number of the arm if there are several."""
    return f"{name}_{comparison.others.index(arm) + 1}" if len(comparison.others) > 1 else name


def save_figures(result: RunResult, folder: Path) -> dict[str, DrawnFigure]:
    """Save every figure of a run in `folder`, as PNG (150 dpi) and SVG; the folder is created if necessary.

    Returns:
        The figures by file name without suffix, for the report.

    Raises:
        OSError: the folder or a file cannot be written.
    """
    return _save(list_run_figures(result), folder)


def save_comparison_figures(comparison: Comparison, folder: Path) -> dict[str, DrawnFigure]:
    """Save every figure of a comparison in `folder`, as PNG (150 dpi) and SVG; the folder is created if necessary.

    Returns:
        The figures by file name without suffix, for the report.

    Raises:
        OSError: the folder or a file cannot be written.
    """
    return _save(list_comparison_figures(comparison), folder)


def _save(figures: Mapping[str, Callable[[], Figure]], folder: Path) -> dict[str, DrawnFigure]:
    folder.mkdir(parents=True, exist_ok=True)
    return {name: save_both(draw(), folder, name) for name, draw in figures.items()}


def list_sweep_figures(analysis: Analysis) -> list[str]:
    """List the names of the figures of a sweep for which its analysis has tables.

    >>> "effects" in list_sweep_figures(analysis)
    True
    """
    return [each.name for each in list_figures("sweep") if analysis.outcomes and each.applies(analysis)]


def group_by_section(names: Iterable[str]) -> dict[str, list[str]]:
    """Group figures of a sweep by the table whose section they belong to.

    >>> group_by_section(["sobol", "sobol_settling"])
    {'sobol': ['sobol', 'sobol_settling']}
    """
    wanted = set(names)
    groups: dict[str, list[str]] = {}
    for each in list_figures("sweep"):
        if each.name in wanted:
            groups.setdefault(each.section, []).append(each.name)
    return groups


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
