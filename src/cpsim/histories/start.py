"""Start a model at the end of its history: from the cache, or by simulating the history and keeping it."""

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from cpsim.histories.cache import HistoryCache
from cpsim.histories.file import HistoryLabel
from cpsim.histories.key import compute_key, describe_arithmetic
from cpsim.scenario.schema import Scenario

LEAST_SECONDS = 0.5
"""A history that was simulated in less time is not kept, since reading it would save little."""


class HasHistory(Protocol):
    """A model that is simulated week by week, and can be pickled."""

    week: int

    def step(self) -> None:
        """Simulate a week."""

    def switch_scenario(self, scenario: Scenario) -> None:
        """Continue under another scenario with the same history."""


M = TypeVar("M", bound=HasHistory)


def start_after_history(
    build: Callable[[], M],
    kind: type[M],
    scenario: Scenario,
    seed: int,
    weeks: int,
    cache: HistoryCache,
    *,
    on_week: Callable[[int], None] = lambda _: None,
    replaces: bool = True,
) -> M:
    """Return a model after its first weeks, bit for bit as if they had just been simulated.

    Args:
        build: builds the model at the start of its history.
        kind: the class that `build` returns.
        scenario: the scenario of the model.
        seed: the seed of the run.
        weeks: length of the history, weeks.
        cache: the cache of histories.
        on_week: called with the number of weeks so far: after every week that is simulated, or once.
        replaces: whether the history may replace others in a full cache.
    """
    if not cache.limit:
        return _simulate(build(), weeks, on_week)
    key, made_by = compute_key(kind, scenario, seed, weeks), describe_arithmetic()
    model = cache.load(key, made_by)
    if isinstance(model, kind) and model.week == weeks:
        model.switch_scenario(scenario)
        on_week(weeks)
        return model
    started = time.perf_counter()
    model = _simulate(build(), weeks, on_week)
    if time.perf_counter() - started >= LEAST_SECONDS:
        label = HistoryLabel(scenario.name, seed, scenario.population.children, weeks, made_by)
        cache.save(key, label, model, replaces=replaces)
    return model


def _simulate(model: M, weeks: int, on_week: Callable[[int], None]) -> M:
    while model.week < weeks:
        model.step()
        on_week(model.week)
    return model
