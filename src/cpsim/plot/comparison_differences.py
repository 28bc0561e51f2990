"""Figure: how each arm changes missed risk, harm, assessments, workload and cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.ticker import FuncFormatter

from cpsim.formatting import add_sign, format_number, format_outcome, format_percent
from cpsim.measures.outcomes import group_by_heading
from cpsim.plot import registry, style
from cpsim.plot.comparisons import (
    KEY,
    MOST_ARMS,
    create_comparison_figure,
    describe_pairing,
    select_colours,
    select_differences,
)
from cpsim.plot.outcomes import label_outcome
from cpsim.present import comparison_findings as found
from cpsim.results.comparison_tables import HEADLINES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.plot.comparisons import ComparisonRow
    from cpsim.results.comparison import Comparison

_GROUPS = {
    heading: [each.name for each in outcomes if each.headline]
    for heading, outcomes in group_by_heading("comparison").items()
}
"""Heading -> headline outcomes below it."""
_FAR = 3.0
"""A difference that is so many times as large as the next one is cut off at the edge of the panel."""
_LEFT, _GAP, _LETTER = 0.335, 0.05, 0.0095
"""Left edge of the first panel, gap between panels, and width of a letter of a title, as shares of the width."""


@registry.figure(
    of="comparison",
    question="What changes, and at what cost?",
    content="headline outcomes, in per cent of the reference",
    uncertainty="95% over seeds",
    order=10,
    exhibit=registry.Exhibit(
        title="What differs",
        describe=found.describe_differences,
        create_table=None,
        caption="How much higher or lower each outcome is than in the reference; the number at a dot is its level. "
        "Verdicts are adjusted for the number of comparisons.",
    ),
)
@style.use_style()
def differences(comparison: Comparison) -> Figure:
    """Draw the differences of each arm from the reference in per cent, with 95% intervals over seeds.

    Blue is shown to be better and vermilion shown to be worse, adjusted for the number of comparisons; hollow and grey
    is no difference shown. Means are written in their own units: of the arm above its dot, of the reference in the
    margin. At most four arms are drawn.

    There is a panel for each arm:

    >>> comparison.others, len(differences(comparison).axes)
    (('duty_complete', 'pooled_budget'), 2)
    """
    arms = comparison.others[:MOST_ARMS]
    some = (
        f" First {len(arms)} of {len(comparison.others)} arms." if len(comparison.others) > len(arms) else ""
    )
    figure = create_comparison_figure(
        comparison,
        "What changes, and at what cost?",
        f"Difference from the reference, {style.format_name(comparison.reference, 24)}, "
        f"{describe_pairing(comparison)}.{some}\n{KEY}",
    )
    shown = select_differences(comparison)
    reach = _choose_limit([shown[arm, outcome] for arm in arms for outcome in HEADLINES])
    rows = _arrange_rows()
    width = (1 - _LEFT - style.LEFT - _GAP * (len(arms) - 1)) / len(arms)
    for place, arm in enumerate(arms):
        axes = figure.add_axes((_LEFT + place * (width + _GAP), 0.075, width, 0.72))
        _prepare(axes, rows, reach)
        axes.tick_params(labelsize=13 if len(arms) < 3 else 10)
        axes.set_title(style.format_name(arm, int(width / _LETTER)), pad=8)
        for outcome, row in rows.items():
            _draw(axes, row, shown[arm, outcome], outcome, reach)
    _name_rows(figure, rows, {outcome: shown[arms[0], outcome]["reference_mean"] for outcome in HEADLINES})
    return figure


def _arrange_rows() -> dict[str, float]:
    """Return the height of each headline from the top down, with room for a heading above each group."""
    rows: dict[str, float] = {}
    height = 0.0
    for outcomes in _GROUPS.values():
        height += 0.8
        for outcome in outcomes:
            rows[outcome] = height
            height += 1
    return rows


def _choose_limit(shown: Sequence[ComparisonRow]) -> float:
    """Return the limit of the axis on either side of 0, as a share of the reference.

    A difference of more than 100% that is far larger than all others is cut off, and so is an interval much wider than
    any difference.
    """
    table = pd.DataFrame(shown)[["relative", "relative_low", "relative_high"]].abs()
    sizes = table["relative"].dropna().sort_values(ascending=False).tolist()
    while len(sizes) > 1 and sizes[0] > max(1.0, _FAR * sizes[1]):
        del sizes[0]
    largest = sizes[0] if sizes else 0.0
    widest = float(table[table["relative"] <= largest].max().max()) if sizes else 0.0
    return max(1.15 * min(widest, 2.5 * largest), 0.02)


def _prepare(axes: Axes, rows: dict[str, float], reach: float) -> None:
    axes.set_xlim(-reach, reach)
    axes.set_ylim(max(rows.values()) + 0.6, -0.2)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=max(2, round(13 * axes.get_position().width)), symmetric=True)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{add_sign(format_number(100 * share))}%"))
    axes.tick_params(length=0)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.axvline(0, color=style.INK, linewidth=1, zorder=1)


def _name_rows(figure: Figure, rows: dict[str, float], means: dict[str, float]) -> None:
    """Write headings, outcomes with their units and the means of the reference in the left margin."""
    axes = figure.axes[0]
    across = axes.get_yaxis_transform()
    box = axes.get_position()
    left, right = (style.LEFT - box.x0) / box.width, -0.012 / box.width
    axes.annotate(
        "reference", (right, 1), xycoords="axes fraction", xytext=(0, 8), textcoords="offset points", ha="right",
        color=style.QUIET,
    )  # fmt: skip
    for group, outcomes in _GROUPS.items():
        axes.text(
            left, rows[outcomes[0]] - 0.78, group, transform=across, weight="bold", va="center", fontsize=12
        )
    for outcome, row in rows.items():
        name, unit = label_outcome(outcome)
        axes.text(left, row + 0.06, name, transform=across, va="bottom", fontsize=12)
        axes.text(left, row + 0.06, unit, transform=across, va="top", fontsize=9.5, color=style.QUIET)
        axes.text(
            right, row, format_outcome(outcome, means[outcome]), transform=across, ha="right", va="center"
        )


def _draw(axes: Axes, row: float, estimate: ComparisonRow, outcome: str, reach: float) -> None:
    relative = estimate["relative"]
    colour, face = select_colours(outcome, estimate["verdict"])
    mean = format_outcome(outcome, estimate["mean"])
    if math.isnan(relative):
        axes.text(0, row, mean, ha="center", va="center", fontsize=11, bbox=style.TEXT_BACKGROUND)
        return
    axes.hlines(row, estimate["relative_low"], estimate["relative_high"], color=colour, linewidth=2.4)
    beyond = abs(relative) > reach
    if min(relative, estimate["relative_low"]) < -reach:
        axes.plot(-reach, row, "<", color=colour, markersize=9, clip_on=False)
    if max(relative, estimate["relative_high"]) > reach:
        axes.plot(reach, row, ">", color=colour, markersize=9, clip_on=False)
    if beyond:
        axes.text(
            math.copysign(reach, relative), row - 0.2, f"{mean} ({add_sign(format_percent(relative))})",
            ha="right" if relative > 0 else "left", va="bottom", fontsize=11, bbox=style.TEXT_BACKGROUND,
        )  # fmt: skip
        return
    axes.plot(relative, row, "o", color=colour, markerfacecolor=face, markersize=9, zorder=3)
    axes.text(relative, row - 0.2, mean, ha="center", va="bottom", fontsize=10, bbox=style.TEXT_BACKGROUND)
