"""A duty that is set on a date changes nothing before that date, and from then on lowers the threshold of those it binds."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from pandas.testing import assert_frame_equal
from tests.model.authority import TINY, changed, model_of, outcome, run_of, scenario

from cpsim.model import ChildProtectionModel
from cpsim.scenario.read import load
from cpsim.scenario.schema import Scenario

FROM = date(2006, 4, 1)
WEEK = 52  # the week in which 1 April 2006 falls, counted from 1 April 2005
SCHOOL, GP = 0, 1


def binding(**says: Any) -> Scenario:
    event = {
        "date": FROM,
        "lever": "duty",
        "kinds": ["school"],
        "bound": True,
        "awareness": 0.8,
        "sanction": 0.5,
        **says,
    }
    return changed(scenario(), timeline=[event])


def shift_of(model: ChildProtectionModel, kind: int) -> float:
    organisations = model.tables["organisations"]
    shifts = np.unique(organisations["share_threshold_shift"][organisations["kind"] == kind])
    assert len(shifts) == 1
    return float(shifts[0])


def at_week(settings: Scenario, week: int) -> ChildProtectionModel:
    model = model_of(settings, collect=False)
    while model.week <= week + model.world.warm_up:
        model.step()
    return model


def test_before_its_date_a_duty_changes_nothing_and_after_it_something() -> None:
    with_duty, without = run_of(binding(kinds=["school", "gp"], sanction=1.0)).weekly, outcome().weekly
    # Verdicts are counted in the week of a deadline but depend on nothing later than it.
    before = without["week"] < WEEK
    assert_frame_equal(with_duty[before], without[before], check_exact=True)
    assert not with_duty[~before].equals(without[~before])


def test_a_sanction_counts_where_the_file_has_none() -> None:
    """As read from a file, in which what is not said keeps its default, a whole number."""
    line = "{date: 2006-04-01, lever: duty, kinds: [school], bound: true, awareness: 0, sanction: 0.5}"
    settings = load("small", [*TINY, f"timeline=[{line}]"])
    assert shift_of(at_week(settings, WEEK), SCHOOL) == pytest.approx(-settings.sharing.sanction_effect * 0.5)


def test_the_bar_falls_in_the_week_of_the_date_and_not_before() -> None:
    assert shift_of(at_week(binding(), WEEK - 1), SCHOOL) == 0
    sharing = scenario().sharing
    expected = -(sharing.duty_effect * 0.8 + sharing.sanction_effect * 0.5)
    assert shift_of(at_week(binding(), WEEK), SCHOOL) == pytest.approx(expected)
    assert shift_of(at_week(binding(), WEEK + 30), SCHOOL) == pytest.approx(expected)


def test_a_duty_of_schools_turns_nobody_elses_bar() -> None:
    after, always = at_week(binding(), WEEK), at_week(scenario(), WEEK)
    organisations, usual = after.tables["organisations"], always.tables["organisations"]
    others = organisations["kind"] != SCHOOL
    for column in ("share_threshold_shift", "duty_bound"):
        assert (organisations[column][others] == usual[column][others]).all()
    assert organisations["duty_bound"][~others].all()


def test_what_an_event_does_not_say_stays_as_it_was() -> None:
    second = {"date": date(2006, 10, 1), "lever": "duty", "kinds": ["school"], "sanction": 1.0}
    both = changed(scenario(), timeline=[binding().timeline[0].model_dump(exclude_none=True), second])
    sharing = scenario().sharing
    expected = -(sharing.duty_effect * 0.8 + sharing.sanction_effect * 1.0)
    assert shift_of(at_week(both, 90), SCHOOL) == pytest.approx(expected)


def test_a_duty_that_is_lifted_leaves_the_bar_where_it_was() -> None:
    lifted = {"date": date(2006, 10, 1), "lever": "duty", "kinds": ["school"], "bound": False}
    both = changed(scenario(), timeline=[binding().timeline[0].model_dump(exclude_none=True), lifted])
    assert shift_of(at_week(both, 90), SCHOOL) == 0


def test_several_events_may_fall_on_one_day_and_the_later_line_wins() -> None:
    first = {"date": FROM, "lever": "duty", "kinds": ["school", "gp"], "bound": True, "awareness": 0.3}
    then = {"date": FROM, "lever": "duty", "kinds": ["school"], "awareness": 0.9}
    model = at_week(changed(scenario(), timeline=[first, then]), WEEK)
    effect = scenario().sharing.duty_effect
    assert shift_of(model, SCHOOL) == pytest.approx(-effect * 0.9)
    assert shift_of(model, GP) == pytest.approx(-effect * 0.3)


def test_the_more_who_know_of_a_duty_the_lower_the_bar() -> None:
    shifts = [shift_of(at_week(binding(awareness=share), WEEK), SCHOOL) for share in (0.0, 0.3, 0.6, 1.0)]
    assert shifts == sorted(shifts, reverse=True)
    assert len(set(shifts)) == 4
