"""Figure of a sweep: width of intervals by number of seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.analysis.seeds import half_width_curve
from cpsim.plot import registry, style
from cpsim.plot.panels import (
    COLOURS,
    add_legend,
    add_panels,
    create_sweep_figure,
    label_sizes,
    set_log_ticks,
    title_differences,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cpsim.results.analysis import Analysis


@registry.figure(
    of="sweep",
    question="How many seeds are enough?",
    order=60,
)
@style.use_style()
def seeds(analysis: Analysis) -> Figure:
    """Draw the half-width of intervals by number of seeds, with a band for its uncertainty.

    Raises:
        KeyError: the analysis has no table `seeds`; `list_sweep_figures` lists what can be drawn.

    >>> seeds(analysis).texts[0].get_text()
    'How many seeds are enough?'
    """
    table = analysis.tables["seeds"].drop_duplicates(["of", "outcome"])
    figure = create_sweep_figure(
        analysis,
        "How many seeds are enough?",
        "Half-width of the 95% interval, at the level of its family, of the difference from the first arm (or of the\n"
        "only arm) by number of seeds. Dot: seeds so far. Band: uncertainty of the variation between seeds.",
    )
    compared = list(dict.fromkeys(table["of"]))[: len(COLOURS)]
    most = 4 * int(table["seeds_now"].max())
    counts = np.unique(np.geomspace(2, max(most, 20), 40).astype(np.int64))
    factor = half_width_curve(1.0, counts.astype(np.float64), int(table["tests"].max()))
    for axes, outcome in add_panels(figure, analysis.outcomes, ()):
        rows = table[table["outcome"] == outcome]
        for colour, name in zip(COLOURS, compared, strict=False):
            axes.plot([], [], color=colour, label=style.format_name(name.partition(" less ")[0]))
            own = rows[(rows["of"] == name) & (rows["sd"] > 0)]
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
        title_differences(axes, outcome)
        axes.set_xscale("log")
        axes.set_xlabel("seeds")
        if (rows["sd"] > 0).any():
            axes.set_yscale("log")
            label_sizes(axes.yaxis, outcome)
        else:
            axes.text(
                0.5,
                0.5,
                "no difference between seeds",
                transform=axes.transAxes,
                ha="center",
                color=style.QUIET,
            )
        set_log_ticks(axes, counts)
    add_legend(figure)
    return figure
