"""Runs of one scenario with several seeds as one system, which is stepped once a week for all of them.

A week costs a fixed time and a time for each child, so that a block of small runs takes a fraction of the time of the
runs one by one. Every run gives, bit for bit, what it gives alone.

>>> import cpsim
>>> from cpsim.blocks.block import Block
>>> from cpsim.simulation import Simulation
>>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
>>> block = Block([Simulation(town, seed=seed) for seed in (7, 8)])
>>> while block.running:
...     block.step()
>>> one, other = block.split()
>>> one.summary() == cpsim.run(town, seed=7).summary, other.summary() == cpsim.run(town, seed=8).summary
(True, True)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cpsim.agents.columns import AgentTable, TablePart, join_tables
from cpsim.casework.joining import JoinedCasework
from cpsim.casework.life_events import build_life_calendar
from cpsim.casework.week import Week
from cpsim.governance.workforce import StaffTurnover
from cpsim.measures.ledger import Snapshots
from cpsim.network.ties import Ties
from cpsim.ranges import list_offsets
from cpsim.scenario.schema import Scenario
from cpsim.simulation import Simulation
from cpsim.system import PLAN, ChildProtectionSystem, Governance
from cpsim.world.joining import join_worlds

_NUMBERED = {
    "authorities": {},
    "organisations": {"authority": "authorities", "absorbed_by": "organisations"},
    "teams": {"authority": "authorities"},
    "workers": {"team": "teams", "post": "posts"},
}
"""By table, the columns whose values number the rows of another table."""


class Block(ChildProtectionSystem):
    """Runs of one scenario with several seeds, as one system.

    Args:
        runs: simulations of the same scenario in the same week, without debug mode and with the usual plan. They have
            no state of their own until `split` gives it back.

    Raises:
        ValueError: the simulations cannot be joined.
    """

    casework: JoinedCasework

    def __init__(self, runs: Sequence[Simulation]) -> None:
        first = runs[0]
        if any(run.settings != first.settings or run.week != first.week for run in runs):
            raise ValueError("the runs of a block have the same scenario and are in the same week")
        if any(run.access_checks is not None or tuple(run.plan) != PLAN for run in runs):
            raise ValueError("a run in debug mode, or with another plan, cannot be part of a block")
        self.runs = tuple(runs)
        self.settings, self.plan, self.access_checks = first.settings, list(PLAN), None
        self.week, self.running, self.this_week = first.week, first.running, Week(first.week)
        self.world = join_worlds([run.world for run in runs])
        self.tables = {name: join_tables([run.tables[name] for run in runs]) for name in first.tables}
        self.ties = Ties.join([run.ties for run in runs], self.tables["ties"])
        self.casework = JoinedCasework([run.casework for run in runs], self.world, self.tables, self.ties)
        self._offsets = self.casework.offsets | {
            "posts": list_offsets([run.posts for run in runs]),
            "ties": list_offsets([len(run.ties) for run in runs]),
        }
        for name, columns in _NUMBERED.items():
            rows = self._offsets[name]
            for column, numbered in columns.items():
                shift = np.repeat(self._offsets[numbered][:-1], np.diff(rows))
                self.tables[name][column] += shift.astype(self.tables[name][column].dtype)
        self.workforce = StaffTurnover.join([run.workforce for run in runs], self.casework.seeds)
        self.snapshots = Snapshots.join([run.snapshots for run in runs], self.world)
        self.life = build_life_calendar(self.world)
        self.posts_by_authority = np.concatenate([run.posts_by_authority for run in runs])
        self.samples = np.concatenate([run.samples for run in runs], axis=1)
        self.authority_samples = np.concatenate([run.authority_samples for run in runs], axis=2)
        for number, run in enumerate(runs):
            self._share_tables(run, number)
        self.timeline: Governance = _JoinedTimelines(self)

    def _share_tables(self, run: Simulation, number: int) -> None:
        """Let the levers of a run turn the dials in its rows of the joined tables."""
        for name, table in run.tables.items():
            rows = slice(*(int(row) for row in self._offsets[name][number : number + 2]))
            own = ("source", "target") if name == "ties" else tuple(_NUMBERED[name])
            run.tables[name] = (
                _Workers(self, number)
                if name == "workers"
                else TablePart(self.tables[name], rows, {column: table[column].copy() for column in own})
            )
        run.ties.table = run.tables["ties"]

    def split(self) -> tuple[Simulation, ...]:
        """End the block, and return the runs with a state of their own, in the order in which they were joined."""
        for number, run in enumerate(self.runs):
            for name, table in run.tables.items():
                run.tables[name] = table.copy()
            run.ties.table = run.tables["ties"]
            state = run.casework
            state.authorities, state.organisations = run.tables["authorities"], run.tables["organisations"]
            state.teams, state.workers = run.tables["teams"], run.tables["workers"]
            run.week, run.running, run.this_week = self.week, self.running, Week(self.week)
            places = slice(*self._offsets["authorities"][number : number + 2])
            run.samples = self.samples[:, number : number + 1].copy()
            run.authority_samples = self.authority_samples[:, :, places].copy()
        self.casework.split_to([run.casework for run in self.runs])
        self.workforce.split_to([run.workforce for run in self.runs])
        self.snapshots.split_to([run.snapshots for run in self.runs])
        return self.runs

    def get_workers(self, run: int, column: str) -> NDArray[Any]:
        """Return a column of the social workers of a run, as in a table of its own."""
        values: NDArray[Any] = self.tables["workers"][column][self.casework.find_workers()[run]]
        if column in _NUMBERED["workers"]:
            values = values - self._offsets[_NUMBERED["workers"][column]][run].astype(values.dtype)
        return values

    def take_over_links(self) -> None:
        """Take over which organisations have been absorbed, and whose ties they use, from the runs."""
        absorbed_by = self.tables["organisations"]["absorbed_by"]
        for run, first, end in zip(
            self.runs, self._offsets["organisations"], self._offsets["organisations"][1:], strict=False
        ):
            absorbed_by[first:end] = run.tables["organisations"]["absorbed_by"] + first
        self.ties.connect([run.ties for run in self.runs])

    def _set_scenario(self, scenario: Scenario) -> None:
        super()._set_scenario(scenario)
        for run in self.runs:
            run.settings = run.casework.scenario = scenario

    def _list_shared(self) -> list[object]:
        return [*super()._list_shared(), *(run.world for run in self.runs)]


def join_runs(runs: Sequence[Simulation]) -> ChildProtectionSystem:
    """Return a block of the runs, or the one run itself."""
    return Block(runs) if len(runs) > 1 else runs[0]


def split_runs(system: ChildProtectionSystem) -> tuple[Simulation, ...]:
    """Return the runs of a block, which it gives back their state, or the one run itself.

    Raises:
        TypeError: the system is neither.
    """
    if isinstance(system, Block):
        return system.split()
    if isinstance(system, Simulation):
        return (system,)
    raise TypeError(f"a block or a simulation is needed, not {type(system).__name__}")


class _JoinedTimelines:
    """The timelines of the runs of a block, each with its own levers, dials and signals."""

    def __init__(self, block: Block) -> None:
        self._block = block

    def apply_levers(self, week: int) -> None:
        """Apply the events of a week of the run in every run."""
        runs = self._block.runs
        links = [run.ties.links for run in runs]
        for run in runs:
            run.timeline.apply_levers(week)
        if any(run.ties.links is not before for run, before in zip(runs, links, strict=True)):
            self._block.take_over_links()

    def switch_scenario(self, scenario: Scenario) -> None:
        """Continue under another scenario whose levers up to the current week are the same."""
        for run in self._block.runs:
            run.timeline.switch_scenario(scenario)


class _Workers(AgentTable):
    """The social workers of one run of a block, for levers that read them."""

    def __init__(self, block: Block, run: int) -> None:
        self._block, self._run = block, run

    def __len__(self) -> int:
        return len(self._block.casework.find_workers()[self._run])

    def __iter__(self) -> Any:
        return iter(self._block.tables["workers"])

    def __contains__(self, column: object) -> bool:
        return column in self._block.tables["workers"]

    def __getitem__(self, column: str) -> NDArray[Any]:
        values = self._block.get_workers(self._run, column)
        values.flags.writeable = False
        return values
