"""Each further initiative takes more time than the last, staff move to them, and a plan retains some."""

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.model.authority import build_model, replace_sections, run_scenario, scenario

from cpsim.scenario.problems import ScenarioError

FROM = date(2006, 4, 3)


def launch(number: int, **settings: float) -> dict[str, Any]:
    return {"date": FROM, "lever": "initiatives", "number": number, "staff_drawn": 0.0, **settings}


def dial(name: str, *timeline: dict[str, Any]) -> float:
    """Return a dial of the teams, which is the same for all."""
    model = build_model(replace_sections(scenario(), timeline=list(timeline)), collect=False)
    for week in range(52, 52 + 53):
        model.timeline.apply_levers(week)
    values = np.unique(model.tables["teams"][name])
    assert len(values) == 1
    return float(values[0])


def test_two_initiatives_take_more_than_twice_the_time_of_one() -> None:
    lost = [1 - dial("capacity_factor", launch(number)) for number in (1, 2, 4, 8)]
    assert lost == pytest.approx([0.015 * number**1.3 for number in (1, 2, 4, 8)])


def test_effects_depend_on_the_total_number_of_initiatives_and_not_on_their_events() -> None:
    together = launch(7, staff_drawn=0.02, workforce_plan=0.5)
    apart = [
        launch(4, staff_drawn=0.02),
        launch(3, staff_drawn=0.02),
        launch(0, staff_drawn=0.02, workforce_plan=0.5),
    ]
    for name in ("capacity_factor", "exit_factor"):
        assert dial(name, *apart) == pytest.approx(dial(name, together))


def test_a_costly_initiative_added_to_cheap_ones_takes_more_than_alone_and_less_than_among_costly_ones() -> (
    None
):
    def lost_time(*timeline: dict[str, Any]) -> float:
        return 1 - dial("capacity_factor", *timeline)

    cheap, costly = launch(6), launch(1, cost=0.03)
    added = lost_time(cheap, costly) - lost_time(cheap)
    assert added == pytest.approx(lost_time(costly, cheap) - lost_time(cheap)), (
        "the order of the events does not matter"
    )
    assert lost_time(costly) < added < lost_time(launch(7, cost=0.03)) - lost_time(launch(6, cost=0.03))


def test_initiatives_cannot_take_more_than_all_the_time() -> None:
    assert dial("capacity_factor", launch(100), launch(100)) == 0


def test_staff_move_to_initiatives_and_a_workforce_plan_retains_some() -> None:
    usual = scenario().workforce.exit_per_year
    moving = dial("exit_factor", launch(4, staff_drawn=0.01))
    assert moving * usual == pytest.approx(usual + 0.04)
    plan = {"date": FROM, "lever": "initiatives", "number": 0, "workforce_plan": 0.75}
    assert dial("exit_factor", launch(4, staff_drawn=0.01), plan) * usual == pytest.approx(usual + 0.01)
    assert dial("exit_factor", plan) == 1, "a plan has no effect without initiatives"


def test_no_one_moves_to_initiatives_where_the_usual_exit_rate_is_zero() -> None:
    settings = replace_sections(
        scenario("workforce.exit_per_year=0"), timeline=[launch(4, staff_drawn=0.03, workforce_plan=0.5)]
    )
    model = build_model(settings, collect=False)
    for week in range(52, 52 + 53):
        model.timeline.apply_levers(week)
    assert (model.tables["teams"]["exit_factor"] == 1).all()


def test_conflicting_goals_add_an_independent_error() -> None:
    assert 1 / dial("accuracy", launch(0, goal_noise=0.75)) == pytest.approx(math.sqrt(1 + 0.75**2))
    assert dial("accuracy", launch(6)) == 1


def test_hours_taken_by_initiatives_are_still_paid_for() -> None:
    run = run_scenario(replace_sections(scenario(), timeline=[launch(8)]))
    weeks = run.weekly[run.weekly["week"] >= 52]
    left = weeks["hours_available"] / weeks["hours_paid"]
    assert left.to_numpy() == pytest.approx(1 - 0.015 * 8**1.3)


def test_an_event_without_initiatives_or_plan_is_refused() -> None:
    with pytest.raises(ScenarioError, match="set at least one of number"):
        replace_sections(scenario(), timeline=[{"date": FROM, "lever": "initiatives", "number": 0}])
