"""Runs engine and twin side by side on one drawn world and compares them event by event (Axtell and others 1996)."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tests.twin.people import Event
from tests.twin.twin import TextbookTwin

from cpsim.agents.roster import release
from cpsim.casework.log import OCCURRENCES
from cpsim.casework.state import STATUSES
from cpsim.model import ChildProtectionModel
from cpsim.scenario.schema import Scenario
from cpsim.world import World

TOLERANCE = 1e-5
"""The engine keeps signs, and the values of its log, in single precision; the twin computes in double."""


ROUNDING = 5e-7
"""Two numbers of single precision cannot be told apart when they are closer than this."""


class Diverged(AssertionError):
    """Engine and twin have lived through different histories.

    Attributes:
        closest: how near the closest of the twin's decisions on noticing and telling came to the other side.
    """

    def __init__(self, report: str, closest: float = math.inf) -> None:
        super().__init__(report)
        self.closest = closest


@dataclass(frozen=True)
class Docked:
    """What was found equal.

    Attributes:
        history: all that happened, as the twin tells it.
        gap: the largest difference between two values that count as equal, in the tolerance's terms.
        closest: how near the closest of the twin's decisions on noticing and telling came to the other side.
    """

    history: list[Event]
    gap: float
    closest: float


def dock(scenario: Scenario, world: World, *, look_every: int = 13) -> Docked:
    """Run both to the end, compare all that happened, and where they stand every few weeks.

    Raises:
        Diverged: with the first event of the first child that differs, and both histories of that child.
    """
    engine = ChildProtectionModel(scenario, seed=world.seed, world=world, collect=False)
    engine.casework.log.detail_from = 0
    twin = TextbookTwin(scenario, world)
    try:
        for week in range(world.weeks):
            engine.step()
            twin.step()
            if week % look_every == 0:
                compare(engine, twin)
        compare(engine, twin)
        gap = compare_histories(history_of(engine), twin.history, twin.closest)
    finally:
        release(engine)
        release(twin)
    return Docked(twin.history, gap, twin.closest)


def compare(engine: ChildProtectionModel, twin: TextbookTwin) -> None:
    """Raise `Diverged` if engine and twin differ in what has happened so far or in where they stand."""
    try:
        compare_states(engine, twin)
    except Diverged:
        # What led to the difference says more than the difference.
        compare_histories(history_of(engine), twin.history, twin.closest)
        raise


def history_of(engine: ChildProtectionModel) -> list[Event]:
    """Everything in the engine's log."""
    return [
        Event(week, child, what, site, value)
        for code, what in enumerate(OCCURRENCES)
        for week, child, site, value in zip(
            *(column.tolist() for column in engine.casework.log.of(code)), strict=True
        )
    ]


def compare_histories(engine: Sequence[Event], twin: Sequence[Event], closest: float) -> float:
    """Raise `Diverged` at the first difference, in the order of weeks and of stages; returns the largest gap."""
    ours, theirs = _by_child(engine), _by_child(twin)
    first: tuple[Any, ...] | None = None
    for child in ours.keys() | theirs.keys():
        at = _first_difference(ours[child], theirs[child])
        if at is not None and (first is None or at < first[:2]):
            first = (*at, child)
    if first is not None:
        raise Diverged(_report(ours[first[-1]], theirs[first[-1]], first[-1], closest), closest)
    pairs = (pair for child in ours for pair in zip(ours[child], theirs[child], strict=True))
    return max(
        (_gap(one.value, other.value) for one, other in pairs if not math.isnan(one.value)), default=0.0
    )


def _gap(one: float, other: float) -> float:
    return abs(one - other) / max(1.0, abs(one), abs(other))


def _order(event: Event) -> tuple[int, int, int]:
    return event.week, OCCURRENCES.index(event.what), event.organisation


def _by_child(history: Sequence[Event]) -> dict[int, list[Event]]:
    lives: dict[int, list[Event]] = defaultdict(list)
    for event in sorted(history, key=_order):
        lives[event.child].append(event)
    return lives


def _same(one: Event, other: Event) -> bool:
    if one[:4] != other[:4]:
        return False
    if math.isnan(one.value) or math.isnan(other.value):
        return math.isnan(one.value) and math.isnan(other.value)
    return close(one.value, other.value)


def close(one: float, other: float) -> bool:
    """Whether two numbers are equal but for rounding."""
    return _gap(one, other) <= TOLERANCE


def _first_difference(ours: list[Event], theirs: list[Event]) -> tuple[int, int] | None:
    """Week and stage of the first event that only one of two histories has."""
    for one, other in zip(ours, theirs, strict=False):
        if not _same(one, other):
            return min(_order(one), _order(other))[:2]
    if len(ours) != len(theirs):
        return _order(max(ours, theirs, key=len)[min(len(ours), len(theirs))])[:2]
    return None


def _report(ours: list[Event], theirs: list[Event], child: int, closest: float) -> str:
    lines = [f"the histories of child {child} part; engine left, twin right:", ""]
    shared = 0
    while shared < min(len(ours), len(theirs)) and _same(ours[shared], theirs[shared]):
        shared += 1
    for row in range(max(0, shared - 15), min(max(len(ours), len(theirs)), shared + 8)):
        cells = [_told(life[row]) if row < len(life) else "-" for life in (ours, theirs)]
        lines.append(f"{'  ' if row < shared else '> '}{cells[0]:<58} {cells[1]}")
    lines.append(f"(the closest decision of the twin was {closest:.1e} from going the other way)")
    return "\n".join(lines)


def _told(event: Event) -> str:
    value = "" if math.isnan(event.value) else f" {event.value:.7g}"
    by = "" if event.organisation < 0 else f" by {event.organisation}"
    return f"week {event.week}: {event.what}{by}{value}"


def compare_states(engine: ChildProtectionModel, twin: TextbookTwin) -> None:
    """Trust on each tie, and status, belief and the agencies' files of each child, at the end of a week."""
    state, week = engine.casework, engine.week - 1
    ties = {
        (source, target): trust
        for source, target, trust in zip(
            engine.ties.source.tolist(), engine.ties.target.tolist(), engine.ties.trust.tolist(), strict=True
        )
    }
    _compare("trust", week, ties, {(tie.source, tie.target): tie.trust for tie in twin.ties})
    for service, column in (("children", "score"), ("adults", "adult_score")):
        scores = dict(enumerate(engine.tables["authorities"][column].tolist()))
        _compare(f"score of {service}", week, scores, {a.number: a.score[service] for a in twin.authorities})
    status = {child: STATUSES[code] for child, code in enumerate(state.records.status.tolist())}
    _compare("status", week, status, {child.number: child.status for child in twin.children})
    belief = state.records.belief * state.belief_fade[week - state.records.believed]
    _compare("belief", week, dict(enumerate(belief.tolist())), {c.number: c.belief for c in twin.children})
    fade = state.file_fade[week - state.files.touched]
    for name in ("evidence", "unanswered"):
        ours = (getattr(state.files, name) * fade).reshape(-1, state.kinds)
        theirs = np.array([[getattr(file, name) for file in c.files.values()] for c in twin.children])
        _compare(name, week, dict(np.ndenumerate(ours)), dict(np.ndenumerate(theirs)))


def _compare(what: str, week: int, ours: dict[Any, Any], theirs: dict[Any, Any]) -> None:
    if ours.keys() != theirs.keys():
        raise Diverged(f"week {week}: {what} of {ours.keys() ^ theirs.keys()} is known to one only")
    for key, value in ours.items():
        same = value == theirs[key] if isinstance(value, str) else close(value, theirs[key])
        if not same:
            raise Diverged(
                f"week {week}: {what} of {key} is {value} in the engine, {theirs[key]} in the twin"
            )
