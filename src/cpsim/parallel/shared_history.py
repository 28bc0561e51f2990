"""Run several scenarios on the same children; arms that share a history simulate it only once.

Arms of one seed share the drawn world. Every arm that differs from the first only in later events is forked from it in
the week in which they diverge. The arms that remain are then treated in the same way. The result of each arm is
identical, bit for bit, to that of a separate run.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from cpsim.blocks.block import join_runs, split_runs
from cpsim.blocks.size import choose_block_size
from cpsim.histories.cache import NO_CACHE, HistoryCache
from cpsim.histories.start import keep_history, load_history
from cpsim.parallel.worlds import WorldCache
from cpsim.results import RunResult
from cpsim.scenario.clock import total_weeks, warm_up_weeks
from cpsim.scenario.history import has_same_history
from cpsim.scenario.schema import Scenario
from cpsim.seeds import read_seed
from cpsim.simulation import Simulation
from cpsim.system import ChildProtectionSystem


def run_arms(arms: Mapping[str, Scenario], *seeds: int) -> Iterator[tuple[str, RunResult]]:
    """Run every arm on every seed.

    Arms that share a history with the first arm come first, in the order in which they diverge from it, then the first
    arm, then the others.

    Args:
        arms: scenarios by name, at least one; those that share a history with an earlier one are forked from it.
        *seeds: whole numbers from 0 to `MAX_SEED`, at least one.

    Yields:
        The name of an arm and its result for one seed, in the order of `simulate_arms`; only one result is held in
        memory at a time.

    Raises:
        ValueError: there is no arm, or a seed is not valid.
    """
    for name, model in simulate_arms(arms, seeds, WorldCache()):
        yield name, model.result()


def simulate_arms(
    arms: Mapping[str, Scenario],
    seeds: Sequence[int],
    worlds: WorldCache,
    histories: HistoryCache = NO_CACHE,
) -> Iterator[tuple[str, Simulation]]:
    """Simulate every arm on every seed, as many seeds of an arm as one block as can be, and yield the models.

    Args:
        arms: as for `run_arms`.
        seeds: whole numbers from 0 to `MAX_SEED`, at least one.
        worlds: the cache from which the worlds are taken.
        histories: the cache from which histories are taken if all arms share them; they are kept if there is room.

    Yields:
        The name of an arm and its model for one seed after the last week: block by block of the seeds given, in each
        the arms in the order of `run_arms`, and for each arm the seeds of the block.

    Raises:
        ValueError: there is no arm, or a seed is not valid.
    """
    if not arms:
        raise ValueError("a comparison needs at least one arm")
    size = choose_block_size(arms.values(), len(seeds), slots=1).seeds
    for start in range(0, len(seeds), size):
        yield from _simulate_block(arms, seeds[start : start + size], worlds, histories)


def _simulate_block(
    arms: Mapping[str, Scenario], seeds: Sequence[int], worlds: WorldCache, histories: HistoryCache
) -> Iterator[tuple[str, Simulation]]:
    first, *others = arms
    divergence = {name: find_divergence_week(arms[first], arms[name]) for name in others}
    related = sorted((name for name in others if divergence[name]), key=lambda name: divergence[name])
    history = min([warm_up_weeks(arms[first].clock), *(divergence[name] for name in related)])
    trunk = join_runs(_start_runs(arms[first], seeds, history, worlds, histories))
    for name in related:
        step_to(trunk, divergence[name])
        yield from _finish_runs(name, trunk.fork(arms[name]))
    yield from _finish_runs(first, trunk)
    unrelated = {name: arms[name] for name in others if not divergence[name]}
    if unrelated:
        yield from _simulate_block(unrelated, seeds, worlds, histories)


def _start_runs(
    scenario: Scenario, seeds: Sequence[int], weeks: int, worlds: WorldCache, histories: HistoryCache
) -> list[Simulation]:
    """Return the run of each seed after its history: from the cache, or simulated as a block and then kept."""
    loaded = {seed: load_history(Simulation, scenario, read_seed(seed), weeks, histories) for seed in seeds}
    missing = [_start_model(scenario, seed, worlds) for seed, run in loaded.items() if run is None]
    if missing and histories.limit:
        started = time.perf_counter()
        block = join_runs(missing)
        step_to(block, weeks)
        seconds = (time.perf_counter() - started) / len(missing)
        for simulated in split_runs(block):
            keep_history(simulated, scenario, simulated.seed, histories, seconds, replaces=False)
    started_now = {run.seed: run for run in missing}
    runs = [run or started_now[seed] for seed, run in loaded.items()]
    for run in runs:
        worlds.add(run.world)
    return runs


def find_divergence_week(one: Scenario, other: Scenario) -> int:
    """Find the week of the run in which two scenarios diverge; 0 if they share no history.

    Scenarios that never diverge give the number of weeks of the run.
    """
    shared, diverged = 0, total_weeks(one.clock)
    if has_same_history(one, other, diverged):
        return diverged
    while diverged - shared > 1:
        middle = (shared + diverged) // 2
        shared, diverged = (middle, diverged) if has_same_history(one, other, middle) else (shared, middle)
    return shared


def _start_model(scenario: Scenario, seed: int, worlds: WorldCache) -> Simulation:
    return Simulation(scenario, seed=seed, world=worlds.get(scenario, seed))


def step_to(model: ChildProtectionSystem, week: int, on_step: Callable[[int], None] = lambda _: None) -> None:
    """Step a simulation or a block until `week` weeks have been simulated or its run ends.

    Args:
        model: the simulation or block.
        week: number of weeks from the start of the run.
        on_step: called after each step with the number of weeks simulated so far.
    """
    while model.running and model.week < week:
        model.step()
        on_step(model.week)


def _finish_runs(name: str, system: ChildProtectionSystem) -> Iterator[tuple[str, Simulation]]:
    """Simulate the remaining weeks and yield the models."""
    step_to(system, system.world.weeks)
    for run in split_runs(system):
        yield name, run
