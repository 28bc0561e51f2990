"""Figure: where the effect of an arm goes, from contacts to protection."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from cpsim.plot import registry, style
from cpsim.plot.comparisons import (
    KEY,
    choose_arm,
    create_comparison_figure,
    create_margin_transform,
    draw_interval,
    select_colours,
    select_verdicts,
)
from cpsim.present import comparison_exhibits as shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.present.comparison_exhibits import PathStep
    from cpsim.results.comparison import Comparison

_SIZE, _SCALE = (9.0, 5.2), 0.8
_LEFT, _RIGHT = 0.25, 0.59
"""Edges of the panel, as shares of the width; labels are to its left and numbers to its right."""
_FONT = 10.5
_SHORTEST = 0.02
"""Shortest arrow, as a share of the panel."""


@registry.figure(
    of="arm",
    question="Where does the effect go?",
    content="differences at each step from contact to protection, and what does not reach the next step",
    uncertainty="95% of each family of tests",
    order=5,
    exhibit=registry.Exhibit(
        describe=shown.describe_path,
        create_table=shown.create_path_table,
        caption="Per 10,000 children a year, all steps on one scale. What is written between two steps is the part of "
        "the difference that does not reach the next step, so the numbers add up. It is net of children who reach the "
        "next step in another way.",
    ),
)
@style.use_style()
def why(comparison: Comparison, arm: str | None = None) -> Figure:
    """Draw the differences of an arm at each step from contacts to protection, and what does not reach the next step.

    All steps are rates in one unit on one scale. An arrow between two steps is the part of the difference that does not
    reach the next one.

    Args:
        comparison: a comparison.
        arm: name of the arm; the first after the reference if None.

    Raises:
        ValueError: no arm of this name is compared with the reference.

    >>> texts = [text.get_text() for text in why(comparison, "duty_complete").axes[0].texts]
    >>> [text for text in texts if text.endswith("screened out")]
    ['+10.4 screened out']
    """
    arm = choose_arm(comparison, arm)
    figure = create_comparison_figure(
        comparison,
        "Where does the effect go?",
        "Differences per 10,000 children a year, all steps on one scale. Arrows: what does not reach the next step.\n"
        f"{KEY}",
        size=_SIZE,
        scale=_SCALE,
        arm=arm,
    )
    steps = shown.list_path_steps(comparison, arm)
    axes = figure.add_axes((_LEFT, 0.06, _RIGHT - _LEFT, 0.75))
    axes.set_axis_off()
    limits = [value for step in steps for value in (step.low, step.difference, step.high)]
    low, high = min(0, np.nanmin(limits)), max(0, np.nanmax(limits))
    margin = 0.04 * (high - low or 1)
    axes.set(xlim=(low - margin, high + margin), ylim=(2 * len(steps) - 1.4, -0.6))
    axes.axvline(0, color=style.INK, linewidth=1, zorder=1)
    verdicts = select_verdicts(shown.select_differences(comparison), arm)
    for place, (step, following) in enumerate(zip(steps, [*steps[1:], None], strict=True)):
        _draw_step(axes, 2 * place, step, select_colours(step.outcome, verdicts))
        if following is not None:
            _draw_rest(axes, 2 * place + 1, step, following)
    return figure


def _draw_step(axes: Axes, height: float, step: PathStep, colours: tuple[str, str]) -> None:
    across = create_margin_transform(axes)
    axes.text(style.LEFT, height, step.label, transform=across, va="center", fontsize=_FONT)
    axes.barh(height, step.difference, height=1.1, color=style.FAINT, zorder=0)
    draw_interval(axes, height, asdict(step), 1.0, colours)
    axes.text(
        _RIGHT + 0.02, height, step.format_change(), transform=across, va="center", fontsize=_FONT, color=colours[0]
    )  # fmt: skip


def _draw_rest(axes: Axes, height: float, step: PathStep, following: PathStep) -> None:
    """Draw an arrow from a difference to the next, and write what does not reach it."""
    across = create_margin_transform(axes)
    start, end = axes.get_xlim()
    if abs(step.difference - following.difference) > _SHORTEST * (end - start):
        axes.annotate(
            "", (following.difference, height), (step.difference, height),
            arrowprops={"arrowstyle": "->", "color": style.QUIET, "linewidth": 1, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
    axes.text(
        _RIGHT + 0.035, height, step.format_rest(), transform=across, va="center", fontsize=_FONT - 1.5,
        color=style.QUIET,
    )  # fmt: skip
