"""Creation of a network: one front door per authority, and ties between partners who share children."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cpsim.arrays import Bools, Floats, Integers, Ints
from cpsim.network.ties import Ties

if TYPE_CHECKING:
    from cpsim.network.nodes import Nodes

TrustOf = Callable[[Integers, Integers], Floats]
"""Function that returns trust at the start, 0 to 1, for ties from each source to each target (numbers of nodes).

It depends on the pair of nodes and not on the position in the list, so an additional tie changes no other tie.
"""


@dataclass(frozen=True, eq=False)
class SharedChildren:
    """Pairs of organisations of different kinds that share children, sorted by pair; P pairs.

    Attributes:
        first: organisation of the kind that comes first in the scenario: int64[P].
        second: organisation of the other kind: int64[P].
        children: number of children that both serve, at least 1: int64[P].
    """

    first: Ints
    second: Ints
    children: Ints


def count_shared_children(place: Integers, kinds: int, sites: int) -> SharedChildren:
    """Count the children that each pair of organisations shares.

    Args:
        place: organisation of each kind that serves a child, child by child: integers[children * kinds]; -1 = none.
        kinds: number of kinds of agency.
        sites: number of organisations.

    Raises:
        ValueError: the length of `place` is not a multiple of `kinds`.

    >>> shared = count_shared_children(np.array([0, 2, 0, 2, 1, 2]), kinds=2, sites=3)  # three children, two kinds
    >>> shared.first.tolist(), shared.second.tolist(), shared.children.tolist()
    ([0, 1], [2, 2], [2, 1])
    """
    by_kind = place.reshape(-1, kinds).T.astype(np.int64)
    keys, counts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for one, other in combinations(by_kind, 2):
        both = (one >= 0) & (other >= 0)
        key, count = np.unique(one[both] * sites + other[both], return_counts=True)
        keys.append(key)
        counts.append(count.astype(np.int64))
    key = np.concatenate(keys)
    order = np.argsort(key)
    return SharedChildren(key[order] // sites, key[order] % sites, np.concatenate(counts)[order])


def build_ties(
    nodes: Nodes,
    shared: SharedChildren,
    density: float,
    trust: TrustOf,
    tied: Bools | None = None,
) -> Ties:
    """Create the ties of a network from the children that organisations share.

    Every organisation has a referral tie to the front door of each authority whose children it serves. Of all possible
    pairs of organisations of two kinds in one authority, the share `density` is tied in both directions: the pairs that
    share most children, and never a pair that shares none. Of pairs with equally many shared children, those with lower
    rows come first, so the same world always has the same network.

    Args:
        nodes: organisations and front doors.
        shared: shared children, as returned by `count_shared_children`.
        density: share of the possible pairs that are tied, 0 to 1.
        trust: function that returns trust at the start.
        tied: whether each organisation has ties: bool[organisations]; None if all have ties.

    Raises:
        ValueError: `density` is not between 0 and 1.
    """
    if not 0 <= density <= 1:
        raise ValueError(f"the density of a network must be between 0 and 1, not {density:g}")
    selected = _select_strongest(nodes, shared, density)
    if tied is None:
        tied = np.ones(nodes.organisations, np.bool_)
    selected = selected[tied[shared.first[selected]] & tied[shared.second[selected]]]
    first, second = shared.first[selected], shared.second[selected]
    refers, front_door = nodes.referral_pairs()
    source = np.concatenate([refers[tied[refers]], first, second])
    target = np.concatenate([front_door[tied[refers]], second, first])
    return Ties(source, target, trust(source, target), nodes.organisations, nodes.front_doors)


def _select_strongest(nodes: Nodes, shared: SharedChildren, density: float) -> NDArray[np.intp]:
    """Select the pairs to tie, in order of their rows: intp[selected]."""
    _, kind = np.unique(np.array(nodes.kinds), return_inverse=True)
    authority = nodes.authority.astype(np.int64)
    members = np.zeros((nodes.front_doors, kind.max(initial=0) + 1), np.int64)
    organisation, place = np.nonzero(nodes.reach)
    np.add.at(members, (place, kind[organisation]), 1)

    # A pair belongs to the authority of the organisation whose partners are in one authority only.
    spans = nodes.reach.sum(axis=1) > 1
    place = np.where(spans[shared.first], authority[shared.second], authority[shared.first])
    local = np.flatnonzero(nodes.reach[shared.first, place] & nodes.reach[shared.second, place])
    place, one, other = place[local], kind[shared.first[local]], kind[shared.second[local]]
    group = (place * members.shape[1] + one) * members.shape[1] + other
    order = np.lexsort((local, -shared.children[local], group))
    group = group[order]
    rank = np.arange(group.size) - np.searchsorted(group, group)
    possible = (members[place, one] * members[place, other])[order]
    return np.sort(local[order[rank < np.round(density * possible)]])
