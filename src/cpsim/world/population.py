"""Children, families and neighbourhoods, and which school, practice or other agency serves each child when.

Families share a neighbourhood, a decile of deprivation, a frailty and a way of being misread. Neighbourhoods lie on a
line from the least to the most deprived; organisations with a local catchment lie along the same line, so that those
close to each other share children.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.scenario.sections import AgencyKind, Population
from cpsim.world.calendar import CHILDHOOD, SCHOOL_START, SECONDARY_START, WEEKS_PER_YEAR
from cpsim.world.ranges import rows_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SCHOOL, GP = "school", "gp"
_PRIMARY_SHARE = 0.84  # about 17,400 primary schools to 3,400 secondary schools in England in 2006
_LARGEST_FAMILY = 4
_FIRST_GAP, _MEAN_FURTHER_GAP = 60, 110  # weeks between births: at least 60, then exponential
_LEAD_IN = 1_200  # first births this many weeks before anybody counts, so that later siblings are not missing
_MOVE_REACH = 4  # families move at most this many neighbourhoods along the line


@dataclass(frozen=True)
class Sites:
    """The organisations that serve the authority: row i of every table of organisations is site i.

    Attributes:
        kinds: names of the kinds of agency, shape (K,).
        kind: index into `kinds`, int8, shape (S,).
        area: the neighbourhood it lies in, -1 for one that serves the whole authority, int16, shape (S,).
    """

    kinds: tuple[str, ...]
    kind: NDArray[np.int8]
    area: NDArray[np.int16]

    def of_kind(self, kind: int) -> tuple[int, int]:
        """First row and number of rows of a kind; rows of one kind lie together."""
        rows = np.flatnonzero(self.kind == kind)
        return int(rows[0]), len(rows)


@dataclass(frozen=True)
class Children:
    """One row a child, in order of birth; N children, F families.

    Attributes:
        birth: week of birth, before the run's first week for most, int32, shape (N,).
        family: row of the family, int64, shape (N,).
        area: neighbourhood at birth or at the start, int16, shape (N,).
        decile: deprivation of the family's neighbourhood, 1 (least) to 10 (most), int8, shape (N,).
        by_family: children ordered by family, int64, shape (N,); family f has rows
            `family_start[f] : family_start[f + 1]` of it.
        family_start: int64, shape (F + 1,).
    """

    birth: NDArray[np.int32]
    family: Ints
    area: NDArray[np.int16]
    decile: NDArray[np.int8]
    by_family: Ints
    family_start: Ints

    def of_families(self, family: NDArray[np.integer]) -> tuple[Ints, Ints]:
        """All children of each family in `family`: the index into `family`, and the child; shapes (n,)."""
        start = self.family_start[family]
        of, row = rows_of(start, self.family_start[family + 1] - start)
        return of, self.by_family[row]


@dataclass(frozen=True)
class Attendance:
    """Which site serves each child: file `child * K + kind` is with `first[file]` until a move says otherwise.

    Attributes:
        first: site at the start or at birth, int16, shape (N * K,).
        week: weeks of the moves, ascending, int32, shape (M,).
        file: whose file moves, int32, shape (M,).
        site: where to, int16, shape (M,).
        left_behind: whether the old file does not follow, bool, shape (M,).
        offsets: moves of week t are rows `offsets[t] : offsets[t + 1]`, int64, shape (weeks + 1,).
    """

    first: NDArray[np.int16]
    week: NDArray[np.int32]
    file: NDArray[np.int32]
    site: NDArray[np.int16]
    left_behind: NDArray[np.bool_]
    offsets: Ints


def draw_sites(settings: Population, agencies: Mapping[str, AgencyKind]) -> tuple[Sites, int]:
    """Lay out the organisations; returns them and the number of neighbourhoods."""
    areas = max(1, round(settings.children / settings.children_per_area))
    kind_of: list[NDArray[np.int8]] = []
    area_of: list[NDArray[np.int16]] = []
    for index, (name, kind) in enumerate(agencies.items()):
        count = max(1, round(kind.sites_per_10k_children * settings.children / 10_000))
        phases = _phases(count) if name == SCHOOL else (count,)
        for phase in phases:
            kind_of.append(np.full(phase, index, np.int8))
            along = ((np.arange(phase) + 0.5) / phase * areas).astype(np.int16)
            area_of.append(along if kind.catchment == "area" else np.full(phase, -1, np.int16))
    return Sites(tuple(agencies), np.concatenate(kind_of), np.concatenate(area_of)), areas


def _phases(schools: int) -> tuple[int, int]:
    """Number of primary and of secondary schools; an authority with one school has it serve both."""
    primary = max(1, round(schools * _PRIMARY_SHARE))
    return primary, max(0, schools - primary)


def draw_children(settings: Population, areas: int, weeks: int, seed: int) -> Children:
    """Draw families and their children, born so that the number under 18 is steady from week 0 to `weeks`."""
    births_per_week = settings.children / CHILDHOOD
    family_size = 1 + (_LARGEST_FAMILY - 1) * settings.extra_sibling_chance
    span = _LEAD_IN + CHILDHOOD + weeks
    families = round(births_per_week / family_size * span)
    size = 1 + draws.dense(seed, "family size").binomial(
        _LARGEST_FAMILY - 1, settings.extra_sibling_chance, families
    )
    first = draws.dense(seed, "first birth").uniform(-CHILDHOOD - _LEAD_IN, weeks, families)
    gaps = _FIRST_GAP + draws.dense(seed, "gaps between births").exponential(
        _MEAN_FURTHER_GAP, (families, _LARGEST_FAMILY)
    )
    gaps[:, 0] = 0.0
    births = first[:, None] + np.cumsum(gaps, axis=1)
    exists = (np.arange(_LARGEST_FAMILY) < size[:, None]) & (births > -CHILDHOOD) & (births < weeks)
    family, _ = np.nonzero(exists)
    birth = np.floor(births[exists]).astype(np.int16)
    order = np.argsort(birth, kind="stable")
    # So far children stand family by family, each in order of birth: where they go is the way back to that.
    by_family = np.empty_like(order)
    by_family[order] = np.arange(len(order))
    family, birth = family[order], birth[order]
    area = draws.dense(seed, "neighbourhood").integers(0, areas, families).astype(np.int16)
    decile = (1 + np.floor(10 * (area + 0.5) / areas)).astype(np.int8)
    return Children(
        birth=birth.astype(np.int32),
        family=family,
        area=area[family],
        decile=decile[family],
        by_family=by_family,
        family_start=np.concatenate([[0], np.cumsum(np.bincount(family, minlength=families))]),
    )


@dataclass(frozen=True)
class _FamilyMoves:
    """Moves of home, ordered by family and week; shapes (M,), but `count`, which is (F,)."""

    family: Ints
    week: Ints
    area: Ints
    count: Ints


def _draw_family_moves(
    settings: Population, children: Children, areas: int, weeks: int, seed: int
) -> _FamilyMoves:
    families = len(children.family_start) - 1
    expected = settings.home_moves_per_year * weeks / WEEKS_PER_YEAR
    count = draws.dense(seed, "number of moves").poisson(expected, families)
    family = np.repeat(np.arange(families), count)
    generator = draws.dense(seed, "moves")
    week = np.floor(generator.random(len(family)) * weeks).astype(np.int64)
    week = np.sort(family * weeks + week) - family * weeks
    steps = generator.integers(1, _MOVE_REACH + 1, len(family)) * generator.choice((-1, 1), len(family))
    # Along the line of neighbourhoods a family stands where all its steps so far have led, reflected at both ends.
    so_far = np.cumsum(steps)
    before_first = np.cumsum(count) - count
    led_here = so_far - np.concatenate([[0], so_far])[np.repeat(before_first, count)]
    start = np.zeros(families, np.int64)
    start[children.family] = children.area
    folded = np.mod(np.repeat(start, count) + led_here, 2 * areas)
    return _FamilyMoves(family, week, np.where(folded < areas, folded, 2 * areas - 1 - folded), count)


@dataclass(frozen=True)
class _Catchments:
    """Organisations of one kind (or one phase of schooling) along the line of neighbourhoods."""

    first: int
    count: int
    areas: int

    def site(self, area: Ints, place: Floats) -> Ints:
        """The organisation that serves somebody at `place`, between 0 and 1, of each `area`, shape (n,)."""
        return self.first + np.floor((area + place) / self.areas * self.count).astype(np.int64)


class _Changes(NamedTuple):
    """Files that come to another organisation; shapes (n,)."""

    week: Ints
    file: Ints
    site: Ints
    left_behind: Bools


def draw_attendance(
    settings: Population, children: Children, sites: Sites, areas: int, weeks: int, seed: int
) -> Attendance:
    """Draw who serves each child from week 0 on: catchments, moves of home, and the step to secondary school."""
    homes = _Homes(children, _draw_family_moves(settings, children, areas, weeks, seed), weeks)
    entry = np.maximum(children.birth, 0).astype(np.int64)
    home = homes.area_at(entry)
    first = np.empty((len(entry), len(sites.kinds)), np.int64)
    changes: list[_Changes] = []
    for index, name in enumerate(sites.kinds):
        start, count = sites.of_kind(index)
        place = draws.dense(seed, f"place in catchment of {name}").random(len(children.family_start) - 1)
        place = place[children.family]
        moves_of_kind = draws.dense(seed, f"moves between {name}")
        if sites.area[start] < 0:
            first[:, index] = start + np.floor(place * count)
        elif name == SCHOOL:
            schools = _Schools.of(start, count, areas)
            first[:, index] = schools.site(entry - children.birth, home, place)
            changes += _school_changes(
                settings, children, homes, schools, index, len(sites.kinds), moves_of_kind
            )
        else:
            catchments = _Catchments(start, count, areas)
            first[:, index] = catchments.site(home, place)
            chance = settings.gp_change_on_move if name == GP else 1.0
            lot, at, file = moves_of_kind.random((3, len(homes.move)))
            changes.append(
                _chosen(
                    lot < chance,
                    homes.week,
                    homes.mover * len(sites.kinds) + index,
                    catchments.site(homes.area, at),
                    file < settings.file_left_behind,
                )
            )
    return _in_order(first.reshape(-1), changes, weeks)


def _chosen(happens: Bools, week: Ints, file: Ints, site: Ints, left_behind: Bools) -> _Changes:
    return _Changes(week[happens], file[happens], site[happens], left_behind[happens])


class _Homes:
    """Where each child lives when.

    Attributes:
        mover, move: pairs (child, row of a family's move) of children who live in a family when it moves, shape (P,).
        week, area: week of each of these moves, and where it leads, shape (P,).
        weeks: weeks of the run.
    """

    def __init__(self, children: Children, moves: _FamilyMoves, weeks: int) -> None:
        self._children, self._moves = children, moves
        self.weeks = weeks
        self._first_move = (np.cumsum(moves.count) - moves.count)[children.family]
        self._mover, self._move = rows_of(self._first_move, moves.count[children.family])
        age = moves.week[self._move] - children.birth[self._mover]
        lives_there = (age > 0) & (age < CHILDHOOD)
        self.mover, self.move = self._mover[lives_there], self._move[lives_there]
        self.week, self.area = moves.week[self.move], moves.area[self.move]

    def area_at(self, week: Ints) -> Ints:
        """Neighbourhood of each child at a week of its own, shape (N,): where the family's last move so far led."""
        so_far = self._moves.week[self._move] <= week[self._mover]
        moves = np.bincount(self._mover[so_far], minlength=len(week))
        area = self._children.area.astype(np.int64)
        moved = np.flatnonzero(moves)
        area[moved] = self._moves.area[(self._first_move + moves - 1)[moved]]
        return area


@dataclass(frozen=True)
class _Schools:
    """Primary and secondary schools; where there are no secondary schools, primary schools keep their pupils."""

    primary: _Catchments
    secondary: _Catchments | None

    @classmethod
    def of(cls, start: int, count: int, areas: int) -> "_Schools":
        primary, secondary = _phases(count)
        later = _Catchments(start + primary, secondary, areas) if secondary else None
        return cls(_Catchments(start, primary, areas), later)

    def site(self, age: Ints, area: Ints, place: Floats) -> Ints:
        """The school of children of `age` weeks, shape (n,); before school age, the one that they will go to."""
        school = self.primary.site(area, place)
        if self.secondary is None:
            return school
        return np.where(age >= SECONDARY_START, self.secondary.site(area, place), school)


def _school_changes(
    settings: Population,
    children: Children,
    homes: _Homes,
    schools: _Schools,
    index: int,
    kinds: int,
    generator: np.random.Generator,
) -> list[_Changes]:
    """Changes of school with a move of home, and at eleven."""
    lot, place, file = generator.random((3, len(homes.move)))
    age = homes.week - children.birth[homes.mover]
    moves = _chosen(
        (age < SCHOOL_START) | (lot < settings.school_change_on_move),
        homes.week,
        homes.mover * kinds + index,
        schools.site(age, homes.area, place),
        file < settings.file_left_behind,
    )
    if schools.secondary is None:
        return [moves]
    place, file = generator.random((2, len(children.birth)))
    eleven = children.birth.astype(np.int64) + SECONDARY_START
    pupil = np.flatnonzero((eleven > 0) & (eleven < homes.weeks))
    at_eleven = _Changes(
        eleven[pupil],
        pupil * kinds + index,
        schools.secondary.site(homes.area_at(eleven)[pupil], place[pupil]),
        file[pupil] < settings.file_left_behind,
    )
    return [moves, at_eleven]


def _in_order(first: Ints, changes: list[_Changes], weeks: int) -> Attendance:
    week, file, site, left_behind = (np.concatenate(column) for column in zip(*changes, strict=True))
    order = np.argsort(week.astype(np.int16), kind="stable")
    week = week[order]
    return Attendance(
        first=first.astype(np.int16),
        week=week.astype(np.int32),
        file=file[order].astype(np.int32),
        site=site[order].astype(np.int16),
        left_behind=left_behind[order],
        offsets=np.searchsorted(week, np.arange(weeks + 1)),
    )
