"""Panels side by side, one for each outcome of a sweep, and what stands beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.plot import style
from cpsim.plot.outcomes import named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results.analysis import Analysis

COLOURS = (style.BLUE, style.VERMILION, style.GREEN, style.ORANGE, style.PURPLE, style.SKY, style.INK)
MOST_ROWS = 12
BOTTOM, TOP = 0.13, 0.765
_LABELS = 0.25
"""Where panels begin that have names of settings beside them, as a share of the width."""


def asked(analysis: Analysis, title: str, subtitle: str) -> Figure:
    """An empty figure of a sweep that asks `title` and says in `subtitle` what is drawn."""
    return style.sheet(title, subtitle, style.plain(analysis.source))


def panels(figure: Figure, outcomes: Sequence[str], rows: Sequence[str]) -> Iterator[tuple[Axes, str]]:
    """A panel for each outcome, side by side; named rows, from the top down, stand beside the first."""
    left = _LABELS if rows else 0.08
    gap = 0.03 if rows else 0.06
    width = (1 - left - style.LEFT - gap * (len(outcomes) - 1)) / len(outcomes)
    for place, outcome in enumerate(outcomes):
        axes = figure.add_axes((left + place * (width + gap), BOTTOM, width, TOP - BOTTOM))
        axes.set_title(_title(outcome), fontsize=12)
        axes.locator_params(axis="x", nbins=4 if len(outcomes) < 3 else 3)
        if rows:
            axes.set_ylim(len(rows) - 0.4, -0.6)
            labels = [stacked(row) if place == 0 else "" for row in rows]
            axes.set_yticks(range(len(rows)), labels)
            axes.tick_params(axis="y", length=0)
            axes.spines["left"].set_visible(False)
        yield axes, outcome


def legend(figure: Figure) -> None:
    """Name the lines of the panels below them, where there are several; the panels make room."""
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


def plain_ticks(axes: Axes, values: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    """A logarithmic axis with a few whole numbers on it."""
    ends = (values[0], values[-1])
    chosen = [value for value in values if value in ends or value & (value - 1) == 0][-8:]
    axes.set_xticks(chosen, [f"{value}" for value in chosen])
    axes.minorticks_off()


def short(name: str) -> str:
    """A name for the margin: the end of a long path says more than its beginning."""
    return style.plain(name if len(name) <= 40 else f"…{name[-39:]}")


def stacked(path: str) -> str:
    """The last step of a long path below those before it."""
    before, dot, last = path.rpartition(".")
    return f"{before}{dot}\n{last}" if dot and len(path) > 22 else path


def _title(outcome: str) -> str:
    """The outcome and its unit, or its name on two lines."""
    name, unit = named(outcome)
    return f"{name},\n{unit}" if unit else _folded(name)


def _folded(text: str) -> str:
    words = text.split()
    if len(text) <= 26:
        return text
    half = next(count for count in range(1, len(words) + 1) if len(" ".join(words[:count])) >= len(text) / 2)
    return "\n".join([" ".join(words[:half]), " ".join(words[half:])]).strip()


def whisker(axes: Axes, row: float, estimate: pd.Series, value: str) -> None:
    """An estimate with its interval, in colour where a verdict is given."""
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
