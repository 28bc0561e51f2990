"""The nodes of the network: every organisation, then the front door of each authority."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from cpsim.agents.roster import names, organisation_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cpsim.agents.columns import Table

FRONT_DOOR = "front-door"
"""Kind of the nodes that take contacts; agencies cannot be called so, since their kinds have no hyphen."""


@dataclass(frozen=True, eq=False)
class Nodes:
    """Organisations 0..organisations-1, in the rows of their table, then one front door an authority.

    Attributes:
        names: name of each node, unique.
        kinds: kind of each node; `FRONT_DOOR` for a front door.
        area: area of each node, -1 = the whole authority: int16[nodes].
        authority: authority of each node: int16[nodes].
        organisations: how many nodes are organisations.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    area: NDArray[np.int16]
    authority: NDArray[np.int16]
    organisations: int

    @classmethod
    def of(cls, organisations: Table, kinds: tuple[str, ...]) -> Nodes:
        """The nodes of a table of organisations; `kinds` are the names of its column `kind`."""
        count = len(organisations)
        authority = organisations["authority"]
        doors = np.arange(int(authority.max(initial=0)) + 1)
        return cls(
            names=tuple(organisation_names(organisations, kinds) + names(FRONT_DOOR for _ in doors)),
            kinds=tuple(kinds[kind] for kind in organisations["kind"]) + (FRONT_DOOR,) * doors.size,
            area=np.concatenate([organisations["area"], np.full(doors.size, -1)]).astype(np.int16),
            authority=np.concatenate([authority, doors]).astype(np.int16),
            organisations=count,
        )

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def row(self) -> dict[str, int]:
        """Number of each node by name."""
        return {name: number for number, name in enumerate(self.names)}

    def front_door(self, organisation: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
        """Node of the front door of the authority that each organisation belongs to: int32, same shape."""
        doors: NDArray[np.int32] = self.authority[organisation].astype(np.int32) + np.int32(
            self.organisations
        )
        return doors
