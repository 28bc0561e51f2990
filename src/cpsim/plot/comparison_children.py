"""Figure: the children whom an arm catches and those whom it loses, by the step where the concern was lost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cpsim.plot import style
from cpsim.plot.comparisons import OTHER_CHILDREN, asked, compared, counted, seeds
from cpsim.results.comparison_tables import LOST, RESCUED
from cpsim.results.names import CAUSES
from cpsim.results.stages import STAGES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.plot.comparisons import Row
    from cpsim.results.comparison import Comparison

_UNITS = tuple(step * 10**power for power in range(7) for step in (1, 2, 5))
_MOST_DOTS = 100
"""In one pile."""
_ROWS = {
    code: list(CAUSES).index(code) + 0.35 * place
    for place, stage in enumerate(STAGES)
    for code in stage.causes
}
"""Code of the ledger -> height; stretches of the way stand a little apart."""


@style.styled()
def children(comparison: Comparison, arm: str | None = None) -> Figure:
    """Draw a dot for each spell (or a few) that the arm catches, right, and for each that it loses, left, by cause.

    A spell that is caught stands at the step where it was lost in the reference, a spell that is lost at the step where
    the arm loses it. Numbers are means a seed with 95 % intervals over seeds.

    Args:
        comparison: has rows in `children` unless its arms have other children.
        arm: the first after the reference if none is named.

    Raises:
        ValueError: no such arm is compared with the reference.
    """
    arm = compared(comparison, arm)
    sides = {
        RESCUED: (comparison.rescued(arm)["before"], 1, style.BETTER),
        LOST: (comparison.lost(arm)["after"], -1, style.WORSE),
    }
    counts = {turn: codes.value_counts() for turn, (codes, _, _) in sides.items()}
    most = max((int(count.max()) for count in counts.values() if len(count)), default=0)
    unit = next(unit for unit in _UNITS if most <= unit * _MOST_DOTS)
    high = max(2, math.ceil(math.sqrt(most / unit / 4)))
    single = len(comparison.seeds) == 1
    told = "Numbers: spells." if single else "Numbers: spells a seed, with 95 % intervals."
    figure = asked(
        comparison,
        "Whom does it catch, whom does it lose, and where?",
        f"Under {style.plain(arm, 24)} against {style.plain(comparison.reference, 24)}, by the step where the concern "
        f"was or is lost.\nA dot: {f'{unit} spells' if unit > 1 else 'one spell'} of significant harm, of "
        f"{seeds(comparison)}{'' if single else ' together'}. {told}",
    )
    axes = figure.add_axes((0.0, 0.06, 1.0, 0.72))
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(max(_ROWS.values()) + 0.6, -1.4))
    _name_rows(axes)
    flows, turns = (table[table["arm"] == arm] for table in (comparison.flows, comparison.turns))
    if flows.empty:
        axes.text(_MIDDLE, 4, OTHER_CHILDREN, ha="center", fontsize=16, color=style.QUIET)
        return figure
    totals = {row["turn"]: row for row in turns.to_dict("records")}
    for turn, (_, side, colour) in sides.items():
        means, total = _of_turn(flows, turn), totals[turn]
        name, says = _HEADS[turn]
        align = "left" if side > 0 else "right"
        x = _MIDDLE + side * _MARGIN
        head = f"{name}: {counted(total['children'], total['low'], total['high'], whole=single)} children"
        axes.text(x, -1.12, head, ha=align, va="center", weight="bold", color=colour)
        axes.text(x, -0.72, says, ha=align, va="center", color=style.QUIET, fontsize=11)
        for code, count in counts[turn].items():
            if count:
                mean = means[str(code)]
                beside = counted(mean["spells"], mean["low"], mean["high"], whole=single)
                _pile(axes, _ROWS[str(code)], side, -(-int(count) // unit), high, colour, beside)
    return figure


_HEADS = {
    RESCUED: ("Caught", "missed before, protected now"),
    LOST: ("Lost", "protected before, missed now"),
}
_MIDDLE, _MARGIN = 0.61, 0.012
"""Where both sides meet, and from there to the first dot, as shares of the width."""


def _name_rows(axes: Axes) -> None:
    """Causes down the left, and before them the colour of those in whose hands they lie."""
    for code, row in _ROWS.items():
        axes.text(style.LEFT + 0.012, row, CAUSES[code], va="center")
    for stage in STAGES:
        rows = [_ROWS[code] for code in stage.causes]
        ends = [rows[0] - 0.4, rows[-1] + 0.4]
        axes.plot([style.LEFT + 0.002] * 2, ends, color=stage.colour, linewidth=5, solid_capstyle="butt")
    axes.plot([_MIDDLE] * 2, [-0.4, max(_ROWS.values()) + 0.4], color=style.QUIET, linewidth=0.8)


def _of_turn(flows: pd.DataFrame, turn: str) -> dict[str, Row]:
    """The rows of flows in which the fate turns this way, by the code of the ledger."""
    cause, other = ("before", "after") if turn == RESCUED else ("after", "before")
    rows = flows[flows[cause].isin(list(CAUSES)) & (flows[other] == "protected")].to_dict("records")
    return {str(row[cause]): row for row in rows}


def _pile(axes: Axes, row: float, side: int, dots: int, high: int, colour: str, beside: str) -> None:
    """Dots in columns of `high` away from the middle, and what is said of them beyond."""
    place = np.arange(dots)
    across = 0.045 / high
    x = _MIDDLE + side * (_MARGIN + across * (place // high))
    y = row + 0.78 * (place % high - (high - 1) / 2) / high
    axes.plot(x, y, "o", color=colour, markersize=23 / high, markeredgewidth=0)
    axes.text(
        x[-1] + side * (0.5 * across + 0.008), row, beside, ha="left" if side > 0 else "right", va="center",
        fontsize=11, color=style.QUIET,
    )  # fmt: skip
