"""Events that can change what another event does: through signals, dials that levers read, grades, or a shared dial.

Effects that are added or multiplied do not depend on each other, so events that meet only there need not be tried
together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.agents.dials import DIALS
from cpsim.governance.lever import Lever
from cpsim.stages.declarations import Declaration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cpsim.scenario.events import TimelineEvent

_INDEPENDENT = {dial.name for dial in DIALS if dial.composes in ("adds", "multiplies")}


def select_related(event: TimelineEvent, events: Sequence[TimelineEvent]) -> list[TimelineEvent]:
    """Select the events that are related to an event, directly or through others, in their order.

    Args:
        event: the event, which is always selected if it is one of `events`.
        events: the timeline.
    """
    found, new = [event], [event]
    while new:
        reached = [
            other for other in events if other not in found and any(_is_related(other, each) for each in new)
        ]
        found, new = found + reached, reached
    return [other for other in events if other in found]


def _is_related(one: TimelineEvent, other: TimelineEvent) -> bool:
    """Return whether one of two events can change what the other does."""
    if not (isinstance(one, Lever) and isinstance(other, Lever)):
        return True
    changed, read = _list_changed(one), _list_read(one)
    others_changed, others_read = _list_changed(other), _list_read(other)
    shared = (changed & others_changed) - _INDEPENDENT
    return bool(shared or changed & others_read or others_changed & read)


def _list_changed(event: Lever) -> set[str]:
    return {*event.dials, *event.signals_sent, *Declaration.of((), event.writes).writes}


def _list_read(event: Lever) -> set[str]:
    return {*event.dials_read, *event.signals_read, *Declaration.of(event.reads, ()).reads}
