"""Figure: the network of agencies around the front door."""

from __future__ import annotations

import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PathCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.lines import Line2D
from matplotlib.path import Path

from cpsim.arrays import Floats
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.formatting import format_agency_kind, format_count, format_decimals, format_number, pluralise
from cpsim.plot import registry, style
from cpsim.present import run_findings as found

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results import RunResult

    _Positions = dict[str, tuple[float, float]]

_TRUST = LinearSegmentedColormap.from_list("trust", [style.VERMILION, "#ead9c4", style.BLUE])
_GAP = 0.16
"""Empty angle between two kinds of agency, in radians."""
_SPACING = 0.035
"""Least distance between neighbours on an arc of radius 1; closer neighbours are spread over several arcs."""
_WIDEST = 6.0
"""Width of the busiest tie, in points."""
TIES = "ties"
"""Label of the collections of ties among those of the figure."""
_CURVE = (Path.MOVETO, Path.CURVE3, Path.CURVE3)


@registry.figure(
    of="run",
    question="Who shares with whom, and how much trust is there?",
    content="ties between organisations: width is use, colour is trust",
    order=50,
    applies=lambda result: result.scenario.get("authorities", {}).get("tile_children") is None,
    exhibit=registry.Exhibit(
        title="Ties between organisations",
        describe=found.describe_network,
        create_table=found.create_tie_table,
        caption="Each dot is an organisation; the front door of children's social care is in the middle. Each line is "
        "a tie that was used: wider if it was used more, orange if trust is low, blue if it is high.",
    ),
)
@style.use_style()
def network(result: RunResult) -> Figure:
    """Draw all organisations around the front door and the ties that were used; width is use, colour is trust.

    Use is in messages and consultations a year, and trust is from 0 to 1, as the key says.

    >>> network(result).texts[0].get_text()
    'Who shares with whom, and how much trust is there?'
    """
    years = len(result.weekly) / WEEKS_PER_YEAR
    used = result.ties[result.ties["uses"] > 0].sort_values("uses", kind="stable")
    used = used.assign(per_year=used["uses"] / years)
    lateral = used["role"] == "lateral"
    figure = style.create_run_figure(
        result, "Who shares with whom, and how much trust is there?", _describe_use(result, used)
    )
    axes = figure.add_axes((0.0, 0.05, 0.8, 0.77), aspect="equal")
    axes.set_axis_off()
    axes.set(xlim=(-1.9, 1.9), ylim=(-1.22, 1.18))
    positions = _draw_organisations(axes, result.agencies)
    busiest = float(used["per_year"].max()) if len(used) else 1.0
    _draw_ties(axes, used[lateral], positions, busiest, bend=0.6)
    _draw_ties(axes, used[~lateral], positions, busiest, bend=0.0)
    axes.scatter([0], [0], s=900, color=style.INK, zorder=5)
    axes.text(
        0, 0, "Front\ndoor", ha="center", va="center", color=style.PAPER, fontsize=9, weight="bold", zorder=6
    )
    _draw_key(figure, busiest)
    return figure


def _describe_use(result: RunResult, used: pd.DataFrame) -> str:
    """Describe how many organisations and ties there are; `used` holds the ties used at least once."""
    authorities = result.authorities["authority"].nunique()
    front_door = (
        f"front doors of {authorities} local authorities (one dot)"
        if authorities > 1
        else "front door of children's social care"
    )
    lateral = used["role"] == "lateral"
    return (
        f"{format_count(len(result.agencies), 'organisation')} around the {front_door}: "
        f"{format_decimals(used.loc[~lateral, 'source'].nunique())} sent messages to it,\n"
        f"and {format_decimals(lateral.sum())} of {format_count((result.ties['role'] == 'lateral').sum(), 'tie')} "
        f"between partner organisations {pluralise(lateral.sum(), 'was', 'were')} used."
    )


def _assign_sectors(kinds: pd.Series) -> dict[str, tuple[float, float]]:
    """Assign each kind of agency a sector: kind -> (from, to) in radians, clockwise from the top.

    The width of a sector grows with the square root of the number of organisations. Large and small kinds alternate,
    so that the labels of two small ones do not overlap.
    """
    by_size = sorted((-count, str(kind)) for kind, count in kinds.value_counts().items() if count)
    large, small = by_size[: (len(by_size) + 1) // 2], by_size[(len(by_size) + 1) // 2 :]
    counts = {kind: -count for pair in zip_longest(large, small) for count, kind in filter(None, pair)}
    roots = np.sqrt(list(counts.values()))
    widths = roots / roots.sum() * (2 * np.pi - _GAP * len(counts))
    starts = np.pi / 2 - np.concatenate([[0.0], np.cumsum(widths + _GAP)[:-1]])
    return {kind: (float(a), float(a - w)) for kind, a, w in zip(counts, starts, widths, strict=True)}


def _draw_organisations(axes: Axes, agencies: pd.DataFrame) -> _Positions:
    """Draw each organisation in the sector of its kind, ordered by area; returns name -> (x, y)."""
    positions: _Positions = {}
    for kind, (start, end) in _assign_sectors(agencies["kind"]).items():
        members = agencies.loc[agencies["kind"] == kind].sort_values(["area", "agency"])["name"]
        number = len(members)
        arcs = max(1, round(number * _SPACING / (start - end)))
        angle = start + (np.arange(number) + 0.5) / number * (end - start)
        radius = 1 - 0.06 * (np.arange(number) % arcs)
        x, y = radius * np.cos(angle), radius * np.sin(angle)
        positions |= {name: (float(a), float(b)) for name, a, b in zip(members, x, y, strict=True)}
        axes.scatter(
            x, y, s=22 if number > 12 else 60, color=style.INK, edgecolor=style.PAPER, linewidth=0.6, zorder=4
        )
        _label_kind(axes, kind, number, (start + end) / 2)
    return positions


def _label_kind(axes: Axes, kind: str, number: int, angle: float) -> None:
    name = style.format_name(format_agency_kind(kind))
    x, y = 1.07 * np.cos(angle), 1.07 * np.sin(angle)
    side = "center" if abs(x) < 0.25 else "left" if x > 0 else "right"
    height = "center" if abs(y) < 0.9 else "bottom" if y > 0 else "top"
    label = textwrap.fill(f"{name}: {number}", 18)
    axes.text(x, y, label, ha=side, va=height, weight="bold")


def _draw_ties(axes: Axes, ties: pd.DataFrame, positions: _Positions, busiest: float, bend: float) -> None:
    """Draw ties, the most used on top, curved towards the centre by `bend`; other names are at the centre."""
    if ties.empty:  # matplotlib cannot colour an empty collection
        return
    start, end = (
        np.array([positions.get(name, (0.0, 0.0)) for name in ties[column]])
        for column in ("source", "target")
    )
    corners = np.stack([start, (1 - bend) * (start + end) / 2, end], axis=1)
    rate = ties["per_year"].to_numpy()
    faint = 0.07 + 0.6 * np.sqrt(rate / rate.max()) if bend else 0.85
    curves = PathCollection(
        [Path(corner, _CURVE) for corner in corners], facecolors="none", linewidths=_tie_width(rate, busiest),
        alpha=faint, array=ties["trust"].to_numpy(), cmap=_TRUST, norm=Normalize(0, 1), capstyle="round",
        clip_on=False, label=TIES,
    )  # fmt: skip
    axes.add_collection(curves)


def _tie_width(rate: Floats | float, busiest: float) -> Floats:
    """Width in points, proportional to the square root of use, so that rarely used ties remain visible."""
    return np.maximum(0.4, _WIDEST * np.sqrt(np.asarray(rate) / busiest))


def _draw_key(figure: Figure, busiest: float) -> None:
    """Draw a key to the colours and widths of ties."""
    colour_bar = figure.add_axes((0.83, 0.5, 0.018, 0.25))
    figure.colorbar(ScalarMappable(Normalize(0, 1), _TRUST), cax=colour_bar, ticks=[0, 0.5, 1])
    colour_bar.set_title("Trust on a tie", pad=12)
    colour_bar.tick_params(length=0)
    colour_bar.set_yticklabels(["0 (none)", "0.5", "1 (full)"])
    rates = 10.0 ** (np.floor(np.log10(busiest)) - np.arange(3))
    lines = [Line2D([], [], color=style.QUIET, linewidth=float(_tie_width(rate, busiest))) for rate in rates]
    figure.legend(
        lines, list(map(format_number, rates)), title="Uses a year", loc="upper left", bbox_to_anchor=(0.815, 0.4),
        frameon=False, alignment="left", title_fontproperties={"weight": "bold", "size": 13},
    )  # fmt: skip
