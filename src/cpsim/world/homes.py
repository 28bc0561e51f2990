"""Where children live when: moves of home along the line of neighbourhoods, some of them to another authority."""

from dataclasses import dataclass

import numpy as np

from cpsim import draws
from cpsim.arrays import Bools, Floats, Ints
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.scenario.sections import Population
from cpsim.world.authorities import Authorities
from cpsim.world.calendar import CHILDHOOD
from cpsim.world.population import Children
from cpsim.world.ranges import rows_of

_MOVE_REACH = 4  # families move at most this many neighbourhoods along the line


@dataclass(frozen=True)
class FamilyMoves:
    """Moves of home, ordered by family and week; shapes (M,), but `count`, which is (F,).

    `abroad` marks moves to another authority.
    """

    family: Ints
    week: Ints
    area: Ints
    abroad: Bools
    count: Ints


def draw_family_moves(
    settings: Population,
    moves_between: float,
    children: Children,
    authorities: Authorities,
    weeks: int,
    seed: int,
) -> FamilyMoves:
    """Draw the moves of all families: a few neighbourhoods along the authority, or anywhere in another one."""
    families = len(children.family_start) - 1
    expected = settings.home_moves_per_year * weeks / WEEKS_PER_YEAR
    count = draws.dense(seed, "number of moves").poisson(expected, families)
    family = np.repeat(np.arange(families), count)
    generator = draws.dense(seed, "moves")
    week = np.floor(generator.random(len(family)) * weeks).astype(np.int64)
    week = np.sort(family * weeks + week) - family * weeks
    steps = generator.integers(1, _MOVE_REACH + 1, len(family)) * generator.choice((-1, 1), len(family))
    lot, where = draws.dense(seed, "moves between authorities").random((2, len(family)))
    abroad = (lot < moves_between) & (len(authorities) > 1)
    start = np.zeros(families, np.int64)
    start[children.family] = children.area

    # From where it has come to in an authority, a family stands where all its steps since have led.
    base = np.repeat(start, count)
    base[abroad] = _abroad(authorities, start, family[abroad], where[abroad])
    steps[abroad] = 0
    row = np.arange(len(family))
    begins = abroad.copy()
    begins[(np.cumsum(count) - count)[count > 0]] = True
    begun = np.maximum.accumulate(np.where(begins, row, 0))
    so_far = np.cumsum(steps)
    area = _reflected(authorities, base[begun], so_far - (so_far - steps)[begun])
    return FamilyMoves(family, week, area, abroad, count)


def _abroad(authorities: Authorities, start: Ints, family: Ints, where: Floats) -> Ints:
    """The neighbourhood to which each move to another authority leads, shape (n,): any but those of the present one.

    Args:
        start: first neighbourhood of each family, shape (F,).
        family: of each of these moves, in order, shape (n,).
        where: uniform numbers, shape (n,).
    """
    here = authorities.of_area(start)
    area = np.zeros(len(family), np.int64)
    turn = np.arange(len(family)) - np.searchsorted(family, family)
    for nth in range(int(turn.max(initial=-1)) + 1):
        move = np.flatnonzero(turn == nth)
        own = here[family[move]]
        beyond = authorities.first_area[own] + authorities.areas[own]
        others = authorities.all_areas - authorities.areas[own]
        area[move] = (beyond + np.floor(where[move] * others).astype(np.int64)) % authorities.all_areas
        here[family[move]] = authorities.of_area(area[move])
    return area


def _reflected(authorities: Authorities, base: Ints, steps: Ints) -> Ints:
    """Where `steps` from `base` lead along the stretch of one authority, reflected at both ends, shape (n,)."""
    authority = authorities.of_area(base)
    areas = authorities.areas[authority]
    folded = np.mod(authorities.along(base, authority) + steps, 2 * areas)
    inside: Ints = np.where(folded < areas, folded, 2 * areas - 1 - folded)
    return authorities.first_area[authority] + inside


class Homes:
    """Where each child lives when.

    Attributes:
        mover, move: pairs (child, row of a family's move) of children who live in a family when it moves, shape (P,).
        week, area: week of each of these moves, and where it leads, shape (P,).
        abroad: whether it leads to another authority, shape (P,).
        weeks: weeks of the run.
    """

    def __init__(self, children: Children, moves: FamilyMoves, weeks: int) -> None:
        self._children, self._moves = children, moves
        self.weeks = weeks
        self._first_move = (np.cumsum(moves.count) - moves.count)[children.family]
        self._mover, self._move = rows_of(self._first_move, moves.count[children.family])
        age = moves.week[self._move] - children.birth[self._mover]
        lives_there = (age > 0) & (age < CHILDHOOD)
        self.mover, self.move = self._mover[lives_there], self._move[lives_there]
        self.week, self.area = moves.week[self.move], moves.area[self.move]
        self.abroad = moves.abroad[self.move]

    def area_at(self, week: Ints) -> Ints:
        """Neighbourhood of each child at a week of its own, shape (N,): where the family's last move so far led."""
        so_far = self._moves.week[self._move] <= week[self._mover]
        moves = np.bincount(self._mover[so_far], minlength=len(week))
        area = self._children.area.astype(np.int64)
        moved = np.flatnonzero(moves)
        area[moved] = self._moves.area[(self._first_move + moves - 1)[moved]]
        return area

    def settled_at(self, week: Ints) -> Ints:
        """Neighbourhood in which each child's family first lived in its authority at a week of its own, shape (N,)."""
        area = self._children.area.astype(np.int64)
        came = self._moves.abroad[self._move] & (self._moves.week[self._move] <= week[self._mover])
        # A family's moves stand in order, and of several the last stays.
        area[self._mover[came]] = self._moves.area[self._move[came]]
        return area


@dataclass(frozen=True)
class Residence:
    """Which authority is responsible for each child, and when that changes; N children, M changes.

    A child's teams are those of the neighbourhood in which the family first lived in the authority.

    Attributes:
        first: authority at the start or at birth, int64, shape (N,).
        first_area: the neighbourhood that decides about its teams there, int64, shape (N,).
        week: weeks of the changes, ascending, int64, shape (M,); at most one for each child and week.
        child: who comes to another authority, int64, shape (M,).
        authority, area: where to, int64, shape (M,).
        left_behind: whether social care's file does not follow, bool, shape (M,).
        offsets: changes of week t are rows `offsets[t] : offsets[t + 1]`, int64, shape (weeks + 1,).
    """

    first: Ints
    first_area: Ints
    week: Ints
    child: Ints
    authority: Ints
    area: Ints
    left_behind: Bools
    offsets: Ints

    def at(self, child: Ints, week: Ints) -> tuple[Ints, Ints]:
        """Authority responsible for each child in `week`, and the neighbourhood of its teams; shapes (n,)."""
        if not len(self.week):
            return self.first[child], self.first_area[child]
        span = len(self.offsets) + 1
        key = self.child * span + self.week
        order = np.argsort(key)
        last = np.searchsorted(key[order], child * span + week, side="right") - 1
        row = order[last]
        came = (last >= 0) & (self.child[row] == child)
        authority = np.where(came, self.authority[row], self.first[child])
        return authority, np.where(came, self.area[row], self.first_area[child])


def draw_residence(
    settings: Population, children: Children, homes: Homes, authorities: Authorities, seed: int
) -> Residence:
    """Follow every child from authority to authority; several moves of a family in one week are one."""
    first_area = homes.settled_at(np.maximum(children.birth, 0).astype(np.int64))
    first = authorities.of_area(first_area)
    moves = np.flatnonzero(homes.abroad)
    child, week, area = homes.mover[moves], homes.week[moves], homes.area[moves]
    file = draws.dense(seed, "file of social care left behind").random(len(moves))
    is_last = np.ones(len(moves), np.bool_)
    is_last[:-1] = (child[1:] != child[:-1]) | (week[1:] != week[:-1])
    child, week, area, file = child[is_last], week[is_last], area[is_last], file[is_last]
    authority = authorities.of_area(area)
    before = first[child]
    again = child[1:] == child[:-1]
    before[1:][again] = authority[:-1][again]
    changes = np.flatnonzero(authority != before)
    changes = changes[np.argsort(week[changes], kind="stable")]
    week = week[changes]
    return Residence(
        first=first,
        first_area=first_area,
        week=week,
        child=child[changes],
        authority=authority[changes],
        area=area[changes],
        left_behind=file[changes] < settings.file_left_behind,
        offsets=np.searchsorted(week, np.arange(homes.weeks + 1)),
    )
