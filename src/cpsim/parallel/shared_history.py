"""Run several scenarios on the same children; arms that share a history simulate it only once.

Arms of one seed share the drawn world. Every arm that differs from the first only in later events is forked from it in
the week in which they diverge. The arms that remain are then treated in the same way. The result of each arm is
identical, bit for bit, to that of a separate run.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from cpsim.histories.cache import NO_CACHE, HistoryCache
from cpsim.histories.start import start_after_history
from cpsim.parallel.worlds import WorldCache
from cpsim.results import RunResult
from cpsim.scenario.clock import total_weeks, warm_up_weeks
from cpsim.scenario.history import has_same_history
from cpsim.scenario.schema import Scenario
from cpsim.seeds import read_seed
from cpsim.simulation import Simulation


def run_arms(arms: Mapping[str, Scenario], seed: int) -> Iterator[tuple[str, RunResult]]:
    """Run every arm for one seed.

    Arms that share a history with the first arm come first, in the order in which they diverge from it, then the first
    arm, then the others.

    Args:
        arms: scenarios by name, at least one; those that share a history with an earlier one are forked from it.
        seed: a whole number from 0 to `MAX_SEED`.

    Yields:
        The name of an arm and its result; only one result is held in memory at a time.

    Raises:
        ValueError: there is no arm, or the seed is not valid.
    """
    for name, model in simulate_arms(arms, seed, WorldCache()):
        yield name, model.result()


def simulate_arms(
    arms: Mapping[str, Scenario], seed: int, worlds: WorldCache, histories: HistoryCache = NO_CACHE
) -> Iterator[tuple[str, Simulation]]:
    """Simulate every arm as `run_arms` does and yield its model.

    Args:
        arms: as for `run_arms`.
        seed: a whole number from 0 to `MAX_SEED`.
        worlds: the cache from which the worlds are taken.
        histories: the cache from which histories are taken if all arms share them; they are kept if there is room.

    Yields:
        The name of an arm and its model after the last week.

    Raises:
        ValueError: there is no arm, or the seed is not valid.
    """
    if not arms:
        raise ValueError("a comparison needs at least one arm")
    seed = read_seed(seed)
    first, *others = arms
    divergence = {name: find_divergence_week(arms[first], arms[name]) for name in others}
    related = sorted((name for name in others if divergence[name]), key=lambda name: divergence[name])
    history = min([warm_up_weeks(arms[first].clock), *(divergence[name] for name in related)])
    trunk = start_after_history(
        partial(_start_model, arms[first], seed, worlds),
        Simulation,
        arms[first],
        seed,
        history,
        histories,
        replaces=False,
    )
    worlds.add(trunk.world)
    for name in related:
        step_to(trunk, divergence[name])
        yield from _finish_run(name, trunk.fork(arms[name]))
    yield from _finish_run(first, trunk)
    unrelated = {name: arms[name] for name in others if not divergence[name]}
    if unrelated:
        yield from simulate_arms(unrelated, seed, worlds, histories)


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


def step_to(model: Simulation, week: int, on_step: Callable[[int], None] = lambda _: None) -> None:
    """Step a model until `week` weeks have been simulated or its run ends.

    Args:
        model: the model.
        week: number of weeks from the start of the run.
        on_step: called after each step with the number of weeks simulated so far.
    """
    while model.running and model.week < week:
        model.step()
        on_step(model.week)


def _finish_run(name: str, model: Simulation) -> Iterator[tuple[str, Simulation]]:
    """Simulate the remaining weeks and yield the model."""
    step_to(model, model.world.weeks)
    yield name, model
