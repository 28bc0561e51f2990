"""Many runs in one process do not increase its memory."""

import gc
import tracemalloc
from collections.abc import Iterator

import mesa
import pytest
from tests.model.authority import scenario

from cpsim.model import ChildProtectionModel, run

ONE_YEAR = ("clock.years=1", "clock.warm_up_years=0", "population.children=200")


@pytest.fixture
def traced() -> Iterator[None]:
    for seed in range(3):
        run(scenario(*ONE_YEAR), seed)
    tracemalloc.start()
    yield
    tracemalloc.stop()


def measure_memory_after(runs: int) -> int:
    for seed in range(runs):
        run(scenario(*ONE_YEAR), seed)
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def test_ten_runs_use_no_more_memory_than_four(traced: None) -> None:
    after_four = measure_memory_after(4)
    assert measure_memory_after(6) - after_four < 150_000, (
        "more than rounding: a single run uses millions of bytes"
    )


def test_models_and_their_agent_counters_are_freed_after_the_run() -> None:
    gc.collect()
    before = len(getattr(mesa.Agent, "_ids", ()))
    for seed in range(20):
        run(scenario(*ONE_YEAR), seed)
    gc.collect()
    assert len(getattr(mesa.Agent, "_ids", ())) <= before
    alive = [model for model in gc.get_objects() if isinstance(model, ChildProtectionModel)]
    assert [model for model in alive if model.settings is scenario(*ONE_YEAR)] == []
