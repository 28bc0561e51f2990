"""The history of a show: simulated once for each seed and forked for every tab."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from cpsim.histories.cache import open_cache
from cpsim.histories.start import start_after_history
from cpsim.model import ChildProtectionModel
from cpsim.parallel.shared_history import find_divergence_week

if TYPE_CHECKING:
    from cpsim.scenario.schema import Scenario

_CAPACITY = 3


class SharedHistory:
    """One system, or two on the same children, simulated up to the week in which the show opens.

    The simulation starts in a thread of its own as soon as the object is created.

    Args:
        scenarios: one scenario, or two that draw the same world.
        seed: whole number from 0 to `MAX_SEED`.
        opening_week: week of the run in which the show opens, from 1 on.
    """

    def __init__(self, scenarios: tuple[Scenario, ...], seed: int, opening_week: int) -> None:
        self._scenarios, self._seed, self._opening_week = scenarios, seed, opening_week
        self._models: tuple[ChildProtectionModel, ...] = ()
        self._weeks_done = 0
        self._weeks_total = opening_week
        self._finished = threading.Event()
        self._error: Exception | None = None
        threading.Thread(target=self._run, name="history", daemon=True).start()

    @property
    def progress(self) -> float:
        """Share of the weeks that have been simulated, 0 to 1."""
        return self._weeks_done / self._weeks_total

    @property
    def is_finished(self) -> bool:
        """Whether the simulation has ended or failed."""
        return self._finished.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until the simulation has finished, at most `seconds`; return whether it has."""
        return self._finished.wait(seconds)

    def fork(self) -> tuple[ChildProtectionModel, ...]:
        """Return a new copy of the model of each scenario, in the week in which the show opens.

        Raises:
            Exception: the error that stopped the simulation of the history.
        """
        self._finished.wait()
        if self._error is not None:
            raise self._error
        return tuple(
            self._models[min(i, len(self._models) - 1)].fork(scenario)
            for i, scenario in enumerate(self._scenarios)
        )

    def _run(self) -> None:
        try:
            self._models = self._simulate()
        except Exception as error:  # noqa: BLE001  it is raised again in every tab that asks for a model
            self._error = error
        self._finished.set()

    def _simulate(self) -> tuple[ChildProtectionModel, ...]:
        """Simulate up to the opening week; one model serves both scenarios if they do not differ by then."""
        first, *others = self._scenarios
        shared = min([self._opening_week, *(find_divergence_week(first, other) for other in others)])
        self._weeks_total = self._opening_week + len(others) * (self._opening_week - shared)
        trunk = start_after_history(
            lambda: ChildProtectionModel(first, seed=self._seed, collect=False),
            ChildProtectionModel,
            first,
            self._seed,
            shared,
            open_cache(),
            on_week=self._set_weeks_done,
        )
        branches = [
            trunk.fork(other)
            if shared
            else ChildProtectionModel(other, seed=self._seed, world=trunk.world, collect=False)
            for other in others
            if shared < self._opening_week
        ]
        for model in (trunk, *branches):
            self._step_to(model, self._opening_week)
        return (trunk, *branches)

    def _set_weeks_done(self, weeks: int) -> None:
        self._weeks_done = weeks

    def _step_to(self, model: ChildProtectionModel, week: int) -> None:
        while model.week < week:
            model.step()
            self._weeks_done += 1


class SharedHistories:
    """The most recently used histories; only a few, because a large authority takes hundreds of megabytes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_key: OrderedDict[tuple[str, ...], SharedHistory] = OrderedDict()

    def get(self, scenarios: tuple[Scenario, ...], seed: int, opening_week: int) -> SharedHistory:
        """Return the history of scenarios and a seed; the first call starts its simulation.

        Args:
            scenarios: one scenario, or two that draw the same world.
            seed: whole number from 0 to `MAX_SEED`.
            opening_week: week of the run in which the show opens, from 1 on.
        """
        key = (*(scenario.model_dump_json() for scenario in scenarios), str(seed), str(opening_week))
        with self._lock:
            history = self._by_key.pop(key, None) or SharedHistory(scenarios, seed, opening_week)
            self._by_key[key] = history
            while len(self._by_key) > _CAPACITY:
                self._by_key.popitem(last=False)
        return history
