"""Budgets change the hours for the same work, and demand changes the work for the same hours."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.model.authority import build_model, replace_sections, run_scenario, scenario

from cpsim.agents.tables import TeamRole
from cpsim.model import ChildProtectionModel
from cpsim.scenario.problems import ScenarioError

FROM = date(2006, 4, 3)
WEEK = 52  # week of this date, counted from 1 April 2005


def apply_until(week: int, *timeline: dict[str, Any]) -> ChildProtectionModel:
    """Return the tiny authority with its dials `week` weeks after 1 April 2005, without any casework."""
    settings = replace_sections(scenario(), timeline=[{"date": FROM, **event} for event in timeline])
    model = build_model(settings, collect=False)
    first = settings.clock.warm_up_years * 52
    for now in range(first, first + week + 1):
        model.timeline.apply_levers(now)
    return model


def hours_factor(week: int, *timeline: dict[str, Any]) -> float:
    """Return the multiplier on the hours of every team, which is the same for all."""
    factors = np.unique(apply_until(week, *timeline).tables["teams"]["capacity_factor"])
    assert len(factors) == 1, "the cut affects all teams equally"
    return float(factors[0])


def contact_load(week: int, **settings: float) -> float:
    teams = apply_until(week, {"lever": "demand", **settings}).tables["teams"]
    assert (teams["contact_load"][teams["role"] != TeamRole.FRONT_DOOR] == 1).all()
    return float(teams["contact_load"][0])


def test_yearly_cuts_apply_every_year_and_accumulate() -> None:
    cut = {"lever": "budget", "per_year": -0.04}
    assert hours_factor(WEEK - 1, cut) == 1
    assert hours_factor(WEEK, cut) == hours_factor(WEEK + 51, cut) == pytest.approx(0.96)
    assert hours_factor(WEEK + 52, cut) == pytest.approx(0.96**2)
    assert hours_factor(WEEK + 3 * 52, cut) == pytest.approx(0.96**4)


def test_a_single_cut_and_a_lost_subsidy_apply_once() -> None:
    lost = {"lever": "budget", "step": -0.1, "hours_lost": 0.07, "replaced_share": 0.0}
    assert hours_factor(WEEK, lost) == hours_factor(WEEK + 100, lost) == pytest.approx(0.9 * 0.93)


def test_hours_return_to_their_usual_level_when_a_cut_ends() -> None:
    assert hours_factor(WEEK + 30, {"lever": "budget", "step": -0.1, "until": date(2006, 10, 2)}) == 1


def test_deeper_cuts_reduce_hours_and_costs_and_raise_utilisation() -> None:
    runs = [
        run_scenario(replace_sections(scenario(), timeline=[{"date": FROM, "lever": "budget", "step": step}]))
        for step in (0.0, -0.1, -0.2)
    ]
    after = [run.weekly[run.weekly["week"] >= WEEK] for run in runs]
    for name in ("hours_available", "hours_paid"):
        given = [weeks[name].iloc[0] for weeks in after]
        assert given == pytest.approx([given[0], 0.9 * given[0], 0.8 * given[0]])
    utilisation = [weeks["utilisation"].mean() for weeks in after]
    assert utilisation == sorted(utilisation), "utilisation rises as hours fall"


def test_growing_demand_raises_the_load_of_the_front_door_only_and_up_to_a_limit() -> None:
    grown = [contact_load(WEEK + weeks, per_year=0.1, limit=1.15) for weeks in (0, 26, 52, 104, 150)]
    assert grown == pytest.approx([1, 1.1**0.5, 1.1, 1.15, 1.15])


def test_a_cut_in_one_authority_does_not_change_the_hours_of_others() -> None:
    settings = replace_sections(
        scenario("authorities.count=3", "population.children=400"),
        timeline=[{"date": FROM, "lever": "budget", "step": -0.2, "authorities": ["authority-03"]}],
    )
    model = build_model(settings, collect=False)
    for now in range(52, 52 + WEEK + 1):
        model.timeline.apply_levers(now)
    teams = model.tables["teams"]
    cut = teams["capacity_factor"] < 1
    assert cut.any()
    assert (cut == (teams["authority"] == 2)).all()


def test_a_budget_without_any_change_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"timeline\[0\].*set at least one of per_year, step, hours_lost"):
        replace_sections(scenario(), timeline=[{"date": FROM, "lever": "budget"}])


def test_a_loss_of_more_than_all_hours_is_refused() -> None:
    with pytest.raises(ScenarioError, match="hours_lost"):
        replace_sections(scenario(), timeline=[{"date": FROM, "lever": "budget", "hours_lost": 1.2}])
