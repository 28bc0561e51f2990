"""Budgets and demand: fewer hours for the same work, and more work for the same hours."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.model.authority import changed, model_of, run_of, scenario

from cpsim.agents.social_work import TeamRole
from cpsim.model import ChildProtectionModel
from cpsim.scenario.problems import ScenarioError

FROM = date(2006, 4, 3)
WEEK = 52  # the week in which it falls


def in_week(week: int, *timeline: dict[str, Any]) -> ChildProtectionModel:
    """The tiny authority as its dials stand `week` weeks after 1 April 2005, without a day of casework."""
    settings = changed(scenario(), timeline=[{"date": FROM, **event} for event in timeline])
    model = model_of(settings, collect=False)
    first = settings.clock.warm_up_years * 52
    for now in range(first, first + week + 1):
        model.timeline.apply_levers(now)
    return model


def hours(week: int, *timeline: dict[str, Any]) -> float:
    """What is left of the hours of every team."""
    factors = np.unique(in_week(week, *timeline).tables["teams"]["capacity_factor"])
    assert len(factors) == 1, "the cut falls on all teams alike"
    return float(factors[0])


def load(week: int, **settings: float) -> float:
    teams = in_week(week, {"lever": "demand", **settings}).tables["teams"]
    assert (teams["contact_load"][teams["role"] != TeamRole.FRONT_DOOR] == 1).all()
    return float(teams["contact_load"][0])


def test_a_budget_holds_for_a_year_and_cuts_add_up() -> None:
    cut = {"lever": "budget", "per_year": -0.04}
    assert hours(WEEK - 1, cut) == 1
    assert hours(WEEK, cut) == hours(WEEK + 51, cut) == pytest.approx(0.96)
    assert hours(WEEK + 52, cut) == pytest.approx(0.96**2)
    assert hours(WEEK + 3 * 52, cut) == pytest.approx(0.96**4)


def test_what_is_lost_once_is_lost_once() -> None:
    lost = {"lever": "budget", "step": -0.1, "hours_lost": 0.07, "replaced_share": 0.0}
    assert hours(WEEK, lost) == hours(WEEK + 100, lost) == pytest.approx(0.9 * 0.93)


def test_a_budget_that_ends_leaves_the_hours_as_they_were() -> None:
    assert hours(WEEK + 30, {"lever": "budget", "step": -0.1, "until": date(2006, 10, 2)}) == 1


def test_the_deeper_the_cut_the_fewer_the_hours_and_the_lower_the_bill() -> None:
    runs = [
        run_of(changed(scenario(), timeline=[{"date": FROM, "lever": "budget", "step": step}]))
        for step in (0.0, -0.1, -0.2)
    ]
    after = [run.weekly[run.weekly["week"] >= WEEK] for run in runs]
    for name in ("hours_available", "hours_paid"):
        given = [weeks[name].iloc[0] for weeks in after]
        assert given == pytest.approx([given[0], 0.9 * given[0], 0.8 * given[0]])
    load_felt = [weeks["utilisation"].mean() for weeks in after]
    assert load_felt == sorted(load_felt), "the fewer the hours, the more is asked of each"


def test_growing_demand_loads_the_front_door_up_to_a_most_and_no_other_team() -> None:
    grown = [load(WEEK + weeks, per_year=0.1, limit=1.15) for weeks in (0, 26, 52, 104, 150)]
    assert grown == pytest.approx([1, 1.1**0.5, 1.1, 1.15, 1.15])


def test_a_cut_in_one_place_leaves_the_hours_of_another_alone() -> None:
    settings = changed(
        scenario("authorities.count=3", "population.children=400"),
        timeline=[{"date": FROM, "lever": "budget", "step": -0.2, "authorities": ["authority-03"]}],
    )
    model = model_of(settings, collect=False)
    for now in range(52, 52 + WEEK + 1):
        model.timeline.apply_levers(now)
    teams = model.tables["teams"]
    cut = teams["capacity_factor"] < 1
    assert cut.any()
    assert (cut == (teams["authority"] == 2)).all()


def test_a_budget_of_which_nothing_is_said_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"timeline\[0\].*say at least one of per_year, step, hours_lost"):
        changed(scenario(), timeline=[{"date": FROM, "lever": "budget"}])


def test_nobody_can_lose_more_than_all_hours() -> None:
    with pytest.raises(ScenarioError, match="hours_lost"):
        changed(scenario(), timeline=[{"date": FROM, "lever": "budget", "hours_lost": 1.2}])
