"""Events that are not in play: they change nothing where they stand, whatever happens in casework.

An event that changes a dial in a trial is in play. One that changes none is not in play only if that is certain: if
nothing that it turns can depend on casework or on chance, or if its lever names an obstacle. Otherwise it counts as in
play, because it may act in a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from cpsim.agents.dials import DIALS
from cpsim.formatting import format_day, format_list
from cpsim.governance.duties import CooperationDuties
from cpsim.governance.lever import Lever, Obstacle
from cpsim.reach.relations import select_related
from cpsim.reach.trial import find_first_change, start_trial
from cpsim.scenario.authorities import authority_names
from cpsim.scenario.clock import date_of, evaluated_weeks, total_weeks, warm_up_weeks
from cpsim.scenario.events import AuthorityChoice, load_levers
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.tiles import build_tile_scenario, is_tiled, list_tiles
from cpsim.stages.declarations import Declaration, find_declaration
from cpsim.system import PLAN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cpsim.scenario.events import TimelineEvent
    from cpsim.scenario.schema import Scenario

__all__ = ["IdleEvent", "find_idle_events"]

_STATES = {dial.name for dial in DIALS if dial.composes == "state"}
MOST_EVENTS = 50
"""Most events of a timeline that is tried."""
_LAW_READS = frozenset(CooperationDuties.signals_read)


@dataclass(frozen=True)
class IdleEvent:
    """An event that is not in play, or all events of one line of a timeline.

    Attributes:
        indices: places in the timeline, from 0.
        name: the institution that it is part of, or else its lever.
        part: its lever, if another lever of the same line is in play; empty otherwise.
        reason: why it changes nothing, a clause.
        remedy: what would bring it into play, an instruction.

    >>> print(IdleEvent((0,), "dcs_post", "leadership", "with convexity: 1 it changes nothing", "set convexity"))
    the lever leadership of dcs_post is not in play: with convexity: 1 it changes nothing. To bring it into play, set
    convexity.
    """

    indices: tuple[int, ...]
    name: str
    part: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        subject = f"the lever {self.part} of {self.name}" if self.part else self.name
        return f"{subject} is not in play: {self.reason}. To bring it into play, {self.remedy}."


def find_idle_events(scenario: Scenario) -> list[IdleEvent]:
    """Find the events of a scenario that are not in play, in the order of the timeline.

    A timeline of more than `MOST_EVENTS` events is not tried, which would take minutes; none is found there.

    A run of the scenario gives the same results, bit for bit, as one without these events. Where either of two events
    makes the other superfluous, the later one is named.

    >>> from cpsim.scenario import load
    >>> duty = {"date": "2006-04-03", "lever": "duty", "kinds": ["pct"], "bound": True, "awareness": 0.45}
    >>> (idle,) = find_idle_events(load("small", {"timeline": [duty]}))
    >>> idle.reason
    'the duty to co-operate already stands for every pct as it sets it'
    """
    obstacles = _find_obstacles(scenario)
    lines: dict[object, list[int]] = {}
    for index, event in enumerate(scenario.timeline):
        line = (event.institution, event.date, event.until, event.authorities) if event.institution else index
        lines.setdefault(line, []).append(index)
    return [idle for line in lines.values() for idle in _describe_line(scenario.timeline, line, obstacles)]


def list_events_in_play(scenario: Scenario) -> tuple[TimelineEvent, ...]:
    """List the events of a scenario without those that are not in play."""
    idle = _find_obstacles(scenario)
    return tuple(event for index, event in enumerate(scenario.timeline) if index not in idle)


def _describe_line(
    timeline: Sequence[TimelineEvent], line: list[int], obstacles: dict[int, Obstacle]
) -> Iterator[IdleEvent]:
    """Describe what is not in play of a line of the timeline: all of it as one, or each lever by itself."""
    idle = [index for index in line if index in obstacles]
    groups = [idle] if idle == line else [[index] for index in idle]
    for group in groups:
        event = timeline[group[0]]
        reasons, remedies = zip(*(obstacles[index] for index in group), strict=True)
        yield IdleEvent(
            tuple(group),
            event.institution or event.lever,
            "" if idle == line else event.lever,
            ", and ".join(dict.fromkeys(reasons)),
            ", and ".join(dict.fromkeys(remedies)),
        )


def _find_obstacles(scenario: Scenario) -> dict[int, Obstacle]:
    """Find the obstacle of each event that is not in play, by its place in the timeline; the last event comes first."""
    kept = dict(enumerate(scenario.timeline))
    obstacles: dict[int, Obstacle] = {}
    if len(kept) > MOST_EVENTS:
        return obstacles
    for index, event in reversed(list(kept.items())):
        others = {place: other for place, other in kept.items() if place != index}
        (local,) = build_scenario(scenario, event, [event]).timeline
        whole, without = (build_scenario(scenario, event, list(part.values())) for part in (kept, others))
        obstacle = _find_obstacle(local, whole, without)
        if obstacle is not None:
            kept, obstacles[index] = others, obstacle
    return obstacles


def build_scenario(scenario: Scenario, event: TimelineEvent, events: Sequence[TimelineEvent]) -> Scenario:
    """Build the scenario with other events; of a scenario in tiles, the largest tile that an event concerns.

    Tiles have the same kinds of body, and the largest has most of each, so an event that is idle there is so in all.
    """
    changed = scenario.model_copy(update={"timeline": tuple(events)})
    if not is_tiled(scenario):
        return changed
    names = authority_names(scenario.authorities)
    concerned = event.authorities if isinstance(event.authorities, tuple) else names
    tiles = [tile for tile in list_tiles(scenario) if not set(names[tile.rows]).isdisjoint(concerned)]
    return build_tile_scenario(changed, max(tiles, key=lambda tile: tile.children))


def _find_obstacle(event: TimelineEvent, whole: Scenario, without: Scenario) -> Obstacle | None:
    """Find what keeps an event from changing anything; None if it is in play, or may be.

    Args:
        event: the event.
        whole: the scenario with the event.
        without: the scenario without it.
    """
    if not isinstance(event, Lever):
        return None
    clock = whole.clock
    if event.first_week(clock) >= total_weeks(clock):
        return _describe_late_event(whole)
    related = select_related(event, whole.timeline)
    others = [other for other in without.timeline if other in related]
    dials, signals = find_first_change(
        *(whole.model_copy(update={"timeline": tuple(events)}) for events in (related, others))
    )
    if dials or _is_read(event, without.timeline):
        return None
    trial = start_trial(without, event.first_week(clock))
    obstacle = event.find_obstacle(trial.context)
    if obstacle is None and _is_certain(event, without.timeline):
        return _describe_stillness(event, without, signals)
    return obstacle


def _is_read(event: Lever, others: Sequence[TimelineEvent]) -> bool:
    """Return whether another event reads a column, such as grades, that an event writes."""
    written = set(Declaration.of((), event.writes).writes)
    return any(
        written.intersection(Declaration.of(other.reads, ()).reads)
        for other in others
        if isinstance(other, Lever)
    )


def _is_determined(event: TimelineEvent) -> bool:
    """Return whether settings and signals alone decide what an event turns, and neither casework nor chance does.

    >>> from cpsim.scenario import load
    >>> duty = {"lever": "duty", "kinds": ["school"], "bound": True}
    >>> hub = {"lever": "hub", "kinds": ["school"]}
    >>> [_is_determined(event) for event in load("small", {"timeline": [duty, hub]}).timeline]
    [True, False]
    """
    if not isinstance(event, Lever) or not _STATES.isdisjoint((*event.dials, *event.dials_read)):
        return False
    reads = set(Declaration.of(event.reads, ()).reads) if event.decided_by_reads else set()
    return reads.isdisjoint(_list_moving_columns())


@cache
def _list_moving_columns() -> frozenset[str]:
    """List the columns that change in the course of a run: those that stages or levers write."""
    stages = {column for step in PLAN for stage in step.stages for column in find_declaration(stage).writes}
    levers = {
        column
        for lever in load_levers().values()
        if issubclass(lever, Lever)
        for column in Declaration.of((), lever.writes).writes
    }
    return frozenset(stages | levers)


def is_settled(event: TimelineEvent, events: Sequence[TimelineEvent]) -> bool:
    """Return whether settings alone decide what an event turns, by itself and through the events that it affects."""
    if not isinstance(event, Lever) or not _is_determined(event) or _is_read(event, events):
        return False
    return all(map(_is_determined, _list_readers(event, events)))


def _is_certain(event: Lever, others: Sequence[TimelineEvent]) -> bool:
    """Return whether a trial shows for certain that an event changes nothing."""
    # A trial shows only some of the authorities that a rule can choose.
    is_chosen_by_rule = isinstance(event.authorities, AuthorityChoice)
    is_unread = not event.dials and not _LAW_READS.intersection(event.signals_sent)
    is_everywhere = not is_chosen_by_rule or (is_unread and not _list_readers(event, others))
    return is_settled(event, others) and is_everywhere


def _list_readers(event: Lever, others: Sequence[TimelineEvent]) -> list[Lever]:
    """List the other events that read a signal which an event sends."""
    return [
        other
        for other in others
        if isinstance(other, Lever) and set(other.signals_read).intersection(event.signals_sent)
    ]


def _describe_late_event(scenario: Scenario) -> Obstacle:
    clock = scenario.clock
    last = date_of(total_weeks(clock) - warm_up_weeks(clock), clock) - timedelta(days=1)
    end = date_of(evaluated_weeks(clock), clock)
    return Obstacle(
        f"it begins after the last simulated week, which ends on {format_day(last)}",
        f"give it a date before {format_day(end)}, or raise clock.years",
    )


def _describe_stillness(event: Lever, others: Scenario, signals: set[str]) -> Obstacle:
    """Describe why an event changes no dial, by what it does change."""
    if not signals:
        return Obstacle(
            "with its settings, every dial and signal stays where it already is",
            "set other values, or remove what already has this effect",
        )
    names = f"the signal{'s' if len(signals) > 1 else ''} {format_list(sorted(signals))}"
    readers = list(dict.fromkeys(reader.lever for reader in _list_readers(event, others.timeline)))
    if readers:
        return Obstacle(
            f"it changes only {names}, which makes no difference to {format_list(readers)} as set here",
            f"change the settings of {format_list([event.lever, *readers])}",
        )
    return Obstacle(
        f"it changes only {names}, on which nothing in force depends",
        _suggest_readers(event, others, signals),
    )


def _suggest_readers(event: Lever, others: Scenario, signals: set[str]) -> str:
    """Suggest levers that read some signals, with an institution that would bring an event into play.

    No lever reads what only the law does, such as the awareness of a duty that does not bind.
    """
    levers = [
        name
        for name, lever in load_levers().items()
        if issubclass(lever, Lever) and signals.intersection(lever.signals_read)
    ]
    if not levers:
        return f"change the settings of {event.lever}"
    example = next(_find_partners(event, others, levers), "")
    such = f", such as {example}" if example else ""
    return f"add an event with the lever {' or '.join(levers)}{such}"


def _find_partners(event: Lever, others: Scenario, levers: Sequence[str]) -> Iterator[str]:
    """Find the institutions with one of these levers that would bring an event into play if they began with it."""
    for institution in load_institutions().values():
        if {lever["lever"] for lever in institution.levers}.isdisjoint(levers):
            continue
        added = [
            kind.model_validate({**preset, "date": event.date, "until": event.until})
            for kind, preset in zip(institution.classes, institution.levers, strict=True)
        ]
        without = others.model_copy(update={"timeline": (*others.timeline, *added)})
        whole = others.model_copy(update={"timeline": (*others.timeline, event, *added)})
        if find_first_change(whole, without)[0]:
            yield institution.id
