"""The states of several runs as one, and back: the rows of a run follow those of the run before it.

Row numbers in a column are shifted by the number of rows that come before. What is not listed here is the same in all
runs, or is built again.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim.agents.columns import AgentTable
from cpsim.arrays import Ints
from cpsim.casework.decisions import DecisionKeys, DecisionStreams
from cpsim.casework.log import OCCURRENCES, Events, Log, Occurrence
from cpsim.casework.sightings import JoinedSightings
from cpsim.casework.state import Casework, RoleTeams
from cpsim.network.ties import Ties
from cpsim.ranges import list_offsets
from cpsim.world import World


class _Rule(NamedTuple):
    """How the columns of the runs are joined.

    Attributes:
        rows: what each row is about; None for a list, whose rows are about the children in it.
        numbers: by field, or by "" for a column without fields, the table whose rows the values number.
        axis: axis of the rows.
    """

    rows: str | None
    numbers: Mapping[str, str] = {}
    axis: int = 0


_LIST_OF_CHILDREN: Final = _Rule(None, {"": "children"})
_LIST_OF_CASES: Final = _Rule(None, {"child": "children"})

_RULES: Final[Mapping[str, Mapping[str, _Rule]]] = {
    "records": {
        "status": _Rule("children"),
        "belief": _Rule("children"),
        "believed": _Rule("children"),
        "sources": _Rule("children"),
        "referrals": _Rule("children"),
        "plans": _Rule("children"),
        "last_referral": _Rule("children"),
        "worker": _Rule("children", {"": "workers"}),
        "worker_changes": _Rule("children"),
        "working_days": _Rule("children"),
        "finish": _Rule("children"),
        "review": _Rule("children"),
        "since": _Rule("children"),
        "care_from": _Rule("children"),
        "protected_since": _Rule("children"),
    },
    "files": {"_rows": _Rule("files"), "site": _Rule("files", {"": "organisations"})},
    "harm": {
        "spell": _Rule("children", {"": "spells"}),
        "severity": _Rule("children"),
        "other_needs": _Rule("children"),
        "progress": _Rule("spells"),
        "hidden_share": _Rule("children"),
    },
    "state": {
        "messages_in_transit": _Rule(
            None, {"child": "children", "site": "organisations", "authority": "authorities"}
        ),
        "waiting_initial": _LIST_OF_CASES,
        "waiting_core": _LIST_OF_CASES,
        "under_way": _LIST_OF_CHILDREN,
        "receiving_services": _LIST_OF_CHILDREN,
        "newcomers": _LIST_OF_CHILDREN,
        "hours_carried_over": _Rule("teams"),
        "time_per_case": _Rule("teams"),
        "recent_delivered_share": _Rule("teams", axis=1),
        "authority": _Rule("children", {"": "authorities"}),
        "drift": _Rule("authorities"),
        "front_door_load": _Rule("authorities"),
        "serves_several_authorities": _Rule("organisations"),
        "dissolved": _Rule("organisations"),
        "marked": _Rule("children"),
        "child_bias": _Rule("children"),
        "_place": _Rule("children"),
    },
}
"""The columns of each part of the state, and of the state itself."""

_ROLES: Final = ("assessment_teams", "long_term_teams")

_WITH_SPELLS: Final = frozenset(
    (Occurrence.HARM_ENDED_BY_PROTECTION, Occurrence.SERIOUS_EVENT, Occurrence.SERIOUS_EVENT_AVERTED)
)
"""Kinds of event whose value is the row of a spell."""


class JoinedCasework(Casework):
    """The state of casework of several runs of one scenario.

    Args:
        runs: the state of each run, between two weeks; the columns are taken from them until `split` gives them back.
        world: the joined world.
        tables: the joined tables of agents by name.
        ties: the joined ties.
    """

    def __init__(
        self, runs: Sequence[Casework], world: World, tables: Mapping[str, AgentTable], ties: Ties
    ) -> None:
        first = runs[0]
        self.__dict__.update(vars(first))
        self.world, self.ties = world, ties
        self.authorities, self.organisations = tables["authorities"], tables["organisations"]
        self.teams, self.workers = tables["teams"], tables["workers"]
        self.seeds = tuple(seed for run in runs for seed in run.seeds)
        places = [len(run.authorities) for run in runs]
        self.run_of_authority = np.repeat(np.arange(len(runs)), places)
        self.offsets = {
            "children": list_offsets([len(run.world.children.birth) for run in runs]),
            "files": list_offsets([len(run.world.children.birth) * run.kinds for run in runs]),
            "spells": list_offsets([len(run.world.spells.child) for run in runs]),
            "authorities": list_offsets(places),
            "organisations": list_offsets([len(run.organisations) for run in runs]),
            "teams": list_offsets([len(run.teams) for run in runs]),
            "workers": list_offsets([len(run.workers) for run in runs]),
        }
        self.log = Log(first.log.detail_from)
        self.streams = DecisionStreams(self.seeds)
        self.keys = DecisionKeys.join([run.keys for run in runs])
        self.sightings = JoinedSightings(
            [run.sightings for run in runs], self.offsets["files"], self.offsets["spells"]
        )
        self.front_doors = np.concatenate(
            [run.front_doors + before for run, before in zip(runs, self.offsets["teams"], strict=False)]
        )
        for role in _ROLES:
            setattr(self, role, self._join_role([getattr(run, role) for run in runs]))
        for part, rules in _RULES.items():
            parts = [_get_part(run, part) for run in runs]
            if part != "state":
                setattr(self, part, copy.copy(parts[0]))
            for column, rule in rules.items():
                joined = self._join_column(rule, [getattr(of_run, column) for of_run in parts])
                setattr(_get_part(self, part), column, joined)
        self.harm.gate = _join_gates([run.harm.gate for run in runs])
        for run in runs:
            for part, rules in _RULES.items():
                for column in rules:
                    delattr(_get_part(run, part), column)
            del run.harm.gate

    def _join_role(self, roles: Sequence[RoleTeams]) -> RoleTeams:
        before = list_offsets([len(role.rows) for role in roles])
        return RoleTeams(
            np.concatenate(
                [role.rows + first for role, first in zip(roles, self.offsets["teams"], strict=False)]
            ),
            np.concatenate([role.of_child + first for role, first in zip(roles, before, strict=False)]),
        )

    def _join_column(self, rule: _Rule, columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
        if not rule.numbers:
            return np.concatenate(columns, axis=rule.axis)
        shifted = []
        for run, column in enumerate(columns):
            values = column.copy()
            for field, table in rule.numbers.items():
                numbers = values[field] if field else values
                numbers[numbers >= 0] += int(self.offsets[table][run])
            shifted.append(values)
        return np.concatenate(shifted)

    def find_workers(self) -> list[Ints]:
        """Find the rows of the social workers of each run, in the order in which they were hired: int64, shape (W,)."""
        run = self.run_of_authority[self.teams["authority"][self.workers["team"]]]
        return [np.flatnonzero(run == number) for number in range(len(self.seeds))]

    def split_to(self, runs: Sequence[Casework]) -> None:
        """Give the columns back to the runs, and add the events of the weeks since the runs were joined to their logs.

        Args:
            runs: the runs that were joined, with tables of their own again.
        """
        events = [self._split_events(kind) for kind in range(len(OCCURRENCES))]
        local_worker = np.full(len(self.workers) + 1, -1)
        workers = self.find_workers()
        for rows in workers:
            local_worker[rows] = np.arange(len(rows))
        for number, run in enumerate(runs):
            run.week = self.week
            run.keys.start_week(self.week)
            for part, rules in _RULES.items():
                source, target = _get_part(self, part), _get_part(run, part)
                for column, rule in rules.items():
                    values = self._split_column(rule, getattr(source, column), number, local_worker)
                    setattr(target, column, values)
            run.harm.gate = self._split_gate(number)
            for role in _ROLES:
                self._split_role(role, run, number)
            for kind, of_runs in enumerate(events):
                run.log.extend(kind, of_runs[number])

    def _slice(self, table: str, run: int) -> slice:
        offsets = self.offsets[table]
        return slice(int(offsets[run]), int(offsets[run + 1]))

    def _split_column(self, rule: _Rule, joined: NDArray[Any], run: int, local_worker: Ints) -> NDArray[Any]:
        values: NDArray[Any]
        if rule.rows is None:
            child = joined["child"] if joined.dtype.names else joined
            of_run = self._slice("children", run)
            values = joined[(child >= of_run.start) & (child < of_run.stop)]
        else:
            values = joined[(slice(None),) * rule.axis + (self._slice(rule.rows, run),)].copy()
        for field, table in rule.numbers.items():
            numbers = values[field] if field else values
            if table == "workers":
                numbers[:] = local_worker[numbers]
            else:
                numbers[numbers >= 0] -= int(self.offsets[table][run])
        return values

    def _split_gate(self, run: int) -> NDArray[np.bool_]:
        spells, of_run = self.offsets["spells"][-1], self._slice("spells", run)
        gate = self.harm.gate
        hidden = slice(1 + spells + of_run.start, 1 + spells + of_run.stop)
        return np.concatenate([gate[:1], gate[1 + of_run.start : 1 + of_run.stop], gate[hidden]])

    def _split_role(self, role: str, run: Casework, number: int) -> None:
        joined, own = getattr(self, role), getattr(run, role)
        before = number * len(own.rows)  # runs of one scenario have the same number of teams
        of_child = joined.of_child[self._slice("children", number)] - before
        setattr(run, role, RoleTeams(own.rows, of_child))

    def _split_events(self, kind: int) -> list[Events]:
        """Return the logged events of one kind by run."""
        events = self.log.select(kind)
        run = np.searchsorted(self.offsets["children"], events.child, side="right") - 1
        order = np.argsort(run.astype(np.int16), kind="stable")
        run = run[order]
        week, child, site, value = (column[order] for column in events)
        child -= self.offsets["children"][run].astype(np.int32)
        site -= np.where(site >= 0, self.offsets["organisations"][run], 0).astype(site.dtype)
        if kind in _WITH_SPELLS:
            value -= self.offsets["spells"][run].astype(np.float32)
        ends = np.searchsorted(run, np.arange(1, len(self.seeds)))
        columns = zip(*(np.split(column, ends) for column in (week, child, site, value)), strict=True)
        return [Events(*of_run) for of_run in columns]


def _get_part(state: Casework, part: str) -> Any:
    return state if part == "state" else getattr(state, part)


def _join_gates(gates: Sequence[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Join the gates of runs: the one that is always open, those of all spells, and those of signs that they hide."""
    halves = [np.split(gate[1:], 2) for gate in gates]
    return np.concatenate([gates[0][:1], *(first for first, _ in halves), *(second for _, second in halves)])
