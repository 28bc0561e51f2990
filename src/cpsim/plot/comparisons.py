"""What the figures of a comparison share: the sheet, the arms with their colours, and the words for numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cpsim.plot import style
from cpsim.results.directions import sign_of_worse
from cpsim.results.names import GBP, SUMMARY
from cpsim.results.verdicts import HIGHER, LOWER

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    from matplotlib.figure import Figure

    from cpsim.results.comparison import Comparison

    Row = Mapping[Hashable, Any]
    """A row of a table of the comparison, by the names of its columns."""

OTHER_CHILDREN = "The arms have other children: no spell can be followed."
KEY = "Blue: shown to be better. Vermilion: shown to be worse. Hollow: no difference shown, given all tests."
MOST_ARMS = 4
"""Arms that one figure shows beside the reference."""


def asked(comparison: Comparison, title: str, subtitle: str) -> Figure:
    """An empty figure that asks `title`, says in `subtitle` what is drawn, and below which arms on how many seeds."""
    others = style.plain(", ".join(comparison.others), 40)
    source = f"{others} against {style.plain(comparison.reference, 24)} · {seeds(comparison)}"
    return style.sheet(title, subtitle, source)


def paired(comparison: Comparison) -> str:
    """What the runs of a pair have in common, and what an interval is over, in the words of a subtitle."""
    same = (
        "for other children with the same seed"
        if "seed" in comparison.pairing.values()
        else "on the same children"
    )
    if len(comparison.seeds) == 1:
        return f"{same}. One seed: what chance does cannot be told"
    return f"{same}: mean and 95 % interval over {seeds(comparison)}"


def counted(value: float, low: float, high: float, *, whole: bool) -> str:
    """Spells a seed with their interval; `whole` for a single seed, which has no parts of a spell and no interval."""
    digits = 0 if whole or value >= 9.5 or value == 0 else 1
    number = f"{value:,.{digits}f}"
    if math.isnan(low) or low == high:
        return number
    return f"{number} ({max(low, 0):,.{digits}f} to {high:,.{digits}f})"


def seeds(comparison: Comparison) -> str:
    """How many seeds there are, in words."""
    number = len(comparison.seeds)
    return "1 seed" if number == 1 else f"{number} seeds"


def estimates(comparison: Comparison, prevalence: float | None = None) -> dict[tuple[str, str], Row]:
    """The differences at one prevalence, by arm and outcome."""
    rows = comparison.at(prevalence).to_dict("records")
    return {(row["arm"], row["outcome"]): row for row in rows}


def judged(outcome: str, verdict: str) -> tuple[str, str]:
    """Colours of line and dot: better or worse where that is shown, hollow and grey where nothing is."""
    sign = {HIGHER: 1, LOWER: -1}.get(verdict, 0) * sign_of_worse(outcome)
    colour = {1: style.WORSE, -1: style.BETTER}.get(sign, style.QUIET)
    return colour, colour if sign else style.PAPER


def compared(comparison: Comparison, arm: str | None) -> str:
    """The arm that a figure of one arm shows: the first after the reference unless one is named.

    Raises:
        ValueError: no such arm is compared with the reference.
    """
    if arm is None:
        return comparison.others[0]
    if arm not in comparison.others:
        raise ValueError(
            f"{arm!r} is not compared with the reference; there is {', '.join(comparison.others)}"
        )
    return arm


def amount(outcome: str, value: float) -> str:
    """A number of the summary with as many digits as a figure has room for."""
    unit = SUMMARY[outcome].unit
    if unit.startswith("share"):
        return f"{100 * value:.1f} %"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{'£' if unit == GBP else ''}{value:,.{digits}f}"
