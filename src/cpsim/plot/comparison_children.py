"""Figure: spells that an arm newly protects or newly misses, by where the chain stopped."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cpsim.formatting import format_count, format_decimals
from cpsim.plot import registry, style
from cpsim.plot.comparisons import (
    OTHER_CHILDREN,
    choose_arm,
    create_comparison_figure,
)
from cpsim.present.comparison_exhibits import (
    create_children_table,
    describe_children,
    format_mean_range,
    format_turn,
)
from cpsim.present.stages import STAGES
from cpsim.results.comparison_tables import NEWLY_MISSED, NEWLY_REACHED
from cpsim.results.names import STOPS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.present.comparison_exhibits import ComparisonRow
    from cpsim.results.comparison import Comparison

_UNITS = tuple(step * 10**power for power in range(7) for step in (1, 2, 5))
_MOST_DOTS = 100
"""Most dots in one row on one side."""
_ROWS = {
    code: list(STOPS).index(code) + 0.35 * place for place, stage in enumerate(STAGES) for code in stage.stops
}
"""Stop in the ledger -> height of its row; there is a gap between stages."""


@registry.figure(
    of="arm",
    question="Where are spells of harm newly reached or newly missed?",
    content="spells by where the chain stopped; a dot is one or several",
    uncertainty="95% of spells per seed",
    order=20,
    exhibit=registry.Exhibit(
        describe=describe_children,
        create_table=create_children_table,
        caption="A policy that protects more spells of harm may also miss some that were protected before, because "
        "queues, trust and thresholds link the cases of children.",
    ),
)
@style.use_style()
def children(comparison: Comparison, arm: str | None = None) -> Figure:
    """Draw newly reached spells on the right and newly missed spells on the left, by stop.

    A dot is one or several spells.

    A newly reached spell is in the row of its stop in the reference, a newly missed spell in the row of its stop in
    the arm. Numbers are spells over all seeds, with the 95% interval of a seed.

    Args:
        comparison: a comparison; its `children` are empty if the arms have different children.
        arm: name of the arm; the first after the reference if None.

    Raises:
        ValueError: no arm of this name is compared with the reference.

    >>> children(comparison, "pooled_budget").texts[0].get_text()
    'Where are spells of harm newly reached or newly missed?'
    """
    arm = choose_arm(comparison, arm)
    sides = {
        NEWLY_REACHED: (comparison.select_newly_reached(arm)["before"], 1, style.BETTER),
        NEWLY_MISSED: (comparison.select_newly_missed(arm)["after"], -1, style.WORSE),
    }
    counts = {turn: codes.value_counts() for turn, (codes, _, _) in sides.items()}
    most = max((int(count.max()) for count in counts.values() if len(count)), default=0)
    unit = next(unit for unit in _UNITS if most <= unit * _MOST_DOTS)
    high = max(2, math.ceil(math.sqrt(most / unit / 4)))
    single = len(comparison.seeds) == 1
    over = "" if single else f" over {format_count(len(comparison.seeds), 'seed')}"
    note = "" if single else " In brackets: 95% interval of the mean per seed."
    figure = create_comparison_figure(
        comparison,
        "Where are spells of harm newly reached or newly missed?",
        f"{style.format_name(arm, 24)} against {style.format_name(comparison.reference, 24)}, "
        f"by where the chain of concern stopped.\nNumbers: spells of significant harm{over}; a dot is "
        f"{format_count(unit, 'spell')}.{note}",
        arm=arm,
    )
    axes = figure.add_axes((0.0, 0.06, 1.0, 0.72))
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(max(_ROWS.values()) + 0.6, -1.4))
    _name_rows(axes)
    flows = comparison.flows[comparison.flows["arm"] == arm]
    if flows.empty:
        axes.text(_MIDDLE, 4, OTHER_CHILDREN, ha="center", fontsize=16, color=style.QUIET)
        return figure
    for turn, (_, side, colour) in sides.items():
        means = _index_by_stop(flows, turn)
        name, meaning = _HEADS[turn]
        align = "left" if side > 0 else "right"
        x = _MIDDLE + side * _MARGIN
        head = f"{name}: {format_turn(comparison, arm, turn, short=True)}"
        axes.text(x, -1.12, head, ha=align, va="center", weight="bold", color=colour)
        axes.text(x, -0.72, meaning, ha=align, va="center", color=style.QUIET, fontsize=11)
        for code, count in counts[turn].items():
            if count:
                number = _format_spells(int(count), means[str(code)])
                _draw_dots(axes, _ROWS[str(code)], side, -(-int(count) // unit), high, colour, number)
    return figure


def _format_spells(count: int, mean: ComparisonRow) -> str:
    """Format a number of spells over all seeds, with the interval of a seed if there is one."""
    interval = "" if math.isnan(mean["low"]) else f" ({format_mean_range(mean)})"
    return f"{format_decimals(count)}{interval}"


_HEADS = {
    NEWLY_REACHED: ("Newly reached", "missed in the reference"),
    NEWLY_MISSED: ("Newly missed", "protected in the reference"),
}
_MIDDLE, _MARGIN = 0.61, 0.012
"""Line between the two sides, and the distance from it to the first dot, as shares of the width."""


def _name_rows(axes: Axes) -> None:
    """Write the stops on the left, with the colour of their stage."""
    for code, row in _ROWS.items():
        axes.text(style.LEFT + 0.012, row, STOPS[code], va="center")
    for stage in STAGES:
        rows = [_ROWS[code] for code in stage.stops]
        ends = [rows[0] - 0.4, rows[-1] + 0.4]
        axes.plot([style.LEFT + 0.002] * 2, ends, color=stage.colour, linewidth=5, solid_capstyle="butt")
    axes.plot([_MIDDLE] * 2, [-0.4, max(_ROWS.values()) + 0.4], color=style.QUIET, linewidth=0.8)


def _index_by_stop(flows: pd.DataFrame, turn: str) -> dict[str, ComparisonRow]:
    """Index the rows of `flows` in which the outcome changes in this way by their stop in the ledger."""
    stop, other = ("before", "after") if turn == NEWLY_REACHED else ("after", "before")
    rows = flows[flows[stop].isin(list(STOPS)) & (flows[other] == "protected")].to_dict("records")
    return {str(row[stop]): row for row in rows}


def _draw_dots(axes: Axes, row: float, side: int, dots: int, high: int, colour: str, number: str) -> None:
    """Draw dots in columns of `high`, starting at the middle line, and their number after the last column."""
    place = np.arange(dots)
    across = 0.045 / high
    x = _MIDDLE + side * (_MARGIN + across * (place // high))
    y = row + 0.78 * (place % high - (high - 1) / 2) / high
    axes.plot(x, y, "o", color=colour, markersize=23 / high, markeredgewidth=0)
    axes.text(
        x[-1] + side * (0.5 * across + 0.008), row, number, ha="left" if side > 0 else "right", va="center",
        fontsize=11, color=style.QUIET,
    )  # fmt: skip
