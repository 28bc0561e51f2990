"""After the lowest grade people leave, work piles up and thresholds fall; support comes late, and quality recovers."""

from typing import Any

import numpy as np
import pytest
from tests.governance.examples import FROM
from tests.model.authority import changed, model_of, run_of, scenario

from cpsim.agents.social_work import TeamRole
from cpsim.governance.context import LeverContext
from cpsim.governance.timeline import Timeline
from cpsim.model import ChildProtectionModel
from cpsim.scenario.clock import run_week_of
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.schema import Scenario

WEEK = run_week_of(FROM, scenario().clock)


def judged(**settings: Any) -> Scenario:
    return changed(scenario(), timeline=[{"date": FROM, "lever": "inspection_judgement", **settings}])


def teams_after(settings: Scenario, weeks: int, accuracy: float = 1.0) -> Any:
    """The teams so many weeks after the judgement, whose accuracy would be `accuracy` without any lever."""
    model = model_of(settings, collect=False)
    model.tables["teams"]["accuracy"] = accuracy
    timeline = Timeline(
        settings, LeverContext(settings, model.tables, model.ties, ("authority-01",), model.seed)
    )
    for week in range(WEEK + weeks + 1):
        timeline.apply_levers(week)
    return model.tables["teams"]


def test_people_leave_and_cases_take_longer_right_after_the_judgement_and_less_so_later() -> None:
    for weeks in (0, 35, 104):
        teams = teams_after(judged(exits=1.8, workload=1.3, recovery_weeks=35), weeks)
        left = np.exp(-weeks / 35)
        assert teams["exit_factor"] == pytest.approx(1 + 0.8 * left)
        assert teams["workload_factor"] == pytest.approx(1 + 0.3 * left)


def test_nineteen_twentieths_of_the_damage_have_mended_after_two_years() -> None:
    assert teams_after(judged(recovery_weeks=35), 105, accuracy=0.7)["accuracy"] == pytest.approx(
        1 - 0.3 * 0.05, abs=0.001
    )


def test_the_front_doors_bar_falls_and_comes_back_and_nobody_elses_moves() -> None:
    teams = teams_after(judged(threshold_fall=0.4, threshold_fade_weeks=26), 13)
    door = teams["role"] == TeamRole.FRONT_DOOR
    assert teams["screening_threshold_shift"][door] == pytest.approx(-0.4 * np.exp(-0.5))
    assert not teams["screening_threshold_shift"][~door].any()


def test_a_service_that_judges_as_well_as_it_should_has_nothing_to_recover() -> None:
    assert (teams_after(judged(), 60)["accuracy"] == 1).all()


def test_the_slower_the_recovery_the_worse_the_judging_at_every_time() -> None:
    for weeks in (1, 26, 104):
        paces = [
            teams_after(judged(recovery_weeks=pace), weeks, accuracy=0.7)["accuracy"][0]
            for pace in (5, 20, 50, None)
        ]
        assert paces == sorted(paces, reverse=True)
        assert len(set(paces)) == 4


def hours_in_all(model: ChildProtectionModel) -> float:
    workers, teams = model.tables["workers"], model.tables["teams"]
    here = workers["employed"]
    return float((workers["hours_per_week"] * teams["capacity_factor"][workers["team"]])[here].sum())


def test_an_outside_team_takes_its_hours_and_not_one_more_and_then_support_adds_its_share() -> None:
    model = model_of(judged(review_hours=300, support_delay=19.5, support=0.15), collect=False)
    usual = hours_in_all(model)
    hours = []
    for week in range(WEEK + 40):
        model.timeline.apply_levers(week)
        hours.append(hours_in_all(model))
    assert sum(usual - np.array(hours[: WEEK + 20])) == pytest.approx(300)
    assert hours[WEEK + 20 :] == pytest.approx([1.15 * usual] * 20)


def test_support_is_paid_for_and_so_are_the_hours_that_an_outside_team_takes() -> None:
    lever = judged(review_hours=300, support_delay=20, support=0.15)
    assert (teams_after(lever, 19)["paid_factor"] == 1).all()
    assert teams_after(lever, 20)["paid_factor"] == pytest.approx(1.15)


def test_an_outside_team_cannot_take_more_hours_than_there_are() -> None:
    assert not teams_after(judged(review_hours=1000, support_delay=1), 0)["capacity_factor"].any()


def test_more_people_leave_a_council_with_the_lowest_grade() -> None:
    workforce = {"exit_per_year": 0.5, "assessment_posts_per_10k": 40, "long_term_posts_per_10k": 40}

    def exits(**settings: Any) -> int:
        return int(run_of(changed(judged(**settings), workforce=workforce)).weekly["exits"].sum())

    assert exits(exits=2.5, recovery_weeks=None) > exits(exits=1.0)


def graded(grades: list[int], **settings: Any) -> list[float]:
    """Exit factors week by week where inspectors give these grades, one a week."""
    events = [
        {"date": FROM, "lever": "inspection", "every_weeks": 520, "gaming": 0.0},
        {"date": FROM, "lever": "inspection_judgement", "recovery_weeks": 26, **settings},
    ]
    model = model_of(changed(scenario(), timeline=events), collect=False)
    for week in range(WEEK):
        model.timeline.apply_levers(week)
    factors = []
    for week, grade in enumerate(grades, start=WEEK):
        model.timeline.apply_levers(week)
        model.tables["authorities"]["grade"] = grade  # known from the next week on
        factors.append(float(model.tables["teams"]["exit_factor"][0]))
    return factors


def test_whoever_falls_into_the_lowest_grade_is_judged_then_and_once() -> None:
    factors = graded([2, 2, 1, 1, 1, 1], lowest_grade=True, exits=2.0)
    assert factors[:3] == [1, 1, 1]
    assert factors[3:] == pytest.approx([1 + np.exp(-weeks / 26) for weeks in range(3)])


def test_whoever_falls_back_into_the_lowest_grade_is_judged_again() -> None:
    factors = graded([1, 1, 2, 1, 1], lowest_grade=True, exits=2.0)
    assert factors[4] == factors[1] == 2.0
    assert factors[2] < 2.0


def test_who_has_not_left_the_lowest_grade_by_the_deadline_is_struck_again_and_who_has_is_not() -> None:
    failed = graded([1] * 10, exits=2.0, deadline_weeks=4)
    passed = graded([1, 1, 1, 2, 2, 2, 2, 2, 2, 2], exits=2.0, deadline_weeks=4)
    assert failed[4] == failed[8] == 2.0
    assert passed == sorted(passed, reverse=True)


@pytest.mark.parametrize("settings", [{"lowest_grade": True}, {"deadline_weeks": 26}])
def test_grades_need_somebody_who_gives_them(settings: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError, match="needs an inspection"):
        judged(**settings)
