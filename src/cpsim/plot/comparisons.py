"""Functions shared by the figures of a comparison: empty figures, colours and number formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.formatting import format_count
from cpsim.measures.outcomes import sign_of_worse
from cpsim.plot import style
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
    seeds = format_count(len(comparison.seeds), "seed")
    source = f"{others} against {style.format_name(comparison.reference, 24)} · {seeds}"
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
    return f"{same}: mean and 95% interval over {format_count(len(comparison.seeds), 'seed')}"


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
