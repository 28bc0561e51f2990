"""Figure: the network of agencies around the front door."""

from __future__ import annotations

import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.lines import Line2D

from cpsim.arrays import Floats
from cpsim.plot import style
from cpsim.results.names import agencies_in_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results import RunResult

    Places = dict[str, tuple[float, float]]

_TRUST = LinearSegmentedColormap.from_list("trust", [style.VERMILION, "#ead9c4", style.BLUE])
_GAP = 0.16
"""Empty angle between two kinds of agency, in radians."""
_SPACING = 0.035
"""Least distance between neighbours on an arc before a second arc is opened, where the farthest arc has radius 1."""
_WIDEST = 6.0
"""Width of the busiest tie, in points."""
_ALONG = np.linspace(0, 1, 16)[None, :, None]


@style.styled()
def network(result: RunResult) -> Figure:
    """Draw every organisation around the front door, grouped by kind; ties as wide as their use, coloured by trust."""
    years = len(result.weekly) / 52
    used = result.ties[result.ties["uses"] > 0].sort_values("uses", kind="stable")
    used = used.assign(per_year=used["uses"] / years)
    lateral = used["role"] == "lateral"
    figure = style.titled(result, "Who talks to whom, and who trusts whom?", _counted(result, used))
    axes = figure.add_axes((0.0, 0.05, 0.8, 0.77), aspect="equal")
    axes.set_axis_off()
    axes.set(xlim=(-1.9, 1.9), ylim=(-1.22, 1.18))
    places = _draw_organisations(axes, result.agencies)
    busiest = float(used["per_year"].max()) if len(used) else 1.0
    _draw_ties(axes, used[lateral], places, busiest, bend=0.6)
    _draw_ties(axes, used[~lateral], places, busiest, bend=0.0)
    axes.scatter([0], [0], s=900, color=style.INK, zorder=5)
    axes.text(
        0, 0, "Front\ndoor", ha="center", va="center", color=style.PAPER, fontsize=9, weight="bold", zorder=6
    )
    _draw_key(figure, busiest)
    return figure


def _counted(result: RunResult, used: pd.DataFrame) -> str:
    """How many there are and how many talk; `used` are the ties that somebody has used."""
    departments = result.authorities["authority"].nunique()
    several = departments > 1
    doors = (
        f"front doors of {departments} departments, drawn as one"
        if several
        else "front door of children's social care"
    )
    lateral = used["role"] == "lateral"
    return (
        f"{len(result.agencies):,} organisations around the {doors}: "
        f"{used.loc[~lateral, 'source'].nunique():,} spoke to {'one' if several else 'it'},\n"
        f"and of {(result.ties['role'] == 'lateral').sum():,} ties between partners {lateral.sum():,} were ever used."
    )


def _sectors(kinds: pd.Series) -> dict[str, tuple[float, float]]:
    """Give each kind a sector, wider for more organisations: kind -> (from, to) in radians, clockwise from the top.

    Large and small kinds take turns, so that the names of two small ones do not run into each other.
    """
    by_size = sorted((-count, str(kind)) for kind, count in kinds.value_counts().items() if count)
    large, small = by_size[: (len(by_size) + 1) // 2], by_size[(len(by_size) + 1) // 2 :]
    counts = {kind: -count for pair in zip_longest(large, small) for count, kind in filter(None, pair)}
    roots = np.sqrt(list(counts.values()))
    widths = roots / roots.sum() * (2 * np.pi - _GAP * len(counts))
    starts = np.pi / 2 - np.concatenate([[0.0], np.cumsum(widths + _GAP)[:-1]])
    return {kind: (float(a), float(a - w)) for kind, a, w in zip(counts, starts, widths, strict=True)}


def _draw_organisations(axes: Axes, agencies: pd.DataFrame) -> Places:
    """Draw each organisation in the sector of its kind, neighbours in area side by side: name -> (x, y)."""
    places: Places = {}
    for kind, (start, end) in _sectors(agencies["kind"]).items():
        members = agencies.loc[agencies["kind"] == kind].sort_values(["area", "agency"])["name"]
        number = len(members)
        arcs = max(1, round(number * _SPACING / (start - end)))
        angle = start + (np.arange(number) + 0.5) / number * (end - start)
        radius = 1 - 0.06 * (np.arange(number) % arcs)
        x, y = radius * np.cos(angle), radius * np.sin(angle)
        places |= {name: (float(a), float(b)) for name, a, b in zip(members, x, y, strict=True)}
        axes.scatter(
            x, y, s=22 if number > 12 else 60, color=style.INK, edgecolor=style.PAPER, linewidth=0.6, zorder=4
        )
        _name_kind(axes, kind, number, (start + end) / 2)
    return places


def _name_kind(axes: Axes, kind: str, number: int, angle: float) -> None:
    name = style.plain(agencies_in_words(kind))
    x, y = 1.07 * np.cos(angle), 1.07 * np.sin(angle)
    side = "center" if abs(x) < 0.25 else "left" if x > 0 else "right"
    height = "center" if abs(y) < 0.9 else "bottom" if y > 0 else "top"
    label = textwrap.fill(f"{name}: {number}", 18)
    axes.text(x, y, label, ha=side, va=height, weight="bold")


def _draw_ties(axes: Axes, ties: pd.DataFrame, places: Places, busiest: float, bend: float) -> None:
    """Draw ties, the most used on top, bent by `bend` towards the centre; a place that is no organisation is there."""
    if ties.empty:  # matplotlib cannot shade no lines
        return
    start, end = (
        np.array([places.get(name, (0.0, 0.0)) for name in ties[column]]).reshape(-1, 1, 2)
        for column in ("source", "target")
    )
    knee = (1 - bend) * (start + end) / 2
    curves = (1 - _ALONG) ** 2 * start + 2 * _ALONG * (1 - _ALONG) * knee + _ALONG**2 * end
    rate = ties["per_year"].to_numpy()
    faint = 0.07 + 0.6 * np.sqrt(rate / rate.max()) if bend else 0.85
    lines = LineCollection(
        list(curves), linewidths=_width(rate, busiest), alpha=faint,
        array=ties["trust"].to_numpy(), cmap=_TRUST, norm=Normalize(0, 1), capstyle="round",
    )  # fmt: skip
    axes.add_collection(lines)


def _width(rate: Floats | float, busiest: float) -> Floats:
    """Width in points, its square in proportion to use, so that a rare tie can still be seen."""
    return np.maximum(0.4, _WIDEST * np.sqrt(np.asarray(rate) / busiest))


def _draw_key(figure: Figure, busiest: float) -> None:
    """Say what colour and width mean."""
    bar = figure.add_axes((0.83, 0.5, 0.018, 0.25))
    figure.colorbar(ScalarMappable(Normalize(0, 1), _TRUST), cax=bar, ticks=[0, 0.5, 1])
    bar.set_title("Trust on a tie", pad=12)
    bar.tick_params(length=0)
    bar.set_yticklabels(["0  none", "0.5", "1  full"])
    rates = 10.0 ** (np.floor(np.log10(busiest)) - np.arange(3))
    lines = [Line2D([], [], color=style.QUIET, linewidth=float(_width(rate, busiest))) for rate in rates]
    figure.legend(
        lines, [f"{rate:,g}" for rate in rates], title="Uses a year", loc="upper left", bbox_to_anchor=(0.815, 0.4),
        frameon=False, alignment="left", title_fontproperties={"weight": "bold", "size": 13},
    )  # fmt: skip
