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
    """
    model = load_history(kind, scenario, seed, weeks, cache)
    if model is not None:
        on_week(weeks)
        return model
    started = time.perf_counter()
    model = build()
    while model.week < weeks:
        model.step()
        on_week(model.week)
    keep_history(model, scenario, seed, cache, time.perf_counter() - started)
    return model


def load_history(kind: type[M], scenario: Scenario, seed: int, weeks: int, cache: HistoryCache) -> M | None:
    """Load a model after its first weeks, which continues under `scenario`; None if it is not in the cache."""
    if not cache.limit:
        return None
    model = cache.load(compute_key(kind, scenario, seed, weeks), describe_arithmetic())
    if not isinstance(model, kind) or model.week != weeks:
        return None
    model.switch_scenario(scenario)
    return model


def keep_history(
    model: HasHistory,
    scenario: Scenario,
    seed: int,
    cache: HistoryCache,
    seconds: float,
    *,
    replaces: bool = True,
) -> None:
    """Keep a model after its first weeks in the cache, unless its history took less than `LEAST_SECONDS`.

    Args:
        model: the model.
        scenario: its scenario.
        seed: its seed.
        cache: the cache of histories.
        seconds: time that the history took.
        replaces: whether the history may replace others in a full cache.
    """
    if not cache.limit or seconds < LEAST_SECONDS:
        return
    made_by = describe_arithmetic()
    label = HistoryLabel(scenario.name, seed, scenario.population.children, model.week, made_by)
    cache.save(compute_key(type(model), scenario, seed, model.week), label, model, replaces=replaces)
