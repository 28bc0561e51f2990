"""Initiatives: each takes more than the last, staff move to them, and a plan keeps some."""

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.model.authority import changed, model_of, run_of, scenario

from cpsim.scenario.problems import ScenarioError

FROM = date(2006, 4, 3)


def launch(number: int, **settings: float) -> dict[str, Any]:
    return {"date": FROM, "lever": "initiatives", "number": number, "staff_drawn": 0.0, **settings}


def dial(name: str, *timeline: dict[str, Any]) -> float:
    """A dial of the teams, which is the same for all."""
    model = model_of(changed(scenario(), timeline=list(timeline)), collect=False)
    for week in range(52, 52 + 53):
        model.timeline.apply_levers(week)
    values = np.unique(model.tables["teams"][name])
    assert len(values) == 1
    return float(values[0])


def test_two_initiatives_take_more_than_twice_what_one_takes() -> None:
    lost = [1 - dial("capacity_factor", launch(number)) for number in (1, 2, 4, 8)]
    assert lost == pytest.approx([0.015 * number**1.3 for number in (1, 2, 4, 8)])


def test_it_does_not_matter_how_initiatives_are_spread_over_the_timeline() -> None:
    together = launch(7, staff_drawn=0.02, workforce_plan=0.5)
    apart = [
        launch(4, staff_drawn=0.02),
        launch(3, staff_drawn=0.02),
        launch(0, staff_drawn=0.02, workforce_plan=0.5),
    ]
    for name in ("capacity_factor", "exit_factor"):
        assert dial(name, *apart) == pytest.approx(dial(name, together))


def test_a_costly_initiative_beside_cheap_ones_takes_more_than_alone_and_less_than_if_all_were_costly() -> (
    None
):
    def taken(*timeline: dict[str, Any]) -> float:
        return 1 - dial("capacity_factor", *timeline)

    cheap, costly = launch(6), launch(1, cost=0.03)
    beside = taken(cheap, costly) - taken(cheap)
    assert beside == pytest.approx(taken(costly, cheap) - taken(cheap)), "whichever comes first"
    assert taken(costly) < beside < taken(launch(7, cost=0.03)) - taken(launch(6, cost=0.03))


def test_no_number_of_initiatives_takes_more_than_all_time() -> None:
    assert dial("capacity_factor", launch(100), launch(100)) == 0


def test_staff_move_to_initiatives_and_a_workforce_plan_keeps_some() -> None:
    usual = scenario().workforce.exit_per_year
    moving = dial("exit_factor", launch(4, staff_drawn=0.01))
    assert moving * usual == pytest.approx(usual + 0.04)
    plan = {"date": FROM, "lever": "initiatives", "number": 0, "workforce_plan": 0.75}
    assert dial("exit_factor", launch(4, staff_drawn=0.01), plan) * usual == pytest.approx(usual + 0.01)
    assert dial("exit_factor", plan) == 1, "nothing to prevent"


def test_where_nobody_ever_leaves_nobody_moves_either() -> None:
    settings = changed(
        scenario("workforce.exit_per_year=0"), timeline=[launch(4, staff_drawn=0.03, workforce_plan=0.5)]
    )
    model = model_of(settings, collect=False)
    for week in range(52, 52 + 53):
        model.timeline.apply_levers(week)
    assert (model.tables["teams"]["exit_factor"] == 1).all()


def test_goals_that_clash_are_an_error_of_their_own() -> None:
    assert 1 / dial("accuracy", launch(0, goal_noise=0.75)) == pytest.approx(math.sqrt(1 + 0.75**2))
    assert dial("accuracy", launch(6)) == 1


def test_the_hours_that_initiatives_take_are_paid_all_the_same() -> None:
    run = run_of(changed(scenario(), timeline=[launch(8)]))
    weeks = run.weekly[run.weekly["week"] >= 52]
    left = weeks["hours_available"] / weeks["hours_paid"]
    assert left.to_numpy() == pytest.approx(1 - 0.015 * 8**1.3)


def test_no_initiatives_and_no_plan_are_refused() -> None:
    with pytest.raises(ScenarioError, match="no initiatives"):
        changed(scenario(), timeline=[{"date": FROM, "lever": "initiatives", "number": 0}])
