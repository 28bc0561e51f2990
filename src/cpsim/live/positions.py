"""The position of each node in the network, computed once from geography and kind, without random numbers.

Every authority is a wheel. Its neighbourhoods are placed around the rim in their geographical order, so organisations
that share children are close to each other. Each kind that serves neighbourhoods has its own ring, the most numerous
kind outermost. Kinds that serve the whole authority are on a ring further in. The front door is the hub, and the
teams to which it passes cases are around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cpsim.agents.tables import TeamRole
from cpsim.arrays import Floats, Ints

if TYPE_CHECKING:
    from cpsim.agents.columns import AgentTable
    from cpsim.network.nodes import Nodes
    from cpsim.world.authorities import Authorities


_RIM, _INNERMOST = 1.0, 0.56
"""Radius of the outermost and of the innermost ring of kinds that serve neighbourhoods."""
_AUTHORITY_WIDE, _TEAMS = 0.34, 0.15
"""Radius of the ring of organisations that serve a whole authority, and of that of the social work teams."""
_OPENING = 0.35
"""Angle left open at the bottom, in radians, because the first and the last neighbourhood are not neighbours."""
_CROWDED, _ROW_OFFSET = 0.05, 0.035
"""Nodes closer than `_CROWDED` on a ring of radius 1 form two rows, each `_ROW_OFFSET` from the ring."""
_CELL = 2.24
"""Width of the square around a wheel, in radii."""


@dataclass(frozen=True)
class NodePositions:
    """The positions of the nodes: organisations, then front doors, then the other teams.

    Attributes:
        x, y: from left to right and from top to bottom, in radii of a wheel, float64, shape (n,).
        width, height: size of the whole network, in radii.
    """

    x: Floats
    y: Floats
    width: float
    height: float


def place_nodes(nodes: Nodes, teams: AgentTable, authorities: Authorities) -> NodePositions:
    """Place all organisations and front doors of `nodes`, and the other teams.

    The order is that of `nodes`, followed by the rows of `teams` that are not front doors.
    """
    other_teams = np.flatnonzero(teams["role"] != TeamRole.FRONT_DOOR)
    authority = np.concatenate([nodes.authority, teams["authority"][other_teams]]).astype(np.int64)
    columns = ceil(sqrt(len(authorities)))
    rows = ceil(len(authorities) / columns)
    centre = _find_centres(len(authorities), columns)
    angle, radius = _place_on_wheels(nodes, authority, len(other_teams), authorities)
    x = centre[authority, 0] - radius * np.sin(angle)
    y = centre[authority, 1] + radius * np.cos(angle)
    _place_between_wheels(nodes, centre, (columns, rows), x, y)
    return NodePositions(x, y, columns * _CELL, rows * _CELL)


def _find_centres(count: int, columns: int) -> Floats:
    """Return the hubs of the wheels, shape (A, 2), in rows of alternating direction to keep neighbours adjacent."""
    row, column = np.divmod(np.arange(count), columns)
    column = np.where(row % 2, columns - 1 - column, column)
    return np.column_stack([column + 0.5, row + 0.5]) * _CELL


def _place_on_wheels(
    nodes: Nodes, authority: Ints, teams: int, authorities: Authorities
) -> tuple[Floats, Floats]:
    """Return the angle of each node, clockwise from straight below, and its radius; shapes (n,)."""
    angle, radius = np.zeros(len(authority)), np.zeros(len(authority))
    kinds = np.array(nodes.kinds[: nodes.organisations])
    local = nodes.area[: nodes.organisations] >= 0
    for kind, ring in _assign_rings(kinds[local]).items():
        _place_on_ring(np.flatnonzero(local & (kinds == kind)), ring, nodes, authorities, angle, radius)
    authority_wide = np.flatnonzero(~local)
    team = np.arange(len(authority) - teams, len(authority))
    for members, ring in ((authority_wide, _AUTHORITY_WIDE), (team, _TEAMS)):
        angle[members] = _space_evenly(authority[members])
        radius[members] = ring
    return angle, radius


def _assign_rings(kinds: NDArray[np.str_]) -> dict[str, float]:
    """Return the radius of the ring of each kind; the most numerous kind is outermost."""
    names, counts = np.unique(kinds, return_counts=True)
    order = np.lexsort((names, -counts))
    return dict(zip(names[order].tolist(), np.linspace(_RIM, _INNERMOST, max(len(names), 2)), strict=False))


def _place_on_ring(
    members: Ints, ring: float, nodes: Nodes, authorities: Authorities, angle: Floats, radius: Floats
) -> None:
    """Set the positions of the organisations of one kind, in the order of their areas, at their neighbourhoods."""
    members = members[np.argsort(nodes.area[members], kind="stable")]
    area = nodes.area[members].astype(np.int64)
    authority = authorities.find_authority(area)
    nth = np.arange(len(area)) - np.searchsorted(area, area)
    along = authorities.position_in_authority(area, authority) + (nth + 0.5) / np.bincount(area)[area]
    arc = 2 * np.pi - _OPENING
    angle[members] = _OPENING / 2 + arc * along / authorities.areas[authority]
    crowded = np.bincount(authority)[authority] * _CROWDED > arc * ring
    radius[members] = ring + np.where(crowded, _ROW_OFFSET * (2 * (np.arange(len(members)) % 2) - 1), 0)


def _space_evenly(authority: Ints) -> Floats:
    """Return angles that space the nodes of each authority evenly, shape (n,)."""
    order = np.argsort(authority, kind="stable")
    nth = np.empty(len(authority), np.int64)
    nth[order] = np.arange(len(authority)) - np.searchsorted(authority[order], authority[order])
    angles: Floats = 2 * np.pi * (nth + 0.5) / np.bincount(authority, minlength=1)[authority]
    return angles


def _place_between_wheels(nodes: Nodes, centre: Floats, cells: tuple[int, int], x: Floats, y: Floats) -> None:
    """Move organisations that serve several authorities to the nearest free corner between wheels."""
    without_area = nodes.area[: nodes.organisations] < 0
    wide = np.flatnonzero(without_area & (nodes.serves.sum(axis=1) > 1))
    corners = np.array([(i, j) for i in range(cells[0] + 1) for j in range(cells[1] + 1)]) * _CELL
    for organisation in wide.tolist():
        middle = centre[nodes.serves[organisation]].mean(axis=0)
        nearest = int(np.argmin(((corners - middle) ** 2).sum(axis=1)))
        x[organisation], y[organisation] = corners[nearest]
        if len(corners) > 1:
            corners = np.delete(corners, nearest, axis=0)
