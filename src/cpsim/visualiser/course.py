"""What the plots of a run under way hold: the course of a system from the opening of the show to the present week.

Misses and false alarms are counted by the code that counts them when a run is over, each in its own week and never
revised; what is sampled weekly is read from the model, and what nobody samples is noted at every look.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from cpsim.agents.dials import DIALS
from cpsim.arrays import Floats
from cpsim.casework.log import Occurrence, RecentLog
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.measures.causes import CAUSES
from cpsim.measures.ledger import PRIMARY
from cpsim.measures.weekly import find_false_alarms
from cpsim.results.stages import STAGES
from cpsim.scenario.institutions import load_institutions
from cpsim.visualiser.packing import packed

if TYPE_CHECKING:
    from cpsim.model import ChildProtectionModel
    from cpsim.scenario.events import TimelineEvent
    from cpsim.visualiser.verdicts import Verdicts


QUARTER = 13
"""Weeks; also those over which a sum runs."""


class Cause(TypedDict):
    """A cause of misses, as a plot stacks it: its code, its name, and the stretch of the way on which it lies."""

    code: str
    name: str
    stage: str
    colour: str


class Turned(TypedDict):
    """A dial that has moved since the show began: its name, what it means, and its mean week by week (float32)."""

    name: str
    says: str
    unit: str
    neutral: float
    values: str


class Marker(TypedDict):
    """Something on the timeline: the week from week 0 in which it falls, and what it is."""

    week: int
    label: str


class Course(TypedDict):
    """The course of one system; weeks count from week 0, which begins on the day `start`.

    Lines (float32) have one number a week from week `first` on, NaN where nobody looked: `missed` and `alarms` are the
    children and families of the thirteen weeks up to then, where all of these weeks are judged. `by_cause` (uint16) has
    a row of ten causes for each quarter of a year from week 0 on, by the week of the deadline.
    """

    name: str
    start: str
    first: int
    now: int
    end: int
    years: list[tuple[int, str]]
    causes: list[Cause]
    by_cause: str
    lines: dict[str, str]
    dials: list[Turned]
    markers: list[Marker]


class Courses:
    """Notes the course of a model week by week.

    Args:
        model: the model, in the week in which the show opens.
        verdicts: those on the same model.
    """

    def __init__(self, model: ChildProtectionModel, verdicts: Verdicts) -> None:
        self._model, self._verdicts = model, verdicts
        self._first = self._week = model.week
        world = model.world
        quarters = -(-(world.evaluated_weeks + PRIMARY) // QUARTER) + 1
        self._by_cause = np.zeros((quarters, len(CAUSES)), np.int64)
        self._missed, self._alarms = np.zeros(world.weeks), np.zeros(world.weeks)
        self._queue = np.full(world.weeks, np.nan)
        self._dials = np.full((world.weeks, len(DIALS)), np.nan)
        self._judged = 0
        self._count(max(model.week - QUARTER, 0))
        self.note()

    def note(self) -> None:
        """Note what nobody samples: the queue and the dials as they stood in the week just lived."""
        model, week = self._model, max(self._model.week - 1, 0)
        self._queue[week] = len(model.casework.waiting_initial) + len(model.casework.waiting_core)
        self._dials[week] = [_mean(model, dial.table, dial.column) for dial in DIALS]

    def now(self) -> Course:
        """The course up to now; looking twice in a week changes nothing."""
        if self._model.week > self._week:
            self._count(self._week)
            self._week = self._model.week
        return self._told()

    def _count(self, since: int) -> None:
        """Count the misses that the ledger has found since the last time, and the false alarms from week `since` on."""
        world = self._model.world
        self._verdicts.catch_up()
        fresh = self._verdicts.table.iloc[self._judged :]
        self._judged += len(fresh)
        missed = fresh[fresh["result_13w"] == "missed"]
        deadline = missed["deadline"].to_numpy(np.int64)
        cause = np.array([list(CAUSES).index(code) for code in missed["cause"]], np.int64)
        np.add.at(self._by_cause, (deadline // QUARTER, cause), 1)
        np.add.at(self._missed, deadline + world.warm_up, 1)
        # A spell that protection has ended early may have ended long ago.
        recent = RecentLog(self._model.casework.log, since, (Occurrence.HARM_ENDED_BY_PROTECTION,))
        _, week, _ = find_false_alarms(world, recent, since)
        np.add.at(self._alarms, week, 1)

    def _told(self) -> Course:
        model, world = self._model, self._model.world
        shown = slice(max(self._first - 1, 0), model.week)
        lines = {
            "missed": self._missed_lately(),
            "alarms": _running(self._alarms),
            "caseload": _whole(model.sample_series("caseload_mean"), world.weeks),
            "queue": self._queue,
            "trust": _whole(model.sample_series("trust_mean"), world.weeks),
        }
        return {
            "name": model.settings.name,
            "start": model.settings.clock.start.isoformat(),
            "first": shown.start - world.warm_up,
            "now": model.week - world.warm_up,
            "end": world.weeks - world.warm_up,
            "years": self._years(shown.start - world.warm_up),
            "causes": _causes(),
            "by_cause": packed(self._by_cause, "u2"),
            "lines": {name: packed(values[shown], "f4") for name, values in lines.items()},
            "dials": self._turned(shown),
            "markers": _markers(model, shown.start),
        }

    def _missed_lately(self) -> Floats:
        """Children missed in the quarter up to each week, NaN where not all deadlines of the quarter are judged."""
        world = self._model.world
        missed = _running(self._missed)
        # Only children whose harm began in the judged weeks are, and a deadline follows so much later.
        missed[: world.warm_up + PRIMARY + QUARTER - 1] = np.nan
        missed[world.warm_up + world.evaluated_weeks + PRIMARY :] = np.nan
        return missed

    def _years(self, first: int) -> list[tuple[int, str]]:
        """Weeks in which years of the scenario's clock begin, and what to call them."""
        start = self._model.settings.clock.start
        end = self._model.world.weeks - self._model.world.warm_up
        years = range(-(-first // WEEKS_PER_YEAR), end // WEEKS_PER_YEAR + 1)
        return [(WEEKS_PER_YEAR * year, f"{start:%b} {start.year + year}") for year in years]

    def _turned(self, shown: slice) -> list[Turned]:
        """The dials that are not neutral or have moved, in the order of their table."""
        told: list[Turned] = []
        for dial, values in zip(DIALS, self._dials[shown].T, strict=True):
            seen = values[~np.isnan(values)]
            usual = seen[0] if dial.neutral is None else dial.neutral
            if dial.column in _NO_NUMBER or np.allclose(seen, usual, atol=1e-6):
                continue
            told.append(
                {
                    "name": DIAL_NAMES.get(dial.column, dial.column.replace("_", " ").capitalize()),
                    "says": dial.description,
                    "unit": dial.unit,
                    "neutral": float(usual),
                    "values": packed(values, "f4"),
                }
            )
        return told


DIAL_NAMES = {
    "share_threshold_shift": "Worry needed to tell",
    "group_threshold_shift": "The same, smaller group",
    "screening_threshold_shift": "Worry needed to accept",
    "attention_factor": "Attention to signs",
    "group_exposure": "The same, smaller group",
    "recording_factor": "Writing down",
    "credibility_shift": "Weight of a sender's word",
    "attendance_factor": "Coming to conferences",
    "lookup": "Looking into the record",
    "lookup_reach": "Reach of the record",
    "false_match": "Mistaken for another child",
    "records_shown": "Files seen at the front door",
    "accuracy": "Accuracy of judgement",
    "capacity_factor": "Hours of social workers",
    "paid_factor": "Hours that are paid",
    "exit_factor": "Social workers who leave",
    "contact_load": "Work that a contact makes",
    "workload_factor": "Work that a case makes",
    "wrong_authority": "Messages to wrong doors",
    "delivery": "Messages that arrive",
    "supply_in_need": "Money for services",
    "supply_on_plan": "Money for plans",
}
"""What a class calls the dials that its scenarios turn, by column; others are called as their columns are."""

_NO_NUMBER = ("absorbed_by", "trust")
"""Columns whose mean says nothing, or is a plot of its own."""


def _mean(model: ChildProtectionModel, table: str, column: str) -> float:
    values = model.tables[table][column]
    return float(values.mean()) if len(values) else 0.0


def _running(counts: Floats) -> Floats:
    """Sums over the quarter of a year up to each week, same shape."""
    total = np.cumsum(counts)
    total[QUARTER:] -= total[:-QUARTER].copy()
    return total


def _whole(values: Floats, weeks: int) -> Floats:
    """Values of the weeks done, with NaN for those to come, shape (weeks,)."""
    whole = np.full(weeks, np.nan)
    whole[: len(values)] = values
    return whole


def _causes() -> list[Cause]:
    """All causes in the order in which a concern travels."""
    return [
        {"code": code, "name": CAUSES[code], "stage": stage.name, "colour": stage.colour}
        for stage in STAGES
        for code in stage.causes
    ]


def _markers(model: ChildProtectionModel, first: int) -> list[Marker]:
    """What falls on each week of the timeline that is shown."""
    clock, week0 = model.settings.clock, model.world.warm_up
    dated = [event for event in model.settings.timeline if event.date and event.effective_week(clock) >= first]
    dated.sort(key=lambda event: event.effective_week(clock))
    told: list[Marker] = []
    for week, events in groupby(dated, lambda event: event.effective_week(clock)):
        label = ", ".join(dict.fromkeys(_called(event) for event in events))
        told.append({"week": week - week0, "label": label})
    return told


def _called(event: TimelineEvent) -> str:
    """What an event is called: the institution of which it is a part, or what its lever turns, and for whom."""
    if event.institution in load_institutions():
        return load_institutions()[event.institution].name
    kinds = getattr(event, "kinds", None) or getattr(event, "services", None) or ()
    lever = event.lever.replace("_", " ").capitalize()
    return f"{lever} ({', '.join(kind.replace('_', ' ') for kind in kinds)})" if kinds else lever
