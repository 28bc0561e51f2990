"""Grows a realistic network: a front door an authority, and partners who know each other by the children they share."""

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
"""Trust at the start of the tie from each source to each target (node numbers): float64, same shape, in 0..1.

A function of the pair and not of the place in a list, so that one tie more or less leaves all others as they were.
"""


@dataclass(frozen=True, eq=False)
class SharedChildren:
    """Pairs of organisations of different kinds that have children in common, sorted by pair.

    Attributes:
        first: the organisation of the earlier kind: int64[P].
        second: the organisation of the later kind: int64[P].
        children: children that both meet: int64[P], at least 1.
    """

    first: Ints
    second: Ints
    children: Ints


def count_shared(place: Integers, kinds: int, sites: int) -> SharedChildren:
    """Count the children that each pair of sites has in common.

    Args:
        place: site of each child in each kind, child by child: integers[children * kinds]; -1 = none.
        kinds: number of kinds of agency.
        sites: number of sites.

    Raises:
        ValueError: if `place` is no whole number of children.
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
    """A network as catchments make it.

    Every organisation has a referral tie to the front door of each authority whose children it serves. Of the possible
    pairs between two kinds in one authority, the share `density` is tied, in both directions: those with most children
    in common, and never a pair without any. Equal pairs are taken in the order of their rows, so the same world always
    has the same network.

    Args:
        nodes: organisations and front doors.
        shared: children in common, as `count_shared` gives them.
        density: share of the possible pairs to keep, 0..1.
        trust: trust at the start.
        tied: whether an organisation has ties at all: bool[organisations]; None = all of them.

    Raises:
        ValueError: if density is not within 0..1.
    """
    if not 0 <= density <= 1:
        raise ValueError(f"the density of a network must be between 0 and 1, not {density:g}")
    kept = _strongest(nodes, shared, density)
    if tied is None:
        tied = np.ones(nodes.organisations, np.bool_)
    kept = kept[tied[shared.first[kept]] & tied[shared.second[kept]]]
    first, second = shared.first[kept], shared.second[kept]
    refers, door = nodes.referrals()
    source = np.concatenate([refers[tied[refers]], first, second])
    target = np.concatenate([door[tied[refers]], second, first])
    return Ties(source, target, trust(source, target), nodes.organisations, nodes.front_doors)


def _strongest(nodes: Nodes, shared: SharedChildren, density: float) -> NDArray[np.intp]:
    """Which pairs to keep: intp[kept], in order."""
    _, kind = np.unique(np.array(nodes.kinds), return_inverse=True)
    authority = nodes.authority.astype(np.int64)
    members = np.zeros((nodes.front_doors, kind.max(initial=0) + 1), np.int64)
    organisation, place = np.nonzero(nodes.reach)
    np.add.at(members, (place, kind[organisation]), 1)

    # A pair belongs to the authority of whichever of the two looks no further.
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
