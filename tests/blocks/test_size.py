"""How many seeds a block has, and why a run is simulated by itself."""

import pytest

from cpsim.blocks import size
from cpsim.blocks.size import BLOCK_GB, CHILDREN, SEEDS, choose_block_size
from cpsim.scenario.memory import estimate_memory
from cpsim.scenario.read import resolve_scenario


@pytest.fixture(autouse=True)
def _without_debug_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CPSIM_DEBUG", raising=False)


def town(children: int) -> list[object]:
    return [resolve_scenario("small", {"population.children": children})]


def test_small_runs_fill_a_block_and_blocks_of_one_scenario_have_nearly_the_same_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(size, "BLOCK_GB", 10)
    assert choose_block_size(town(4_000), seeds=300, slots=1).seeds == CHILDREN // 4_000
    assert choose_block_size(town(4_000), seeds=31, slots=1).seeds == 16
    assert choose_block_size(town(500), seeds=1000, slots=1).seeds == SEEDS


def test_all_workers_get_a_block() -> None:
    assert choose_block_size(town(2_000), seeds=20, slots=4).seeds == 5
    assert (
        choose_block_size(town(2_000), seeds=4, slots=4).reason
        == "there are no more seeds than worker processes"
    )


def test_a_block_stays_within_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    (place,) = scenarios = town(10_000)
    most = choose_block_size(scenarios, seeds=1000, slots=1).seeds
    assert 2 * most * estimate_memory(place).bytes_of_run <= BLOCK_GB * 1e9
    monkeypatch.setattr(size, "BLOCK_GB", 0.3)
    assert 2 <= choose_block_size(scenarios, seeds=1000, slots=1).seeds < most
    monkeypatch.setattr(size, "BLOCK_GB", 0.1)
    assert choose_block_size(scenarios, seeds=1000, slots=1) == (
        1, "two runs would need more than the 0.1 GB that a block may need"
    )  # fmt: skip


def test_the_largest_scenario_decides() -> None:
    assert choose_block_size([*town(500), *town(60_000)], seeds=20, slots=1).reason == (
        "a run has 60,000 children, and only runs of up to 50,000 gain from it"
    )


def test_debug_mode_checks_every_run_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPSIM_DEBUG", "1")
    assert choose_block_size(town(500), seeds=20, slots=1) == (1, "debug mode checks every run by itself")
