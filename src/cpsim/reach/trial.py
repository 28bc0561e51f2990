"""Trials: the timeline of a scenario, applied week by week to its bodies while casework stands still."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from cpsim.agents.dials import DIALS, PolicyVariable
from cpsim.agents.signals import SIGNALS
from cpsim.scenario.clock import total_weeks
from cpsim.simulation import Simulation
from cpsim.stages.declarations import find_declaration
from cpsim.system import PLAN
from cpsim.world import draw_sparse_world, world_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from cpsim.governance.context import LeverContext
    from cpsim.scenario.schema import Scenario
    from cpsim.world import World

_READ = {column for step in PLAN for stage in step.stages for column in find_declaration(stage).reads}
REPORTED: tuple[PolicyVariable, ...] = (*DIALS, *(signal for signal in SIGNALS if signal.name in _READ))
"""The dials, and the signals that stages of the week read, because measures report them."""

_SEED = 1
_MOST_CHILDREN = 2_000
"""Children of a trial: enough for ties between organisations that share children."""


class Trial:
    """The bodies of a scenario, and its timeline up to a week.

    Args:
        scenario: a scenario that is not simulated in tiles.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._model = Simulation(scenario, seed=_SEED, world=_draw_bodies(scenario), debug=False)

    @property
    def context(self) -> LeverContext:
        """What levers see: the tables, dials and settings."""
        return self._model.lever_context

    def apply(self, week: int) -> None:
        """Apply the timeline in a week of the run; weeks in which nothing changes can be left out, except week 0."""
        self._model.timeline.apply_levers(week)

    def name_kinds(self, rows: NDArray[np.bool_]) -> tuple[str, ...]:
        """Name the kinds of some organisations, bool, shape (organisations,); none if they are of every kind."""
        kinds = self._model.tables["organisations"]["kind"]
        found = np.unique(kinds[rows])
        if len(found) == len(np.unique(kinds)):
            return ()
        return tuple(self._model.kinds[code] for code in found)

    def read(self, variable: PolicyVariable) -> NDArray[Any]:
        """Return a dial or a signal, one value per row of its table."""
        return self._model.tables[variable.table][variable.column]


def list_differences(trial: Trial, other: Trial, variables: Sequence[PolicyVariable]) -> list[str]:
    """List the names of the dials or signals that differ between two trials of the same bodies."""
    return [
        variable.name
        for variable in variables
        if not np.array_equal(trial.read(variable), other.read(variable))
    ]


def walk_weeks(*trials: Trial) -> Iterator[int]:
    """Apply the timelines of trials week by week, from the first event to the last week, and yield each week."""
    clock = trials[0].scenario.clock
    begins = [event.first_week(clock) for trial in trials for event in trial.scenario.timeline]
    weeks = total_weeks(clock)
    for week in sorted({0, *range(min(begins, default=weeks), weeks)}):
        for trial in trials:
            trial.apply(week)
        yield week


def start_trial(scenario: Scenario, week: int) -> Trial:
    """Start a trial of a scenario, and apply its timeline up to a week."""
    trial = Trial(scenario)
    for reached in walk_weeks(trial):
        if reached >= week:
            break
    return trial


def find_first_change(scenario: Scenario, other: Scenario) -> tuple[list[str], set[str]]:
    """Find what differs in the first week in which the timelines of two scenarios turn a dial differently.

    Args:
        scenario: a scenario.
        other: the same scenario with other events.

    Returns:
        The dials and reported signals that differ, none if they are equal in every week, and all signals that have
        differed until then.
    """
    trials = Trial(scenario), Trial(other)
    signals: set[str] = set()
    for _ in walk_weeks(*trials):
        signals.update(list_differences(*trials, SIGNALS))
        if dials := list_differences(*trials, REPORTED):
            return dials, signals
    return [], signals


def _draw_bodies(scenario: Scenario) -> World:
    return _draw_bodies_of(_Keyed(world_key(scenario, _SEED), scenario))


class _Keyed:
    """A scenario that is equal to others with the same world."""

    def __init__(self, key: str, scenario: Scenario) -> None:
        self.key, self.scenario = key, scenario

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=8)
def _draw_bodies_of(keyed: _Keyed) -> World:
    return draw_sparse_world(keyed.scenario, _SEED, _MOST_CHILDREN)
