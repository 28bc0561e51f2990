"""Conversion between civil dates and weeks.

Week 0 begins on `clock.start`; the warm-up history before it has negative weeks. A year has 52 weeks.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from cpsim.constants import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from cpsim.scenario.sections import ClockSettings

FOLLOW_UP_WEEKS = 52
"""Weeks simulated after the last evaluated year, so that late spells can be followed to their deadlines."""


def week_of(day: date, clock: "ClockSettings") -> int:
    """Return the week that contains a date, counted from `clock.start`.

    >>> from cpsim.scenario.sections import ClockSettings
    >>> clock = ClockSettings(start=date(2005, 4, 1))
    >>> week_of(date(2005, 4, 8), clock), week_of(date(2005, 3, 31), clock)
    (1, -1)
    """
    return (day - clock.start).days // 7


def run_week_of(day: date, clock: "ClockSettings") -> int:
    """Return the week that contains a date, counted from the beginning of the warm-up."""
    return week_of(day, clock) + warm_up_weeks(clock)


def date_of(week: int, clock: "ClockSettings") -> date:
    """Return the first day of a week that is counted from `clock.start`.

    >>> from cpsim.scenario.sections import ClockSettings
    >>> str(date_of(52, ClockSettings(start=date(2005, 4, 1))))
    '2006-03-31'
    """
    return clock.start + timedelta(weeks=week)


def warm_up_weeks(clock: "ClockSettings") -> int:
    """Return the number of weeks of history before `clock.start`."""
    return clock.warm_up_years * WEEKS_PER_YEAR


def evaluated_weeks(clock: "ClockSettings") -> int:
    """Return the number of evaluated weeks, which are weeks 0 and up.

    >>> from cpsim.scenario.sections import ClockSettings
    >>> evaluated_weeks(ClockSettings(years=5))
    260
    """
    return clock.years * WEEKS_PER_YEAR


def last_day_of_years(clock: "ClockSettings") -> date:
    """Return the day that is `clock.years` calendar years after `clock.start`.

    The evaluated weeks end some days earlier, because a year has 52 weeks.

    >>> from cpsim.scenario.sections import ClockSettings
    >>> str(last_day_of_years(ClockSettings(start=date(2005, 4, 1), years=5)))
    '2010-04-01'
    """
    start, year = clock.start, clock.start.year + clock.years
    is_leap_day = (start.month, start.day) == (2, 29)
    return date(year, 3, 1) if is_leap_day else start.replace(year=year)


def total_weeks(clock: "ClockSettings") -> int:
    """Return the number of weeks of a run: warm-up, evaluated years and follow-up.

    >>> from cpsim.scenario.sections import ClockSettings
    >>> total_weeks(ClockSettings(years=5, warm_up_years=18))
    1248
    """
    return warm_up_weeks(clock) + evaluated_weeks(clock) + FOLLOW_UP_WEEKS
