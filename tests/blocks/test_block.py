"""Runs of several seeds are simulated as one block, and each is what it is alone, to the last bit."""

import copy
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from tests.governance.examples import EXAMPLES, event
from tests.model.authority import assert_same

from cpsim.blocks.block import Block, join_runs, split_runs
from cpsim.casework.state import Casework
from cpsim.results import RunResult
from cpsim.scenario.read import resolve_scenario
from cpsim.scenario.schema import Scenario
from cpsim.simulation import Simulation
from cpsim.system import Step

SEEDS = (3, 4, 9)
TOWN = resolve_scenario("small", {"population.children": 600, "clock.years": 2, "clock.warm_up_years": 1})
COUNTY = resolve_scenario(
    "county_of_twenty",
    {
        "authorities.count": 3,
        "population.children": 500,
        "agencies.school.sites_per_10k_children": 80,
        "clock.years": 2,
        "clock.warm_up_years": 1,
    },
)


def simulate(scenario: Scenario, seed: int) -> Simulation:
    return step(Simulation(scenario, seed=seed, debug=False))


def step(system: Any, week: int = 10_000) -> Any:
    while system.running and system.week < week:
        system.step()
    return system


def start(scenario: Scenario, seeds: Iterable[int] = SEEDS) -> list[Simulation]:
    return [Simulation(scenario, seed=seed, debug=False) for seed in seeds]


def assert_alone(run: Simulation, scenario: Scenario) -> None:
    """Check that a finished run has the result of a run of its own."""
    result: RunResult = run.result()
    assert_same(result, simulate(scenario, run.seed).result())
    assert result.seed == run.seed


def with_levers(scenario: Scenario, names: Iterable[str]) -> Scenario:
    return resolve_scenario(scenario, {"timeline": [event(name) for name in names]})


@pytest.mark.parametrize(
    "scenario", [TOWN, COUNTY], ids=["a town", "a county whose families move between authorities"]
)
def test_a_run_in_a_block_is_what_it_is_alone(scenario: Scenario) -> None:
    for run in step(Block(start(scenario))).split():
        assert_alone(run, scenario)


@pytest.mark.parametrize("half", [0, 1], ids=["these levers", "the other levers"])
def test_levers_have_their_effect_in_every_run_of_a_block(half: int) -> None:
    scenario = with_levers(COUNTY, sorted(EXAMPLES)[half::2])
    for run in step(Block(start(scenario, SEEDS[:2]))).split():
        assert_alone(run, scenario)


def test_runs_can_be_joined_split_and_joined_again_in_any_week() -> None:
    runs = start(TOWN)
    for week in (1, 40, 41, 90):
        runs = list(step(Block(runs), week).split())
    step(runs[1], 100)
    step(runs[0], 100), step(runs[2], 100)
    for run in step(Block(runs[::-1])).split():
        assert_alone(run, TOWN)


def test_a_fork_of_a_block_continues_under_other_levers_and_leaves_the_block_as_it_is() -> None:
    block = step(Block(start(COUNTY)), 52)
    reformed = with_levers(COUNTY, ["duty", "boundaries"])
    fork = block.fork(reformed)
    for run in step(fork).split():
        assert_alone(run, reformed)
    for run in step(block).split():
        assert_alone(run, COUNTY)


def test_a_block_that_is_split_gives_back_the_whole_state_of_a_run() -> None:
    alone = step(Simulation(TOWN, seed=4, debug=False), 60)
    (_, run, _) = step(Block(start(TOWN)), 60).split()
    for part in ("records", "files", "harm"):
        one, other = vars(getattr(alone.casework, part)), vars(getattr(run.casework, part))
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name], err_msg=name)
    own, given = vars(alone.casework), vars(run.casework)
    assert own.keys() == given.keys()
    for name, values in own.items():
        if isinstance(values, np.ndarray) and name != "_place":  # scratch space
            np.testing.assert_array_equal(values, given[name], err_msg=name)
    for name, table in alone.tables.items():
        for column in table:
            np.testing.assert_array_equal(table[column], run.tables[name][column], err_msg=f"{name}.{column}")


def test_the_joined_state_has_every_attribute_of_the_state_of_a_run() -> None:
    run, *others = start(TOWN)
    names = set(vars(copy.copy(run.casework)))
    parts = {part: set(vars(getattr(run.casework, part))) for part in ("records", "files", "harm")}
    block = Block([run, *others])
    assert set(vars(block.casework)) == names | {"offsets"}
    assert {part: set(vars(getattr(block.casework, part))) for part in parts} == parts
    assert isinstance(block.casework, Casework)


def test_one_run_is_a_simulation_and_several_are_a_block() -> None:
    (alone,) = start(TOWN, [3])
    assert join_runs([alone]) is alone
    assert split_runs(alone) == (alone,)
    pair = join_runs(start(TOWN, [3, 4]))
    assert isinstance(pair, Block)
    assert [run.seed for run in split_runs(pair)] == [3, 4]


@pytest.mark.parametrize(
    ("runs", "problem"),
    {
        "another scenario": lambda: [*start(TOWN, [3]), *start(COUNTY, [4])],
        "another week": lambda: [*start(TOWN, [3]), step(*start(TOWN, [4]), 1)],
    }.items(),
)
def test_runs_of_another_scenario_or_week_cannot_be_joined(runs: str, problem: Any) -> None:
    del runs
    with pytest.raises(ValueError, match="have the same scenario and are in the same week"):
        Block(problem())


def test_a_run_in_debug_mode_or_with_a_step_of_its_own_cannot_be_part_of_a_block() -> None:
    checked = [Simulation(TOWN, seed=seed, debug=True) for seed in (3, 4)]
    with pytest.raises(ValueError, match="in debug mode, or with another plan"):
        Block(checked)
    one, other = start(TOWN, [3, 4])
    one.plan.append(Step("count", "counts children", lambda _: None))
    with pytest.raises(ValueError, match="in debug mode, or with another plan"):
        Block([one, other])
