"""Dated events: what every lever of a timeline says, and which levers there are.

A lever is a class of its own that brings its settings and its equation along. It is found by the name under which it
is entered as an entry point of the group `cpsim.levers`, whether it comes with cpsim or from somebody else.
"""

import datetime as dt
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from cpsim.scenario.clock import run_week_of
from cpsim.scenario.sections import Clock, Section

if TYPE_CHECKING:
    from cpsim.scenario.schema import Scenario

GROUP = "cpsim.levers"
"""The group of entry points under which levers are found."""


class Choice(Section):
    """Some of the authorities, chosen by one rule."""

    lot: int | None = Field(default=None, ge=1, le=150, description="as many as this, by lot [authorities]")
    most_deprived: int | None = Field(
        default=None, ge=1, le=150, description="as many of the most deprived [authorities]"
    )
    least_resourced: int | None = Field(
        default=None,
        ge=1,
        le=150,
        description="as many of those with the fewest posts for their children [authorities]",
    )


class Event(Section):
    """Something that changes on a date: what all levers have in common.

    Attributes:
        beside_kinds: names that may stand among the kinds of agency that it concerns, such as the front door.
    """

    beside_kinds: ClassVar[tuple[str, ...]] = ()

    date: dt.date | None = Field(
        default=None, description="the day from which it holds; left out = from the first day of history"
    )
    lever: str = Field(description="what changes")
    until: dt.date | None = Field(
        default=None, description="the day from which it holds no more; left out = it stays"
    )
    authorities: Annotated[tuple[str, ...], Field(strict=False)] | Choice | None = Field(
        default=None, description="the authorities that it concerns; left out = all of them"
    )
    institution: str | None = Field(
        default=None, description="the historical institution that it is a part of, if any"
    )

    @classmethod
    def own_settings(cls) -> tuple[str, ...]:
        """Names of the settings that it has besides those that all levers have."""
        return tuple(name for name in cls.model_fields if name not in Event.model_fields)

    def lead(self) -> int:
        """Weeks before its date in which it first matters, such as from an announcement."""
        return 0

    def week(self, clock: Clock) -> int:
        """Week of the run in which its date lies; the first if it has none."""
        return 0 if self.date is None else run_week_of(self.date, clock)

    def begins(self, clock: Clock) -> int:
        """First week of the run in which it matters."""
        return max(self.week(clock) - self.lead(), 0)

    def ends(self, clock: Clock) -> int | None:
        """Week of the run from which it holds no more, if any."""
        return None if self.until is None else run_week_of(self.until, clock)

    def contradictions(self, scenario: "Scenario") -> Iterator[tuple[tuple[str | int, ...], str]]:
        """What makes no sense about it in this scenario, as the setting at fault and a sentence; nothing by default."""
        del scenario
        yield from ()


@cache
def levers() -> dict[str, type[Event]]:
    """All levers by name, in the order of their names.

    Raises:
        TypeError: an entry point leads to something else than a lever of its own name.
    """
    found: dict[str, type[Event]] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        lever: Any = point.load()
        if not (isinstance(lever, type) and issubclass(lever, Event)):
            raise TypeError(f"{point.value}, entered as a lever, is no class of levers")
        found[point.name] = lever
    return found
