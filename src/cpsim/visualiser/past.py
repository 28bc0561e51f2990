"""The past of a show: lived once for a seed, however many tabs look on, and forked for each of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from cpsim.model import ChildProtectionModel
from cpsim.study.arms import parting
from cpsim.world import draw_world

if TYPE_CHECKING:
    from cpsim.scenario.schema import Scenario

_KEPT = 3


class Past:
    """One system, or two on the same children, on their way to the week in which the show opens.

    It is lived in a thread of its own from the moment that it is made.

    Args:
        scenarios: one, or two whose worlds are the same.
        seed: whole number from 0 on.
        opens: week of the run in which the show opens, from 1 on.
    """

    def __init__(self, scenarios: tuple[Scenario, ...], seed: int, opens: int) -> None:
        self._scenarios, self._seed, self._opens = scenarios, seed, opens
        self._models: tuple[ChildProtectionModel, ...] = ()
        self._weeks_lived = 0
        self._weeks_in_all = opens
        self._over = threading.Event()
        self._fault: Exception | None = None
        threading.Thread(target=self._live, name="past", daemon=True).start()

    @property
    def share(self) -> float:
        """How much of it has been lived, 0 to 1."""
        return self._weeks_lived / self._weeks_in_all

    @property
    def over(self) -> bool:
        """Whether it has been lived to its end, or has failed."""
        return self._over.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until it is over, for so long at most; whether it is."""
        return self._over.wait(seconds)

    def fork(self) -> tuple[ChildProtectionModel, ...]:
        """A model for each scenario, at the week in which the show opens, which nobody else has.

        Raises:
            Exception: whatever made the past fail.
        """
        self._over.wait()
        if self._fault is not None:
            raise self._fault
        return tuple(
            self._models[min(i, len(self._models) - 1)].fork(scenario)
            for i, scenario in enumerate(self._scenarios)
        )

    def _live(self) -> None:
        try:
            self._models = self._lived()
        except Exception as fault:  # noqa: BLE001  it is raised again in every tab that asks for a model
            self._fault = fault
        self._over.set()

    def _lived(self) -> tuple[ChildProtectionModel, ...]:
        """The systems in the week of opening; one for both scenarios if their ways have not parted by then."""
        first, *others = self._scenarios
        world = draw_world(first, self._seed)
        trunk = ChildProtectionModel(first, seed=self._seed, world=world, collect=False)
        together = min([self._opens, *(parting(first, other) for other in others)])
        self._weeks_in_all = self._opens + len(others) * (self._opens - together)
        self._step(trunk, together)
        beside = [
            trunk.fork(other)
            if together
            else ChildProtectionModel(other, seed=self._seed, world=world, collect=False)
            for other in others
            if together < self._opens
        ]
        for model in (trunk, *beside):
            self._step(model, self._opens)
        return (trunk, *beside)

    def _step(self, model: ChildProtectionModel, week: int) -> None:
        while model.week < week:
            model.step()
            self._weeks_lived += 1


class Pasts:
    """The pasts that were asked for last; a large authority takes hundreds of megabytes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_name: OrderedDict[tuple[str, ...], Past] = OrderedDict()

    def of(self, scenarios: tuple[Scenario, ...], seed: int, opens: int) -> Past:
        """The past of scenarios under a seed; it begins to be lived when it is asked for first."""
        name = (*(scenario.model_dump_json() for scenario in scenarios), str(seed), str(opens))
        with self._lock:
            past = self._by_name.pop(name, None) or Past(scenarios, seed, opens)
            self._by_name[name] = past
            while len(self._by_name) > _KEPT:
                self._by_name.popitem(last=False)
        return past
