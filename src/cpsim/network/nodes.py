"""The nodes of the network: every organisation, then the front door of each authority."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cpsim.agents.roster import names, organisation_names
from cpsim.arrays import Bools
from cpsim.constants import FRONT_DOOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cpsim.agents.columns import Table


@dataclass(frozen=True, eq=False)
class Nodes:
    """Organisations 0..organisations-1, in the rows of their table, then one front door an authority.

    Attributes:
        names: name of each node, unique.
        kinds: kind of each node; `FRONT_DOOR` for a front door.
        area: area of each node, -1 = the whole authority: int16[nodes].
        authority: authority of each node: int16[nodes].
        organisations: how many nodes are organisations.
        serves: whether each organisation serves children of each authority: bool[organisations, authorities].
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    area: NDArray[np.int16]
    authority: NDArray[np.int16]
    organisations: int
    serves: Bools

    @classmethod
    def of(cls, organisations: Table, kinds: tuple[str, ...], serves: Bools) -> Nodes:
        """The nodes of a table of organisations; `kinds` are the names of its column `kind`, `serves` as above."""
        count = len(organisations)
        authority = organisations["authority"]
        doors = np.arange(serves.shape[1])
        return cls(
            names=tuple(
                organisation_names(organisations, kinds) + names(FRONT_DOOR.replace("_", "-") for _ in doors)
            ),
            kinds=tuple(kinds[kind] for kind in organisations["kind"]) + (FRONT_DOOR,) * doors.size,
            area=np.concatenate([organisations["area"], np.full(doors.size, -1)]).astype(np.int16),
            authority=np.concatenate([authority, doors]).astype(np.int16),
            organisations=count,
            serves=serves,
        )

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def row(self) -> dict[str, int]:
        """Number of each node by name."""
        return {name: number for number, name in enumerate(self.names)}

    @property
    def front_doors(self) -> int:
        """How many nodes are front doors, one an authority."""
        return int(self.serves.shape[1])

    def referrals(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Each organisation with the front door of each authority that it serves, as two columns of nodes: intp[R]."""
        organisation, authority = np.nonzero(self.serves)
        return organisation, authority + self.organisations

    @cached_property
    def reach(self) -> Bools:
        """In which authorities an organisation looks for partners: bool[organisations, authorities].

        One with a place of its own looks in its own authority, one without wherever it serves children.
        """
        own = self.authority[: self.organisations, None] == np.arange(self.front_doors)
        at_large = self.area[: self.organisations, None] < 0
        reach: Bools = own | (at_large & self.serves)
        return reach
