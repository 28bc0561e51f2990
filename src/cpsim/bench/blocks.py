"""Measure how much less processor time a run takes as one of a block than by itself."""

import time
from collections.abc import Mapping
from typing import Any, Final

from cpsim.blocks.block import join_runs, split_runs
from cpsim.blocks.size import choose_block_size
from cpsim.parallel.shared_history import step_to
from cpsim.scenario.read import from_mapping
from cpsim.scenario.schema import Scenario
from cpsim.simulation import Simulation

SCENARIOS: Final[Mapping[str, Mapping[str, Any]]] = {
    "small": {"extends": "small"},
    "2000": {"extends": "small", "population": {"children": 2_000}},
}
"""The measured scenarios, by the end of the names of their measures."""

_MANY_SEEDS = 1_000


def measure_blocks(
    scenarios: Mapping[str, Mapping[str, Any]] = SCENARIOS, seeds: int = _MANY_SEEDS
) -> dict[str, float]:
    """Measure runs by themselves and in blocks, from drawing the world to the outcomes, without files.

    Args:
        scenarios: settings of scenarios, by the end of the names of their measures.
        seeds: number of seeds of which a block takes as many as it does in a comparison.

    Returns:
        By name in `cpsim.bench.measure.MEASURES`, seconds of processor time for each run, and their ratios.
    """
    measured: dict[str, float] = {}
    for name, settings in scenarios.items():
        scenario = from_mapping(settings)
        size = choose_block_size([scenario], seeds, slots=1).seeds
        alone, together = (_time_runs(scenario, count) / count for count in (1, size))
        measured |= {
            f"block_ratio_{name}": alone / together,
            f"run_alone_seconds_{name}": alone,
            f"run_in_block_seconds_{name}": together,
        }
    return measured


def _time_runs(scenario: Scenario, seeds: int) -> float:
    start = time.process_time()
    system = join_runs([Simulation(scenario, seed=seed) for seed in range(1, seeds + 1)])
    step_to(system, system.world.weeks)
    for run in split_runs(system):
        run.summary()
    return time.process_time() - start
