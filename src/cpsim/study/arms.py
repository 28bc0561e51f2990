"""Several scenarios on the same children: arms that have a past in common live through it once.

Arms of one seed share the drawn world, and every arm that differs from the first only in later events is forked from it
in the week in which they part. The result of each is bit for bit that of a run of its own.
"""

from collections.abc import Iterator, Mapping

from cpsim.agents.roster import release
from cpsim.model import ChildProtectionModel, same_until
from cpsim.results import RunResult
from cpsim.scenario.clock import weeks_of
from cpsim.scenario.schema import Scenario
from cpsim.world import World, draw_world, world_key


def run_arms(arms: Mapping[str, Scenario], seed: int) -> Iterator[tuple[str, RunResult]]:
    """Run every arm for one seed, each as soon as it can be, the first one last of those that share its past.

    Args:
        arms: scenarios by name, at least one; those that share a past with the first are forked from it.
        seed: whole number from 0 on.

    Yields:
        The name of an arm and its result; only one result is held at a time.

    Raises:
        ValueError: there is no arm, or the seed is negative.
    """
    if not arms:
        raise ValueError("a comparison has at least one arm")
    first, *others = arms
    partings = {name: parting(arms[first], arms[name]) for name in others}
    world = draw_world(arms[first], seed)
    trunk = ChildProtectionModel(arms[first], seed=seed, world=world, collect=False)
    for name in sorted((name for name in others if partings[name]), key=lambda name: partings[name]):
        _step_to(trunk, partings[name])
        yield name, _finished(trunk.fork(arms[name]))
    yield first, _finished(trunk)
    for name in others:
        if not partings[name]:
            yield name, _finished(_alone(arms[name], seed, world))


def _alone(scenario: Scenario, seed: int, world: World) -> ChildProtectionModel:
    """A model of an arm without a past in common, on the same world if it is the same."""
    shared = world if world.key == world_key(scenario, seed) else None
    return ChildProtectionModel(scenario, seed=seed, world=shared, collect=False)


def parting(one: Scenario, other: Scenario) -> int:
    """Week of the run until which two scenarios have one past; 0 if they have none."""
    together, apart = 0, weeks_of(one.clock)
    if same_until(one, other, apart):
        return apart
    while apart - together > 1:
        middle = (together + apart) // 2
        together, apart = (middle, apart) if same_until(one, other, middle) else (together, middle)
    return together


def _step_to(model: ChildProtectionModel, week: int) -> None:
    while model.week < week:
        model.step()


def _finished(model: ChildProtectionModel) -> RunResult:
    try:
        _step_to(model, model.world.weeks)
        return model.result()
    finally:
        release(model)
