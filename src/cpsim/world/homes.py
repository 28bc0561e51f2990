"""Homes of the children: moves along the line of neighbourhoods, some of them to another authority."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.arrays import Bools, Floats, Ints
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.ranges import expand_ranges
from cpsim.scenario.sections import PopulationSettings
from cpsim.world.authorities import Authorities
from cpsim.world.calendar import CHILDHOOD
from cpsim.world.population import Children

_MOVE_REACH = 4  # largest move within an authority, in neighbourhoods


@dataclass(frozen=True)
class FamilyMoves:
    """Moves of home, sorted by family and week; M moves, F families.

    Attributes:
        family: row of the family that moves, int64, shape (M,).
        week: week of the move, int64, shape (M,).
        area: neighbourhood that the family moves to, int64, shape (M,).
        leaves_authority: whether the move is to another authority, bool, shape (M,).
        count: number of moves of each family, int64, shape (F,).
    """

    family: Ints
    week: Ints
    area: Ints
    leaves_authority: Bools
    count: Ints


def draw_family_moves(
    settings: PopulationSettings,
    moves_between: float,
    children: Children,
    authorities: Authorities,
    weeks: int,
    seed: int,
) -> FamilyMoves:
    """Draw the moves of all families: a few neighbourhoods within the authority, or anywhere in another one."""
    families = len(children.family_start) - 1
    expected = settings.home_moves_per_year * weeks / WEEKS_PER_YEAR
    count = draws.generator(seed, "number of moves").poisson(expected, families)
    family = np.repeat(np.arange(families), count)
    generator = draws.generator(seed, "moves")
    week = np.floor(generator.random(len(family)) * weeks).astype(np.int64)
    week = np.sort(family * weeks + week) - family * weeks
    steps = generator.integers(1, _MOVE_REACH + 1, len(family)) * generator.choice((-1, 1), len(family))
    lot, where = draws.generator(seed, "moves between authorities").random((2, len(family)))
    leaves_authority = (lot < moves_between) & (len(authorities) > 1)
    start = np.zeros(families, np.int64)
    start[children.family] = children.area

    # The position of a family is the neighbourhood of its first home in the authority, plus all its steps since.
    base = np.repeat(start, count)
    base[leaves_authority] = _draw_destinations(
        authorities, start, family[leaves_authority], where[leaves_authority]
    )
    steps[leaves_authority] = 0
    row = np.arange(len(family))
    begins = leaves_authority.copy()
    begins[(np.cumsum(count) - count)[count > 0]] = True
    begun = np.maximum.accumulate(np.where(begins, row, 0))
    so_far = np.cumsum(steps)
    area = _reflect_at_borders(authorities, base[begun], so_far - (so_far - steps)[begun])
    return FamilyMoves(family, week, area, leaves_authority, count)


def _draw_destinations(authorities: Authorities, start: Ints, family: Ints, where: Floats) -> Ints:
    """Draw the new neighbourhood of each move to another authority: any outside the present authority.

    Args:
        start: first neighbourhood of each family, shape (F,).
        family: family of each of these moves, in order, shape (n,).
        where: uniform number for each move, shape (n,).

    Returns:
        Neighbourhoods, int64, shape (n,).
    """
    here = authorities.find_authority(start)
    area = np.zeros(len(family), np.int64)
    turn = np.arange(len(family)) - np.searchsorted(family, family)
    for nth in range(int(turn.max(initial=-1)) + 1):
        move = np.flatnonzero(turn == nth)
        own = here[family[move]]
        beyond = authorities.first_area[own] + authorities.areas[own]
        others = authorities.total_areas - authorities.areas[own]
        area[move] = (beyond + np.floor(where[move] * others).astype(np.int64)) % authorities.total_areas
        here[family[move]] = authorities.find_authority(area[move])
    return area


def _reflect_at_borders(authorities: Authorities, base: Ints, steps: Ints) -> Ints:
    """Return the neighbourhoods `steps` away from `base`; steps are reflected at both ends of the authority."""
    authority = authorities.find_authority(base)
    areas = authorities.areas[authority]
    folded = np.mod(authorities.position_in_authority(base, authority) + steps, 2 * areas)
    inside: Ints = np.where(folded < areas, folded, 2 * areas - 1 - folded)
    return authorities.first_area[authority] + inside


class Homes:
    """The neighbourhood of each child in each week; P moves of a child with its family.

    Attributes:
        mover, move: child, and row of its family's move, for children living in the family at the time, shape (P,).
        week, area: week of each of these moves, and new neighbourhood, int64, shape (P,).
        leaves_authority: whether the move is to another authority, bool, shape (P,).
        weeks: number of weeks of the run.
    """

    def __init__(self, children: Children, moves: FamilyMoves, weeks: int) -> None:
        self._children, self._moves = children, moves
        self.weeks = weeks
        self._first_move = (np.cumsum(moves.count) - moves.count)[children.family]
        self._mover, self._move = expand_ranges(self._first_move, moves.count[children.family])
        age = moves.week[self._move] - children.birth[self._mover]
        lives_there = (age > 0) & (age < CHILDHOOD)
        self.mover, self.move = self._mover[lives_there], self._move[lives_there]
        self.week, self.area = moves.week[self.move], moves.area[self.move]
        self.leaves_authority = moves.leaves_authority[self.move]

    def area_at(self, week: Ints) -> Ints:
        """Return the neighbourhood where each child lives in a week given for that child, int64, shape (N,)."""
        so_far = self._moves.week[self._move] <= week[self._mover]
        moves = np.bincount(self._mover[so_far], minlength=len(week))
        area = self._children.area.astype(np.int64)
        moved = np.flatnonzero(moves)
        area[moved] = self._moves.area[(self._first_move + moves - 1)[moved]]
        return area

    def first_area_at(self, week: Ints) -> Ints:
        """Return the neighbourhood where each child's family first had a home in its present authority.

        Args:
            week: a week for each child, shape (N,).

        Returns:
            Neighbourhoods, int64, shape (N,).
        """
        area = self._children.area.astype(np.int64)
        came = self._moves.leaves_authority[self._move] & (self._moves.week[self._move] <= week[self._mover])
        # Moves are in order of week, so the last assignment for a child is its latest move.
        area[self._mover[came]] = self._moves.area[self._move[came]]
        return area


@dataclass(frozen=True)
class Residence:
    """The authority that is responsible for each child, and the changes of it; N children, M changes.

    A child's social work teams are those of the neighbourhood where the family first had a home in the authority.

    Attributes:
        first: authority at the start or at birth, int16, shape (N,).
        first_area: neighbourhood that determines the child's teams there, int16, shape (N,).
        week: weeks of the changes, ascending, int64, shape (M,); at most one change for each child and week.
        child: child who moves to another authority, int64, shape (M,).
        authority, area: new authority, and neighbourhood that determines the teams there, int64, shape (M,).
        left_behind: whether social care's file stays with the old authority, bool, shape (M,).
        offsets: changes of week t are rows `offsets[t] : offsets[t + 1]`, int64, shape (weeks + 1,).
    """

    first: NDArray[np.int16]
    first_area: NDArray[np.int16]
    week: Ints
    child: Ints
    authority: Ints
    area: Ints
    left_behind: Bools
    offsets: Ints

    def find_at(self, child: Ints, week: Ints) -> tuple[Ints, Ints]:
        """Return each child's responsible authority in `week` and the neighbourhood of its teams; shapes (n,)."""
        first, first_area = self.first[child].astype(np.int64), self.first_area[child].astype(np.int64)
        if not len(self.week):
            return first, first_area
        span = len(self.offsets) + 1
        key = self.child * span + self.week
        order = np.argsort(key)
        last = np.searchsorted(key[order], child * span + week, side="right") - 1
        row = order[last]
        came = (last >= 0) & (self.child[row] == child)
        authority = np.where(came, self.authority[row], first)
        return authority, np.where(came, self.area[row], first_area)


def draw_residence(
    settings: PopulationSettings, children: Children, homes: Homes, authorities: Authorities, seed: int
) -> Residence:
    """Derive the responsible authority of every child from the moves; several moves in one week count as one."""
    first_area = homes.first_area_at(np.maximum(children.birth, 0).astype(np.int64))
    first = authorities.find_authority(first_area)
    moves = np.flatnonzero(homes.leaves_authority)
    child, week, area = homes.mover[moves], homes.week[moves], homes.area[moves]
    file = draws.generator(seed, "file of social care left behind").random(len(moves))
    is_last = np.ones(len(moves), np.bool_)
    is_last[:-1] = (child[1:] != child[:-1]) | (week[1:] != week[:-1])
    child, week, area, file = child[is_last], week[is_last], area[is_last], file[is_last]
    authority = authorities.find_authority(area)
    before = first[child]
    again = child[1:] == child[:-1]
    before[1:][again] = authority[:-1][again]
    changes = np.flatnonzero(authority != before)
    changes = changes[np.argsort(week[changes], kind="stable")]
    week = week[changes]
    return Residence(
        first=first.astype(np.int16),
        first_area=first_area.astype(np.int16),
        week=week,
        child=child[changes],
        authority=authority[changes],
        area=area[changes],
        left_behind=file[changes] < settings.file_left_behind,
        offsets=np.searchsorted(week, np.arange(homes.weeks + 1)),
    )
