"""Figure: results of spells of harm in the reference and in an arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Curve

from cpsim.formatting import format_count, format_decimals
from cpsim.plot import registry, style
from cpsim.plot.comparisons import OTHER_CHILDREN, choose_arm, create_comparison_figure
from cpsim.plot.labels import spread_labels
from cpsim.present.comparison_exhibits import (
    create_flow_table,
    describe_flow,
    format_spells,
    format_turn,
)
from cpsim.results.comparison_tables import FATES, NEWLY_MISSED, NEWLY_REACHED
from cpsim.results.names import STOPS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

    from cpsim.results.comparison import Comparison

_ORDER = ("protected", "not_begun", "self_resolved", "censored", *STOPS)
_NODE, _GAP = 0.016, 0.016
"""Width of the bar of a result and gap below it, as shares of the panel."""


@dataclass(frozen=True)
class _Kind:
    """A kind of change: its colour, opacity and description in the key."""

    colour: str
    alpha: float
    description: str


_KINDS = {
    NEWLY_REACHED: _Kind(style.BETTER, 0.8, "newly reached"),
    NEWLY_MISSED: _Kind(style.WORSE, 0.9, "newly missed"),
    "otherwise": _Kind(style.QUIET, 0.5, "other changes"),
    "same": _Kind(style.FAINT, 1.0, "no change"),
}


@registry.figure(
    of="arm",
    question="How do the results of spells of harm change?",
    content="results of spells in the reference and in one arm, if they differ",
    uncertainty="95% of newly reached and newly missed",
    order=10,
    exhibit=registry.Exhibit(
        describe=describe_flow,
        create_table=create_flow_table,
        caption="The same spells of harm twice: on the left by their fate under the reference, on the right by their "
        "fate under the other scenario.",
    ),
)
@style.use_style()
def flow(comparison: Comparison, arm: str | None = None) -> Figure:
    """Draw how the results of spells of harm change between the reference and an arm, over all seeds.

    The bar at the top shows all spells; the bands below, on their own scale, show only those whose result changes.
    Blue is newly reached and vermilion newly missed. The key gives their numbers, with 95% intervals of a seed.

    Args:
        comparison: a comparison; its `flows` are empty if the arms have different children.
        arm: name of the arm; the first after the reference if None.

    Raises:
        ValueError: no arm of this name is compared with the reference.

    >>> flow(comparison, "pooled_budget").texts[0].get_text()
    'How do the results of spells of harm change?'
    >>> flow(comparison, "pooled_budgets")
    Traceback (most recent call last):
    ...
    ValueError: 'pooled_budgets' is not compared with the reference; choose one of: duty_complete, pooled_budget
    """
    arm = choose_arm(comparison, arm)
    flows = comparison.flows[comparison.flows["arm"] == arm]
    flows = flows.assign(
        kind=[_classify(*pair) for pair in zip(flows["before"], flows["after"], strict=True)]
    )
    flows = flows.assign(number=(flows["spells"] * len(comparison.seeds)).round().astype("int64"))
    total = int(flows["number"].sum())
    changed = flows[(flows["kind"] != "same") & (flows["number"] > 0)]
    figure = create_comparison_figure(
        comparison,
        "How do the results of spells of harm change?",
        f"Bar: all {format_count(total, 'spell')} of significant harm over "
        f"{format_count(len(comparison.seeds), 'seed')}. Bands: only spells whose result changes, on a larger scale.\n"
        "Newly reached: missed in the reference. Newly missed: protected there. Percentages: of all spells.",
        arm=arm,
    )
    if total:
        _draw_all(figure, comparison, arm, flows, total)
    axes = figure.add_axes((0.0, 0.07, 1.0, 0.6))
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(1, -0.06))
    if changed.empty:
        text = "Every spell has the same result." if total else OTHER_CHILDREN
        axes.text(0.5, 0.4, text, ha="center", fontsize=16, color=style.QUIET)
        return figure
    _draw_bands(axes, changed, flows)
    for x, side, name in ((_START, "right", comparison.reference), (_END, "left", arm)):
        axes.text(x, -0.045, f"Under {style.format_name(name, 30)}", ha=side, va="bottom", weight="bold")
    return figure


_START, _END = 0.355, 0.655


def _classify(before: str, after: str) -> str:
    if before == after:
        return "same"
    if before in STOPS and after == "protected":
        return NEWLY_REACHED
    return NEWLY_MISSED if before == "protected" and after in STOPS else "otherwise"


def _draw_all(figure: Figure, comparison: Comparison, arm: str, flows: pd.DataFrame, total: int) -> None:
    """Draw all spells in one bar, and below it a key to the colours with the numbers of spells."""
    axes = figure.add_axes((style.LEFT, 0.785, 1 - 2 * style.LEFT, 0.025))
    axes.set_axis_off()
    axes.set(xlim=(0, total), ylim=(0, 1))
    previous: Annotation | Axes = axes
    left = 0
    for name, kind in _KINDS.items():
        number = int(flows.loc[flows["kind"] == name, "number"].sum())
        axes.barh(0.5, number, left=left, height=1, color=kind.colour, alpha=kind.alpha, linewidth=0)
        left += number
        turned = name in (NEWLY_REACHED, NEWLY_MISSED)
        size = format_turn(comparison, arm, name, short=True) if turned else format_decimals(number)
        previous = _add_to_key(axes, previous, kind, f"{kind.description}: {size}")


def _add_to_key(axes: Axes, previous: Annotation | Axes, kind: _Kind, label: str) -> Annotation:
    """Add a coloured square and its label to the key, to the right of the previous entry."""
    first = previous is axes
    square = axes.annotate(
        "■", (0.0, -1.1) if first else (1.0, 0.5), xycoords=axes.transAxes if first else previous, va="center",
        xytext=(0 if first else 16, 0), textcoords="offset points", color=kind.colour, alpha=kind.alpha, fontsize=14,
        annotation_clip=False,
    )  # fmt: skip
    return axes.annotate(
        label, (1.0, 0.5), xycoords=square, xytext=(4, 0), textcoords="offset points", va="center", fontsize=11,
        annotation_clip=False,
    )  # fmt: skip


@dataclass
class _Side:
    """One side of the figure: the top and bottom of each result's bar, and where the next band is attached."""

    x: float
    spans: dict[str, tuple[float, float]]
    free: dict[str, float]


def _arrange_side(x: float, sizes: pd.Series, scale: float) -> _Side:
    """Arrange the bars of results from the top down, each as high as its spells with another result."""
    present = [result for result in _ORDER if sizes.get(result, 0.0) > 0]
    heights = np.array([sizes[result] * scale for result in present])
    tops = np.concatenate([[0.0], (heights + _GAP).cumsum()[:-1]])
    tops += (1 - (heights.sum() + _GAP * (len(present) - 1))) / 2
    spans = {
        result: (float(top), float(top + height))
        for result, top, height in zip(present, tops, heights, strict=True)
    }
    return _Side(x, spans, {result: span[0] for result, span in spans.items()})


def _draw_bands(axes: Axes, changed: pd.DataFrame, flows: pd.DataFrame) -> None:
    leaving = changed.groupby("before", observed=True)["number"].sum()
    arriving = changed.groupby("after", observed=True)["number"].sum()
    scale = (1 - _GAP * (max(len(leaving), len(arriving)) - 1)) / float(leaving.sum())
    left, right = _arrange_side(_START, leaving, scale), _arrange_side(_END, arriving, scale)
    rank = {result: place for place, result in enumerate(_ORDER)}
    ordered = sorted(changed.to_dict("records"), key=lambda row: (rank[row["before"]], rank[row["after"]]))
    begins = {}
    for row in ordered:
        begins[row["before"], row["after"]] = left.free[row["before"]]
        left.free[row["before"]] += row["number"] * scale
    for row in sorted(ordered, key=lambda row: (rank[row["after"]], rank[row["before"]])):
        height = row["number"] * scale
        start, end = begins[row["before"], row["after"]], right.free[row["after"]]
        right.free[row["after"]] += height
        axes.add_patch(
            _build_band(start, end, height, _KINDS[row["kind"]], behind=row["kind"] == "otherwise")
        )
    for side, column, toward in ((left, "before", "right"), (right, "after", "left")):
        _label_results(axes, side, flows.groupby(column, observed=True)["number"].sum(), toward)


def _build_band(start: float, end: float, height: float, kind: _Kind, *, behind: bool) -> PathPatch:
    """Build a band of constant height with horizontal ends."""
    a, b = _START + _NODE, _END - _NODE
    middle = (a + b) / 2
    corners = [
        (a, start), (middle, start), (middle, end), (b, end), (b, end + height), (middle, end + height),
        (middle, start + height), (a, start + height), (a, start),
    ]  # fmt: skip
    codes = [Curve.MOVETO, *[Curve.CURVE4] * 3, Curve.LINETO, *[Curve.CURVE4] * 3, Curve.CLOSEPOLY]
    return PathPatch(
        Curve(corners, codes), facecolor=kind.colour, alpha=kind.alpha, edgecolor=kind.colour, linewidth=0.3,
        zorder=1 if behind else 2,
    )  # fmt: skip


def _label_results(axes: Axes, side: _Side, totals: pd.Series, toward: str) -> None:
    """Draw a dark bar for each result, and write its name and how many of all spells have it next to it."""
    outward = -1 if toward == "right" else 1
    middles = [(top + bottom) / 2 for top, bottom in side.spans.values()]
    heights = spread_labels(middles, apart=0.052, lowest=0.0, highest=1.0)
    spells = int(totals.sum())
    for (result, (top, bottom)), middle, height in zip(side.spans.items(), middles, heights, strict=True):
        x = side.x if toward == "right" else side.x - _NODE
        axes.add_patch(Rectangle((x, top), _NODE, bottom - top, color=style.INK, linewidth=0, zorder=3))
        edge = side.x - 0.004 if toward == "right" else side.x + 0.004
        axes.plot(
            [edge, edge + 0.014 * outward], [middle, height], color=style.QUIET, linewidth=0.8, clip_on=False
        )
        name, share = FATES[result], format_spells(int(totals[result]), spells)
        label = axes.annotate(
            name, (edge + 0.018 * outward, height), ha=toward, va="center", annotation_clip=False
        )
        beyond, align = ((0, 0.5), "right") if toward == "right" else ((1, 0.5), "left")
        axes.annotate(
            share, beyond, xycoords=label, xytext=(8 * outward, 0), textcoords="offset points", ha=align,
            va="center", color=style.QUIET, fontsize=11, annotation_clip=False,
        )  # fmt: skip
