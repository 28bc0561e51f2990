"""The nodes of the network: all organisations, then the front door of each authority."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cpsim.agents.build import number_names, organisation_names
from cpsim.arrays import Bools
from cpsim.constants import FRONT_DOOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cpsim.agents.columns import AgentTable


@dataclass(frozen=True, eq=False)
class Nodes:
    """Names, kinds and places of all nodes: first the organisations by row, then one front door per authority.

    Attributes:
        names: name of each node, unique.
        kinds: kind of agency of each node; `FRONT_DOOR` for a front door.
        area: neighbourhood of each node, -1 = the whole authority: int16[nodes].
        authority: authority of each node: int16[nodes].
        organisations: number of organisations.
        serves: whether each organisation serves children of each authority: bool[organisations, authorities].
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    area: NDArray[np.int16]
    authority: NDArray[np.int16]
    organisations: int
    serves: Bools

    @classmethod
    def of(cls, organisations: AgentTable, kinds: tuple[str, ...], serves: Bools) -> Nodes:
        """Return the nodes for a table of organisations.

        Args:
            organisations: the table of organisations.
            kinds: names of the kinds of agency, in the order of the column `kind`.
            serves: whether each organisation serves children of each authority.
        """
        count = len(organisations)
        authority = organisations["authority"]
        front_doors = np.arange(serves.shape[1])
        return cls(
            names=tuple(
                organisation_names(organisations, kinds)
                + number_names(FRONT_DOOR.replace("_", "-") for _ in front_doors)
            ),
            kinds=tuple(kinds[kind] for kind in organisations["kind"]) + (FRONT_DOOR,) * front_doors.size,
            area=np.concatenate([organisations["area"], np.full(front_doors.size, -1)]).astype(np.int16),
            authority=np.concatenate([authority, front_doors]).astype(np.int16),
            organisations=count,
            serves=serves,
        )

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def row(self) -> dict[str, int]:
        """Row of each node by name."""
        return {name: number for number, name in enumerate(self.names)}

    @property
    def front_doors(self) -> int:
        """Number of front doors, one per authority."""
        return int(self.serves.shape[1])

    def referral_pairs(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return each organisation and the front door of each authority it serves, as two arrays: intp[pairs]."""
        organisation, authority = np.nonzero(self.serves)
        return organisation, authority + self.organisations

    @cached_property
    def reach(self) -> Bools:
        """Authorities in which each organisation can have partners: bool[organisations, authorities].

        An organisation with a neighbourhood has partners in its own authority; one without has partners in all
        authorities whose children it serves.
        """
        own = self.authority[: self.organisations, None] == np.arange(self.front_doors)
        at_large = self.area[: self.organisations, None] < 0
        reach: Bools = own | (at_large & self.serves)
        return reach
