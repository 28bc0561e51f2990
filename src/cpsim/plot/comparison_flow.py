"""Figure: from what became of a spell in the reference to what became of it in an arm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Curve

from cpsim.plot import style
from cpsim.plot.comparisons import OTHER_CHILDREN, asked, compared, counted
from cpsim.plot.labels import spread
from cpsim.results.comparison_tables import FATES, LOST, RESCUED
from cpsim.results.names import CAUSES
from cpsim.results.printed import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

    from cpsim.results.comparison import Comparison

_ORDER = ("protected", "not_begun", "self_resolved", "censored", *CAUSES)
_NODE, _GAP = 0.016, 0.016
"""Width of a fate's bar as a share of the width between both sides, and the gap below it as one of the height."""


@dataclass(frozen=True)
class _Kind:
    """What a change means: its colour, how much it covers, and its words in the key."""

    colour: str
    alpha: float
    says: str


_KINDS = {
    RESCUED: _Kind(style.BETTER, 0.8, "children rescued"),
    LOST: _Kind(style.WORSE, 0.9, "children lost"),
    "otherwise": _Kind(style.QUIET, 0.5, "spells end otherwise"),
    "same": _Kind(style.FAINT, 1.0, "end the same"),
}


@style.styled()
def flow(comparison: Comparison, arm: str | None = None) -> Figure:
    """Draw which fates of spells of harm an arm exchanges for which, in spells a seed (mean over seeds).

    The bar on top holds all spells; below, on a scale of their own, stand those alone that end otherwise. Blue is
    missed in the reference and protected in the arm, vermilion the reverse. The key has 95 % intervals over seeds.

    Args:
        comparison: has rows in `flows` unless its arms have other children.
        arm: the first after the reference if none is named.

    Raises:
        ValueError: no such arm is compared with the reference.
    """
    arm = compared(comparison, arm)
    flows = comparison.flows[comparison.flows["arm"] == arm]
    flows = flows.assign(kind=[_kind(*pair) for pair in zip(flows["before"], flows["after"], strict=True)])
    total = float(flows["spells"].sum())
    changed = flows[(flows["kind"] != "same") & (flows["spells"] > 0)]
    figure = asked(
        comparison,
        "Who was rescued, who was lost, and from where?",
        f"Of {total:,.0f} spells of significant harm a seed (bar): rescued were missed before and are protected now,\n"
        "lost the reverse. Bands: those alone that end otherwise, on a scale of their own; shares are of all spells.",
    )
    if total:
        _draw_all(figure, comparison, arm, flows, total)
    axes = figure.add_axes((0.0, 0.07, 1.0, 0.6))
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(1, -0.06))
    if changed.empty:
        said = "Every spell ends the same." if total else OTHER_CHILDREN
        axes.text(0.5, 0.4, said, ha="center", fontsize=16, color=style.QUIET)
        return figure
    _draw_bands(axes, changed, flows)
    for x, side, name in ((_START, "right", comparison.reference), (_END, "left", arm)):
        axes.text(x, -0.045, f"Under {style.plain(name, 30)}", ha=side, va="bottom", weight="bold")
    return figure


_START, _END = 0.355, 0.655


def _kind(before: str, after: str) -> str:
    if before == after:
        return "same"
    if before in CAUSES and after == "protected":
        return RESCUED
    return LOST if before == "protected" and after in CAUSES else "otherwise"


def _draw_all(figure: Figure, comparison: Comparison, arm: str, flows: pd.DataFrame, total: float) -> None:
    """All spells in one bar, and below it a key to the colours with numbers."""
    axes = figure.add_axes((style.LEFT, 0.785, 1 - 2 * style.LEFT, 0.025))
    axes.set_axis_off()
    axes.set(xlim=(0, total), ylim=(0, 1))
    turns = comparison.turns[comparison.turns["arm"] == arm].to_dict("records")
    children = {row["turn"]: (row["children"], row["low"], row["high"]) for row in turns}
    single = len(comparison.seeds) == 1
    beside: Annotation | Axes = axes
    left = 0.0
    for name, kind in _KINDS.items():
        spells = float(flows.loc[flows["kind"] == name, "spells"].sum())
        axes.barh(0.5, spells, left=left, height=1, color=kind.colour, alpha=kind.alpha, linewidth=0)
        left += spells
        label = f"{counted(*children.get(name, (spells, math.nan, math.nan)), whole=single)} {kind.says}"
        beside = _add_to_key(axes, beside, kind, label)


def _add_to_key(axes: Axes, beside: Annotation | Axes, kind: _Kind, label: str) -> Annotation:
    """A square of the colour and its words, to the right of what stands in the key already."""
    first = beside is axes
    square = axes.annotate(
        "■", (0.0, -1.1) if first else (1.0, 0.5), xycoords=axes.transAxes if first else beside, va="center",
        xytext=(0 if first else 16, 0), textcoords="offset points", color=kind.colour, alpha=kind.alpha, fontsize=14,
        annotation_clip=False,
    )  # fmt: skip
    return axes.annotate(
        label, (1.0, 0.5), xycoords=square, xytext=(4, 0), textcoords="offset points", va="center", fontsize=11,
        annotation_clip=False,
    )  # fmt: skip


@dataclass
class _Side:
    """One side of the picture: where each fate's bar begins and ends, and where the next band meets it."""

    x: float
    spans: dict[str, tuple[float, float]]
    free: dict[str, float]


def _side(x: float, sizes: pd.Series, scale: float) -> _Side:
    """Thresholds of fates from the top down, as high as what comes from or to them."""
    present = [fate for fate in _ORDER if sizes.get(fate, 0.0) > 0]
    heights = np.array([sizes[fate] * scale for fate in present])
    tops = np.concatenate([[0.0], (heights + _GAP).cumsum()[:-1]])
    tops += (1 - (heights.sum() + _GAP * (len(present) - 1))) / 2
    spans = {
        fate: (float(top), float(top + height))
        for fate, top, height in zip(present, tops, heights, strict=True)
    }
    return _Side(x, spans, {fate: span[0] for fate, span in spans.items()})


def _draw_bands(axes: Axes, changed: pd.DataFrame, flows: pd.DataFrame) -> None:
    leaving = changed.groupby("before", observed=True)["spells"].sum()
    arriving = changed.groupby("after", observed=True)["spells"].sum()
    scale = (1 - _GAP * (max(len(leaving), len(arriving)) - 1)) / float(leaving.sum())
    left, right = _side(_START, leaving, scale), _side(_END, arriving, scale)
    rank = {fate: place for place, fate in enumerate(_ORDER)}
    ordered = sorted(changed.to_dict("records"), key=lambda row: (rank[row["before"]], rank[row["after"]]))
    begins = {}
    for row in ordered:
        begins[row["before"], row["after"]] = left.free[row["before"]]
        left.free[row["before"]] += row["spells"] * scale
    for row in sorted(ordered, key=lambda row: (rank[row["after"]], rank[row["before"]])):
        height = row["spells"] * scale
        start, end = begins[row["before"], row["after"]], right.free[row["after"]]
        right.free[row["after"]] += height
        axes.add_patch(_band(start, end, height, _KINDS[row["kind"]], behind=row["kind"] == "otherwise"))
    for side, column, toward in ((left, "before", "right"), (right, "after", "left")):
        _name_fates(axes, side, flows.groupby(column, observed=True)["spells"].sum(), toward)


def _band(start: float, end: float, height: float, kind: _Kind, *, behind: bool) -> PathPatch:
    """A band of even height that leaves and arrives level."""
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


def _name_fates(axes: Axes, side: _Side, totals: pd.Series, toward: str) -> None:
    """A dark bar for each fate, and outside it its name with how many of all spells have it on this side."""
    outward = -1 if toward == "right" else 1
    middles = [(top + bottom) / 2 for top, bottom in side.spans.values()]
    heights = spread(middles, apart=0.052, lowest=0.0, highest=1.0)
    everybody = float(totals.sum())
    for (fate, (top, bottom)), middle, height in zip(side.spans.items(), middles, heights, strict=True):
        x = side.x if toward == "right" else side.x - _NODE
        axes.add_patch(Rectangle((x, top), _NODE, bottom - top, color=style.INK, linewidth=0, zorder=3))
        edge = side.x - 0.004 if toward == "right" else side.x + 0.004
        axes.plot(
            [edge, edge + 0.014 * outward], [middle, height], color=style.QUIET, linewidth=0.8, clip_on=False
        )
        name, share = FATES[fate], percent(float(totals[fate]) / everybody)
        label = axes.annotate(
            name, (edge + 0.018 * outward, height), ha=toward, va="center", annotation_clip=False
        )
        beyond, align = ((0, 0.5), "right") if toward == "right" else ((1, 0.5), "left")
        axes.annotate(
            share, beyond, xycoords=label, xytext=(8 * outward, 0), textcoords="offset points", ha=align,
            va="center", color=style.QUIET, fontsize=11, annotation_clip=False,
        )  # fmt: skip
