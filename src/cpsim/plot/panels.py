"""Figures of a sweep with one panel for each outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.formatting import (
    UNDEFINED,
    format_difference,
    format_interval,
    format_magnitude,
    format_outcome,
    format_tick,
)
from cpsim.measures.outcomes import OUTCOMES
from cpsim.measures.outcomes.registry import POINTS
from cpsim.plot import style
from cpsim.plot.outcomes import label_outcome
from cpsim.results.verdicts import CANNOT_BE_SAID, NOT_SHOWN
from cpsim.scenario.descriptions import SettingDescription

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

    from cpsim.results.analysis import Analysis

COLOURS = (style.BLUE, style.VERMILION, style.GREEN, style.ORANGE, style.PURPLE, style.SKY, style.INK)
MOST_ROWS = 12
HEIGHT = style.SIZE[1]
BOTTOM, TOP = 0.13, 0.745
"""Edges of the panels of a figure of the usual height, as shares of it."""
_LABELS = 0.25
"""Left edge of the first panel where rows are named, as a share of the width."""
_LEAST_HEIGHT, _ROW_HEIGHT = 4.3, 0.6
_BELOW, _ABOVE = BOTTOM * HEIGHT, (1 - TOP) * HEIGHT
_FOLD, _LONGEST_NAME = 24, 40


def create_sweep_figure(analysis: Analysis, title: str, subtitle: str, rows: int = MOST_ROWS) -> Figure:
    """Create an empty figure of a sweep, with the question `title` and the description `subtitle`.

    Args:
        analysis: the analysis of the sweep.
        title: the question that the figure answers.
        subtitle: what is shown, in one or two lines.
        rows: number of rows of its panels; with few rows the figure is lower than usual.
    """
    figure = style.create_figure(title, subtitle, style.format_name(analysis.source))
    height = min(max(_BELOW + _ABOVE + _ROW_HEIGHT * rows, _LEAST_HEIGHT), HEIGHT)
    for text in figure.texts:
        y = text.get_position()[1]
        text.set_y(y * HEIGHT / height if y < 0.5 else 1 - (1 - y) * HEIGHT / height)
    figure.set_size_inches(style.SIZE[0], height)
    return figure


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
    bottom, top = _BELOW / figure.get_figheight(), 1 - _ABOVE / figure.get_figheight()
    for place, outcome in enumerate(outcomes):
        axes = figure.add_axes((left + place * (width + gap), bottom, width, top - bottom))
        axes.set_title(_format_title(outcome), fontsize=12)
        axes.locator_params(axis="x", nbins=4 if len(outcomes) < 3 else 3)
        if rows:
            axes.set_ylim(len(rows) - 0.4, -0.6)
            labels = [fold(row, _FOLD) if place == 0 else "" for row in rows]
            axes.set_yticks(range(len(rows)), labels)
            axes.tick_params(axis="y", length=0)
            axes.spines["left"].set_visible(False)
        yield axes, outcome


def label_differences(axes: Axes, outcome: str) -> None:
    """Label the horizontal axis of differences in an outcome with their signs, and the panel with their unit."""
    title_differences(axes, outcome)
    axes.xaxis.set_major_formatter(lambda value, _: format_tick(outcome, value))
    axes.axvline(0, color=style.QUIET, linewidth=1, zorder=0)


def title_differences(axes: Axes, outcome: str) -> None:
    """Write the outcome and the unit of its differences above a panel."""
    unit = POINTS if OUTCOMES[outcome].is_share else OUTCOMES[outcome].axis
    name = fold(OUTCOMES[outcome].label)
    axes.set_title(f"{name},\n{unit}" if unit else name, fontsize=12)


def label_values(axis: Axis, outcome: str) -> None:
    """Label an axis of values of an outcome in its unit."""
    axis.set_major_formatter(lambda value, _: format_outcome(outcome, value))


def label_sizes(axis: Axis, outcome: str) -> None:
    """Label an axis of sizes of differences in an outcome, without the unit."""
    axis.set_major_formatter(lambda value, _: format_magnitude(outcome, value, unit=False))


def find_setting(analysis: Analysis, path: str) -> SettingDescription:
    """Find the description of a setting; one that the analysis does not describe has its path as name.

    Args:
        analysis: the analysis, with its settings.
        path: path of the setting.
    """
    return analysis.settings.get(path) or SettingDescription(path, path, "", "")


def label_setting(analysis: Analysis, path: str) -> str:
    """Name a setting in words, short enough for a label."""
    return style.format_name(find_setting(analysis, path).name, _LONGEST_NAME)


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


def _format_title(outcome: str) -> str:
    """Write the outcome and its unit on separate lines, and fold a long name."""
    name, unit = label_outcome(outcome)
    return f"{fold(name)},\n{unit}" if unit else fold(name)


def fold(text: str, longest: int = 26) -> str:
    r"""Write a text of more than `longest` characters on two lines of similar length.

    >>> fold("evidence at which a contact becomes a referral")
    'evidence at which a contact\nbecomes a referral'
    """
    words = text.split()
    if len(text) <= longest or "\n" in text:
        return text
    half = next(count for count in range(1, len(words) + 1) if len(" ".join(words[:count])) >= len(text) / 2)
    return "\n".join([" ".join(words[:half]), " ".join(words[half:])]).strip()


def draw_estimate(axes: Axes, row: float, estimate: pd.Series, value: str, colour: str = style.INK) -> None:
    """Draw an estimate with its interval and its numbers: filled if a difference is shown, else a hollow grey dot.

    Args:
        axes: the panel of an outcome.
        row: its row.
        estimate: a row of a table, with `outcome`, `low`, `high` and `verdict`.
        value: the column with the estimate.
        colour: colour of an estimate that is shown.
    """
    shown = estimate["verdict"] not in (NOT_SHOWN, CANNOT_BE_SAID)
    ink = colour if shown else style.QUIET
    axes.hlines(row, estimate["low"], estimate["high"], color=ink, linewidth=2.5)
    axes.plot(
        estimate[value], row, "o", color=ink, markerfacecolor=ink if shown else style.PAPER, markersize=8
    )
    outcome, low, high = estimate["outcome"], estimate["low"], estimate["high"]
    number = format_difference(outcome, estimate[value], (high - low) / 2, unit=False)
    interval = format_interval(outcome, low, high, unit=False)
    text = number if interval == UNDEFINED else f"{number} ({interval})"
    axes.annotate(
        text, (0.5, row - 0.28), xycoords=("axes fraction", "data"), ha="center", va="center",
        color=style.INK if shown else style.QUIET, fontsize=13, bbox=style.TEXT_BACKGROUND, zorder=1.5,
    )  # fmt: skip
