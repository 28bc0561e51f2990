"""Civil dates to weeks and back.

Week 0 begins on `clock.start`; history has negative weeks. A year has 52 weeks.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from cpsim.constants import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from cpsim.scenario.sections import Clock

FOLLOW_UP_WEEKS = 52
"""How long spells are followed after the last year judged, so that each can be judged at every deadline."""


def week_of(day: date, clock: "Clock") -> int:
    """The week that a date falls in, counted from `clock.start`."""
    return (day - clock.start).days // 7


def run_week_of(day: date, clock: "Clock") -> int:
    """Week of the run in which a day lies, counted from the beginning of the warm-up."""
    return week_of(day, clock) + warm_up_weeks(clock)


def date_of(week: int, clock: "Clock") -> date:
    """The first day of a week."""
    return clock.start + timedelta(weeks=week)


def warm_up_weeks(clock: "Clock") -> int:
    """Weeks of history before `clock.start`; the first week is minus this."""
    return clock.warm_up_years * WEEKS_PER_YEAR


def evaluated_weeks(clock: "Clock") -> int:
    """Weeks that are judged; the first of them is week 0."""
    return clock.years * WEEKS_PER_YEAR


def weeks_of(clock: "Clock") -> int:
    """All weeks of a run: history, the years judged, and the run-off."""
    return warm_up_weeks(clock) + evaluated_weeks(clock) + FOLLOW_UP_WEEKS
