"""Mesa's batch runner can run the model."""

import inspect
from typing import Any

import pytest
from mesa.batchrunner import batch_run
from tests.model.authority import scenario

import cpsim
from cpsim.model import ChildProtectionModel

TOWN = {"extends": "small", "population": {"children": 300}, "clock": {"years": 1, "warm_up_years": 0}}
RUNS_BY_RNG = "rng" in inspect.signature(batch_run).parameters
"""Whether this version of Mesa takes the seeds of the runs, as 3.5 does; earlier ones take a number of iterations."""


def run_batch(repeats: dict[str, Any], max_steps: int = 200, **parameters: Any) -> list[dict[str, Any]]:
    return batch_run(
        ChildProtectionModel,
        {"scenario": [TOWN], **parameters},
        number_processes=1,
        max_steps=max_steps,
        display_progress=False,
        **repeats,
    )


def test_a_batch_varies_a_setting() -> None:
    rows = run_batch({}, max_steps=10, **{"sharing.share_noise": [0.5, 0.7]})
    assert [row["sharing.share_noise"] for row in rows] == [0.5, 0.7]


def test_three_iterations_of_a_batch_are_three_different_runs() -> None:
    rows = run_batch({"rng": [None] * 3} if RUNS_BY_RNG else {"iterations": 3})
    assert len({row["trust_mean"] for row in rows}) == 3


def test_a_batch_with_seeds_repeats_the_runs_of_these_seeds() -> None:
    repeats, parameters = ({"rng": [7, 8]}, {}) if RUNS_BY_RNG else ({}, {"seed": [7, 8]})
    rows = run_batch(repeats, **parameters)
    for row, seed in zip(rows, (7, 8), strict=True):
        assert row["trust_mean"] == cpsim.run(TOWN, seed).weekly["trust_mean"].iloc[-1]


def test_a_model_without_a_seed_gets_a_fresh_one_and_records_it() -> None:
    models = [ChildProtectionModel(TOWN) for _ in range(2)]
    assert models[0].seed != models[1].seed
    model = models[0]
    while model.running:
        model.step()
    result = model.result()
    assert result.seed == result.provenance["seed"] == model.seed
    assert cpsim.run(TOWN, model.seed).summary == result.summary


def test_seed_and_rng_are_the_same_and_only_one_can_be_given() -> None:
    assert ChildProtectionModel(TOWN, rng=7).world.key == ChildProtectionModel(TOWN, seed=7).world.key
    with pytest.raises(ValueError, match="seed and rng are two names for the seed of the run; give only one"):
        ChildProtectionModel(TOWN, seed=7, rng=7)


def test_a_model_on_a_given_world_has_the_seed_of_the_world() -> None:
    world = ChildProtectionModel(scenario(), seed=5).world
    assert ChildProtectionModel(scenario(), world=world).seed == 5
