"""All policies of a seed share one history: a model forked at a week goes on as if it had run so from the start."""

from datetime import date
from typing import Any

import pytest
from tests.model.authority import (
    assert_same,
    changed,
    finished,
    model_of,
    outcome,
    run_of,
    scenario,
)

from cpsim.model import ChildProtectionModel
from cpsim.scenario.schema import Scenario

SCHOOLS_BOUND = {"lever": "duty", "kinds": ["school", "gp"], "bound": True, "awareness": 0.8, "sanction": 1.0}


def at_week(week: int, settings: Scenario | None = None) -> ChildProtectionModel:
    model = model_of(settings or scenario())
    while model.week < week:
        model.step()
    return model


def reform(year: int, month: int, **says: Any) -> Scenario:
    return changed(
        scenario(), name="reform", timeline=[{**SCHOOLS_BOUND, "date": date(year, month, 1), **says}]
    )


@pytest.mark.parametrize("week", [0, 1, 104, 200])
def test_a_fork_under_the_same_rules_ends_like_the_uninterrupted_run(week: int) -> None:
    assert_same(finished(at_week(week).fork()), outcome())


def test_a_fork_under_a_later_reform_ends_like_a_run_from_the_start_under_it() -> None:
    after = reform(2006, 4)
    fork = at_week(100).fork(after)
    assert_same(finished(fork), run_of(after))
    assert run_of(after).summary_json() != outcome().summary_json(), "the reform should do something"


def test_a_reform_in_the_very_week_of_the_fork_comes_to_bear() -> None:
    after = changed(scenario(), timeline=[{**SCHOOLS_BOUND, "date": scenario().clock.start}])
    assert_same(finished(at_week(52).fork(after)), run_of(after))


def test_a_reform_in_the_very_first_week_comes_to_bear() -> None:
    from_the_start = changed(scenario(), timeline=[SCHOOLS_BOUND])
    assert_same(finished(at_week(0).fork(from_the_start)), run_of(from_the_start))


def test_an_event_before_the_fork_stays_in_force() -> None:
    early = [{**SCHOOLS_BOUND, "date": date(2005, 6, 1)}]
    later = [*early, {"date": date(2007, 6, 1), "lever": "duty", "kinds": ["school"], "bound": False}]
    parent = at_week(130, changed(scenario(), timeline=early))
    assert_same(
        finished(parent.fork(changed(scenario(), timeline=later))),
        run_of(changed(scenario(), timeline=later)),
    )


@pytest.mark.parametrize("begun", [None, date(2008, 4, 1)], ids=["that had no end", "that had a later end"])
def test_a_reform_that_is_given_up_ends_like_a_run_in_which_that_was_planned_from_the_start(
    begun: date | None,
) -> None:
    given_up = reform(2005, 6, until=date(2006, 4, 1))
    parent = at_week(100, reform(2005, 6, **({"until": begun} if begun else {})))
    parent.continue_under(given_up)
    assert_same(finished(parent), run_of(given_up))
    assert run_of(given_up).summary_json() != run_of(reform(2005, 6)).summary_json()


@pytest.mark.parametrize(
    "other",
    [
        changed(scenario(), sharing={"duty_effect": 0.9}),
        changed(scenario(), duties={"school": {"bound": True}}),
        reform(2005, 5),
    ],
    ids=["another strength of duty", "another duty from the start", "an event before the fork"],
)
def test_a_scenario_that_differs_before_the_fork_is_refused(other: Scenario) -> None:
    parent = at_week(150)
    with pytest.raises(ValueError, match="week 150"):
        parent.fork(other)


def test_an_end_that_is_past_cannot_be_taken_back() -> None:
    parent = at_week(150, reform(2005, 6, until=date(2005, 9, 1)))
    with pytest.raises(ValueError, match="week 150"):
        parent.continue_under(reform(2005, 6))


def test_forks_disturb_neither_their_parent_nor_each_other() -> None:
    parent = at_week(120)
    first, second = parent.fork(reform(2007, 4)), parent.fork()
    for model in (first, second, parent, first, second, first):
        for _ in range(30):
            model.step()
    assert_same(finished(second), outcome())
    assert_same(finished(parent), outcome())
    assert_same(finished(first), run_of(reform(2007, 4)))


def test_a_fork_of_a_fork_and_one_whose_parents_agents_exist_go_the_same_way() -> None:
    parent = at_week(60)
    assert len(parent.agents) > 0
    grandchild = parent.fork()
    while grandchild.week < 90:
        grandchild.step()
    assert_same(finished(grandchild.fork()), outcome())


def test_the_agents_of_a_fork_are_its_own() -> None:
    parent = at_week(10)
    agent = next(iter(parent.agents))
    fork = parent.fork()
    twin = next(iter(fork.agents))
    assert twin.model is fork
    twin.attention = 0.0
    assert agent.attention > 0
