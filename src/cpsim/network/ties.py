"""Ties: what one organisation's trust in another is worth, week by week (M7, M8).

A tie is directed: it belongs to the one who would pick up the telephone. It is either the referral tie to the front
door of the authority, or a lateral tie to a partner, over which concerns are talked through before anybody refers.
"""

from __future__ import annotations

import copy
from enum import IntEnum
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from cpsim import draws
from cpsim.agents.columns import Table
from cpsim.arrays import Bools, Floats, Integers, Ints, Keys
from cpsim.constants import NEVER

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
"""Columns of the table of ties, one row a directed tie, sorted by source and target."""


_FIRST_FRONT_DOOR = 1_000_000
"""What the first front door goes by among organisations when something is drawn about a tie."""


def tie_keys(source: Integers, target: Integers, organisations: int) -> Keys:
    """Keys for drawing about ties, same shape: a front door's is the same however many organisations come before it."""
    return draws.keys(
        source, np.where(target < organisations, target, _FIRST_FRONT_DOOR + target - organisations)
    )


class TieRole(IntEnum):
    """What a tie is for; the value is what the table of ties holds."""

    REFERRAL = 0
    LATERAL = 1


class Ties:
    """All ties of the network as flat arrays, sorted by (source, target).

    Args:
        source: organisation that a tie belongs to: integers[E].
        target: organisation or front door that it leads to, as a node number; front doors follow the organisations:
            integers[E].
        trust: trust at the start, 0..1: floats[E], or one number for all.
        organisations: number of organisations.
        front_doors: number of front doors, one an authority.
        delivery: factor on the chance that a message arrives: floats[E], or one number for all.

    Attributes:
        table: the columns of `TIES`; `model.tables["ties"]` may be this table, so that levers find their dials.
        organisations: number of organisations.
        referral_tie: tie of each organisation to the front door of each authority: int64[organisations, front_doors];
            -1 where it has none.

    Raises:
        ValueError: if a pair occurs twice, an organisation is tied to itself, a front door has a tie of its own, a tie
            leads to no node, or trust is not within 0..1.
    """

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
        self.table = Table(TIES, order.size)
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
        self._pull = np.empty(order.size)
        self._idle = np.empty(order.size, bool)

    def _check(self) -> None:
        if np.any((self.source < 0) | (self.source >= self.organisations)):
            raise ValueError("only organisations have ties of their own; a front door answers over theirs")
        if np.any((self.target < 0) | (self.target >= self._width)):
            raise ValueError("a tie must lead to a node")
        if np.any(self.source == self.target):
            raise ValueError("an organisation cannot be tied to itself")
        if np.any(np.diff(self._keys) == 0):
            raise ValueError("two organisations can have one tie in each direction, not more")
        if not np.all((self.trust >= 0) & (self.trust <= 1)):
            raise ValueError("trust must be between 0 and 1")

    def __len__(self) -> int:
        return len(self.table)

    @property
    def source(self) -> NDArray[np.int32]:
        """Organisation that each tie belongs to: int32[E]."""
        return self.table["source"]

    @property
    def target(self) -> NDArray[np.int32]:
        """Node that each tie leads to: int32[E]."""
        return self.table["target"]

    @property
    def role(self) -> NDArray[np.int8]:
        """`TieRole` of each tie: int8[E]."""
        return self.table["role"]

    @property
    def trust(self) -> Floats:
        """Trust of the source in the target, 0..1: float64[E]."""
        return self.table["trust"]

    @property
    def delivery(self) -> Floats:
        """Factor on the chance that a message over this tie arrives: float64[E]."""
        return self.table["delivery"]

    @property
    def uses(self) -> Ints:
        """Messages and consultations sent since the start: int64[E]."""
        return self.table["uses"]

    @property
    def delivered(self) -> Ints:
        """How many of them arrived: int64[E]."""
        return self.table["delivered"]

    @property
    def last_use(self) -> NDArray[np.int32]:
        """Engine week of the last use; `-NEVER` before the first: int32[E]."""
        return self.table["last_use"]

    def find(self, source: ArrayLike, target: ArrayLike) -> NDArray[np.intp]:
        """Tie from each source to each target: intp, shape of the broadcast arguments; -1 where there is none."""
        sources, targets = np.asarray(source, np.int64), np.asarray(target, np.int64)
        known = (targets >= 0) & (targets < self._width) & (sources >= 0)
        wanted = np.where(known, sources * self._width + targets, -1)
        if len(self) == 0:
            return np.full(wanted.shape, -1, np.intp)
        place = np.minimum(self._keys.searchsorted(wanted), len(self._keys) - 1)
        return np.where(self._keys[place] == wanted, self._rows[place], -1)

    def into(self, node: int) -> NDArray[np.intp]:
        """All ties that lead to a node, such as those of every partner to a front door: intp[n]."""
        return np.flatnonzero(self.target == node)

    def out_of(self, organisation: int) -> NDArray[np.intp]:
        """All ties of an organisation: intp[n]."""
        return np.flatnonzero(self.source == organisation)

    def touching(self, nodes: Integers) -> NDArray[np.intp]:
        """All ties that any of these nodes has or that lead to one: intp[n]."""
        among = self._among(nodes)
        return np.flatnonzero(among[self.source] | among[self.target])

    def starting_at(self, organisations: Integers) -> NDArray[np.intp]:
        """All ties of these organisations: intp[n]."""
        return np.flatnonzero(self._among(organisations)[self.source])

    def between(self, some: Integers, others: Integers) -> NDArray[np.intp]:
        """All ties that lead from one of some nodes to one of others, or back: intp[n]."""
        these, those = self._among(some), self._among(others)
        there = these[self.source] & those[self.target]
        back = those[self.source] & these[self.target]
        return np.flatnonzero(there | back)

    def _among(self, nodes: Integers) -> Bools:
        """Marks on these among all nodes; levers that move ask for ties every week, and searching takes longer."""
        marked = np.zeros(max(self._width, int(nodes.max(initial=0)) + 1), np.bool_)
        marked[nodes] = True
        return marked

    def keys(self, ties: Integers) -> Keys:
        """Keys for drawing about ties, same shape."""
        return tie_keys(self.source[ties], self.target[ties], self.organisations)

    def delivery_probability(self, ties: Integers, base: float, trust_power: float) -> Floats:
        """Chance that a message over each tie arrives and is read: base x trust^power x delivery, at most 1 (M7)."""
        return np.minimum(base * self.trust[ties] ** trust_power * self.delivery[ties], 1.0)

    def use(self, ties: Integers, arrived: Bools, week: int) -> None:
        """Count messages over ties, one an entry, and whether each arrived; a tie may occur several times."""
        np.add.at(self.uses, ties, 1)
        np.add.at(self.delivered, ties[arrived], 1)
        self.last_use[ties] = week

    def gain(self, ties: Integers, share: float) -> None:
        """Each success wins a share of the trust that is missing: T <- T + share (1 - T) (M8).

        A tie may occur several times; n successes leave 1 - (1 - T)(1 - share)^n, in whatever order they came. Losses
        of the same week follow the gains.
        """
        self._pull_towards(1.0, ties, share)

    def lose(self, ties: Integers, share: float) -> None:
        """Each failure costs a share of the trust that there is: T <- T - share T (M8, M9).

        A tie may occur several times; n failures leave T (1 - share)^n, in whatever order they came.
        """
        np.multiply.at(self.trust, ties, 1.0 - share)

    def inherit(self, heir: int, former: int) -> None:
        """From now on an organisation uses the ties of one that it has absorbed, where it has none of its own.

        So do those who had ties to the absorbed one. A tie keeps its row, its trust and its name.
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

    def turnover(self, ties: Integers, share: float | Floats, trust_new: float) -> None:
        """A person leaves and takes along a share of the trust in these ties: T <- T + share (trust_new - T) (M8).

        A tie may occur several times, once for each who left, and each time with a share of its own. A stranger is
        trusted more than somebody distrusted.
        """
        self._pull_towards(trust_new, ties, share)

    def cut(self, ties: Integers, trust_new: float) -> None:
        """Start these ties afresh with the trust of strangers."""
        self.trust[ties] = trust_new

    def fade(self, week: int, share: float, trust_new: float) -> None:
        """Ties that nobody used in this week move a share of the way towards the trust of strangers (M8).

        Runs every week over all ties, so it works in buffers of its own.
        """
        trust = self.trust
        np.less(self.last_use, week, out=self._idle)
        np.subtract(trust_new, trust, out=self._pull)
        self._pull *= share
        np.add(trust, self._pull, out=trust, where=self._idle)

    def _pull_towards(self, aim: float, ties: Integers, share: float | Floats) -> None:
        """Move trust a share of the way to `aim`, once for each time that a tie occurs."""
        if not len(ties):
            return
        trust, pull = self.trust, self._pull
        pull[ties] = aim - trust[ties]
        np.multiply.at(pull, ties, 1.0 - share)
        trust[ties] = aim - pull[ties]

    def mean_trust(self) -> float:
        """Mean trust, each tie weighted by its uses so far; unweighted before the first use, NaN without any tie."""
        if len(self) == 0:
            return float("nan")
        uses = self.uses.sum()
        return float(self.trust @ self.uses / uses) if uses else float(self.trust.mean())

    def copy(self) -> Self:
        """Independent ties with the same content, for a model that is forked."""
        twin = copy.copy(self)
        twin.table = self.table.copy()
        twin._pull = np.empty_like(self._pull)
        twin._idle = np.empty_like(self._idle)
        return twin

    def to_frame(self, nodes: Nodes) -> pd.DataFrame:
        """The ties as the results show them.

        Columns source, target (names), source_kind, target_kind, role (referral or lateral), trust, uses, delivered.
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
