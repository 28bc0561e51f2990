"""The organisations of all authorities, and which school, practice or other agency serves each child in each week.

Organisations with a local catchment are spread along the neighbourhoods of their authority, so that neighbouring ones
share children. Organisations of a region serve sections of the whole line, which can cross authority boundaries.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.arrays import Bools, Floats, Ints
from cpsim.scenario.sections import AgencyKindSettings, PopulationSettings
from cpsim.world.authorities import Authorities
from cpsim.world.calendar import SCHOOL_START, SECONDARY_START
from cpsim.world.homes import Homes
from cpsim.world.population import Children

SCHOOL, GP = "school", "gp"
_PRIMARY_SHARE = 0.84  # about 17,400 primary and 3,400 secondary schools in England in 2006
_ROUNDING_ERROR = 1e-9  # in neighbourhoods


@dataclass(frozen=True)
class Sites:
    """The organisations that serve the authorities, one row each: K kinds, S organisations, A authorities.

    Row i of the model's table of organisations is organisation i here.

    Attributes:
        kinds: names of the kinds of agency, shape (K,).
        catchments: "area", "authority" or "region" for each kind, shape (K,).
        kind: index into `kinds`, ascending, int8, shape (S,).
        authority: authority that the organisation belongs to, ascending within a kind, int16, shape (S,); for a
            regional organisation, the authority with most of its neighbourhoods.
        area: neighbourhood of the organisation, -1 if it serves a whole authority or region, int16, shape (S,).
        serves: whether the organisation serves children of each authority, bool, shape (S, A).
    """

    kinds: tuple[str, ...]
    catchments: tuple[str, ...]
    kind: NDArray[np.int8]
    authority: NDArray[np.int16]
    area: NDArray[np.int16]
    serves: Bools

    def find_by_kind(self, kind: int) -> tuple[Ints, Ints]:
        """Return the first row and the number of rows of a kind in each authority, int64, shapes (A,)."""
        rows = np.flatnonzero(self.kind == kind)
        edges = np.searchsorted(self.authority[rows], np.arange(self.serves.shape[1] + 1))
        return rows[0] + edges[:-1], np.diff(edges)


@dataclass(frozen=True)
class Attendance:
    """The organisation that serves each child, by file: `child * K + kind` for K kinds of agency; M moves of a file.

    Attributes:
        first: organisation at the start or at birth, int16, shape (N * K,).
        week: weeks of the moves, ascending, int16, shape (M,).
        file: file that moves, int32, shape (M,).
        site: new organisation, int16, shape (M,).
        left_behind: whether the records stay with the old organisation, bool, shape (M,).
        offsets: moves of week t are rows `offsets[t] : offsets[t + 1]`, int64, shape (weeks + 1,).
    """

    first: NDArray[np.int16]
    week: NDArray[np.int16]
    file: NDArray[np.int32]
    site: NDArray[np.int16]
    left_behind: Bools
    offsets: Ints


def place_sites(
    settings: PopulationSettings, agencies: Mapping[str, AgencyKindSettings], authorities: Authorities
) -> Sites:
    """Place the organisations, kind by kind and within a kind authority by authority; nothing in this is random."""
    laid_out = [
        _place_regional(kind, authorities)
        if kind.catchment == "region"
        else _place_in_authorities(name, kind, authorities)
        for name, kind in agencies.items()
    ]
    authority, area, serves = (np.concatenate(column) for column in zip(*laid_out, strict=True))
    kind_of = np.repeat(np.arange(len(agencies)), [len(part[0]) for part in laid_out])
    if SCHOOL in agencies and agencies[SCHOOL].catchment == "area" and settings.school_outside_share > 0:
        neighbours = np.abs(authority[:, None] - np.arange(len(authorities))) == 1
        serves |= neighbours & (kind_of == list(agencies).index(SCHOOL))[:, None]
    return Sites(
        kinds=tuple(agencies),
        catchments=tuple(kind.catchment for kind in agencies.values()),
        kind=kind_of.astype(np.int8),
        authority=authority.astype(np.int16),
        area=area.astype(np.int16),
        serves=serves,
    )


def _count_organisations(kind: AgencyKindSettings, children: float) -> int:
    """Return the number of organisations of a kind that serve this many children."""
    return max(1, round(kind.sites_per_10k_children * children / 10_000))


def _place_in_authorities(
    name: str, kind: AgencyKindSettings, authorities: Authorities
) -> tuple[Ints, Ints, Bools]:
    """Place organisations that serve one authority each; return their authority, area and authorities served."""
    counts = [_count_organisations(kind, children) for children in authorities.children]
    authority = np.repeat(np.arange(len(authorities)), counts)
    area = np.full(len(authority), -1)
    if kind.catchment == "area":
        phases = [_split_phases(count) if name == SCHOOL else (count,) for count in counts]
        along = [
            first + ((np.arange(phase) + 0.5) / phase * areas).astype(np.int64)
            for first, areas, in_phases in zip(authorities.first_area, authorities.areas, phases, strict=True)
            for phase in in_phases
        ]
        area = np.concatenate(along)
    return authority, area, authority[:, None] == np.arange(len(authorities))


def _place_regional(kind: AgencyKindSettings, authorities: Authorities) -> tuple[Ints, Ints, Bools]:
    """Divide the whole line among organisations; return their main authority, area and authorities served."""
    count = _count_organisations(kind, float(authorities.children.sum()))
    edges = np.arange(count + 1) / count * authorities.total_areas
    begins, ends = authorities.first_area, authorities.first_area + authorities.areas
    overlap = np.minimum(edges[1:, None], ends) - np.maximum(edges[:-1, None], begins)
    return overlap.argmax(axis=1), np.full(count, -1), overlap > _ROUNDING_ERROR


def _split_phases(schools: int) -> tuple[int, int]:
    """Return the numbers of primary and secondary schools; a single school is a primary that keeps older pupils.

    >>> _split_phases(50), _split_phases(1)
    ((42, 8), (1, 0))
    """
    primary = max(1, round(schools * _PRIMARY_SHARE))
    return primary, max(0, schools - primary)


class _Changes(NamedTuple):
    """Moves of files to another organisation, int64 and bool, shapes (n,)."""

    week: Ints
    file: Ints
    site: Ints
    left_behind: Bools


def draw_attendance(
    settings: PopulationSettings,
    children: Children,
    sites: Sites,
    homes: Homes,
    authorities: Authorities,
    seed: int,
) -> Attendance:
    """Draw the organisations that serve each child from week 0: catchments, moves of home, and secondary school."""
    everyone = np.arange(len(children.birth))
    entry = np.maximum(children.birth, 0).astype(np.int64)
    home = homes.area_at(entry)
    first = np.empty((len(everyone), len(sites.kinds)), np.int64)
    changes: list[_Changes] = []
    for index, (name, catchment) in enumerate(zip(sites.kinds, sites.catchments, strict=True)):
        place = draws.generator(seed, f"place in catchment of {name}").random(len(children.family_start) - 1)
        place = place[children.family]
        moves_of_kind = draws.generator(seed, f"moves between {name}")
        if name == SCHOOL and catchment == "area":
            schools = _Schools.of(settings, sites.find_by_kind(index), authorities, len(everyone), seed)
            first[:, index] = schools.find_site(everyone, entry - children.birth, home, place)
            changes += _school_changes(
                settings, children, homes, schools, index, len(sites.kinds), moves_of_kind
            )
            continue
        catchments = _Catchments.of(catchment, *sites.find_by_kind(index), authorities)
        first[:, index] = catchments.find_site(home, place)
        lot, at, file = moves_of_kind.random((3, len(homes.move)))
        if catchment == "area":
            chance = settings.gp_change_on_move if name == GP else 1.0
            changing = (lot < chance) | homes.leaves_authority
        else:
            # A family leaves a large catchment only across a boundary; within it, it stays with its organisation.
            changing, at = homes.leaves_authority | (catchment == "region"), place[homes.mover]
        changes.append(
            _select_changes(
                changing,
                homes.week,
                homes.mover * len(sites.kinds) + index,
                catchments.find_site(homes.area, at),
                file < settings.file_left_behind,
            )
        )
    return _collect_attendance(first.reshape(-1), changes, homes.weeks)


def _select_changes(happens: Bools, week: Ints, file: Ints, site: Ints, left_behind: Bools) -> _Changes:
    return _Changes(week[happens], file[happens], site[happens], left_behind[happens])


@dataclass(frozen=True)
class _Catchments:
    """The catchments of the organisations of one kind.

    Attributes:
        kind: "area": the organisations are spread along their authority; "authority": each serves children from all
            of its authority; "region": the organisations are spread along the whole line.
        first, count: first row and number of the organisations between which a child's place decides, shapes (A,).
        authorities: the authorities.
    """

    kind: str
    first: Ints
    count: Ints
    authorities: Authorities

    @classmethod
    def of(cls, kind: str, first: Ints, count: Ints, authorities: Authorities) -> "_Catchments":
        """Return the catchments of a kind, from the first row and the number of rows in each authority."""
        if kind == "region":
            first, count = np.full_like(first, first[0]), np.full_like(count, count.sum())
        return cls(kind, first, count, authorities)

    def find_site(self, area: Ints, place: Floats) -> Ints:
        """Return the organisation that serves a child at `place`, between 0 and 1, of each `area`, shape (n,)."""
        authority = self.authorities.find_authority(area)
        if self.kind == "area":
            place = (
                self.authorities.position_in_authority(area, authority) + place
            ) / self.authorities.areas[authority]
        elif self.kind == "region":
            place = (area + place) / self.authorities.total_areas
        return self.site_at(authority, place)

    def site_at(self, authority: Ints, place: Floats) -> Ints:
        """Return the organisation at `place`, between 0 and 1, among those of each authority, shape (n,)."""
        return self.first[authority] + np.floor(place * self.count[authority]).astype(np.int64)


@dataclass(frozen=True)
class _Schools:
    """Primary and secondary schools; in an authority without secondary schools, primary schools keep their pupils.

    Attributes:
        side: -1 or 1 for a child who goes to school in the previous or next authority, 0 for its own, shape (N,).
        place: place of that school along its authority, 0 to 1, shape (N,).
    """

    primary: _Catchments
    secondary: _Catchments
    side: Ints
    place: Floats

    @classmethod
    def of(
        cls,
        settings: PopulationSettings,
        rows: tuple[Ints, Ints],
        authorities: Authorities,
        children: int,
        seed: int,
    ) -> "_Schools":
        """Return the schools, from their rows in each authority, and draw which children cross a boundary to school."""
        first, count = rows
        primary, secondary = np.array([_split_phases(schools) for schools in count.tolist()]).T
        lot, side, place = draws.generator(seed, "school in another authority").random((3, children))
        outside = (lot < settings.school_outside_share) & (len(authorities) > 1)
        return cls(
            _Catchments("area", first, primary, authorities),
            _Catchments("area", first + primary, secondary, authorities),
            np.where(outside, np.where(side < 0.5, -1, 1), 0),
            place,
        )

    def find_authority(self, child: Ints, area: Ints) -> Ints:
        """Return the authority in which each child who lives in `area` goes to school, shape (n,)."""
        authorities, side = self.primary.authorities, self.side[child]
        home = authorities.find_authority(area)
        neighbour = home + side
        # The first and the last authority have a neighbour on one side only.
        return np.where((neighbour >= 0) & (neighbour < len(authorities)), neighbour, home - side)

    def find_site(self, child: Ints, age: Ints, area: Ints, place: Floats) -> Ints:
        """Return the school of children of `age` weeks, shape (n,); before school age, the school they will go to."""
        authorities, authority = self.primary.authorities, self.find_authority(child, area)
        along = (authorities.position_in_authority(area, authority) + place) / authorities.areas[authority]
        along = np.where(self.side[child] == 0, along, self.place[child])
        secondary = (age >= SECONDARY_START) & (self.secondary.count[authority] > 0)
        return np.where(
            secondary, self.secondary.site_at(authority, along), self.primary.site_at(authority, along)
        )


def _school_changes(
    settings: PopulationSettings,
    children: Children,
    homes: Homes,
    schools: _Schools,
    index: int,
    kinds: int,
    generator: np.random.Generator,
) -> list[_Changes]:
    """Draw the changes of school on a move of home and at the age of eleven."""
    lot, place, file = generator.random((3, len(homes.move)))
    age = homes.week - children.birth[homes.mover]
    moves = _select_changes(
        (age < SCHOOL_START) | (lot < settings.school_change_on_move) | homes.leaves_authority,
        homes.week,
        homes.mover * kinds + index,
        schools.find_site(homes.mover, age, homes.area, place),
        file < settings.file_left_behind,
    )
    place, file = generator.random((2, len(children.birth)))
    eleven = children.birth.astype(np.int64) + SECONDARY_START
    pupil = np.flatnonzero((eleven > 0) & (eleven < homes.weeks))
    home = homes.area_at(eleven)[pupil]
    at_eleven = _select_changes(
        schools.secondary.count[schools.find_authority(pupil, home)] > 0,
        eleven[pupil],
        pupil * kinds + index,
        schools.find_site(pupil, np.full(len(pupil), SECONDARY_START), home, place[pupil]),
        file[pupil] < settings.file_left_behind,
    )
    return [moves, at_eleven]


def _collect_attendance(first: Ints, changes: list[_Changes], weeks: int) -> Attendance:
    week, file, site, left_behind = (np.concatenate(column) for column in zip(*changes, strict=True))
    week = week.astype(np.int16)
    order = np.argsort(week, kind="stable")
    week = week[order]
    return Attendance(
        first=first.astype(np.int16),
        week=week,
        file=file[order].astype(np.int32),
        site=site[order].astype(np.int16),
        left_behind=left_behind[order],
        offsets=np.searchsorted(week, np.arange(weeks + 1)),
    )
