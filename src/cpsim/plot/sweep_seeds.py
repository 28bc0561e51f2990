"""Figure of a sweep: how many seeds are enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.plot import style
from cpsim.plot.panels import COLOURS, asked, legend, panels, plain_ticks, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cpsim.results.analysis import Analysis


@style.styled()
def seeds(analysis: Analysis) -> Figure:
    """Draw how narrow the interval gets with more seeds, and how well that is known."""
    from scipy.stats import t

    table = analysis.tables["seeds"].drop_duplicates(["of", "outcome"])
    figure = asked(
        analysis,
        "How many seeds are enough?",
        "Half width of the 95 % interval of the difference to the first arm (or of the only arm) by number of seeds.\n"
        "Dot: seeds run so far. Band: what the spread between so few seeds may truly be.",
    )
    compared = list(dict.fromkeys(table["of"]))[: len(COLOURS)]
    most = 4 * int(table["seeds_now"].max())
    counts = np.unique(np.geomspace(2, max(most, 20), 40).astype(np.int64))
    factor = t.ppf(0.975, counts - 1) / np.sqrt(counts)
    for axes, outcome in panels(figure, analysis.outcomes, ()):
        told = table[table["outcome"] == outcome]
        for colour, name in zip(COLOURS, compared, strict=False):
            axes.plot([], [], color=colour, label=short(name.partition(" less ")[0]))
            own = told[(told["of"] == name) & (told["sd"] > 0)]
            for row in own.to_dict("records"):
                axes.fill_between(
                    counts,
                    row["sd_low"] * factor,
                    row["sd_high"] * factor,
                    color=colour,
                    alpha=0.15,
                    linewidth=0,
                )
                axes.plot(counts, row["sd"] * factor, color=colour)
                axes.plot(row["seeds_now"], row["half_width_now"], "o", color=colour)
        axes.set_xscale("log")
        axes.set_xlabel("seeds")
        if (told["sd"] > 0).any():
            axes.set_yscale("log")
        else:
            axes.text(
                0.5, 0.5, "the same with every seed", transform=axes.transAxes, ha="center", color=style.QUIET
            )
        plain_ticks(axes, counts)
    legend(figure)
    return figure
