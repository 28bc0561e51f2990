"""Services: when each child had a service, plan or care, and when it effectively protected the child."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from cpsim.casework.log import FinishedLog, Occurrence
from cpsim.constants import NEVER
from cpsim.measures.intervals import Episodes, EventTimes

if TYPE_CHECKING:
    import pandas as pd

    from cpsim.world import World

SERVICES: Final[dict[str, tuple[int, int]]] = {
    "in_need": (Occurrence.IN_NEED_STARTED, Occurrence.IN_NEED_ENDED),
    "plan": (Occurrence.PLAN_STARTED, Occurrence.PLAN_ENDED),
    "care": (Occurrence.CARE_STARTED, Occurrence.CARE_ENDED),
    "effective": (Occurrence.EFFECTIVE_FROM, Occurrence.EFFECTIVE_UNTIL),
}
"""Service, or `effective` for effective protection by any of them -> the kinds of event that start and end it."""


_ENDS_SERVICE_IN_NEED: Final = (Occurrence.CORE_STARTED, Occurrence.PLAN_STARTED, Occurrence.TURNED_18)


def find_episodes(events: FinishedLog, service: str) -> Episodes:
    """Find the episodes of a service, or of uninterrupted effective protection, of each child.

    Args:
        events: the log of the run.
        service: a name of `SERVICES`.
    """
    begins, ends = (events.select(occurrence) for occurrence in SERVICES[service])
    if service == "in_need":
        # An enquiry ends the service without an event of its own.
        endings = [ends, *(events.select(occurrence) for occurrence in _ENDS_SERVICE_IN_NEED)]
        child, start = begins.child.astype(np.int64), begins.week.astype(np.int64)
        times = EventTimes(
            np.concatenate([each.child for each in endings]), np.concatenate([each.week for each in endings])
        )
        order = np.lexsort((start, child))
        return Episodes(child[order], start[order], times.find_first(child, start + 1)[order])
    found = Episodes.from_pairs(begins.child, begins.week, ends.child, ends.week)
    # What ends and begins again in one week is not interrupted.
    return Episodes.merge(found.group, found.start, found.end)


def find_strict_episodes(events: FinishedLog, effective: Episodes) -> Episodes:
    """Find the episodes of effective protection by a plan or by care, without services for children in need.

    Args:
        events: the log of the run.
        effective: the episodes of effective protection by any service.
    """
    return effective.intersect(_merge([find_episodes(events, "plan"), find_episodes(events, "care")]))


def find_services(events: FinishedLog) -> Episodes:
    """Find the periods in which each child has a service, a plan or care."""
    return _merge([find_episodes(events, service) for service in ("in_need", "plan", "care")])


def find_family_services(world: World, events: FinishedLog) -> Episodes:
    """Find the periods in which a child of each family has a service, a plan or care."""
    found = find_services(events)
    return Episodes.merge(world.children.family[found.group], found.start, np.minimum(found.end, world.weeks))


def _merge(parts: Sequence[Episodes]) -> Episodes:
    """Merge the episodes of several services."""
    return Episodes.merge(
        *(np.concatenate([getattr(each, name) for each in parts]) for name in ("group", "start", "end"))
    )


def build_services_table(world: World, events: FinishedLog, since: int) -> pd.DataFrame:
    """Build the table of services: one row for each episode, in order of child and start.

    Args:
        world: the children.
        events: the log of the run.
        since: week of the run; episodes that ended before it are left out.

    Returns:
        Columns as in `cpsim.results.TABLES["services"]`.
    """
    import pandas as pd

    found = [find_episodes(events, service) for service in SERVICES]
    child, start, end = (
        np.concatenate([getattr(each, name) for each in found]) for name in ("group", "start", "end")
    )
    service = np.repeat(np.arange(len(found)), [len(each.group) for each in found])
    rows = np.flatnonzero(end >= since)
    rows = rows[np.lexsort((service[rows], start[rows], child[rows]))]
    return pd.DataFrame(
        {
            "child": child[rows],
            "family": world.children.family[child[rows]].astype(np.int32),
            "service": pd.Categorical.from_codes(service[rows], categories=pd.Index(list(SERVICES))),
            "start": start[rows] - world.warm_up,
            "end": pd.Series(end[rows] - world.warm_up, dtype="Int32").mask(end[rows] >= NEVER),
        }
    )
