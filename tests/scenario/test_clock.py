"""Civil dates and weeks: week 0 begins with the first evaluated day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cpsim.scenario import from_mapping
from cpsim.scenario.clock import date_of, evaluated_weeks, total_weeks, warm_up_weeks, week_of
from cpsim.scenario.sections import ClockSettings

CLOCK = ClockSettings(start=date(2005, 4, 1), years=5, warm_up_years=18)


def test_the_first_evaluated_week_is_week_0_and_the_warm_up_has_negative_weeks() -> None:
    assert week_of(date(2005, 4, 1), CLOCK) == week_of(date(2005, 4, 7), CLOCK) == 0
    assert week_of(date(2005, 4, 8), CLOCK) == 1
    assert week_of(date(2005, 3, 31), CLOCK) == -1
    assert (warm_up_weeks(CLOCK), evaluated_weeks(CLOCK), total_weeks(CLOCK)) == (936, 260, 936 + 260 + 52)


@given(st.integers(-2_000, 2_000), st.integers(0, 6))
def test_every_day_of_a_week_is_in_that_week(week: int, day: int) -> None:
    assert week_of(date_of(week, CLOCK) + timedelta(days=day), CLOCK) == week


def test_events_of_the_same_day_keep_their_order() -> None:
    kinds = ("gp", "school", "police", "pct")
    events = [{"date": date(2006, 5, 1), "lever": "duty", "kinds": [kind], "bound": True} for kind in kinds]
    assert [event.kinds[0] for event in from_mapping({"timeline": events}).timeline] == list(kinds)


def test_the_first_and_the_last_day_of_a_run_may_hold_an_event() -> None:
    days = date_of(-936, CLOCK), date_of(260, CLOCK) - timedelta(days=1)
    events = [{"date": day, "lever": "duty", "kinds": ["gp"], "bound": True} for day in days]
    clock = {"start": CLOCK.start, "years": 5, "warm_up_years": 18}
    assert len(from_mapping({"clock": clock, "timeline": events}).timeline) == 2
