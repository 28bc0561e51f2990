"""A model that is forked in some week has the same results as a run from the start under the new scenario."""

from datetime import date
from functools import cache
from typing import Any

import pytest
from tests.model.authority import (
    assert_same,
    build_model,
    replace_sections,
    run_scenario,
    run_to_end,
    scenario,
    tiny_result,
)

from cpsim.model import ChildProtectionModel
from cpsim.results import RunResult
from cpsim.scenario.schema import Scenario

THREE_YEARS = "clock.years=3"
TOWN = scenario(THREE_YEARS)
SCHOOLS_BOUND = {"lever": "duty", "kinds": ["school", "gp"], "bound": True, "awareness": 0.8, "sanction": 1.0}


def step_to_week(week: int, settings: Scenario | None = None) -> ChildProtectionModel:
    model = build_model(settings or TOWN)
    while model.week < week:
        model.step()
    return model


def reform(year: int, month: int, **fields: Any) -> Scenario:
    return replace_sections(
        TOWN, name="reform", timeline=[{**SCHOOLS_BOUND, "date": date(year, month, 1), **fields}]
    )


@cache
def run_reform(year: int, month: int, until: date | None = None) -> RunResult:
    """Run the reform from the start, once for all tests that expect its results."""
    return run_scenario(reform(year, month, **({} if until is None else {"until": until})))


@pytest.mark.parametrize("week", [0, 1, 104, 200])
def test_a_fork_under_the_same_scenario_has_the_results_of_the_uninterrupted_run(week: int) -> None:
    assert_same(run_to_end(step_to_week(week).fork()), tiny_result(THREE_YEARS))


def test_a_fork_under_a_later_reform_has_the_results_of_a_run_from_the_start() -> None:
    after = reform(2006, 4)
    fork = step_to_week(100).fork(after)
    assert_same(run_to_end(fork), run_reform(2006, 4))
    assert run_reform(2006, 4).summary_to_json() != tiny_result(THREE_YEARS).summary_to_json(), (
        "the reform must have an effect"
    )


def test_a_reform_in_the_week_of_the_fork_takes_effect() -> None:
    after = replace_sections(TOWN, timeline=[{**SCHOOLS_BOUND, "date": TOWN.clock.start}])
    assert_same(run_to_end(step_to_week(52).fork(after)), run_scenario(after))


def test_a_reform_in_the_first_week_takes_effect() -> None:
    from_the_start = replace_sections(TOWN, timeline=[SCHOOLS_BOUND])
    assert_same(run_to_end(step_to_week(0).fork(from_the_start)), run_scenario(from_the_start))


def test_an_event_before_the_fork_remains_in_force() -> None:
    early = [{**SCHOOLS_BOUND, "date": date(2005, 6, 1)}]
    later = [*early, {"date": date(2007, 6, 1), "lever": "duty", "kinds": ["school"], "bound": False}]
    parent = step_to_week(130, replace_sections(TOWN, timeline=early))
    assert_same(
        run_to_end(parent.fork(replace_sections(TOWN, timeline=later))),
        run_scenario(replace_sections(TOWN, timeline=later)),
    )


@pytest.mark.parametrize("begun", [None, date(2008, 4, 1)], ids=["that had no end", "that had a later end"])
def test_ending_a_reform_early_has_the_results_of_a_run_with_that_end_from_the_start(
    begun: date | None,
) -> None:
    ended_early = reform(2005, 6, until=date(2006, 4, 1))
    parent = step_to_week(100, reform(2005, 6, **({"until": begun} if begun else {})))
    parent.switch_scenario(ended_early)
    expected = run_reform(2005, 6, until=date(2006, 4, 1))
    assert_same(run_to_end(parent), expected)
    assert expected.summary_to_json() != run_reform(2005, 6).summary_to_json()


@pytest.mark.parametrize(
    "other",
    [
        replace_sections(TOWN, sharing={"duty_effect": 0.9}),
        replace_sections(TOWN, duties={"school": {"bound": True}}),
        reform(2005, 5),
    ],
    ids=["another strength of duty", "another duty from the start", "an event before the fork"],
)
def test_a_scenario_that_differs_before_the_fork_is_refused(other: Scenario) -> None:
    parent = step_to_week(150)
    with pytest.raises(ValueError, match="week 150"):
        parent.fork(other)


def test_an_end_in_the_past_cannot_be_removed() -> None:
    parent = step_to_week(150, reform(2005, 6, until=date(2005, 9, 1)))
    with pytest.raises(ValueError, match="week 150"):
        parent.switch_scenario(reform(2005, 6))


def test_forks_do_not_affect_their_parent_or_each_other() -> None:
    parent = step_to_week(120)
    first, second = parent.fork(reform(2007, 4)), parent.fork()
    for model in (first, second, parent, first, second, first):
        for _ in range(30):
            model.step()
    assert_same(run_to_end(second), tiny_result(THREE_YEARS))
    assert_same(run_to_end(parent), tiny_result(THREE_YEARS))
    assert_same(run_to_end(first), run_reform(2007, 4))


def test_a_fork_of_a_fork_has_the_results_of_the_uninterrupted_run_even_after_agents_were_created() -> None:
    parent = step_to_week(60)
    assert len(parent.agents) > 0
    grandchild = parent.fork()
    while grandchild.week < 90:
        grandchild.step()
    assert_same(run_to_end(grandchild.fork()), tiny_result(THREE_YEARS))


def test_the_agents_of_a_fork_belong_to_the_fork() -> None:
    parent = step_to_week(10)
    agent = next(iter(parent.agents))
    fork = parent.fork()
    twin = next(iter(fork.agents))
    assert twin.model is fork
    twin.attention = 0.0
    assert agent.attention > 0
