"""Run engine and twin on the same drawn world and compare them event by event (Axtell and others 1996)."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tests.twin.agents import Event
from tests.twin.twin import TextbookTwin

from cpsim.agents.roster import release_model
from cpsim.casework.log import OCCURRENCES
from cpsim.casework.state import STATUSES
from cpsim.scenario.schema import Scenario
from cpsim.simulation import Simulation
from cpsim.world import World

TOLERANCE = 1e-5
"""Two values count as equal within this difference, relative above 1 and absolute below.

The engine stores signs and the values of its log in single precision; the twin computes in double precision.
"""

ROUNDING = 5e-7
"""Two numbers that are closer than this may be equal in single precision."""


class DivergenceError(AssertionError):
    """Engine and twin produced different events or states.

    Attributes:
        smallest_margin: smallest distance of the twin's decisions about noticing and sharing from their thresholds,
            relative above 1 and absolute below; rounding errors smaller than this cannot have changed a decision.
    """

    def __init__(self, report: str, smallest_margin: float = math.inf) -> None:
        super().__init__(report)
        self.smallest_margin = smallest_margin


@dataclass(frozen=True)
class DockingResult:
    """The result of a comparison in which engine and twin agree.

    Attributes:
        history: all events, as the twin recorded them.
        largest_difference: largest difference between two values that count as equal, measured like `TOLERANCE`.
        smallest_margin: as in `DivergenceError`.
    """

    history: list[Event]
    largest_difference: float
    smallest_margin: float


def dock(scenario: Scenario, world: World, *, check_every: int = 13) -> DockingResult:
    """Run engine and twin to the end and compare their events, and every few weeks their states.

    Args:
        scenario: the scenario that both run.
        world: the world that both share.
        check_every: weeks between two comparisons of the states.

    Raises:
        DivergenceError: they differ; the report shows the first event that differs in the history of its child.
    """
    engine = Simulation(scenario, seed=world.seed, world=world)
    engine.casework.log.detail_from = 0
    twin = TextbookTwin(scenario, world)
    try:
        for week in range(world.weeks):
            engine.step()
            twin.step()
            if week % check_every == 0:
                compare(engine, twin)
        compare(engine, twin)
        largest_difference = compare_histories(read_history(engine), twin.history, twin.smallest_margin)
    finally:
        release_model(twin)
    return DockingResult(twin.history, largest_difference, twin.smallest_margin)


def compare(engine: Simulation, twin: TextbookTwin) -> None:
    """Raise `DivergenceError` if the events so far or the present states of engine and twin differ."""
    try:
        compare_states(engine, twin)
    except DivergenceError:
        # A difference between events explains more than the difference between states that it leads to.
        compare_histories(read_history(engine), twin.history, twin.smallest_margin)
        raise


def read_history(engine: Simulation) -> list[Event]:
    """Read all events from the engine's log."""
    return [
        Event(week, child, occurrence, site, value)
        for code, occurrence in enumerate(OCCURRENCES)
        for week, child, site, value in zip(
            *(column.tolist() for column in engine.casework.log.select(code)), strict=True
        )
    ]


def compare_histories(engine: Sequence[Event], twin: Sequence[Event], smallest_margin: float) -> float:
    """Compare two histories, each child's events in the order of weeks and stages.

    Returns:
        The largest difference between two values that count as equal.

    Raises:
        DivergenceError: two events differ, or only one of the histories has an event.
    """
    ours, theirs = _group_by_child(engine), _group_by_child(twin)
    first: tuple[Any, ...] | None = None
    for child in ours.keys() | theirs.keys():
        at = _first_difference(ours[child], theirs[child])
        if at is not None and (first is None or at < first[:2]):
            first = (*at, child)
    if first is not None:
        report = _format_report(ours[first[-1]], theirs[first[-1]], first[-1], smallest_margin)
        raise DivergenceError(report, smallest_margin)
    pairs = (pair for child in ours for pair in zip(ours[child], theirs[child], strict=True))
    return max(
        (_relative_difference(one.value, other.value) for one, other in pairs if not math.isnan(one.value)),
        default=0.0,
    )


def _relative_difference(one: float, other: float) -> float:
    return abs(one - other) / max(1.0, abs(one), abs(other))


def _event_order(event: Event) -> tuple[int, int, int]:
    return event.week, OCCURRENCES.index(event.occurrence), event.organisation


def _group_by_child(history: Sequence[Event]) -> dict[int, list[Event]]:
    histories: dict[int, list[Event]] = defaultdict(list)
    for event in sorted(history, key=_event_order):
        histories[event.child].append(event)
    return histories


def _is_same_event(one: Event, other: Event) -> bool:
    if one[:4] != other[:4]:
        return False
    if math.isnan(one.value) or math.isnan(other.value):
        return math.isnan(one.value) and math.isnan(other.value)
    return is_close(one.value, other.value)


def is_close(one: float, other: float) -> bool:
    """Return whether two numbers are equal within the tolerance."""
    return _relative_difference(one, other) <= TOLERANCE


def _first_difference(ours: list[Event], theirs: list[Event]) -> tuple[int, int] | None:
    """Return the week and stage of the first event that differs, or None if the histories agree."""
    for one, other in zip(ours, theirs, strict=False):
        if not _is_same_event(one, other):
            return min(_event_order(one), _event_order(other))[:2]
    if len(ours) != len(theirs):
        return _event_order(max(ours, theirs, key=len)[min(len(ours), len(theirs))])[:2]
    return None


def _format_report(ours: list[Event], theirs: list[Event], child: int, smallest_margin: float) -> str:
    lines = [f"the histories of child {child} differ; engine left, twin right:", ""]
    shared = 0
    while shared < min(len(ours), len(theirs)) and _is_same_event(ours[shared], theirs[shared]):
        shared += 1
    for row in range(max(0, shared - 15), min(max(len(ours), len(theirs)), shared + 8)):
        cells = [_format_event(history[row]) if row < len(history) else "-" for history in (ours, theirs)]
        lines.append(f"{'  ' if row < shared else '> '}{cells[0]:<58} {cells[1]}")
    lines.append(f"(the closest decision of the twin was {smallest_margin:.1e} from going the other way)")
    return "\n".join(lines)


def _format_event(event: Event) -> str:
    value = "" if math.isnan(event.value) else f" {event.value:.7g}"
    by = "" if event.organisation < 0 else f" by {event.organisation}"
    return f"week {event.week}: {event.occurrence}{by}{value}"


def compare_states(engine: Simulation, twin: TextbookTwin) -> None:
    """Compare the trust of each tie, and the status, the belief and the agencies' files of each child."""
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


def _compare(quantity: str, week: int, ours: dict[Any, Any], theirs: dict[Any, Any]) -> None:
    if ours.keys() != theirs.keys():
        raise DivergenceError(
            f"week {week}: only one of the two has the {quantity} of {ours.keys() ^ theirs.keys()}"
        )
    for key, value in ours.items():
        same = value == theirs[key] if isinstance(value, str) else is_close(value, theirs[key])
        if not same:
            raise DivergenceError(
                f"week {week}: {quantity} of {key} is {value} in the engine, {theirs[key]} in the twin"
            )
