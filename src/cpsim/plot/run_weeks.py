"""Figure: weekly outcomes of a run, one panel each, by date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.ticker import FixedLocator

from cpsim.formatting import format_count
from cpsim.measures.horizons import weekly_column
from cpsim.plot import registry, style
from cpsim.present import run_findings as found
from cpsim.present.run_terminal import format_period

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results import RunResult


@dataclass(frozen=True)
class _Panel:
    """A series of the weekly table.

    Attributes:
        column: column of the weekly table.
        title: title with the unit.
        colour: colour of the lines.
        first: first week with complete counts; None if all weeks are complete.
    """

    column: str
    title: str
    colour: str
    first: int | None = None


_OTHER_PANELS = (
    _Panel("assessed_neither", "Assessed with neither need nor harm, per week", style.ORANGE),
    _Panel("referrals", "Referrals per week", style.BLUE),
    _Panel("caseload_mean", "Caseload, children per social worker", style.GREEN),
    _Panel("utilisation", "Hours demanded per hour available", style.PURPLE),
    _Panel("trust_mean", "Trust between agencies, 0 to 1", style.SKY),
)
_SMOOTH = 13


@registry.figure(
    of="run",
    question="What happened week by week?",
    content="misses, families with neither, referrals, caseload, hours, trust",
    uncertainty="weekly values behind their 13-week mean",
    order=40,
    exhibit=registry.Exhibit(
        title="Week by week",
        describe=found.describe_weeks,
        create_table=found.create_year_table,
        caption="Pale: each week. Dark: mean of the last 13 weeks. All scales begin at zero.",
    ),
)
@style.use_style()
def weeks(result: RunResult) -> Figure:
    """Draw misses, assessments, referrals, caseload, utilisation and trust, by week and as a 13-week mean.

    Assessments are those of families with neither need nor harm. There is a panel for each of the six, in its own
    unit; dotted lines are the dates of events of the timeline.

    >>> len(weeks(result).axes)
    6
    """
    changes = _list_changes(result)
    figure = style.create_run_figure(
        result,
        "What happened week by week?",
        f"Evaluated weeks (pale) and the mean of the last {_SMOOTH} weeks (dark), {format_period(result)}.\n"
        f"A missed risk counts in the week of its deadline, {format_count(result.horizon, 'week')} after onset."
        + (" Dotted: a change of policy." if changes else ""),
    )
    grid = figure.subplots(
        3,
        2,
        sharex=True,
        gridspec_kw={"left": 0.06, "right": 0.97, "top": 0.79, "bottom": 0.09, "hspace": 0.5, "wspace": 0.14},
    )
    missed = _Panel(
        weekly_column("missed", result.horizon),
        "Missed risks, spells per week",
        style.VERMILION,
        first=result.horizon,
    )
    for axes, panel in zip(grid.flat, (missed, *_OTHER_PANELS), strict=True):
        _draw(axes, result.weekly, panel)
        for day in changes:
            axes.axvline(day, color=style.INK, linewidth=1, linestyle=":")
    # All panels share the dates, which would be found again for every panel and every layout.
    grid[0, 0].xaxis.set_major_locator(FixedLocator(grid[0, 0].get_xticks()))
    return figure


def _list_changes(result: RunResult) -> list[pd.Timestamp]:
    """List the dates within the evaluated weeks on which an event of the timeline takes effect."""
    dates = result.weekly.loc[result.weekly["phase"] == "evaluated", "date"]
    days = {pd.Timestamp(event["date"]) for event in result.scenario.get("timeline", ())}
    return sorted(day for day in days if dates.iloc[0] <= day <= dates.iloc[-1])


def _draw(axes: Axes, weekly: pd.DataFrame, panel: _Panel) -> None:
    shown = weekly["phase"] == "evaluated"
    dates = weekly.loc[shown, "date"].to_numpy()
    series = weekly[panel.column].astype("float64")
    if panel.first is not None:
        series = series.where(weekly["week"] >= panel.first)
    smooth = series.rolling(_SMOOTH, min_periods=4).mean()
    axes.plot(dates, series[shown], color=panel.colour, linewidth=0.8, alpha=0.35)
    axes.plot(dates, smooth[shown], color=panel.colour, linewidth=2.4)
    axes.set_title(panel.title, pad=8)
    axes.margins(x=0)
    axes.locator_params(axis="y", nbins=4)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)
    _start_at_zero(axes)


def _start_at_zero(axes: Axes) -> None:
    """Start the y axis at zero, so that small changes do not look large."""
    axes.set_ylim(0, max(axes.get_ylim()[1], 0.1))
