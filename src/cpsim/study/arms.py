"""Several scenarios on the same children: arms that have a past in common live through it once.

Arms of one seed share the drawn world, and every arm that differs from the first only in later events is forked from it
in the week in which they part; so it goes on with those that are left. The result of each is bit for bit that of a run
of its own.
"""

from collections.abc import Callable, Iterator, Mapping

from cpsim.agents.roster import release
from cpsim.model import ChildProtectionModel, same_until
from cpsim.results import RunResult
from cpsim.scenario.clock import weeks_of
from cpsim.scenario.schema import Scenario
from cpsim.study.worlds import Worlds


def run_arms(arms: Mapping[str, Scenario], seed: int) -> Iterator[tuple[str, RunResult]]:
    """Run every arm for one seed, each as soon as it can be, the first one last of those that share its past.

    Args:
        arms: scenarios by name, at least one; those that share a past with an earlier one are forked from it.
        seed: whole number from 0 on.

    Yields:
        The name of an arm and its result; only one result is held at a time.

    Raises:
        ValueError: there is no arm, or the seed is negative.
    """
    for name, model in live_arms(arms, seed, Worlds()):
        yield name, model.result()


def live_arms(
    arms: Mapping[str, Scenario], seed: int, worlds: Worlds
) -> Iterator[tuple[str, ChildProtectionModel]]:
    """Live through every arm as `run_arms` does, and give its model, which is let go when the next is asked for.

    Args:
        arms: as for `run_arms`.
        seed: whole number from 0 on.
        worlds: where the worlds come from.

    Raises:
        ValueError: there is no arm, or the seed is negative.
    """
    if not arms:
        raise ValueError("a comparison has at least one arm")
    first, *others = arms
    partings = {name: parting(arms[first], arms[name]) for name in others}
    trunk = _begun(arms[first], seed, worlds)
    for name in sorted((name for name in others if partings[name]), key=lambda name: partings[name]):
        step_to(trunk, partings[name])
        yield from _lived(name, trunk.fork(arms[name]))
    yield from _lived(first, trunk)
    strangers = {name: arms[name] for name in others if not partings[name]}
    if strangers:
        yield from live_arms(strangers, seed, worlds)


def parting(one: Scenario, other: Scenario) -> int:
    """Week of the run until which two scenarios have one past; 0 if they have none."""
    together, apart = 0, weeks_of(one.clock)
    if same_until(one, other, apart):
        return apart
    while apart - together > 1:
        middle = (together + apart) // 2
        together, apart = (middle, apart) if same_until(one, other, middle) else (together, middle)
    return together


def _begun(scenario: Scenario, seed: int, worlds: Worlds) -> ChildProtectionModel:
    return ChildProtectionModel(scenario, seed=seed, world=worlds.of(scenario, seed), collect=False)


def step_to(model: ChildProtectionModel, week: int, on_step: Callable[[int], None] = lambda _: None) -> None:
    """Step a model until `week` weeks of the run are lived or it is over; `on_step` is told how many are, each time."""
    while model.running and model.week < week:
        model.step()
        on_step(model.week)


def _lived(name: str, model: ChildProtectionModel) -> Iterator[tuple[str, ChildProtectionModel]]:
    try:
        step_to(model, model.world.weeks)
        yield name, model
    finally:
        release(model)
