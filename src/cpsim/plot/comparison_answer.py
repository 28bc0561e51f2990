"""Figure: what an arm changes, from what it touches directly to missed risk, each on its own scale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cpsim.formatting import format_outcome_name
from cpsim.plot import registry, style
from cpsim.plot.comparisons import (
    KEY,
    choose_arm,
    create_comparison_figure,
    create_margin_transform,
    draw_interval,
    find_reach,
    select_colours,
    select_verdicts,
)
from cpsim.present import comparison_exhibits as shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results.comparison import Comparison

_WIDTH, _ROW, _GAP = 7.2, 0.255, 0.09
"""Width of the figure, height of a row and gap between groups of rows, in inches."""
_TOP, _BOTTOM = 0.86, 0.24
"""Room above and below the rows, in inches."""
_SCALE = 0.7
_LEFT, _RIGHT = 0.46, 0.655
"""Edges of the panel, as shares of the width; labels are to its left and numbers to its right."""
_FONT = 10


@registry.figure(
    of="arm",
    question="What changes, step by step?",
    content="outcomes near the arm, steps from contact to protection, missed risk; each row has its own scale",
    uncertainty="95% of each family of tests",
    order=0,
    exhibit=registry.Exhibit(
        describe=shown.describe_answer,
        create_table=None,
        caption="Differences with their intervals. Each row has its own scale, so lengths cannot be compared between "
        "rows. Rates are per 10,000 children a year.",
    ),
)
@style.use_style()
def answer(comparison: Comparison, arm: str | None = None) -> Figure:
    """Draw what an arm changes: what it touches directly, the steps from contact to protection, and missed risk.

    Each row has its own scale, on which the longer side of its interval fills half of the panel. A difference that is
    not shown is hollow and grey; blue is better and vermilion worse only if nothing else explains it.

    Args:
        comparison: a comparison.
        arm: name of the arm; the first after the reference if None.

    Raises:
        ValueError: no arm of this name is compared with the reference.

    >>> answer(comparison, "duty_complete").axes[0].texts[0].get_text()
    'Contacts by schools'
    """
    arm = choose_arm(comparison, arm)
    groups = [group for group in shown.group_answer_outcomes(comparison, arm) if group]
    heights = _arrange_rows(groups)
    room = max(heights.values()) + _ROW / 2
    size = (_WIDTH, room + _TOP + _BOTTOM)
    figure = create_comparison_figure(
        comparison,
        "What changes, step by step?",
        f"Each row has its own scale. Rates are per 10,000 children a year; points are percentage points.\n{KEY}",
        size=size,
        scale=_SCALE,
        arm=arm,
    )
    axes = figure.add_axes((_LEFT, _BOTTOM / size[1], _RIGHT - _LEFT, room / size[1]))
    axes.set_axis_off()
    axes.set(xlim=(-1.06, 1.06), ylim=(room, 0))
    axes.axvline(0, color=style.INK, linewidth=1, zorder=1)
    _draw_rows(axes, comparison, arm, heights)
    return figure


def _arrange_rows(groups: list[list[str]]) -> dict[str, float]:
    """Return the height of the middle of each row in inches from the top, with a gap between groups."""
    outcomes = [(name, place) for place, group in enumerate(groups) for name in group]
    return {name: (row + 0.5) * _ROW + place * _GAP for row, (name, place) in enumerate(outcomes)}


def _draw_rows(axes: Axes, comparison: Comparison, arm: str, heights: dict[str, float]) -> None:
    rows = shown.select_differences(comparison)
    verdicts = select_verdicts(rows, arm)
    across = create_margin_transform(axes)
    for outcome, height in heights.items():
        row = rows[arm, outcome]
        colours = select_colours(outcome, verdicts)
        label = style.shorten(format_outcome_name(outcome), 40)
        axes.text(style.LEFT, height, label, transform=across, va="center", fontsize=_FONT)
        axes.hlines(height, -1, 1, color=style.FAINT, linewidth=0.8, zorder=0)
        if not math.isnan(row["low"]):
            draw_interval(axes, height, row, find_reach([row]), colours)
        axes.text(
            _RIGHT + 0.02, height, shown.format_change(row, short=True), transform=across, va="center",
            fontsize=_FONT, color=colours[0],
        )  # fmt: skip
