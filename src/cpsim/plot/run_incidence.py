"""Figure: cumulative incidence of the first event after the onset of harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import PercentFormatter

from cpsim.formatting import format_count, format_percent
from cpsim.measures.horizons import list_horizons
from cpsim.plot import registry, style
from cpsim.plot.labels import spread_labels
from cpsim.present import run_findings as found
from cpsim.present.run_terminal import format_period
from cpsim.results.incidence import FIRST_EVENTS, WEEKS, cumulative_incidence

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results import RunResult

_COLOURS = {"protected": style.GREEN, "ended": style.QUIET, "serious_event": style.VERMILION}


@registry.figure(
    of="run",
    question="How soon are children first protected?",
    content="first event by weeks since onset: first protection, end without protection, serious event",
    uncertainty="95%, by resampling families",
    order=20,
    exhibit=registry.Exhibit(
        title="Time to first protection",
        describe=found.describe_incidence,
        create_table=found.create_incidence_table,
        caption="Each spell counts by its first event: a serious event, first protection, or its end without "
        "protection. First protection counts even if it is lost again, so its share is at least that of spells "
        "protected in time, which are judged at the deadline (dotted line).",
    ),
)
@style.use_style()
def incidence(result: RunResult) -> Figure:
    """Draw the cumulative incidence of first protection, of an end without protection and of a serious event.

    Shares of all spells of significant harm by weeks since onset, estimated as competing events (Aalen-Johansen);
    children who turn 18 are censored on that day. Bands: 95%, bootstrap of families.

    >>> incidence(result).texts[0].get_text()
    'How soon are children first protected?'
    """
    figure = style.create_run_figure(
        result,
        "How soon are children first protected?",
        f"First event by weeks since onset. Spells of significant harm, {format_period(result)}.\n"
        "Bands: 95%, by resampling families. Children are followed until they turn 18.",
    )
    axes = figure.add_axes((0.07, 0.12, 0.65, 0.66))
    curves = cumulative_incidence(result.spells)
    axes.set(xlim=(0, WEEKS), ylim=(0, 1), xlabel="weeks since onset")
    axes.set_xticks([0, *list_horizons(result.horizon)])
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol="%"))
    axes.grid(axis="y", color=style.FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)
    axes.axvline(result.horizon, color=style.QUIET, linewidth=1, linestyle=":")
    axes.tick_params(pad=8)
    if curves["share"].notna().all():
        _draw(axes, curves, result.horizon)
    return figure


def _draw(axes: Axes, curves: pd.DataFrame, horizon: int) -> None:
    """Draw a step line for each event and for spells with none yet, labelled at its end with its shares."""
    by_event = {str(event): curve.set_index("week") for event, curve in curves.groupby("event")}
    for event, colour in _COLOURS.items():
        curve = by_event[event]
        axes.fill_between(
            curve.index, curve["low"], curve["high"], step="post", color=colour, alpha=0.2, linewidth=0
        )
        axes.step(curve.index, curve["share"], where="post", color=colour, linewidth=2.4)
    unprotected = (1 - curves.groupby("week")["share"].sum()).clip(lower=0)
    axes.step(
        unprotected.index, unprotected, where="post", color=style.INK, linewidth=1.6, linestyle=(0, (5, 2))
    )
    ends = {FIRST_EVENTS[event]: by_event[event]["share"] for event in _COLOURS}
    ends["None of these yet"] = unprotected
    heights = spread_labels([float(share.iloc[-1]) for share in ends.values()], apart=0.085)
    for (name, share), height in zip(ends.items(), heights, strict=True):
        axes.annotate(
            name, (WEEKS, float(share.iloc[-1])), xytext=(WEEKS + 1.6, height), va="bottom", weight="bold",
            annotation_clip=False, arrowprops={"arrowstyle": "-", "color": style.FAINT, "relpos": (0, 0)},
        )  # fmt: skip
        at_deadline, at_end = format_percent(share.loc[horizon]), format_percent(share.iloc[-1])
        shares = f"{at_deadline} at {format_count(horizon, 'week')}, {at_end} at {WEEKS}"
        axes.annotate(
            shares, (WEEKS + 1.6, height), xytext=(0, -2), textcoords="offset points", va="top", color=style.QUIET,
            fontsize=11, annotation_clip=False,
        )  # fmt: skip
