"""The organisations of all authorities, and which school, practice or other agency serves each child when.

Organisations with a local catchment lie along the neighbourhoods of their authority, so that those close to each other
share children. Those of a region serve stretches of the whole line, which need not end where an authority does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.arrays import Bools, Floats, Ints
from cpsim.scenario.sections import AgencyKind, Population
from cpsim.world.authorities import Authorities
from cpsim.world.calendar import SCHOOL_START, SECONDARY_START
from cpsim.world.homes import Homes
from cpsim.world.population import Children

SCHOOL, GP = "school", "gp"
_PRIMARY_SHARE = 0.84  # about 17,400 primary schools to 3,400 secondary schools in England in 2006
_A_TRIFLE = 1e-9  # neighbourhoods


@dataclass(frozen=True)
class Sites:
    """The organisations that serve the authorities: row i of every table of organisations is site i.

    Attributes:
        kinds: names of the kinds of agency, shape (K,).
        catchments: "area", "authority" or "region" for each kind, shape (K,).
        kind: index into `kinds`, ascending, int8, shape (S,).
        authority: the authority it belongs to, for one of a region that in which most of its neighbourhoods lie;
            ascending within a kind, int16, shape (S,).
        area: the neighbourhood it lies in, -1 for one that serves a whole authority or region, int16, shape (S,).
        serves: whether it serves children of each authority, bool, shape (S, A).
    """

    kinds: tuple[str, ...]
    catchments: tuple[str, ...]
    kind: NDArray[np.int8]
    authority: NDArray[np.int16]
    area: NDArray[np.int16]
    serves: Bools

    def of_kind(self, kind: int) -> tuple[Ints, Ints]:
        """First row, and number of rows, of a kind in each authority; shapes (A,)."""
        rows = np.flatnonzero(self.kind == kind)
        edges = np.searchsorted(self.authority[rows], np.arange(self.serves.shape[1] + 1))
        return rows[0] + edges[:-1], np.diff(edges)


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
    left_behind: Bools
    offsets: Ints


def draw_sites(settings: Population, agencies: Mapping[str, AgencyKind], authorities: Authorities) -> Sites:
    """Lay out the organisations, kind by kind and within a kind authority by authority."""
    laid_out = [
        _of_region(kind, authorities)
        if kind.catchment == "region"
        else _of_authorities(name, kind, authorities)
        for name, kind in agencies.items()
    ]
    authority, area, serves = (np.concatenate(column) for column in zip(*laid_out, strict=True))
    kind_of = np.repeat(np.arange(len(agencies)), [len(part[0]) for part in laid_out])
    if SCHOOL in agencies and agencies[SCHOOL].catchment == "area" and settings.school_outside_share > 0:
        beside = np.abs(authority[:, None] - np.arange(len(authorities))) == 1
        serves |= beside & (kind_of == list(agencies).index(SCHOOL))[:, None]
    return Sites(
        kinds=tuple(agencies),
        catchments=tuple(kind.catchment for kind in agencies.values()),
        kind=kind_of.astype(np.int8),
        authority=authority.astype(np.int16),
        area=area.astype(np.int16),
        serves=serves,
    )


def _count(kind: AgencyKind, children: float) -> int:
    """Number of organisations of a kind for so many children."""
    return max(1, round(kind.sites_per_10k_children * children / 10_000))


def _of_authorities(name: str, kind: AgencyKind, authorities: Authorities) -> tuple[Ints, Ints, Bools]:
    """Organisations of which each belongs to one authority: authority, area, and whom they serve."""
    counts = [_count(kind, children) for children in authorities.children]
    authority = np.repeat(np.arange(len(authorities)), counts)
    area = np.full(len(authority), -1)
    if kind.catchment == "area":
        phases = [_phases(count) if name == SCHOOL else (count,) for count in counts]
        along = [
            first + ((np.arange(phase) + 0.5) / phase * areas).astype(np.int64)
            for first, areas, in_phases in zip(authorities.first_area, authorities.areas, phases, strict=True)
            for phase in in_phases
        ]
        area = np.concatenate(along)
    return authority, area, authority[:, None] == np.arange(len(authorities))


def _of_region(kind: AgencyKind, authorities: Authorities) -> tuple[Ints, Ints, Bools]:
    """Organisations that share out the whole line: authority with most of each, area, and whom they serve."""
    count = _count(kind, float(authorities.children.sum()))
    edges = np.arange(count + 1) / count * authorities.all_areas
    begins, ends = authorities.first_area, authorities.first_area + authorities.areas
    overlap = np.minimum(edges[1:, None], ends) - np.maximum(edges[:-1, None], begins)
    return overlap.argmax(axis=1), np.full(count, -1), overlap > _A_TRIFLE


def _phases(schools: int) -> tuple[int, int]:
    """Number of primary and of secondary schools; an authority with one school has it serve both."""
    primary = max(1, round(schools * _PRIMARY_SHARE))
    return primary, max(0, schools - primary)


class _Changes(NamedTuple):
    """Files that come to another organisation; shapes (n,)."""

    week: Ints
    file: Ints
    site: Ints
    left_behind: Bools


def draw_attendance(
    settings: Population,
    children: Children,
    sites: Sites,
    homes: Homes,
    authorities: Authorities,
    seed: int,
) -> Attendance:
    """Draw who serves each child from week 0 on: catchments, moves of home, and the step to secondary school."""
    everybody = np.arange(len(children.birth))
    entry = np.maximum(children.birth, 0).astype(np.int64)
    home = homes.area_at(entry)
    first = np.empty((len(everybody), len(sites.kinds)), np.int64)
    changes: list[_Changes] = []
    for index, (name, catchment) in enumerate(zip(sites.kinds, sites.catchments, strict=True)):
        place = draws.dense(seed, f"place in catchment of {name}").random(len(children.family_start) - 1)
        place = place[children.family]
        moves_of_kind = draws.dense(seed, f"moves between {name}")
        if name == SCHOOL and catchment == "area":
            schools = _Schools.of(settings, sites.of_kind(index), authorities, len(everybody), seed)
            first[:, index] = schools.site(everybody, entry - children.birth, home, place)
            changes += _school_changes(
                settings, children, homes, schools, index, len(sites.kinds), moves_of_kind
            )
            continue
        catchments = _Catchments.of(catchment, *sites.of_kind(index), authorities)
        first[:, index] = catchments.site(home, place)
        lot, at, file = moves_of_kind.random((3, len(homes.move)))
        if catchment == "area":
            chance = settings.gp_change_on_move if name == GP else 1.0
            changing = (lot < chance) | homes.abroad
        else:
            # A large catchment is left only across a border; within it a family keeps its place.
            changing, at = homes.abroad | (catchment == "region"), place[homes.mover]
        changes.append(
            _chosen(
                changing,
                homes.week,
                homes.mover * len(sites.kinds) + index,
                catchments.site(homes.area, at),
                file < settings.file_left_behind,
            )
        )
    return _in_order(first.reshape(-1), changes, homes.weeks)


def _chosen(happens: Bools, week: Ints, file: Ints, site: Ints, left_behind: Bools) -> _Changes:
    return _Changes(week[happens], file[happens], site[happens], left_behind[happens])


@dataclass(frozen=True)
class _Catchments:
    """Who of the organisations of a kind serves whom.

    Attributes:
        first, count: first row, and number, of the organisations that share out the same stretch; shapes (A,).
        authorities: where the stretches lie.
        kind: "area": a stretch is an authority, along which they lie; "authority": each serves all of it; "region":
            the stretch is the whole line.
    """

    kind: str
    first: Ints
    count: Ints
    authorities: Authorities

    @classmethod
    def of(cls, kind: str, first: Ints, count: Ints, authorities: Authorities) -> "_Catchments":
        """The catchments of a kind with these rows in each authority."""
        if kind == "region":
            first, count = np.full_like(first, first[0]), np.full_like(count, count.sum())
        return cls(kind, first, count, authorities)

    def site(self, area: Ints, place: Floats) -> Ints:
        """The organisation that serves somebody at `place`, between 0 and 1, of each `area`, shape (n,)."""
        authority = self.authorities.of_area(area)
        if self.kind == "area":
            place = (self.authorities.along(area, authority) + place) / self.authorities.areas[authority]
        elif self.kind == "region":
            place = (area + place) / self.authorities.all_areas
        return self.at(authority, place)

    def at(self, authority: Ints, place: Floats) -> Ints:
        """The organisation at `place`, between 0 and 1, of all the stretch of each authority, shape (n,)."""
        return self.first[authority] + np.floor(place * self.count[authority]).astype(np.int64)


@dataclass(frozen=True)
class _Schools:
    """Primary and secondary schools; where there are no secondary schools, primary schools keep their pupils.

    Attributes:
        side: on which side lies the authority in which each child goes to school, -1 or 1, or 0 for its own, (N,).
        place: where along that authority, shape (N,).
    """

    primary: _Catchments
    secondary: _Catchments
    side: Ints
    place: Floats

    @classmethod
    def of(
        cls, settings: Population, rows: tuple[Ints, Ints], authorities: Authorities, children: int, seed: int
    ) -> "_Schools":
        """The schools with these rows in each authority, and who crosses a border to go there."""
        first, count = rows
        primary, secondary = np.array([_phases(schools) for schools in count.tolist()]).T
        lot, side, place = draws.dense(seed, "school in another authority").random((3, children))
        outside = (lot < settings.school_outside_share) & (len(authorities) > 1)
        return cls(
            _Catchments("area", first, primary, authorities),
            _Catchments("area", first + primary, secondary, authorities),
            np.where(outside, np.where(side < 0.5, -1, 1), 0),
            place,
        )

    def authority(self, child: Ints, area: Ints) -> Ints:
        """The authority in which each child who lives in `area` goes to school, shape (n,)."""
        authorities, side = self.primary.authorities, self.side[child]
        home = authorities.of_area(area)
        beside = home + side
        # The first and the last authority have a neighbour on one side only.
        return np.where((beside >= 0) & (beside < len(authorities)), beside, home - side)

    def site(self, child: Ints, age: Ints, area: Ints, place: Floats) -> Ints:
        """The school of children of `age` weeks, shape (n,); before school age, the one that they will go to."""
        authorities, authority = self.primary.authorities, self.authority(child, area)
        along = (authorities.along(area, authority) + place) / authorities.areas[authority]
        along = np.where(self.side[child] == 0, along, self.place[child])
        secondary = (age >= SECONDARY_START) & (self.secondary.count[authority] > 0)
        return np.where(secondary, self.secondary.at(authority, along), self.primary.at(authority, along))


def _school_changes(
    settings: Population,
    children: Children,
    homes: Homes,
    schools: _Schools,
    index: int,
    kinds: int,
    generator: np.random.Generator,
) -> list[_Changes]:
    """Changes of school with a move of home, and at eleven."""
    lot, place, file = generator.random((3, len(homes.move)))
    age = homes.week - children.birth[homes.mover]
    moves = _chosen(
        (age < SCHOOL_START) | (lot < settings.school_change_on_move) | homes.abroad,
        homes.week,
        homes.mover * kinds + index,
        schools.site(homes.mover, age, homes.area, place),
        file < settings.file_left_behind,
    )
    place, file = generator.random((2, len(children.birth)))
    eleven = children.birth.astype(np.int64) + SECONDARY_START
    pupil = np.flatnonzero((eleven > 0) & (eleven < homes.weeks))
    home = homes.area_at(eleven)[pupil]
    at_eleven = _chosen(
        schools.secondary.count[schools.authority(pupil, home)] > 0,
        eleven[pupil],
        pupil * kinds + index,
        schools.site(pupil, np.full(len(pupil), SECONDARY_START), home, place[pupil]),
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
