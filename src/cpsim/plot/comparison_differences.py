"""Figure: how each arm changes what it touches directly, missed risk, harm, assessments, workload and cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cpsim.formatting import format_outcome
from cpsim.plot import registry, style
from cpsim.plot.comparisons import (
    KEY,
    create_comparison_figure,
    create_margin_transform,
    describe_pairing,
    draw_interval,
    find_reach,
    select_colours,
    select_verdicts,
)
from cpsim.plot.outcomes import label_outcome
from cpsim.present import comparison_exhibits as shown
from cpsim.present.comparison_exhibits import MOST_ARMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results.comparison import Comparison

_MARKERS = ("o", "s", "^", "D")
"""Markers of the arms, which differ in shape, so that colour is not needed."""

_LABEL, _LEVEL, _LEFT, _RIGHT = 0.145, 0.515, 0.535, 0.75
"""Left edge of labels, right edge of the levels of the reference, and edges of the panel, as shares of the width."""
_LINE, _ROW, _GAP = 0.19, 0.24, 0.16
"""Height of the line of an arm, least room around the lines of a row, and gap between groups, in inches."""
_TOP, _LEGEND, _BOTTOM = 1.5, 0.25, 0.45
"""Room above the rows, for the markers of several arms, and below the rows, in inches."""


@dataclass(frozen=True)
class _Layout:
    """Heights in inches from the top of the panel.

    Attributes:
        rows: outcome -> middle of its row.
        groups: heading -> outcomes below it.
        height: height of a row.
        room: height of the panel.
    """

    rows: dict[str, float]
    groups: dict[str, list[str]]
    height: float
    room: float


@registry.figure(
    of="comparison",
    question="What changes, and at what cost?",
    content="outcomes near the arms and headline outcomes; each row has its own scale",
    uncertainty="95% of each family of tests",
    order=10,
    exhibit=registry.Exhibit(
        title="What differs",
        describe=shown.describe_differences,
        create_table=None,
        caption="Differences from the reference, whose level is on the left. Each row has its own scale, so lengths "
        "can be compared only within a row. Intervals are at the level of their family of tests.",
    ),
)
@style.use_style()
def differences(comparison: Comparison) -> Figure:
    r"""Draw the differences of each arm from the reference, with intervals; each row has its own scale.

    The rows are the outcomes that the arms touch directly, then the headline outcomes by heading. Each arm has its own
    line and marker within a row. Hollow and grey is no difference shown; blue is better and vermilion worse only if
    nothing else explains it. At most four arms are drawn.

    >>> figure = differences(comparison)
    >>> [text.get_text() for text in figure.axes[0].texts][:3]
    ['Touched\ndirectly', 'Contacts by schools', 'per 10,000 children a year']
    """
    arms = comparison.others[:MOST_ARMS]
    some = (
        f" First {len(arms)} of {len(comparison.others)} arms." if len(comparison.others) > len(arms) else ""
    )
    layout = _arrange_rows(shown.group_shown_outcomes(comparison, arms), len(arms))
    size = (style.SIZE[0], layout.room + _TOP + (_LEGEND if len(arms) > 1 else 0) + _BOTTOM)
    figure = create_comparison_figure(
        comparison,
        "What changes, and at what cost?",
        f"Difference from the reference, {style.format_name(comparison.reference, 24)}, "
        f"{describe_pairing(comparison)}.{some}\nEach row has its own scale. {KEY}",
        size=size,
    )
    axes = figure.add_axes((_LEFT, _BOTTOM / size[1], _RIGHT - _LEFT, layout.room / size[1]))
    axes.set_axis_off()
    axes.set(xlim=(-1.06, 1.06), ylim=(layout.room, 0))
    axes.axvline(0, color=style.INK, linewidth=1, zorder=1)
    _name_rows(axes, comparison, layout)
    rows = shown.select_differences(comparison)
    reaches = {name: find_reach([rows[arm, name] for arm in arms]) for name in layout.rows}
    across = create_margin_transform(axes)
    for arm, offset, marker in zip(arms, _spread_lines(len(arms)), _MARKERS, strict=False):
        verdicts = select_verdicts(rows, arm)
        for outcome, middle in layout.rows.items():
            row, colours = rows[arm, outcome], select_colours(outcome, verdicts)
            if not math.isnan(row["low"]):
                draw_interval(axes, middle + offset, row, reaches[outcome], colours, marker)
            axes.text(
                _RIGHT + 0.015, middle + offset, shown.format_change(row, short=True), transform=across,
                va="center", fontsize=11, color=colours[0],
            )  # fmt: skip
    _add_legend(axes, arms)
    return figure


def _spread_lines(arms: int) -> list[float]:
    """Return the heights of the lines of the arms around the middle of their row, in inches."""
    return [_LINE * (place - (arms - 1) / 2) for place in range(arms)]


def _arrange_rows(groups: dict[str, list[str]], arms: int) -> _Layout:
    """Arrange the rows from the top down, each high enough for the lines of all arms, with gaps between groups."""
    height = max(_LINE * arms + 0.1, _ROW + _LINE)
    outcomes = [(name, place) for place, names in enumerate(groups.values()) for name in names]
    rows = {name: height * (row + 0.5) + _GAP * place for row, (name, place) in enumerate(outcomes)}
    return _Layout(rows, groups, height, height * len(rows) + _GAP * (len(groups) - 1))


def _name_rows(axes: Axes, comparison: Comparison, layout: _Layout) -> None:
    """Write headings, outcomes with their units and the levels of the reference to the left of the panel."""
    across = create_margin_transform(axes)
    levels = comparison.select_rows().drop_duplicates("outcome").set_index("outcome")["reference_mean"]
    for heading, outcomes in layout.groups.items():
        first = layout.rows[outcomes[0]]
        if first > layout.height:
            line = first - (layout.height + _GAP) / 2
            axes.plot(
                [style.LEFT, 1 - style.LEFT], [line] * 2, transform=across, color=style.FAINT, linewidth=0.8,
                clip_on=False,
            )  # fmt: skip
        axes.text(
            style.LEFT, first, heading.replace(" ", "\n"), transform=across, weight="bold", va="center", fontsize=12
        )  # fmt: skip
        for outcome in outcomes:
            name, unit = label_outcome(outcome)
            row = layout.rows[outcome]
            axes.text(_LABEL, row, style.shorten(name, 38), transform=across, va="bottom", fontsize=12)
            axes.text(_LABEL, row + 0.03, unit, transform=across, va="top", fontsize=9.5, color=style.QUIET)
            level = format_outcome(outcome, levels[outcome], unit=False)
            axes.text(_LEVEL, row, level, transform=across, ha="right", va="center")
            axes.hlines(row, -1, 1, color=style.FAINT, linewidth=0.8, zorder=0)
    head: dict[str, Any] = {"transform": across, "va": "bottom", "color": style.QUIET, "fontsize": 11}
    axes.text(_LEVEL, -0.05, "reference", ha="right", **head)
    axes.text(_RIGHT + 0.015, -0.05, "difference (interval)", **head)


def _add_legend(axes: Axes, arms: Sequence[str]) -> None:
    """Name the markers of several arms above the panel; the only arm is named in the last line of the figure."""
    if len(arms) < 2:
        return
    widths = np.linspace(style.LEFT, 1, len(arms), endpoint=False)
    across = create_margin_transform(axes)
    for x, arm, marker in zip(widths, arms, _MARKERS, strict=False):
        axes.plot(
            x + 0.008, -0.42, marker, transform=across, color=style.INK, markersize=8, clip_on=False
        )  # fmt: skip
        name = style.format_name(arm, int(88 / len(arms)))
        axes.text(x + 0.022, -0.42, name, transform=across, va="center", fontsize=12)
