"""Civil dates and weeks: week 0 begins with the first evaluated day."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cpsim.cli import main
from cpsim.experiment.read import load_experiment
from cpsim.experiment.runs import build_run_scenario
from cpsim.scenario import from_mapping, load
from cpsim.scenario.clock import (
    date_of,
    evaluated_weeks,
    last_day_of_years,
    total_weeks,
    warm_up_weeks,
    week_of,
)
from cpsim.scenario.problems import ScenarioError, ScenarioWarning
from cpsim.scenario.read import resolve_scenario
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


def duty_from(*days: date | str) -> dict[str, Any]:
    events = [{"date": day, "lever": "duty", "kinds": ["gp"], "bound": True} for day in days]
    return {"clock": CLOCK.model_dump(), "timeline": events}


@pytest.mark.parametrize("day", ["2010-03-25", "2010-03-26", "2010-03-31", "2010-04-01"])
def test_every_day_up_to_five_calendar_years_after_the_start_may_hold_an_event(day: str) -> None:
    """The evaluated weeks end on 25 March of the fifth year, because a year has 52 weeks; nothing is warned of."""
    assert str(from_mapping(duty_from(day)).timeline[0].date) == day


def test_a_leap_day_has_no_anniversary() -> None:
    clock = ClockSettings(start=date(2004, 2, 29), years=5)
    assert str(last_day_of_years(clock)) == "2009-03-01"


@pytest.mark.parametrize(
    ("day", "message"),
    [
        (
            "2010-04-02",
            "2010-04-02 is after the evaluated weeks, which end on 2010-03-25; the event affects only",
        ),
        (
            "2011-03-24",
            "2011-03-24 is after the evaluated weeks, which end on 2010-03-25; the event affects only",
        ),
        (
            "2011-03-25",
            "2011-03-25 is after the last simulated week, which ends on 2011-03-24; the event has no",
        ),
        (
            "2016-01-01",
            "2016-01-01 is after the last simulated week, which ends on 2011-03-24; the event has no",
        ),
    ],
)
def test_a_date_after_the_run_gives_a_warning_with_that_date(day: str, message: str) -> None:
    with pytest.warns(ScenarioWarning, match=message):
        from_mapping(duty_from(day))


def test_a_reform_that_is_announced_in_the_evaluated_years_has_an_effect_although_it_comes_later() -> None:
    reform = {"lever": "restructure", "services": ["gp"], "announced_weeks": 26, "date": "2010-06-01"}
    assert from_mapping({"clock": CLOCK.model_dump(), "timeline": [reform]})


def test_a_file_gives_the_line_of_a_date_after_the_run(tmp_path: Path) -> None:
    file = tmp_path / "late.yaml"
    file.write_text("timeline:\n  - {date: 2016-01-01, lever: duty, kinds: [gp], bound: true}", "utf-8")
    with pytest.warns(
        ScenarioWarning, match=r"late\.yaml:2:12: timeline\[0\]\.date: 2016-01-01 is after"
    ) as caught:
        load(file)
    assert issubclass(ScenarioWarning, UserWarning)
    assert caught[0].filename == __file__, "the warning names the code that loads the file"
    with pytest.warns(ScenarioWarning) as caught:
        resolve_scenario(duty_from("2016-01-01"))
    assert caught[0].filename == __file__, "so it does for a mapping"


def test_every_command_that_reads_a_scenario_shows_the_warning_once(tmp_path: Path) -> None:
    file = tmp_path / "late.yaml"
    text = "extends: small\nclock: {years: 1, warm_up_years: 0}\npopulation: {children: 200}\n"
    file.write_text(
        text + "timeline:\n  - {date: 2016-01-01, lever: duty, kinds: [gp], bound: true}", "utf-8"
    )
    for command in ("validate", "plan", f"run --no-figures --quiet --out {tmp_path / 'run'}"):
        result = CliRunner().invoke(main, [*command.split(), str(file)])
        assert result.exit_code == 0
        assert result.stderr == (
            f"warning: {file}:5:12: timeline[0].date: 2016-01-01 is after the last simulated week, which ends on "
            "2007-03-29; the event has no effect\n"
        )


def test_an_experiment_shows_the_warning_for_its_arms_and_not_for_every_run(tmp_path: Path) -> None:
    file = tmp_path / "late.yaml"
    event = "{date: 2016-01-01, lever: duty, kinds: [gp], bound: true}"
    text = f"base: small\nvary: {{network.trust_start: [0.3, 0.4]}}\narms: {{late: {{timeline: [{event}]}}}}"
    file.write_text(text, "utf-8")
    with pytest.warns(ScenarioWarning, match="2016-01-01 is after") as caught:
        experiment = load_experiment(file)
    assert len(caught) == 1
    assert build_run_scenario(experiment, "late", 1).timeline[0].lever == "duty"


def test_the_first_and_the_last_day_of_a_run_may_hold_an_event() -> None:
    days = date_of(-936, CLOCK), date_of(260, CLOCK) - timedelta(days=1)
    events = [{"date": day, "lever": "duty", "kinds": ["gp"], "bound": True} for day in days]
    clock = {"start": CLOCK.start, "years": 5, "warm_up_years": 18}
    assert len(from_mapping({"clock": clock, "timeline": events}).timeline) == 2


@pytest.mark.parametrize("until", ["9999-12-31", "2006-04-01"])
def test_an_event_in_the_last_week_of_the_calendar_has_no_later_end(until: str) -> None:
    event = {"date": "9999-12-31", "until": until, "lever": "duty", "kinds": ["gp"], "bound": True}
    with pytest.raises(ScenarioError, match="so the event would never hold; leave it out"):
        from_mapping({"clock": {"start": "2005-04-01"}, "timeline": [event]})
