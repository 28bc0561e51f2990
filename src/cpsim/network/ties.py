"""Ties between organisations, with the trust of one in the other and how it changes (M7, M8).

A tie is directed and belongs to the organisation that makes contact. A referral tie leads to the front door of an
authority. A lateral tie leads to a partner, with whom a concern can be discussed before a referral.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from cpsim import draws
from cpsim.agents.columns import AgentTable
from cpsim.arrays import Bools, Floats, Integers, Ints, Keys
from cpsim.constants import NEVER
from cpsim.ranges import expand_ranges, list_offsets
from cpsim.stages.declarations import ItemColumn, stage

if TYPE_CHECKING:
    import pandas as pd

    from cpsim.network.nodes import Nodes


TIES: dict[str, DTypeLike] = {
    "source": np.int32,
    "target": np.int32,
    "role": np.int8,
    "trust": np.float64,
    "delivery": np.float64,
    "uses": np.int64,
    "delivered": np.int64,
    "last_use": np.int32,
}
"""Columns of the table of ties, one row per directed tie, sorted by source and target."""


_FIRST_FRONT_DOOR = 1_000_000
"""Number of the first front door in keys of random draws, so that the key does not depend on other organisations."""


def tie_keys(source: Integers, target: Integers, organisations: int) -> Keys:
    """Return keys of random draws for ties, same shape; they do not depend on the number of organisations."""
    return draws.keys(
        source, np.where(target < organisations, target, _FIRST_FRONT_DOOR + target - organisations)
    )


_ADDED_AT_ONCE: Final = 8192
"""Ties that are added up together; from 10,000 on, the processor's cores would share the work and change the sum."""


class TieRole(IntEnum):
    """The purpose of a tie, with its number in the table of ties."""

    REFERRAL = 0
    LATERAL = 1


class Ties:
    """All ties of the network as arrays, sorted by source and target; E ties.

    Args:
        source: organisation that each tie belongs to: integers[E].
        target: node that each tie leads to, an organisation or a front door; front doors are numbered after the
            organisations: integers[E].
        trust: trust at the start, 0 to 1: floats[E], or one number for all ties.
        organisations: number of organisations.
        front_doors: number of front doors, one per authority.
        delivery: multiplier on the probability that a message is delivered: floats[E], or one number for all ties.

    Attributes:
        source: organisation that each tie belongs to: int32[E].
        target: node that each tie leads to: int32[E].
        role: `TieRole` of each tie: int8[E].
        trust: trust of the source in the target, 0 to 1: float64[E].
        delivery: multiplier on the probability that a message over each tie is delivered: float64[E].
        uses: messages and consultations sent since the start: int64[E].
        delivered: messages delivered and consultations answered since the start: int64[E].
        last_use: week of the run in which each tie was last used, `-NEVER` before the first use: int32[E].
        table: table with these columns, which is also `model.tables["ties"]`.
        organisations: number of organisations.
        referral_tie: tie of each organisation to the front door of each authority, -1 if it has none:
            int64[organisations, front_doors].
        rows_of_runs: the rows of each of the runs that are simulated together, usually one; see `cpsim.blocks`.

    Raises:
        ValueError: a pair occurs twice, a tie leads to its own source or to no node, a front door has a tie of its own,
            or trust is not between 0 and 1.

    >>> ties = Ties(source=[0, 0, 1], target=[1, 2, 2], trust=0.5, organisations=2)  # node 2 is the front door
    >>> ties.find(0, 2).tolist(), ties.find(1, 0).tolist()
    (1, -1)
    >>> ties.raise_trust(ties.find_outgoing(0), share=0.1)
    >>> ties.trust.tolist()
    [0.55, 0.55, 0.5]
    """

    source = ItemColumn[NDArray[np.int32]]("ties", held_in="table")
    target = ItemColumn[NDArray[np.int32]]("ties", held_in="table")
    role = ItemColumn[NDArray[np.int8]]("ties", held_in="table")
    trust = ItemColumn[Floats]("ties", held_in="table")
    delivery = ItemColumn[Floats]("ties", held_in="table")
    uses = ItemColumn[Ints]("ties", held_in="table")
    delivered = ItemColumn[Ints]("ties", held_in="table")
    last_use = ItemColumn[NDArray[np.int32]]("ties", held_in="table")

    def __init__(
        self,
        source: ArrayLike,
        target: ArrayLike,
        trust: ArrayLike,
        organisations: int,
        front_doors: int = 1,
        delivery: ArrayLike = 1.0,
    ) -> None:
        sources, targets = np.asarray(source, np.int64), np.asarray(target, np.int64)
        order = np.lexsort((targets, sources))
        self.organisations = organisations
        self.table = AgentTable(TIES, order.size)
        self.table["source"] = sources[order].astype(np.int32)
        self.table["target"] = targets[order].astype(np.int32)
        lateral = targets[order] < organisations
        self.table["role"] = np.where(lateral, TieRole.LATERAL, TieRole.REFERRAL).astype(np.int8)
        self.table["trust"] = np.broadcast_to(np.asarray(trust, np.float64), order.shape)[order]
        self.table["delivery"] = np.broadcast_to(np.asarray(delivery, np.float64), order.shape)[order]
        self.table["last_use"] = -NEVER
        self._width = organisations + front_doors
        self._keys = sources[order] * self._width + targets[order]
        self._rows = np.arange(order.size)
        self._check()
        self.referral_tie = np.full((organisations, front_doors), -1, np.int64)
        referrals = np.flatnonzero(~lateral)
        self.referral_tie[self.source[referrals], self.target[referrals] - organisations] = referrals
        self.rows_of_runs: tuple[slice, ...] = (slice(0, order.size),)
        self._pull = np.empty(order.size)
        self._idle = np.empty(order.size, bool)

    def _check(self) -> None:
        if np.any((self.source < 0) | (self.source >= self.organisations)):
            raise ValueError("the source of a tie must be an organisation, not a front door")
        if np.any((self.target < 0) | (self.target >= self._width)):
            raise ValueError("the target of a tie must be an organisation or a front door")
        if np.any(self.source == self.target):
            raise ValueError("the source and the target of a tie must differ")
        if np.any(np.diff(self._keys) == 0):
            raise ValueError("two nodes can have only one tie in each direction")
        if not np.all((self.trust >= 0) & (self.trust <= 1)):
            raise ValueError("trust must be between 0 and 1")

    def __len__(self) -> int:
        return len(self.table)

    def find(self, source: ArrayLike, target: ArrayLike) -> NDArray[np.intp]:
        """Return the row of the tie from each source to each target, -1 if there is none: intp, broadcast shape."""
        sources, targets = np.asarray(source, np.int64), np.asarray(target, np.int64)
        known = (targets >= 0) & (targets < self._width) & (sources >= 0)
        wanted = np.where(known, sources * self._width + targets, -1)
        if len(self) == 0:
            return np.full(wanted.shape, -1, np.intp)
        place = np.minimum(self._keys.searchsorted(wanted), len(self._keys) - 1)
        return np.where(self._keys[place] == wanted, self._rows[place], -1)

    def find_incoming(self, node: int) -> NDArray[np.intp]:
        """Return the rows of all ties that lead to a node: intp[n]."""
        return np.flatnonzero(self.target == node)

    def find_outgoing(self, organisation: int) -> NDArray[np.intp]:
        """Return the rows of all ties of an organisation: intp[n]."""
        return np.flatnonzero(self.source == organisation)

    def find_to_front_doors(self, authorities: Integers) -> tuple[Ints, Ints]:
        """List the ties to the front door of each authority; an authority can occur several times.

        Returns:
            The index into `authorities` and the row of the tie, both int64, shape (ties found,).
        """
        referral = np.flatnonzero(self.role == TieRole.REFERRAL)
        front_door = self.target[referral] - self.organisations
        order = np.argsort(front_door, kind="stable")
        first, end = np.searchsorted(front_door[order], [authorities, authorities + 1])
        of, place = expand_ranges(first, end - first)
        return of, referral[order[place]]

    def find_connected(self, nodes: Integers) -> NDArray[np.intp]:
        """Return the rows of all ties from or to any of these nodes: intp[n]."""
        among = self._mask(nodes)
        return np.flatnonzero(among[self.source] | among[self.target])

    def find_starting_at(self, organisations: Integers) -> NDArray[np.intp]:
        """Return the rows of all ties of these organisations: intp[n]."""
        return np.flatnonzero(self._mask(organisations)[self.source])

    def find_between(self, some: Integers, others: Integers) -> NDArray[np.intp]:
        """Return the rows of all ties between one group of nodes and another, in both directions: intp[n]."""
        these, those = self._mask(some), self._mask(others)
        there = these[self.source] & those[self.target]
        back = those[self.source] & these[self.target]
        return np.flatnonzero(there | back)

    def _mask(self, nodes: Integers) -> Bools:
        """Return a mask of these nodes among all nodes, which is faster than searching for them every week."""
        marked = np.zeros(max(self._width, int(nodes.max(initial=0)) + 1), np.bool_)
        marked[nodes] = True
        return marked

    def keys(self, ties: Integers) -> Keys:
        """Return keys of random draws for ties, same shape."""
        return tie_keys(self.source[ties], self.target[ties], self.organisations)

    def delivery_probability(self, ties: Integers, base: float, trust_power: float) -> Floats:
        """Return the probability that a message over each tie is delivered and read, float64, same shape (M7).

        It is base x trust^power x delivery, at most 1.
        """
        return np.minimum(base * self.trust[ties] ** trust_power * self.delivery[ties], 1.0)

    def record_use(self, ties: Integers, arrived: Bools, week: int) -> None:
        """Count messages over ties and whether each was delivered; a tie can occur several times."""
        np.add.at(self.uses, ties, 1)
        np.add.at(self.delivered, ties[arrived], 1)
        self.last_use[ties] = week

    def raise_trust(self, ties: Integers, share: float) -> None:
        """Raise trust after each success by a share of what is missing to full trust: T <- T + share (1 - T) (M8).

        A tie can occur several times; after n successes trust is 1 - (1 - T)(1 - share)^n, in any order. Apply the
        gains of a week before its losses.
        """
        self._pull_towards(1.0, ties, share)

    def lower_trust(self, ties: Integers, share: float) -> None:
        """Lower trust after each failure by a share of it: T <- T - share T (M8, M9).

        A tie can occur several times; after n failures trust is T (1 - share)^n, in any order.
        """
        np.multiply.at(self.trust, ties, 1.0 - share)

    def inherit_ties(self, heir: int, former: int) -> None:
        """Let an organisation use the ties from and to one that it has absorbed, where it has no ties of its own.

        A tie keeps its row and its trust, and in the results its source and target.

        Args:
            heir: organisation that has absorbed the other.
            former: organisation that was absorbed.
        """
        source, target = np.divmod(self._keys, self._width)
        theirs = (source == former) | (target == former)
        source = np.where(source == former, heir, source)[theirs]
        target = np.where(target == former, heir, target)[theirs]
        new = (self.find(source, target) < 0) & (source != target)
        keys = np.concatenate([self._keys, (source * self._width + target)[new]])
        rows = np.concatenate([self._rows, self._rows[theirs][new]])
        order = keys.argsort()
        self._keys, self._rows = keys[order], rows[order]
        of_heir = self.referral_tie[heir]
        self.referral_tie = self.referral_tie.copy()
        self.referral_tie[heir] = np.where(of_heir >= 0, of_heir, self.referral_tie[former])

    def apply_turnover(self, ties: Integers, share: float | Floats, trust_new: float) -> None:
        """Move trust towards that between strangers when people leave: T <- T + share (trust_new - T) (M8).

        A tie can occur several times, once for each leaver, with a separate share each time. Trust below that between
        strangers rises.
        """
        self._pull_towards(trust_new, ties, share)

    @stage(reads=(last_use,), writes=(trust,))
    def fade_unused(self, week: int, share: float, trust_new: float) -> None:
        """Move the trust of ties not used this week a share of the way towards that between strangers (M8)."""
        # Called every week for all ties, so it uses preallocated arrays.
        trust = self.trust
        np.less(self.last_use, week, out=self._idle)
        np.subtract(trust_new, trust, out=self._pull)
        self._pull *= share
        np.add(trust, self._pull, out=trust, where=self._idle)

    def _pull_towards(self, aim: float, ties: Integers, share: float | Floats) -> None:
        """Move trust a share of the way to `aim`, once for each occurrence of a tie."""
        if not len(ties):
            return
        trust, pull = self.trust, self._pull
        pull[ties] = aim - trust[ties]
        np.multiply.at(pull, ties, 1.0 - share)
        trust[ties] = aim - pull[ties]

    def mean_trust(self) -> float:
        """Return mean trust weighted by the uses of each tie; unweighted before the first use, NaN without ties."""
        return _mean_trust(self.trust, self.uses)

    @classmethod
    def join(cls, runs: Sequence[Ties], table: AgentTable) -> Self:
        """Return the ties of several runs together, whose organisations and front doors follow one another.

        Args:
            runs: the ties of each run.
            table: the rows of their tables one after another, with sources and targets as in the runs, which are
                replaced by the numbers among all organisations, and front doors after these.
        """
        joined = object.__new__(cls)
        joined.table = table
        joined.rows_of_runs = tuple(
            slice(int(start), int(end)) for start, end in pairwise(list_offsets([len(run) for run in runs]))
        )
        joined.organisations = sum(run.organisations for run in runs)
        joined._width = sum(run._width for run in runs)
        for rows, shift in joined._list_shifts(runs):
            for column in ("source", "target"):
                table[column][rows] = shift[table[column][rows]]
        joined._pull, joined._idle = np.empty(len(table)), np.empty(len(table), bool)
        joined.connect(runs)
        return joined

    def _list_shifts(self, runs: Sequence[Ties]) -> list[tuple[slice, Ints]]:
        """List the rows of each run, and the number of each of its nodes among all nodes."""
        places = [run._width - run.organisations for run in runs]
        first = list_offsets([run.organisations for run in runs])
        first_place = self.organisations + list_offsets(places)
        return [
            (
                rows,
                np.concatenate(
                    [first[i] + np.arange(run.organisations), first_place[i] + np.arange(places[i])]
                ),
            )
            for i, (run, rows) in enumerate(zip(runs, self.rows_of_runs, strict=True))
        ]

    @property
    def links(self) -> Ints:
        """Which organisations can use which ties, in a form of its own; a new array whenever this changes."""
        return self._keys

    def connect(self, runs: Sequence[Ties]) -> None:
        """Take over who is connected to whom from the runs that were joined."""
        keys, rows, front_doors = [], [], self._width - self.organisations
        self.referral_tie = np.full((self.organisations, front_doors), -1, np.int64)
        for run, (of_run, node) in zip(runs, self._list_shifts(runs), strict=True):
            source, target = np.divmod(run._keys, run._width)
            keys.append(node[source] * self._width + node[target])
            rows.append(run._rows + of_run.start)
            corner = np.ix_(node[: run.organisations], node[run.organisations :] - self.organisations)
            self.referral_tie[corner] = np.where(run.referral_tie >= 0, run.referral_tie + of_run.start, -1)
        self._keys, self._rows = np.concatenate(keys), np.concatenate(rows)

    def mean_trust_by_run(self) -> Floats:
        """Return `mean_trust` of each of the runs that are simulated together, float64, shape (runs,)."""
        return np.array([_mean_trust(self.trust[rows], self.uses[rows]) for rows in self.rows_of_runs])

    def copy(self) -> Self:
        """Return independent ties with the same content, for a forked model."""
        duplicate = copy.copy(self)
        duplicate.table = self.table.copy()
        duplicate._pull = np.empty_like(self._pull)
        duplicate._idle = np.empty_like(self._idle)
        return duplicate

    def to_frame(self, nodes: Nodes) -> pd.DataFrame:
        """Return the table of ties for the results, one row per tie.

        Columns: source and target (names), source_kind, target_kind, role ("referral" or "lateral"), trust, uses,
        delivered.
        """
        import pandas as pd

        names, kinds = np.array(nodes.names, object), np.array(nodes.kinds, object)
        roles = np.array([role.name.lower() for role in TieRole], object)
        return pd.DataFrame(
            {
                "source": names[self.source],
                "target": names[self.target],
                "source_kind": kinds[self.source],
                "target_kind": kinds[self.target],
                "role": roles[self.role],
                "trust": self.trust.copy(),
                "uses": self.uses.copy(),
                "delivered": self.delivered.copy(),
            }
        )


def _mean_trust(trust: Floats, uses: Ints) -> float:
    if not len(trust):
        return float("nan")
    total = uses.sum()
    if not total:
        return float(trust.mean())
    parts = [slice(first, first + _ADDED_AT_ONCE) for first in range(0, len(trust), _ADDED_AT_ONCE)]
    return float(sum(trust[part] @ uses[part] for part in parts) / total)
