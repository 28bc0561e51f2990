"""After the lowest grade staff leave, work increases and thresholds fall; support and recovery follow."""

from typing import Any

import numpy as np
import pytest
from tests.governance.examples import FROM
from tests.model.authority import build_model, replace_sections, run_scenario, scenario

from cpsim.agents.tables import TeamRole
from cpsim.governance.context import LeverContext
from cpsim.governance.timeline import Timeline
from cpsim.model import ChildProtectionModel
from cpsim.scenario.clock import run_week_of
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.schema import Scenario

WEEK = run_week_of(FROM, scenario().clock)


def build_judgement(**settings: Any) -> Scenario:
    return replace_sections(
        scenario(), timeline=[{"date": FROM, "lever": "inspection_judgement", **settings}]
    )


def get_teams_after(settings: Scenario, weeks: int, accuracy: float = 1.0) -> Any:
    """Return the table of teams some weeks after the judgement, with their accuracy without levers given."""
    model = build_model(settings, collect=False)
    model.tables["teams"]["accuracy"] = accuracy
    timeline = Timeline(
        settings, LeverContext(settings, model.tables, model.ties, ("authority-01",), model.seed)
    )
    for week in range(WEEK + weeks + 1):
        timeline.apply_levers(week)
    return model.tables["teams"]


def test_exits_and_work_per_case_rise_after_the_judgement_and_fade() -> None:
    for weeks in (0, 35, 104):
        teams = get_teams_after(build_judgement(exits=1.8, workload=1.3, recovery_weeks=35), weeks)
        remaining = np.exp(-weeks / 35)
        assert teams["exit_factor"] == pytest.approx(1 + 0.8 * remaining)
        assert teams["workload_factor"] == pytest.approx(1 + 0.3 * remaining)


def test_accuracy_recovers_by_95_per_cent_after_two_years() -> None:
    assert get_teams_after(build_judgement(recovery_weeks=35), 105, accuracy=0.7)[
        "accuracy"
    ] == pytest.approx(1 - 0.3 * 0.05, abs=0.001)


def test_only_the_threshold_of_the_front_door_falls_and_it_recovers() -> None:
    teams = get_teams_after(build_judgement(threshold_fall=0.4, threshold_fade_weeks=26), 13)
    door = teams["role"] == TeamRole.FRONT_DOOR
    assert teams["screening_threshold_shift"][door] == pytest.approx(-0.4 * np.exp(-0.5))
    assert not teams["screening_threshold_shift"][~door].any()


def test_usual_accuracy_does_not_change() -> None:
    assert (get_teams_after(build_judgement(), 60)["accuracy"] == 1).all()


def test_accuracy_is_lower_at_all_times_if_recovery_is_slower() -> None:
    for weeks in (1, 26, 104):
        paces = [
            get_teams_after(build_judgement(recovery_weeks=pace), weeks, accuracy=0.7)["accuracy"][0]
            for pace in (5, 20, 50, None)
        ]
        assert paces == sorted(paces, reverse=True)
        assert len(set(paces)) == 4


def total_hours(model: ChildProtectionModel) -> float:
    workers, teams = model.tables["workers"], model.tables["teams"]
    here = workers["employed"]
    return float((workers["hours_per_week"] * teams["capacity_factor"][workers["team"]])[here].sum())


def test_an_outside_team_takes_exactly_its_hours_and_then_support_adds_its_share() -> None:
    model = build_model(build_judgement(review_hours=300, support_delay=19.5, support=0.15), collect=False)
    usual = total_hours(model)
    hours = []
    for week in range(WEEK + 40):
        model.timeline.apply_levers(week)
        hours.append(total_hours(model))
    assert sum(usual - np.array(hours[: WEEK + 20])) == pytest.approx(300)
    assert hours[WEEK + 20 :] == pytest.approx([1.15 * usual] * 20)


def test_support_and_the_hours_of_an_outside_team_are_paid_for() -> None:
    lever = build_judgement(review_hours=300, support_delay=20, support=0.15)
    assert (get_teams_after(lever, 19)["paid_factor"] == 1).all()
    assert get_teams_after(lever, 20)["paid_factor"] == pytest.approx(1.15)


def test_an_outside_team_cannot_take_more_than_all_hours() -> None:
    assert not get_teams_after(build_judgement(review_hours=1000, support_delay=1), 0)[
        "capacity_factor"
    ].any()


def test_more_staff_leave_a_council_with_the_lowest_grade() -> None:
    workforce = {"exit_per_year": 0.5, "assessment_posts_per_10k": 40, "long_term_posts_per_10k": 40}

    def exits(**settings: Any) -> int:
        return int(
            run_scenario(replace_sections(build_judgement(**settings), workforce=workforce))
            .weekly["exits"]
            .sum()
        )

    assert exits(exits=2.5, recovery_weeks=None) > exits(exits=1.0)


def run_grades(grades: list[int], **settings: Any) -> list[float]:
    """Return the exit factor of each week if the authority gets the given grades, one a week."""
    events = [
        {"date": FROM, "lever": "inspection", "every_weeks": 520, "gaming": 0.0},
        {"date": FROM, "lever": "inspection_judgement", "recovery_weeks": 26, **settings},
    ]
    model = build_model(replace_sections(scenario(), timeline=events), collect=False)
    for week in range(WEEK):
        model.timeline.apply_levers(week)
    factors = []
    for week, grade in enumerate(grades, start=WEEK):
        model.timeline.apply_levers(week)
        model.tables["authorities"]["grade"] = grade  # takes effect in the next week
        factors.append(float(model.tables["teams"]["exit_factor"][0]))
    return factors


def test_a_judgement_applies_once_when_an_authority_gets_the_lowest_grade() -> None:
    factors = run_grades([2, 2, 1, 1, 1, 1], lowest_grade=True, exits=2.0)
    assert factors[:3] == [1, 1, 1]
    assert factors[3:] == pytest.approx([1 + np.exp(-weeks / 26) for weeks in range(3)])


def test_a_judgement_applies_again_when_an_authority_returns_to_the_lowest_grade() -> None:
    factors = run_grades([1, 1, 2, 1, 1], lowest_grade=True, exits=2.0)
    assert factors[4] == factors[1] == 2.0
    assert factors[2] < 2.0


def test_the_effects_restart_at_a_deadline_only_if_the_grade_is_still_the_lowest() -> None:
    failed = run_grades([1] * 10, exits=2.0, deadline_weeks=4)
    passed = run_grades([1, 1, 1, 2, 2, 2, 2, 2, 2, 2], exits=2.0, deadline_weeks=4)
    assert failed[4] == failed[8] == 2.0
    assert passed == sorted(passed, reverse=True)


@pytest.mark.parametrize("settings", [{"lowest_grade": True}, {"deadline_weeks": 26}])
def test_a_judgement_by_grade_needs_an_inspection(settings: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError, match="add an `inspection`"):
        build_judgement(**settings)
