"""Many runs in one process do not increase its memory."""

import gc
import tracemalloc
from collections.abc import Iterator

import pytest
from tests.model.authority import scenario

from cpsim.simulation import Simulation, run

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


def test_a_simulation_is_freed_at_once_after_the_run() -> None:
    gc.collect()
    gc.disable()
    try:
        run(scenario(*ONE_YEAR), 1)
        alive = [each for each in gc.get_objects() if isinstance(each, Simulation)]
    finally:
        gc.enable()
    assert [each for each in alive if each.settings is scenario(*ONE_YEAR)] == []
