"""Which scenarios give the same history: they can differ in what has had no effect before a week.

That is what only describes them, the events that begin in this week or later, and the ends of earlier events if these
are in this week or later.
"""

from typing import Any

from cpsim.scenario.events import TimelineEvent
from cpsim.scenario.schema import DESCRIPTIVE, Scenario

__all__ = ["has_same_history"]


def has_same_history(one: Scenario, other: Scenario, week: int) -> bool:
    """Return whether two scenarios give the same history before a week of the run.

    >>> from cpsim.scenario import load
    >>> duty = {"date": "2006-01-02", "lever": "duty", "kinds": ["school"], "bound": True}
    >>> small, bound = load("small"), load("small", {"timeline": [duty]})
    >>> has_same_history(small, bound, week=600), has_same_history(small, bound, week=1000)
    (True, False)
    """
    return describe_history(one, week) == describe_history(other, week)


def describe_history(scenario: Scenario, week: int) -> tuple[dict[str, Any], list[TimelineEvent]]:
    """Return all that the history before a week of the run depends on: settings by section, and events.

    >>> from cpsim.scenario import load
    >>> settings, events = describe_history(load("small"), week=600)
    >>> settings["population"]["children"], "name" in settings, events
    (10000, False, [])
    """
    clock = scenario.clock
    settings = scenario.model_dump(exclude={*DESCRIPTIVE, "timeline"})
    begun = [event for event in scenario.timeline if event.first_week(clock) < week]
    return settings, [
        _remove_end(event) if (event.end_week(clock) or 0) >= week else event for event in begun
    ]


def _remove_end(event: TimelineEvent) -> TimelineEvent:
    return event.model_copy(update={"until": None})
