"""Children, families and neighbourhoods, and which school, practice or other agency serves each child when.

Families share a neighbourhood, a decile of deprivation, a frailty and a way of being misread. Neighbourhoods lie on a line
from the least to the most deprived; organisations with a local catchment lie along the same line, so that those close to
each other share children.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.scenario.schema import AgencyKind, Population
from cpsim.world.calendar import CHILDHOOD, SCHOOL_START, SECONDARY_START, WEEKS_PER_YEAR

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SCHOOL = "school"
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
        family: row of the family, int32, shape (N,).
        area: neighbourhood at birth or at the start, int16, shape (N,).
        decile: deprivation of the family's neighbourhood, 1 (least) to 10 (most), int8, shape (N,).
        by_family: children ordered by family, int32, shape (N,); family f has rows
            `family_start[f] : family_start[f + 1]` of it.
        family_start: int64, shape (F + 1,).
    """

    birth: NDArray[np.int32]
    family: NDArray[np.int32]
    area: NDArray[np.int16]
    decile: NDArray[np.int8]
    by_family: NDArray[np.int32]
    family_start: Ints


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
    size = 1 + draws.dense(seed, "family size").binomial(_LARGEST_FAMILY - 1, settings.extra_sibling_chance, families)
    first = draws.dense(seed, "first birth").uniform(-CHILDHOOD - _LEAD_IN, weeks, families)
    gaps = _FIRST_GAP + draws.dense(seed, "gaps between births").exponential(
        _MEAN_FURTHER_GAP, (families, _LARGEST_FAMILY)
    )
    gaps[:, 0] = 0.0
    births = first[:, None] + np.cumsum(gaps, axis=1)
    exists = (np.arange(_LARGEST_FAMILY) < size[:, None]) & (births > -CHILDHOOD) & (births < weeks)
    family, _ = np.nonzero(exists)
    birth = np.floor(births[exists])
    order = np.argsort(birth, kind="stable")
    family, birth = family[order].astype(np.int32), birth[order].astype(np.int32)
    area = draws.dense(seed, "neighbourhood").integers(0, areas, families).astype(np.int16)
    decile = (1 + np.floor(10 * (area + 0.5) / areas)).astype(np.int8)
    return Children(
        birth=birth,
        family=family,
        area=area[family],
        decile=decile[family],
        by_family=np.argsort(family, kind="stable").astype(np.int32),
        family_start=np.concatenate([[0], np.cumsum(np.bincount(family, minlength=families))]),
    )


@dataclass(frozen=True)
class _FamilyMoves:
    """Moves of home, ordered by family and week: shapes (M,)."""

    family: Ints
    week: Ints
    area: Ints


def _draw_family_moves(settings: Population, children: Children, areas: int, weeks: int, seed: int) -> _FamilyMoves:
    families = len(children.family_start) - 1
    counts = draws.dense(seed, "number of moves").poisson(settings.home_moves_per_year * weeks / WEEKS_PER_YEAR, families)
    family = np.repeat(np.arange(families), counts)
    generator = draws.dense(seed, "moves")
    week = np.floor(generator.random(len(family)) * weeks).astype(np.int64)
    order = np.lexsort((week, family))
    week = week[order]
    steps = generator.integers(1, _MOVE_REACH + 1, len(family)) * generator.choice((-1, 1), len(family))
    # Along the line of neighbourhoods a family's position is its first area plus all steps so far, reflected at both ends.
    so_far = np.cumsum(steps)
    first_of_family = np.cumsum(counts) - counts
    before = np.repeat(so_far[np.minimum(first_of_family, len(steps) - 1)] - steps[np.minimum(first_of_family, len(steps) - 1)], counts)
    start = np.zeros(families, np.int64)
    start[children.family] = children.area
    position = np.repeat(start, counts) + so_far - before
    folded = np.mod(position, 2 * areas)
    return _FamilyMoves(family, week, np.where(folded < areas, folded, 2 * areas - 1 - folded))


def draw_attendance(
    settings: Population, children: Children, sites: Sites, areas: int, weeks: int, seed: int
) -> Attendance:
    """Draw who serves each child from week 0 on: catchments, moves of home, and the step to secondary school."""
    kinds = len(sites.kinds)
    n = len(children.birth)
    moves = _draw_family_moves(settings, children, areas, weeks, seed)
    move_key = moves.family * (weeks + 1) + moves.week
    entry = np.maximum(children.birth, 0)
    first = np.empty((n, kinds), np.int16)
    home = _area_at(children, moves, move_key, entry, np.arange(n), weeks)
    family_moves = np.bincount(moves.family, minlength=len(children.family_start) - 1)
    moved_child, move = _children_who_move(children, moves, family_moves, weeks)
    week, area = moves.week[move], moves.area[move]
    events: list[tuple[Ints, Ints, Ints, NDArray[np.bool_]]] = []  # (week, file, site, left behind)
    for index, name in enumerate(sites.kinds):
        start, count = sites.of_kind(index)
        local = bool(sites.area[start] >= 0)
        place = draws.dense(seed, f"place in catchment of {name}").random(len(children.family_start) - 1)
        if not local:
            first[:, index] = start + np.floor(place * count)[children.family]
            continue
        generator = draws.dense(seed, f"moves between {name}")
        u_change, u_place, u_file = generator.random((3, len(move)))
        if name == SCHOOL:
            primary, secondary = _phases(count)
            secondary_start = start + primary if secondary else start
            secondary_count = secondary or primary

            def school(age: Ints, where: Ints, u: Floats) -> Ints:
                later = age >= SECONDARY_START  # noqa: B023 - used within this turn of the loop only
                lowest = np.where(later, secondary_start, start)  # noqa: B023
                number = np.where(later, secondary_count, primary)  # noqa: B023
                return lowest + _along(where, u, areas, number)

            first[:, index] = school(entry - children.birth, home, place[children.family])
            age = week - children.birth[moved_child]
            changes = (age < SCHOOL_START) | (u_change < settings.school_change_on_move)
            events.append(
                _events(week, moved_child * kinds + index, school(age, area, u_place), u_file, settings, changes)
            )
            leavers = np.flatnonzero(
                (children.birth + SECONDARY_START > 0) & (children.birth + SECONDARY_START < weeks)
            )
            at = (children.birth[leavers] + SECONDARY_START).astype(np.int64)
            where = _area_at(children, moves, move_key, at, leavers, weeks)
            u = generator.random((2, n))[:, leavers]
            goes_to = school(np.full(len(leavers), SECONDARY_START), where, u[0])
            events.append(
                _events(at, leavers * kinds + index, goes_to, u[1], settings, np.full(len(leavers), bool(secondary)))
            )
        else:
            first[:, index] = start + _along(home, place[children.family], areas, count)
            change = settings.gp_change_on_move if name == "gp" else 1.0
            site = start + _along(area, u_place, areas, count)
            events.append(_events(week, moved_child * kinds + index, site, u_file, settings, u_change < change))
    return _in_order(first.reshape(-1), events, weeks)


def _along(area: Ints, u: Floats, areas: int, count: Ints | int) -> Ints:
    """Which of `count` sites along the line of neighbourhoods serves somebody at place `u` of `area`; all shape (n,)."""
    return np.floor((area + u) / areas * count).astype(np.int64)


def _area_at(
    children: Children, moves: _FamilyMoves, move_key: Ints, week: Ints, child: Ints, weeks: int
) -> Ints:
    """Neighbourhood of each child in `child` at `week`, shape (n,): that of the family's last move until then."""
    family = children.family[child].astype(np.int64)
    last = np.searchsorted(move_key, family * (weeks + 1) + week, side="right") - 1
    has_moved = (last >= 0) & (moves.family[last] == family)
    return np.where(has_moved, moves.area[last], children.area[child])


def _children_who_move(
    children: Children, moves: _FamilyMoves, family_moves: Ints, weeks: int
) -> tuple[Ints, Ints]:
    """Pairs (child, move) of children who live in a family when it moves, ordered by child."""
    n = len(children.birth)
    counts = family_moves[children.family]
    child = np.repeat(np.arange(n), counts)
    first_move = np.cumsum(family_moves) - family_moves
    nth = np.arange(len(child)) - np.repeat(np.cumsum(counts) - counts, counts)
    move = first_move[children.family[child]] + nth
    age = moves.week[move] - children.birth[child]
    lives_there = (age > 0) & (age < CHILDHOOD) & (moves.week[move] < weeks)
    return child[lives_there], move[lives_there]


def _events(
    week: Ints, file: Ints, site: Ints, u_file: Floats, settings: Population, happens: NDArray[np.bool_]
) -> tuple[Ints, Ints, Ints, NDArray[np.bool_]]:
    return week[happens], file[happens], site[happens], (u_file < settings.file_left_behind)[happens]


def _in_order(
    first: NDArray[np.int16], events: list[tuple[Ints, Ints, Ints, NDArray[np.bool_]]], weeks: int
) -> Attendance:
    week, file, site, left = (np.concatenate(column) for column in zip(*events, strict=True)) if events else (
        np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_),
    )
    order = np.argsort(week.astype(np.int16), kind="stable")
    week = week[order].astype(np.int32)
    return Attendance(
        first=first,
        week=week,
        file=file[order].astype(np.int32),
        site=site[order].astype(np.int16),
        left_behind=left[order],
        offsets=np.searchsorted(week, np.arange(weeks + 1)),
    )
