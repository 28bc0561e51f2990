"""Arms that are one: scenarios under several names that must give the same results."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from cpsim.formatting import format_list
from cpsim.reach.in_play import is_settled, list_events_in_play
from cpsim.reach.trial import REPORTED, Trial, walk_weeks
from cpsim.scenario.schema import DESCRIPTIVE
from cpsim.scenario.tiles import refuse_tiles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cpsim.scenario.events import TimelineEvent
    from cpsim.scenario.schema import Scenario

__all__ = ["describe_equal_arms", "find_equal_arms"]


def find_equal_arms(arms: Mapping[str, Scenario]) -> list[tuple[str, ...]]:
    """Find the groups of arms that have the same settings and the same dials in every week.

    Names and questions do not count, nor do events that are not in play. Events whose effect depends on casework count
    as equal only with equal settings.

    Args:
        arms: scenarios by name; none of them in tiles.

    Returns:
        Groups of at least two names, in the order of the arms.

    >>> from cpsim.scenario import load
    >>> plan = {"date": "2006-04-03", "lever": "workforce_plan"}
    >>> arms = {"usual": load("small"), "plan": load("small", {"timeline": [plan]})}
    >>> find_equal_arms(arms)
    [('usual', 'plan')]
    """
    for scenario in arms.values():
        refuse_tiles(scenario)
    alike = _group(arms, _format_settings)
    equal = [group for names in alike for group in _group({name: arms[name] for name in names}, _build_key)]
    return sorted(equal, key=lambda names: list(arms).index(names[0]))


def _group(arms: Mapping[str, Scenario], key: Callable[[Scenario], object]) -> list[tuple[str, ...]]:
    """Group the arms with equal keys; an arm by itself is no group."""
    groups: dict[object, list[str]] = {}
    for name, scenario in arms.items():
        groups.setdefault(key(scenario), []).append(name)
    return [tuple(names) for names in groups.values() if len(names) > 1]


def describe_equal_arms(arms: Mapping[str, Scenario]) -> list[str]:
    """Describe each group of arms that are one, in a sentence.

    >>> from cpsim.scenario import load
    >>> describe_equal_arms({"usual": load("small"), "again": load("small"), "third": load("small")})
    ['usual, again and third are one arm under several names: they turn the same dials in every week, so their results
    are equal.']
    """
    return [describe_group(names) for names in find_equal_arms(arms)]


def describe_group(names: Sequence[str]) -> str:
    """Describe a group of arms that are one."""
    return (
        f"{format_list(names)} are one arm under several names: they turn the same dials in every week, so their "
        "results are equal."
    )


def _format_settings(scenario: Scenario) -> str:
    """Format all settings but the timeline and what has no effect."""
    return scenario.model_dump_json(exclude={*DESCRIPTIVE, "timeline"})


def _build_key(scenario: Scenario) -> tuple[str, ...]:
    """Build a key that two arms with the same settings share only if their timelines must have the same effect."""
    events = list_events_in_play(scenario)
    settled = [event for event in events if is_settled(event, events)]
    others = [_describe_event(event, scenario) for event in events if event not in settled]
    return json.dumps(others), _digest_dials(scenario, settled), _digest_dials(scenario, events)


def _describe_event(event: TimelineEvent, scenario: Scenario) -> dict[str, Any]:
    """Describe an event by its settings and weeks, without its institution."""
    clock = scenario.clock
    return {
        **event.model_dump(mode="json", exclude={"institution", "date", "until"}),
        # A lever can draw by the year, as `restructure` does.
        "year": event.date and event.date.year,
        "weeks": [event.first_week(clock), event.effective_week(clock), event.end_week(clock)],
    }


def _digest_dials(scenario: Scenario, events: Sequence[TimelineEvent]) -> str:
    """Return a digest of all dials in every week of a trial with some events."""
    if not events:
        return ""
    digest = hashlib.sha256()
    trial = Trial(scenario.model_copy(update={"timeline": tuple(events)}))
    last: bytes | None = None
    for week in walk_weeks(trial):
        dials = b"".join(trial.read(dial).tobytes() for dial in REPORTED)
        if dials != last:
            digest.update(f"{week}".encode())
            digest.update(dials)
        last = dials
    return digest.hexdigest()
