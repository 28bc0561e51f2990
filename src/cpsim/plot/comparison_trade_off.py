"""Figure: misses against families assessed with neither need nor harm, seed by seed."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from cpsim.formatting import format_count, format_number, format_outcome
from cpsim.measures.outcomes import list_first_headlines
from cpsim.plot import registry, style
from cpsim.plot.comparisons import create_comparison_figure
from cpsim.plot.labels import spread_labels
from cpsim.plot.outcomes import label_outcome
from cpsim.present.comparison_exhibits import describe_trade_off, select_differences
from cpsim.present.comparison_findings import create_run_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results.comparison import Comparison

_COLOURS = (style.GREEN, style.PURPLE, style.ORANGE, style.SKY)
"""Colours of arms, different from those for better and worse. Further arms are grey."""

_MISSES, _NEITHER = list_first_headlines(("Missed risk", "Assessments"))


@registry.figure(
    of="comparison",
    question="Fewer misses, or only more assessments?",
    content="misses against families assessed with neither, one line per seed",
    uncertainty="95% of the differences, of each family of tests",
    order=20,
    exhibit=registry.Exhibit(
        title="Fewer misses, or only more assessments?",
        describe=describe_trade_off,
        create_table=create_run_table,
        caption="Down and to the left is better. A reform that only lowers a threshold moves down and to the right.",
    ),
)
@style.use_style()
def trade_off(comparison: Comparison) -> Figure:
    """Draw missed spells (share) against families assessed with neither need nor harm, for the reference and each arm.

    A faint line is one seed, from the reference to the arm; a dot is the mean over seeds. The cross on an arm is the
    interval of its difference from the reference, seed by seed, at the level of its family of tests.

    >>> trade_off(comparison).texts[0].get_text()
    'Fewer misses, or only more assessments?'
    """
    several = len(comparison.seeds) > 1
    figure = create_comparison_figure(
        comparison,
        "Fewer misses, or only more assessments?",
        f"Faint lines: one seed each, from {style.format_name(comparison.reference, 40)} to another arm.\n"
        + (
            f"Dots: means over {format_count(len(comparison.seeds), 'seed')}. "
            "Crosses: intervals of the differences."
            if several
            else "One seed: no intervals can be given."
        ),
    )
    axes = figure.add_axes((0.085, 0.13, 0.66, 0.62))
    runs = comparison.select_rows(table="runs").set_index("arm")
    start = runs.loc[[comparison.reference]].set_index("seed")
    differences = select_differences(comparison)
    ends = {comparison.reference: _draw_mean(axes, start, style.INK)}
    for arm, colour in zip_longest(
        comparison.others, _COLOURS[: len(comparison.others)], fillvalue=style.QUIET
    ):
        end = runs.loc[[arm]].set_index("seed").loc[start.index]
        axes.plot(
            [start[_NEITHER], end[_NEITHER]],
            [start[_MISSES], end[_MISSES]],
            color=colour,
            alpha=0.5,
            linewidth=1,
            marker=".",
            markevery=[1],
        )
        ends[arm] = x, y = _draw_mean(axes, end, colour)
        axes.annotate("", (x, y), ends[comparison.reference], arrowprops=_format_arrow(colour), zorder=3)
        across, up = (differences[arm, outcome] for outcome in (_NEITHER, _MISSES))
        axes.hlines(
            y,
            x + across["low"] - across["difference"],
            x + across["high"] - across["difference"],
            color=colour,
        )
        axes.vlines(x, y + up["low"] - up["difference"], y + up["high"] - up["difference"], color=colour)
    axes.margins(0.08)
    axes.set_xlabel(", ".join(label_outcome(_NEITHER)))
    axes.set_title(", ".join(label_outcome(_MISSES)), weight="normal")
    axes.yaxis.set_major_formatter(lambda share, _: f"{format_number(100 * share)}%")
    axes.grid(color=style.FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    _label_arms(axes, ends)
    return figure


def _draw_mean(axes: Axes, runs: pd.DataFrame, colour: str) -> tuple[float, float]:
    place = float(runs[_NEITHER].mean()), float(runs[_MISSES].mean())
    axes.plot(*place, "o", color=colour, markersize=10, markeredgecolor=style.PAPER, zorder=4)
    return place


def _format_arrow(colour: str) -> dict[str, object]:
    return {"arrowstyle": "-|>", "color": colour, "linewidth": 2.2, "shrinkA": 5, "shrinkB": 6}


def _label_arms(axes: Axes, ends: dict[str, tuple[float, float]]) -> None:
    """Write the names of the arms to the right of the panel, ordered by misses, with a line to each dot."""
    bottom, top = axes.get_ylim()
    right = axes.get_xlim()[1]
    axes.autoscale(enable=False)
    heights = spread_labels(
        [(y - bottom) / (top - bottom) for _, y in ends.values()], apart=0.11, highest=0.94
    )
    for (arm, (x, y)), height in zip(ends.items(), heights, strict=True):
        label_y = bottom + height * (top - bottom)
        axes.plot([x, right], [y, label_y], color=style.QUIET, linewidth=0.7, zorder=1, clip_on=False)
        axes.annotate(
            style.format_name(arm, 24), (right, label_y), xytext=(6, 0), textcoords="offset points", va="bottom",
            weight="bold", annotation_clip=False,
        )  # fmt: skip
        values = f"{format_outcome(_MISSES, y)} missed, {format_outcome(_NEITHER, x)} families"
        axes.annotate(
            values, (right, label_y), xytext=(6, -2), textcoords="offset points", va="top",
            fontsize=11, color=style.QUIET, annotation_clip=False,
        )  # fmt: skip
