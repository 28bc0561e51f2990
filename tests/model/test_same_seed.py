"""The same seed gives the same children, decisions and results, regardless of what else the process has done."""

import pytest
from tests.model.authority import assert_same, build_model, run_scenario, run_to_end, scenario, tiny_result

from cpsim.simulation import run


def test_a_repeated_run_gives_the_same_results() -> None:
    assert_same(run_scenario(scenario()), tiny_result())


def test_two_models_that_are_stepped_alternately_do_not_affect_each_other() -> None:
    one, other = build_model(scenario()), build_model(scenario(), seed=2)
    while one.running or other.running:
        one.step()
        other.step()
    assert_same(one.result(), tiny_result())
    assert_same(other.result(), tiny_result(seed=2))


def test_a_run_does_not_depend_on_the_runs_before_it() -> None:
    for seed in range(100, 120):
        model = build_model(
            scenario("population.children=200", "clock.years=1", "clock.warm_up_years=0"), seed=seed
        )
        while model.running:
            model.step()
    assert_same(run_scenario(scenario()), tiny_result())


def test_another_seed_gives_other_results() -> None:
    assert tiny_result(seed=2).summary_to_json() != tiny_result().summary_to_json()


def test_a_run_on_a_shared_world_equals_a_run_that_draws_its_own() -> None:
    assert_same(run(scenario(), 1), tiny_result())
    bound_schools = "duties.school={bound: true}"
    assert_same(run(scenario(bound_schools), 1), tiny_result(bound_schools))


def test_reading_agents_and_network_during_a_run_does_not_change_the_results() -> None:
    model = build_model(scenario())
    while model.running:
        model.step()
        if model.week % 50 == 0:
            assert len(model.agents) > 0
            assert model.network.number_of_edges() > 0
    assert_same(model.result(), tiny_result())


@pytest.mark.parametrize("collect", [True, False])
def test_collecting_data_does_not_change_the_results(collect: bool) -> None:
    assert_same(run_to_end(build_model(scenario(), collect=collect)), tiny_result())
