"""Figure: a tile map of the authorities, a square for each, in blocks by region."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PatchCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from cpsim.plot import registry, style
from cpsim.present import run_findings as found
from cpsim.present.run_answer import compute_missed_rates
from cpsim.present.run_terminal import format_period

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results import RunResult

_RATE = LinearSegmentedColormap.from_list("missed", ["#fbe9dc", style.VERMILION, "#5a1f00"])
_SIDE = 0.92
"""Side of a square; the rest is the gap to the next one."""
_GAP = 0.9
"""Space between blocks, in squares."""
_WIDER = 2.2
"""Width of a block for its height."""
_TITLE = 1.4
"""Height of the title above a block, in squares."""


class _Block(NamedTuple):
    """The squares of a region: its name, its first authority, their number, and its place on the map."""

    name: str
    first: int
    number: int
    column: int
    row: int

    @property
    def width(self) -> int:
        return math.ceil(math.sqrt(_WIDER * self.number))

    @property
    def height(self) -> int:
        return math.ceil(self.number / self.width)


@registry.figure(
    of="run",
    question="Where was harm missed?",
    content="a square for each authority, in blocks by region; the missed-risk rate is the colour",
    order=60,
    applies=lambda result: result.authorities["authority"].nunique() > 1,
    exhibit=registry.Exhibit(
        title="Where harm was missed",
        describe=found.describe_places,
        create_table=None,
        caption="Each square is a local authority, all of the same size; the darker it is, the larger the share of "
        "spells of harm that were missed. With little harm in an authority, chance makes its rate very low or very "
        "high. The authorities are invented: no square is a real council.",
    ),
)
@style.use_style()
def places(result: RunResult) -> Figure:
    """Draw a map of the authorities as squares of equal size, coloured by their missed-risk rates.

    The squares of a region form a block, and the blocks stand where the scenario places them.

    >>> places(result).texts[0].get_text()
    'Where was harm missed?'
    """
    rates = compute_missed_rates(result.authorities)["missed_risk_rate"].to_numpy(np.float64)
    figure = style.create_run_figure(
        result,
        "Where was harm missed?",
        f"Missed spells of harm as a share of those followed, by authority. {format_period(result)}.\n"
        "Each square is one authority; squares of a block are in the order of their numbers.",
    )
    axes = figure.add_axes((style.LEFT, 0.06, 0.8, 0.76), aspect="equal", anchor="W")
    axes.set_axis_off()
    known = rates[~np.isnan(rates)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    colours = Normalize(low, high if high > low else low + 0.01)
    _draw_blocks(axes, _list_blocks(result.scenario.get("authorities", {}), len(rates)), rates, colours)
    bar = figure.colorbar(ScalarMappable(colours, _RATE), cax=figure.add_axes((0.87, 0.2, 0.02, 0.5)))
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0)
    bar.ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol="%"))
    bar.ax.set_title("missed", fontsize=11, weight="normal", color=style.QUIET, pad=10)
    return figure


def _list_blocks(settings: dict[str, Any], authorities: int) -> list[_Block]:
    """List the blocks: those of the regions where the scenario has some, or else a single one without a name."""
    regions: Sequence[dict[str, Any]] = settings.get("regions") or [{"name": "", "count": authorities}]
    placed = all(
        region.get("map_column") is not None and region.get("map_row") is not None for region in regions
    )
    columns = math.ceil(math.sqrt(len(regions)))
    blocks, first = [], 0
    for index, region in enumerate(regions):
        row, column = divmod(index, columns)
        if placed:
            row, column = region["map_row"], region["map_column"]
        blocks.append(_Block(region["name"], first, region["count"], column, row))
        first += region["count"]
    return blocks


def _draw_blocks(
    axes: Axes, blocks: Sequence[_Block], rates: np.ndarray[Any, Any], colours: Normalize
) -> None:
    """Draw each block with its title below those above it and to the right of those before it."""
    widths, heights = _measure(blocks, "column", "width"), _measure(blocks, "row", "height")
    longest = max((len(block.name) for block in blocks), default=0)
    for block in blocks:
        left = sum(
            max(width, 0.45 * longest) + _GAP for column, width in widths.items() if column < block.column
        )
        top = sum(height + _GAP + _TITLE for row, height in heights.items() if row < block.row)
        own = rates[block.first : block.first + block.number]
        squares = [
            Rectangle((left + x, -top - _TITLE - y - _SIDE), _SIDE, _SIDE) for x, y in _list_cells(block)
        ]
        fills = [style.FAINT if np.isnan(rate) else _RATE(colours(rate)) for rate in own]
        axes.add_collection(PatchCollection(squares, facecolors=fills, edgecolors="none"))
        if block.name:
            axes.text(left, -top - _TITLE + 0.25, style.format_name(block.name, 30), fontsize=11, va="bottom")
    axes.autoscale_view()


def _list_cells(block: _Block) -> Iterator[tuple[int, int]]:
    """List the column and row of each square of a block."""
    for place in range(block.number):
        row, column = divmod(place, block.width)
        yield column, row


def _measure(blocks: Sequence[_Block], axis: str, size: str) -> dict[int, int]:
    """Measure the widest block of each column, or the highest of each row."""
    found_sizes: dict[int, int] = {}
    for block in blocks:
        place = getattr(block, axis)
        found_sizes[place] = max(found_sizes.get(place, 0), getattr(block, size))
    return found_sizes
