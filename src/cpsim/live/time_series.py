"""The time series of the plots: a running system from the opening of the show to the present week.

The code that counts misses and assessments of a finished run counts them here too, each in its own week. An
assessment of a family is moved to a later week if it goes on for a sibling. Values that a model samples weekly are read
from it; the others are recorded here each week.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from cpsim.agents.dials import DIALS
from cpsim.arrays import Floats
from cpsim.casework.log import Occurrence, RecentLog
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.formatting import raise_first
from cpsim.live.packing import pack
from cpsim.measures.assessments import NEITHER, find_assessments
from cpsim.measures.chain import STOPS
from cpsim.present.stages import STAGES
from cpsim.scenario.institutions import load_institutions

if TYPE_CHECKING:
    from cpsim.live.verdicts import RunningVerdicts
    from cpsim.model import ChildProtectionModel
    from cpsim.scenario.events import TimelineEvent


QUARTER = 13
"""Weeks of a quarter, and of a running sum."""
_LONGEST_ASSESSMENT = 2 * WEEKS_PER_YEAR
"""Weeks after a contact in which an assessment ends, except in a system that has broken down."""


class PlotStop(TypedDict):
    """A place where chains stop, in the stacked plot: its code, its name, its stage of loss, and the stage's colour."""

    code: str
    name: str
    stage: str
    colour: str


class DialSeries(TypedDict):
    """A dial that has changed or is not neutral: its name, its meaning, and its mean week by week (float32)."""

    name: str
    description: str
    unit: str
    neutral: float
    values: str


class Marker(TypedDict):
    """A mark for the events of one week of the timeline: the week, counted from week 0, and their names."""

    week: int
    label: str


class PlotSeries(TypedDict):
    """The time series of one system; weeks count from week 0, which begins on the day `start`.

    Lines (float32) have one number a week from week `first` on, NaN where nothing was recorded. `missed` and `neither`
    are the children missed, and the families assessed with neither need nor harm, in the 13 weeks up to then, where all
    of these weeks are evaluated. `by_stop` (uint16) has a row of ten stops for each quarter of a year from week 0 on,
    by the week of the deadline.
    """

    name: str
    start: str
    first: int
    now: int
    end: int
    years: list[tuple[int, str]]
    stops: list[PlotStop]
    by_stop: str
    lines: dict[str, str]
    dials: list[DialSeries]
    markers: list[Marker]


class SeriesRecorder:
    """Records the time series of a model week by week.

    Args:
        model: the model, in the week in which the show opens.
        verdicts: the results of its spells of harm so far.
    """

    def __init__(self, model: ChildProtectionModel, verdicts: RunningVerdicts) -> None:
        self._model, self._verdicts = model, verdicts
        self._first = self._week = model.week
        world = model.world
        quarters = -(-(world.evaluated_weeks + model.snapshots.horizon) // QUARTER) + 1
        self._by_stop = np.zeros((quarters, len(STOPS)), np.int64)
        self._missed, self._neither = np.zeros(world.weeks), np.zeros(world.weeks)
        self._neither_ended: dict[tuple[int, int], int] = {}
        self._queue = np.full(world.weeks, np.nan)
        self._dials = np.full((world.weeks, len(DIALS)), np.nan)
        self._verdicts_read = 0
        self._count_since(max(model.week - QUARTER, 0))
        self.record_week()

    def record_week(self) -> None:
        """Record the queue and the dials of the week just simulated, which the model does not sample."""
        model, week = self._model, max(self._model.week - 1, 0)
        self._queue[week] = len(model.casework.waiting_initial) + len(model.casework.waiting_core)
        self._dials[week] = [_mean_dial(model, dial.table, dial.column) for dial in DIALS]

    def collect(self) -> PlotSeries:
        """Return the series up to now; a second call in the same week returns the same."""
        if self._model.week > self._week:
            self._count_since(self._week)
            self._week = self._model.week
        return self._build_series()

    def _count_since(self, since: int) -> None:
        """Count the misses that the ledger has found since the last call, and the assessments from `since` on."""
        world = self._model.world
        self._verdicts.catch_up()
        fresh = self._verdicts.table.iloc[self._verdicts_read :]
        self._verdicts_read += len(fresh)
        missed = fresh[fresh["result"] == "missed"]
        deadline = missed["deadline"].to_numpy(np.int64)
        stop = np.array([list(STOPS).index(code) for code in missed["stopped_at"]], np.int64)
        np.add.at(self._by_stop, (deadline // QUARTER, stop), 1)
        np.add.at(self._missed, deadline + world.warm_up, 1)
        # An assessment that ends now may have begun long ago, and protection may have ended harm before that.
        recent = RecentLog(
            self._model.casework.log,
            max(since - _LONGEST_ASSESSMENT, 0),
            (Occurrence.HARM_ENDED_BY_PROTECTION,),
        )
        ended = find_assessments(self._model.settings.measures, world, recent).select_weeks(
            since, self._model.week
        )
        # An assessment that ended for one child goes on for a sibling and ends again, in a later week.
        for family, contact, week, state in zip(
            ended.family, ended.contact, ended.end, ended.true, strict=True
        ):
            earlier = self._neither_ended.pop((int(family), int(contact)), None)
            if earlier is not None:
                self._neither[earlier] -= 1
            if state == NEITHER:
                self._neither[week] += 1
                self._neither_ended[int(family), int(contact)] = int(week)

    def _build_series(self) -> PlotSeries:
        model, world = self._model, self._model.world
        weeks = slice(max(self._first - 1, 0), model.week)
        lines = {
            "missed": self._sum_missed(),
            "neither": _sum_quarters(self._neither),
            "caseload": _pad_to_run(model.sample_series("caseload_mean"), world.weeks),
            "queue": self._queue,
            "trust": _pad_to_run(model.sample_series("trust_mean"), world.weeks),
        }
        return {
            "name": model.settings.name,
            "start": model.settings.clock.start.isoformat(),
            "first": weeks.start - world.warm_up,
            "now": model.week - world.warm_up,
            "end": world.weeks - world.warm_up,
            "years": self._list_years(weeks.start - world.warm_up),
            "stops": _list_stops(),
            "by_stop": pack(self._by_stop, "u2"),
            "lines": {name: pack(values[weeks], "f4") for name, values in lines.items()},
            "dials": self._list_dials(weeks),
            "markers": _list_markers(model, weeks.start),
        }

    def _sum_missed(self) -> Floats:
        """Sum the children missed in the quarter up to each week; NaN unless the whole quarter is evaluated."""
        world, horizon = self._model.world, self._model.snapshots.horizon
        missed = _sum_quarters(self._missed)
        # Only spells that begin in the evaluated weeks are evaluated, each at its deadline, `horizon` weeks later.
        missed[: world.warm_up + horizon + QUARTER - 1] = np.nan
        missed[world.warm_up + world.evaluated_weeks + horizon :] = np.nan
        return missed

    def _list_years(self, first: int) -> list[tuple[int, str]]:
        """List the weeks in which years of the scenario's clock begin, with their labels."""
        start = self._model.settings.clock.start
        end = self._model.world.weeks - self._model.world.warm_up
        years = range(-(-first // WEEKS_PER_YEAR), end // WEEKS_PER_YEAR + 1)
        return [(WEEKS_PER_YEAR * year, f"{start:%b} {start.year + year}") for year in years]

    def _list_dials(self, weeks: slice) -> list[DialSeries]:
        """List the dials that are not neutral or have changed, in the order of their table."""
        series: list[DialSeries] = []
        for dial, values in zip(DIALS, self._dials[weeks].T, strict=True):
            recorded = values[~np.isnan(values)]
            neutral = recorded[0] if dial.neutral is None else dial.neutral
            if dial.column in _NOT_SHOWN or np.allclose(recorded, neutral, atol=1e-6):
                continue
            series.append(
                {
                    "name": raise_first(dial.label),
                    "description": dial.description,
                    "unit": dial.unit,
                    "neutral": float(neutral),
                    "values": pack(values, "f4"),
                }
            )
        return series


_NOT_SHOWN = ("absorbed_by", "trust")
"""Columns whose mean has no meaning, or has a plot of its own."""


def _mean_dial(model: ChildProtectionModel, table: str, column: str) -> float:
    values = model.tables[table][column]
    return float(values.mean()) if len(values) else 0.0


def _sum_quarters(counts: Floats) -> Floats:
    """Sum counts over the quarter of a year up to each week, same shape."""
    total = np.cumsum(counts)
    total[QUARTER:] -= total[:-QUARTER].copy()
    return total


def _pad_to_run(values: Floats, weeks: int) -> Floats:
    """Return the values of the past weeks, followed by NaN for the weeks to come, shape (weeks,)."""
    padded = np.full(weeks, np.nan)
    padded[: len(values)] = values
    return padded


def _list_stops() -> list[PlotStop]:
    """List all places where chains stop, in the order in which a concern travels."""
    return [
        {"code": code, "name": STOPS[code], "stage": stage.name, "colour": stage.colour}
        for stage in STAGES
        for code in stage.stops
    ]


def _list_markers(model: ChildProtectionModel, first: int) -> list[Marker]:
    """List the events of the timeline from week `first` of the run on, one marker a week."""
    clock, week0 = model.settings.clock, model.world.warm_up
    dated = [
        event for event in model.settings.timeline if event.date and event.effective_week(clock) >= first
    ]
    dated.sort(key=lambda event: event.effective_week(clock))
    markers: list[Marker] = []
    for week, events in groupby(dated, lambda event: event.effective_week(clock)):
        label = ", ".join(dict.fromkeys(_name_event(event) for event in events))
        markers.append({"week": week - week0, "label": label})
    return markers


def _name_event(event: TimelineEvent) -> str:
    """Name an event by its institution, or by its lever and the kinds of agency that it names."""
    if event.institution in load_institutions():
        return load_institutions()[event.institution].name
    kinds = getattr(event, "kinds", None) or getattr(event, "services", None) or ()
    lever = event.lever.replace("_", " ").capitalize()
    return f"{lever} ({', '.join(kind.replace('_', ' ') for kind in kinds)})" if kinds else lever
