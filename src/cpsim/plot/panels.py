"""Figures of a sweep with one panel for each outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.plot import style
from cpsim.plot.outcomes import label_outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results.analysis import Analysis

COLOURS = (style.BLUE, style.VERMILION, style.GREEN, style.ORANGE, style.PURPLE, style.SKY, style.INK)
MOST_ROWS = 12
BOTTOM, TOP = 0.13, 0.745
_LABELS = 0.25
"""Left edge of the first panel where rows are named, as a share of the width."""


def create_sweep_figure(analysis: Analysis, title: str, subtitle: str) -> Figure:
    """Create an empty figure of a sweep, with the question `title` and the description `subtitle`."""
    return style.create_figure(title, subtitle, style.format_name(analysis.source))


def add_panels(figure: Figure, outcomes: Sequence[str], rows: Sequence[str]) -> Iterator[tuple[Axes, str]]:
    """Add a panel for each outcome, side by side, and yield each with its outcome.

    Args:
        figure: the figure to add them to.
        outcomes: names of the outcomes.
        rows: names of the rows from top to bottom, written next to the first panel; none for panels without rows.
    """
    left = _LABELS if rows else 0.08
    gap = 0.03 if rows else 0.06
    width = (1 - left - style.LEFT - gap * (len(outcomes) - 1)) / len(outcomes)
    for place, outcome in enumerate(outcomes):
        axes = figure.add_axes((left + place * (width + gap), BOTTOM, width, TOP - BOTTOM))
        axes.set_title(_format_title(outcome), fontsize=12)
        axes.locator_params(axis="x", nbins=4 if len(outcomes) < 3 else 3)
        if rows:
            axes.set_ylim(len(rows) - 0.4, -0.6)
            labels = [stack_path(row) if place == 0 else "" for row in rows]
            axes.set_yticks(range(len(rows)), labels)
            axes.tick_params(axis="y", length=0)
            axes.spines["left"].set_visible(False)
        yield axes, outcome


def add_legend(figure: Figure) -> None:
    """Add a legend below the panels if the first has several labelled series, and shorten the panels to fit it."""
    handles, labels = figure.axes[0].get_legend_handles_labels()
    if len(labels) > 1:
        figure.legend(
            handles,
            labels,
            loc="lower left",
            bbox_to_anchor=(style.LEFT, 0.035),
            ncols=4,
            frameon=False,
            fontsize=11,
        )
        for axes in figure.axes:
            box = axes.get_position()
            axes.set_position((box.x0, box.y0 + 0.07, box.width, box.height - 0.07))


def set_log_ticks(axes: Axes, values: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    """Label a logarithmic x axis with its end values and powers of 2, at most eight numbers."""
    ends = (values[0], values[-1])
    chosen = [value for value in values if value in ends or value & (value - 1) == 0][-8:]
    axes.set_xticks(chosen, [f"{value}" for value in chosen])
    axes.minorticks_off()


def shorten_path(name: str) -> str:
    """Shorten the path of a setting from its left, because its end is more specific.

    >>> shorten_path("network.trust_start")
    'network.trust_start'
    """
    return style.format_name(name if len(name) <= 40 else f"…{name[-39:]}")


def stack_path(path: str) -> str:
    r"""Write the last part of a long path on a second line.

    >>> stack_path("front_door.referral_threshold")
    'front_door.\nreferral_threshold'
    """
    before, dot, last = path.rpartition(".")
    return f"{before}{dot}\n{last}" if dot and len(path) > 22 else path


def _format_title(outcome: str) -> str:
    """Write the outcome and its unit on separate lines, and fold a long name."""
    name, unit = label_outcome(outcome)
    return f"{_fold(name)},\n{unit}" if unit else _fold(name)


def _fold(text: str) -> str:
    words = text.split()
    if len(text) <= 26:
        return text
    half = next(count for count in range(1, len(words) + 1) if len(" ".join(words[:count])) >= len(text) / 2)
    return "\n".join([" ".join(words[:half]), " ".join(words[half:])]).strip()


def draw_estimate(axes: Axes, row: float, estimate: pd.Series, value: str) -> None:
    """Draw an estimate with its interval: blue if a difference is shown, else grey with a hollow dot."""
    shown = estimate["verdict"] not in ("no difference shown", "cannot be said")
    colour = style.BLUE if shown else style.QUIET
    axes.hlines(row, estimate["low"], estimate["high"], color=colour, linewidth=2)
    axes.plot(
        estimate[value],
        row,
        "o",
        color=colour,
        markerfacecolor=colour if shown else style.PAPER,
        markersize=8,
    )
