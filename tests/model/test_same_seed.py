"""The same seed gives the same children, the same decisions and the same bytes, whatever else the process has done."""

import pytest
from tests.model.authority import assert_same, finished, model_of, outcome, run_of, scenario

from cpsim.model import run


def test_a_run_repeated_is_the_same_run() -> None:
    assert_same(run_of(scenario()), outcome())


def test_two_authorities_run_turn_by_turn_do_not_disturb_each_other() -> None:
    one, other = model_of(scenario()), model_of(scenario(), seed=2)
    while one.running or other.running:
        one.step()
        other.step()
    assert_same(one.result(), outcome())
    assert_same(other.result(), outcome(seed=2))


def test_a_run_does_not_depend_on_the_runs_before_it() -> None:
    for seed in range(100, 120):
        model = model_of(
            scenario("population.children=200", "clock.years=1", "clock.warm_up_years=0"), seed=seed
        )
        while model.running:
            model.step()
    assert_same(run_of(scenario()), outcome())


def test_another_seed_is_another_authority() -> None:
    assert outcome(seed=2).summary_json() != outcome().summary_json()


def test_runs_that_share_a_drawn_world_equal_runs_that_draw_their_own() -> None:
    assert_same(run(scenario(), 1), outcome())
    duty_for_all = "duties.school={bound: true}"
    assert_same(run(scenario(duty_for_all), 1), outcome(duty_for_all))


def test_looking_at_the_agents_while_it_runs_changes_nothing() -> None:
    model = model_of(scenario())
    while model.running:
        model.step()
        if model.week % 50 == 0:
            assert len(model.agents) > 0
            assert model.network.number_of_edges() > 0
    assert_same(model.result(), outcome())


@pytest.mark.parametrize("collect", [True, False])
def test_collecting_data_changes_nothing(collect: bool) -> None:
    assert_same(finished(model_of(scenario(), collect=collect)), outcome())
