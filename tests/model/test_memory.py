"""A thousand runs in one process must not grow its memory."""

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


def memory_after(runs: int) -> int:
    for seed in range(runs):
        run(scenario(*ONE_YEAR), seed)
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def test_ten_runs_leave_no_more_behind_than_four(traced: None) -> None:
    after_four = memory_after(4)
    assert memory_after(6) - after_four < 150_000, "a single run works with millions of bytes"


def test_no_model_outlives_its_run_and_mesa_keeps_no_count_of_its_agents() -> None:
    gc.collect()
    kept = len(getattr(mesa.Agent, "_ids", ()))
    for seed in range(20):
        run(scenario(*ONE_YEAR), seed)
    gc.collect()
    assert len(getattr(mesa.Agent, "_ids", ())) <= kept
    alive = [model for model in gc.get_objects() if isinstance(model, ChildProtectionModel)]
    assert [model for model in alive if model.settings is scenario(*ONE_YEAR)] == []


@pytest.mark.slow
def test_forty_runs_leave_no_more_behind_than_ten(traced: None) -> None:
    after_ten = memory_after(10)
    assert memory_after(30) - after_ten < 300_000
