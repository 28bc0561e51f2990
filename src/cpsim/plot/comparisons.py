"""Functions shared by the figures of a comparison: empty figures, colours and number formats."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cpsim.measures.outcomes import sign_of_worse
from cpsim.measures.outcomes.registry import GBP
from cpsim.plot import style
from cpsim.results.names import SUMMARY
from cpsim.results.verdicts import HIGHER, LOWER

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    from matplotlib.figure import Figure

    from cpsim.results.comparison import Comparison

    ComparisonRow = Mapping[Hashable, Any]
    """A row of a table of the comparison: name of the column -> value."""

OTHER_CHILDREN = "The arms have different children, so no spell can be compared."
KEY = "Blue: better. Vermilion: worse. Hollow: no difference shown (adjusted for the number of comparisons)."
MOST_ARMS = 4
"""The most arms that one figure shows, not counting the reference."""


def create_comparison_figure(comparison: Comparison, title: str, subtitle: str) -> Figure:
    """Create an empty figure of a comparison, with the arms and the number of seeds in its last line."""
    others = style.format_name(", ".join(comparison.others), 40)
    source = (
        f"{others} against {style.format_name(comparison.reference, 24)} · {format_seed_count(comparison)}"
    )
    return style.create_figure(title, subtitle, source)


def describe_pairing(comparison: Comparison) -> str:
    """Describe for a subtitle what the two runs of a pair share and what an interval is taken over."""
    same = (
        "on different children with the same seed"
        if "seed" in comparison.pairing.values()
        else "on the same children"
    )
    if len(comparison.seeds) == 1:
        return f"{same}. One seed: no interval can be given"
    return f"{same}: mean and 95% interval over {format_seed_count(comparison)}"


def format_count(value: float, low: float, high: float, *, whole: bool) -> str:
    """Format the number of spells per seed with its interval, if it has one.

    Args:
        value: mean number of spells per seed.
        low: lower end of the interval; NaN if there is none.
        high: upper end of the interval.
        whole: whether to round to whole spells, as for a single seed.

    >>> format_count(4.2, 3.1, 5.3, whole=False)
    '4.2 (3.1 to 5.3)'
    """
    digits = 0 if whole or value >= 9.5 or value == 0 else 1
    number = f"{value:,.{digits}f}"
    if math.isnan(low) or low == high:
        return number
    return f"{number} ({max(low, 0):,.{digits}f} to {high:,.{digits}f})"


def format_seed_count(comparison: Comparison) -> str:
    """Write the number of seeds, such as `20 seeds`."""
    number = len(comparison.seeds)
    return "1 seed" if number == 1 else f"{number} seeds"


def select_differences(
    comparison: Comparison, prevalence: float | None = None
) -> dict[tuple[str, str], ComparisonRow]:
    """Select the differences at one prevalence: (arm, outcome) -> row of `differences`."""
    rows = comparison.select_rows(prevalence).to_dict("records")
    return {(row["arm"], row["outcome"]): row for row in rows}


def select_colours(outcome: str, verdict: str) -> tuple[str, str]:
    """Select the colours of a line and its dot: better, worse, or grey and hollow if no difference is shown.

    >>> select_colours("missed_risk_rate", "no difference shown") == (style.QUIET, style.PAPER)
    True
    """
    sign = {HIGHER: 1, LOWER: -1}.get(verdict, 0) * sign_of_worse(outcome)
    colour = {1: style.WORSE, -1: style.BETTER}.get(sign, style.QUIET)
    return colour, colour if sign else style.PAPER


def choose_arm(comparison: Comparison, arm: str | None) -> str:
    """Choose the arm that a figure of one arm shows: `arm`, or the first after the reference if it is None.

    Raises:
        ValueError: no arm of this name is compared with the reference.
    """
    if arm is None:
        return comparison.others[0]
    if arm not in comparison.others:
        raise ValueError(
            f"{arm!r} is not compared with the reference; choose one of: {', '.join(comparison.others)}"
        )
    return arm


def format_amount(outcome: str, value: float) -> str:
    """Format a value of the summary with as many digits as a figure has room for.

    >>> format_amount("missed_risk_rate", 0.694)
    '69.4%'
    """
    unit = SUMMARY[outcome].unit
    if unit.startswith("share"):
        return f"{100 * value:.1f}%"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{'£' if unit == GBP else ''}{value:,.{digits}f}"
