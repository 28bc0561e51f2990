"""A dated duty changes nothing before its date, and then lowers the threshold of the agencies that it binds."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from pandas.testing import assert_frame_equal
from tests.model.authority import TINY, build_model, replace_sections, run_scenario, scenario, tiny_result

from cpsim.model import ChildProtectionModel
from cpsim.scenario.read import load
from cpsim.scenario.schema import Scenario

FROM = date(2006, 4, 1)
WEEK = 52  # the week in which 1 April 2006 falls, counted from 1 April 2005
SCHOOL, GP = 0, 1


def duty_scenario(**settings: Any) -> Scenario:
    event = {
        "date": FROM,
        "lever": "duty",
        "kinds": ["school"],
        "bound": True,
        "awareness": 0.8,
        "sanction": 0.5,
        **settings,
    }
    return replace_sections(scenario(), timeline=[event])


def threshold_shift(model: ChildProtectionModel, kind: int) -> float:
    organisations = model.tables["organisations"]
    shifts = np.unique(organisations["share_threshold_shift"][organisations["kind"] == kind])
    assert len(shifts) == 1
    return float(shifts[0])


def run_until(settings: Scenario, week: int) -> ChildProtectionModel:
    model = build_model(settings, collect=False)
    while model.week <= week + model.world.warm_up:
        model.step()
    return model


def test_a_duty_changes_results_from_its_date_and_not_before() -> None:
    with_duty, without = (
        run_scenario(duty_scenario(kinds=["school", "gp"], sanction=1.0)).weekly,
        tiny_result().weekly,
    )
    # Results of spells are counted in the week of their deadline and depend on nothing later.
    before = without["week"] < WEEK
    assert_frame_equal(with_duty[before], without[before], check_exact=True)
    assert not with_duty[~before].equals(without[~before])


def test_a_sanction_applies_to_agencies_without_a_sanction_in_the_base_scenario() -> None:
    """In a scenario file the default sanction is the integer 0, and a dated sanction replaces it by a fraction."""
    line = "{date: 2006-04-01, lever: duty, kinds: [school], bound: true, awareness: 0, sanction: 0.5}"
    settings = load("small", [*TINY, f"timeline=[{line}]"])
    assert threshold_shift(run_until(settings, WEEK), SCHOOL) == pytest.approx(
        -settings.sharing.sanction_effect * 0.5
    )


def test_the_threshold_falls_in_the_week_of_the_date_and_not_before() -> None:
    assert threshold_shift(run_until(duty_scenario(), WEEK - 1), SCHOOL) == 0
    sharing = scenario().sharing
    expected = -(sharing.duty_effect * 0.8 + sharing.sanction_effect * 0.5)
    assert threshold_shift(run_until(duty_scenario(), WEEK), SCHOOL) == pytest.approx(expected)
    assert threshold_shift(run_until(duty_scenario(), WEEK + 30), SCHOOL) == pytest.approx(expected)


def test_a_duty_of_schools_changes_no_other_threshold() -> None:
    after, always = run_until(duty_scenario(), WEEK), run_until(scenario(), WEEK)
    organisations, usual = after.tables["organisations"], always.tables["organisations"]
    others = organisations["kind"] != SCHOOL
    for column in ("share_threshold_shift", "duty_bound"):
        assert (organisations[column][others] == usual[column][others]).all()
    assert organisations["duty_bound"][~others].all()


def test_settings_that_an_event_leaves_out_stay_as_they_were() -> None:
    second = {"date": date(2006, 10, 1), "lever": "duty", "kinds": ["school"], "sanction": 1.0}
    both = replace_sections(
        scenario(), timeline=[duty_scenario().timeline[0].model_dump(exclude_none=True), second]
    )
    sharing = scenario().sharing
    expected = -(sharing.duty_effect * 0.8 + sharing.sanction_effect * 1.0)
    assert threshold_shift(run_until(both, 90), SCHOOL) == pytest.approx(expected)


def test_the_threshold_returns_to_its_usual_level_when_a_duty_is_lifted() -> None:
    lifted = {"date": date(2006, 10, 1), "lever": "duty", "kinds": ["school"], "bound": False}
    both = replace_sections(
        scenario(), timeline=[duty_scenario().timeline[0].model_dump(exclude_none=True), lifted]
    )
    assert threshold_shift(run_until(both, 90), SCHOOL) == 0


def test_of_several_events_on_one_day_the_later_line_applies() -> None:
    first = {"date": FROM, "lever": "duty", "kinds": ["school", "gp"], "bound": True, "awareness": 0.3}
    then = {"date": FROM, "lever": "duty", "kinds": ["school"], "awareness": 0.9}
    model = run_until(replace_sections(scenario(), timeline=[first, then]), WEEK)
    effect = scenario().sharing.duty_effect
    assert threshold_shift(model, SCHOOL) == pytest.approx(-effect * 0.9)
    assert threshold_shift(model, GP) == pytest.approx(-effect * 0.3)


def test_the_threshold_falls_with_awareness_of_the_duty() -> None:
    shifts = [
        threshold_shift(run_until(duty_scenario(awareness=share), WEEK), SCHOOL)
        for share in (0.0, 0.3, 0.6, 1.0)
    ]
    assert shifts == sorted(shifts, reverse=True)
    assert len(set(shifts)) == 4
