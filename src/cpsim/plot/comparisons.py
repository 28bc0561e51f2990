"""Functions shared by the figures of a comparison: empty figures, colours and intervals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from matplotlib.transforms import blended_transform_factory

from cpsim.formatting import format_count
from cpsim.plot import style
from cpsim.present.tones import choose_tone
from cpsim.results.verdicts import HIGHER, LOWER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform

    from cpsim.present.blocks import Tone
    from cpsim.present.comparison_exhibits import ComparisonRow
    from cpsim.results.comparison import Comparison

OTHER_CHILDREN = "The arms have different children, so no spell can be compared."
KEY = "Filled: difference shown (blue: better, vermilion: worse). Hollow: no difference shown."
_COLOURS: dict[Tone, str] = {"better": style.BETTER, "worse": style.WORSE, "none": style.INK}


def create_comparison_figure(
    comparison: Comparison,
    title: str,
    subtitle: str,
    *,
    arm: str | None = None,
    size: tuple[float, float] = style.SIZE,
    scale: float = 1.0,
) -> Figure:
    """Create an empty figure of a comparison, with the arms and the number of seeds in its last line.

    Args:
        comparison: the comparison.
        title: the question that the figure answers.
        subtitle: what is shown, and in which unit.
        arm: the only arm that it shows; None if it shows all.
        size: width and height in inches.
        scale: size of the texts.
    """
    shown = ", ".join(comparison.others) if arm is None else arm
    longest = (40, 24) if scale == 1 else (20, 20)
    others, reference = map(style.format_name, (shown, comparison.reference), longest)
    source = f"{others} against {reference} · {format_count(len(comparison.seeds), 'seed')}"
    return style.create_figure(title, subtitle, source, size, scale)


def describe_pairing(comparison: Comparison) -> str:
    """Describe for a subtitle what the two runs of a pair share and what an interval is taken over."""
    same = (
        "on different children with the same seed"
        if "seed" in comparison.pairing.values()
        else "on the same children"
    )
    if len(comparison.seeds) == 1:
        return f"{same}. One seed: no interval can be given"
    return f"{same}: mean and interval over {format_count(len(comparison.seeds), 'seed')}"


def select_verdicts(rows: Mapping[tuple[str, str], ComparisonRow], arm: str) -> dict[str, str]:
    """Select the verdicts on an arm by outcome, from the rows of `select_differences`."""
    return {outcome: str(row["verdict"]) for (name, outcome), row in rows.items() if name == arm}


def select_colours(outcome: str, verdicts: Mapping[str, str]) -> tuple[str, str]:
    """Select the colours of a line and its dot: filled if a difference is shown, coloured if it is better or worse.

    Args:
        outcome: name of the outcome.
        verdicts: name of each outcome -> verdict on its difference in the same arm.

    >>> select_colours("missed_risk_rate", {"missed_risk_rate": "no difference shown"}) == (style.QUIET, style.PAPER)
    True
    >>> select_colours("missed_risk_rate", {"missed_risk_rate": "lower"}) == (style.BETTER, style.BETTER)
    True

    A lower cost is not better because fewer children were served:

    >>> fewer = {"cost_gbp_per_child_year": "lower", "referrals_per_10k_year": "lower"}
    >>> select_colours("cost_gbp_per_child_year", fewer) == (style.INK, style.INK)
    True
    """
    if verdicts.get(outcome) not in (HIGHER, LOWER):
        return style.QUIET, style.PAPER
    colour = _COLOURS[choose_tone(outcome, verdicts)]
    return colour, colour


def create_margin_transform(axes: Axes) -> Transform:
    """Create the transform of texts next to rows: across in shares of the figure, and down like the data."""
    return blended_transform_factory(axes.figure.transFigure, axes.transData)


def draw_interval(
    axes: Axes,
    height: float,
    row: Mapping[Any, Any],
    reach: float,
    colours: tuple[str, str],
    marker: str = "o",
) -> None:
    """Draw a difference with its interval, whose ends are marked so that a narrow one is visible behind its dot.

    Args:
        axes: axes with a row for each difference.
        height: height of the row.
        row: the difference with its limits `low` and `high`.
        reach: the difference that is drawn at 1, for a row with a scale of its own; 1 for a scale in the unit.
        colours: colours of the line and of the marker.
        marker: marker of matplotlib.
    """
    low, value, high = (row[name] / reach for name in ("low", "difference", "high"))
    colour, face = colours
    axes.hlines(height, low, high, color=colour, linewidth=2.2, zorder=2)
    axes.plot([low, high], [height] * 2, "|", color=colour, markersize=9, markeredgewidth=1.6, zorder=2)
    axes.plot(value, height, marker, color=colour, markerfacecolor=face, markersize=7, zorder=3)


def find_reach(rows: Iterable[ComparisonRow]) -> float:
    """Find the largest size of the ends of some intervals, which the scale of their row must hold; 1 if all are 0.

    >>> find_reach([{"low": -0.2, "high": 0.1}, {"low": 0.0, "high": 0.5}])
    0.5
    """
    sizes = [abs(row[name]) for row in rows for name in ("low", "high") if not math.isnan(row[name])]
    return max(sizes, default=0.0) or 1.0


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
