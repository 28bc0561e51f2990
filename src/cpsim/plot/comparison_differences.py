"""Figure: what each arm changes, misses beside false alarms, work and money."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.ticker import FuncFormatter

from cpsim.plot import style
from cpsim.plot.comparisons import KEY, MOST_ARMS, amount, asked, estimates, judged, paired
from cpsim.plot.outcomes import named
from cpsim.results import printed
from cpsim.results.comparison_tables import HEADLINES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.plot.comparisons import Row
    from cpsim.results.comparison import Comparison

_GROUPS = {
    heading: [outcome for outcome in HEADLINES if outcome in rows]
    for heading, rows in printed.HEADLINES.items()
}
"""Heading -> headlines below it."""
_FAR = 3.0
_LEFT, _GAP, _LETTER = 0.335, 0.05, 0.0095
"""Where the first panel begins, between panels, and room for a letter of their titles, as shares of the width."""


@style.styled()
def differences(comparison: Comparison) -> Figure:
    """Draw by how many per cent each arm differs from the reference in the headlines, with 95 % intervals over seeds.

    Blue is shown to be better and vermilion shown to be worse, allowing for the number of comparisons; hollow and grey
    is no difference shown. Beside each dot stand the means of reference and arm in their own units. Four arms at most.
    """
    arms = comparison.others[:MOST_ARMS]
    some = (
        f" The first {len(arms)} of {len(comparison.others)}." if len(comparison.others) > len(arms) else ""
    )
    figure = asked(
        comparison,
        "What does it change, and at what price?",
        f"Difference to the reference, {style.plain(comparison.reference, 24)}, {paired(comparison)}.{some}\n{KEY}",
    )
    shown = estimates(comparison)
    reach = _reach([shown[arm, outcome] for arm in arms for outcome in HEADLINES])
    rows = _rows()
    width = (1 - _LEFT - style.LEFT - _GAP * (len(arms) - 1)) / len(arms)
    for place, arm in enumerate(arms):
        axes = figure.add_axes((_LEFT + place * (width + _GAP), 0.12, width, 0.64))
        _prepare(axes, rows, reach)
        axes.tick_params(labelsize=13 if len(arms) < 3 else 10)
        axes.set_title(style.plain(arm, int(width / _LETTER)), pad=8)
        for outcome, row in rows.items():
            _draw(axes, row, shown[arm, outcome], outcome, reach)
    _name_rows(figure, rows, {outcome: shown[arms[0], outcome]["reference_mean"] for outcome in HEADLINES})
    return figure


def _rows() -> dict[str, float]:
    """Height of each headline, from the top down; a line stays free above each group for its name."""
    rows: dict[str, float] = {}
    height = 0.0
    for outcomes in _GROUPS.values():
        height += 0.8
        for outcome in outcomes:
            rows[outcome] = height
            height += 1
    return rows


def _reach(shown: Sequence[Row]) -> float:
    """How far the axis goes to either side of 0.

    What more than doubles and leaves all others far behind is cut, and so are intervals much wider than any difference.
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
    axes.set_ylim(max(rows.values()) + 0.6, -0.1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=max(2, round(13 * axes.get_position().width)), symmetric=True)
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda share, _: f"{100 * share:+.3g} %".replace("-", "−") if share else "0")
    )
    axes.tick_params(length=0)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.axvline(0, color=style.INK, linewidth=1, zorder=1)


def _name_rows(figure: Figure, rows: dict[str, float], means: dict[str, float]) -> None:
    """In the margin of the figure names with their units, groups above them, and the means of the reference."""
    axes = figure.axes[0]
    across = axes.get_yaxis_transform()
    box = axes.get_position()
    left, right = (style.LEFT - box.x0) / box.width, -0.012 / box.width
    axes.annotate(
        "reference", (right, 1), xycoords="axes fraction", xytext=(0, 8), textcoords="offset points", ha="right",
        color=style.QUIET,
    )  # fmt: skip
    for group, outcomes in _GROUPS.items():
        axes.text(left, rows[outcomes[0]] - 0.78, group, transform=across, weight="bold", va="center")
    for outcome, row in rows.items():
        name, unit = named(outcome)
        axes.text(left, row - 0.03, name, transform=across, va="bottom")
        axes.text(left, row + 0.05, unit, transform=across, va="top", fontsize=11, color=style.QUIET)
        axes.text(right, row, amount(outcome, means[outcome]), transform=across, ha="right", va="center")


def _draw(axes: Axes, row: float, estimate: Row, outcome: str, reach: float) -> None:
    relative = estimate["relative"]
    colour, face = judged(outcome, estimate["verdict"])
    told = amount(outcome, estimate["mean"])
    if math.isnan(relative):
        axes.text(0, row, told, ha="center", va="center", fontsize=11, bbox=style.ground())
        return
    axes.hlines(row, estimate["relative_low"], estimate["relative_high"], color=colour, linewidth=2.4)
    beyond = abs(relative) > reach
    if min(relative, estimate["relative_low"]) < -reach:
        axes.plot(-reach, row, "<", color=colour, markersize=9, clip_on=False)
    if max(relative, estimate["relative_high"]) > reach:
        axes.plot(reach, row, ">", color=colour, markersize=9, clip_on=False)
    if beyond:
        axes.text(
            math.copysign(reach, relative), row - 0.2, f"{told} ({100 * relative:+,.0f} %)",
            ha="right" if relative > 0 else "left", va="bottom", fontsize=11, bbox=style.ground(),
        )  # fmt: skip
        return
    axes.plot(relative, row, "o", color=colour, markerfacecolor=face, markersize=9, zorder=3)
    axes.text(relative, row - 0.2, told, ha="center", va="bottom", fontsize=11, bbox=style.ground())
