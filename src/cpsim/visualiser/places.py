"""Where each node stands in the picture: worked out once, from geography and kind, and never from chance.

Every authority is a wheel. Its neighbourhoods lie around the rim in the order in which they lie on the ground, so that
organisations which share children stand close to each other. Kinds that serve neighbourhoods have a ring each, the
most numerous outside; those that serve the whole authority stand closer in; the front door is the hub, and the teams
to which it hands on stand around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cpsim.agents.social_work import TeamRole
from cpsim.arrays import Floats, Ints

if TYPE_CHECKING:
    from cpsim.agents.columns import Table
    from cpsim.network.nodes import Nodes
    from cpsim.world.authorities import Authorities


_RIM, _INNERMOST = 1.0, 0.56
"""Radius of the outermost and of the innermost ring of kinds that serve neighbourhoods."""
_AT_LARGE, _TEAMS = 0.34, 0.15
"""Radius of the ring of those who serve a whole authority, and of the teams of social work."""
_OPENING = 0.35
"""Angle left open below, in radians: the first neighbourhood is no neighbour of the last."""
_CROWDED, _STEP = 0.05, 0.035
"""Neighbours on a ring of radius 1 that are closer than this stand in two rows, so far to either side of it."""
_CELL = 2.24
"""Width of the square in which a wheel stands, in radii."""


@dataclass(frozen=True)
class Places:
    """Where the nodes stand: organisations, then front doors, then the other teams of social work.

    Attributes:
        x, y: from left to right and from top to bottom, in radii of a wheel, float64, shape (n,).
        width, height: of the whole picture, in radii.
    """

    x: Floats
    y: Floats
    width: float
    height: float


def places_of(nodes: Nodes, teams: Table, authorities: Authorities) -> Places:
    """Place all organisations and front doors of `nodes`, and the teams behind the front doors.

    The order is that of `nodes`, then that of the rows of `teams` without the front doors.
    """
    handed_on = np.flatnonzero(teams["role"] != TeamRole.FRONT_DOOR)
    authority = np.concatenate([nodes.authority, teams["authority"][handed_on]]).astype(np.int64)
    columns = ceil(sqrt(len(authorities)))
    rows = ceil(len(authorities) / columns)
    centre = _centres(len(authorities), columns)
    angle, radius = _on_the_wheel(nodes, authority, len(handed_on), authorities)
    x = centre[authority, 0] - radius * np.sin(angle)
    y = centre[authority, 1] + radius * np.cos(angle)
    _between_the_wheels(nodes, centre, (columns, rows), x, y)
    return Places(x, y, columns * _CELL, rows * _CELL)


def _centres(count: int, columns: int) -> Floats:
    """Hubs of the wheels, shape (A, 2): row by row, every other row backwards, so that neighbours stay neighbours."""
    row, column = np.divmod(np.arange(count), columns)
    column = np.where(row % 2, columns - 1 - column, column)
    return np.column_stack([column + 0.5, row + 0.5]) * _CELL


def _on_the_wheel(
    nodes: Nodes, authority: Ints, teams: int, authorities: Authorities
) -> tuple[Floats, Floats]:
    """Angle from straight below, clockwise, and radius of each node; shapes (n,)."""
    angle, radius = np.zeros(len(authority)), np.zeros(len(authority))
    kinds = np.array(nodes.kinds[: nodes.organisations])
    local = nodes.area[: nodes.organisations] >= 0
    for kind, ring in _rings(kinds[local]).items():
        _around(np.flatnonzero(local & (kinds == kind)), ring, nodes, authorities, angle, radius)
    at_large = np.flatnonzero(~local)
    team = np.arange(len(authority) - teams, len(authority))
    for members, ring in ((at_large, _AT_LARGE), (team, _TEAMS)):
        angle[members] = _evenly(authority[members])
        radius[members] = ring
    return angle, radius


def _rings(kinds: NDArray[np.str_]) -> dict[str, float]:
    """Radius of the ring of each kind, the most numerous outermost."""
    names, counts = np.unique(kinds, return_counts=True)
    order = np.lexsort((names, -counts))
    return dict(zip(names[order].tolist(), np.linspace(_RIM, _INNERMOST, max(len(names), 2)), strict=False))


def _around(
    members: Ints, ring: float, nodes: Nodes, authorities: Authorities, angle: Floats, radius: Floats
) -> None:
    """Put the organisations of one kind, in the order of their areas, where their neighbourhoods lie."""
    members = members[np.argsort(nodes.area[members], kind="stable")]
    area = nodes.area[members].astype(np.int64)
    authority = authorities.of_area(area)
    nth = np.arange(len(area)) - np.searchsorted(area, area)
    along = authorities.along(area, authority) + (nth + 0.5) / np.bincount(area)[area]
    turn = 2 * np.pi - _OPENING
    angle[members] = _OPENING / 2 + turn * along / authorities.areas[authority]
    crowded = np.bincount(authority)[authority] * _CROWDED > turn * ring
    radius[members] = ring + np.where(crowded, _STEP * (2 * (np.arange(len(members)) % 2) - 1), 0)


def _evenly(authority: Ints) -> Floats:
    """Angles that part the nodes of each authority evenly; shape (n,)."""
    order = np.argsort(authority, kind="stable")
    nth = np.empty(len(authority), np.int64)
    nth[order] = np.arange(len(authority)) - np.searchsorted(authority[order], authority[order])
    angles: Floats = 2 * np.pi * (nth + 0.5) / np.bincount(authority, minlength=1)[authority]
    return angles


def _between_the_wheels(nodes: Nodes, centre: Floats, cells: tuple[int, int], x: Floats, y: Floats) -> None:
    """Put who serves several authorities, and has no place of its own, where corners of wheels meet."""
    at_large = nodes.area[: nodes.organisations] < 0
    wide = np.flatnonzero(at_large & (nodes.serves.sum(axis=1) > 1))
    corners = np.array([(i, j) for i in range(cells[0] + 1) for j in range(cells[1] + 1)]) * _CELL
    for organisation in wide.tolist():
        middle = centre[nodes.serves[organisation]].mean(axis=0)
        nearest = int(np.argmin(((corners - middle) ** 2).sum(axis=1)))
        x[organisation], y[organisation] = corners[nearest]
        if len(corners) > 1:
            corners = np.delete(corners, nearest, axis=0)
