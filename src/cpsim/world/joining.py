"""Several worlds as one: the rows of each table follow one another, and row numbers in them are shifted accordingly.

Signs are left out, since the signs of each world are prepared separately.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cpsim.arrays import Ints
from cpsim.ranges import list_offsets
from cpsim.world.authorities import Authorities
from cpsim.world.harm import Needs, Spells
from cpsim.world.homes import Residence
from cpsim.world.population import Children
from cpsim.world.sites import Attendance, Sites
from cpsim.world.world import World


def join_worlds(worlds: Sequence[World]) -> World:
    """Join worlds of the same scenario and different seeds.

    Args:
        worlds: the worlds; their weeks are the same.

    Returns:
        A world of all their authorities, families and children in the order of `worlds`, without signs. Its key is
        empty, and its seed is that of the first.

    >>> from cpsim.scenario import load
    >>> from cpsim.world import draw_world
    >>> town = load("small", {"population.children": 500, "clock.years": 1, "clock.warm_up_years": 1})
    >>> one, other = draw_world(town, seed=7), draw_world(town, seed=8)
    >>> both = join_worlds([one, other])
    >>> len(both.children.birth) == len(one.children.birth) + len(other.children.birth)
    True
    """
    first = worlds[0]
    authority = list_offsets([len(world.authorities) for world in worlds])
    site = list_offsets([len(world.sites.kind) for world in worlds])
    child = list_offsets([len(world.children.birth) for world in worlds])
    file = child * len(first.sites.kinds)
    homes, places = [world.residence for world in worlds], [world.attendance for world in worlds]
    return World(
        key="",
        seed=first.seed,
        weeks=first.weeks,
        warm_up=first.warm_up,
        evaluated_weeks=first.evaluated_weeks,
        authorities=_join_authorities([world.authorities for world in worlds]),
        sites=_join_sites([world.sites for world in worlds], authority, site),
        children=_join_children([world.children for world in worlds], child),
        residence=Residence(
            first=_stack(homes, "first", authority),
            first_area=_stack(homes, "first_area"),
            **_stack_by_week(Residence, homes, child=child, authority=authority),
        ),
        attendance=Attendance(
            first=_stack(places, "first", site),
            **_stack_by_week(Attendance, places, file=file, site=site),
        ),
        spells=Spells(**_stack_all(Spells, [world.spells for world in worlds], child=child)),
        needs=Needs(**_stack_all(Needs, [world.needs for world in worlds], child=child)),
        signs=(),
        first_contact=_stack(worlds, "first_contact"),
    )


def _join_authorities(parts: Sequence[Authorities]) -> Authorities:
    # Neighbourhoods keep their numbers, since they are only ever looked up within an authority.
    return Authorities(
        names=tuple(name for part in parts for name in part.names),
        **{
            name: _stack(parts, name)
            for name in (field.name for field in fields(Authorities))
            if name != "names"
        },
    )


def _join_sites(parts: Sequence[Sites], authority: Ints, site: Ints) -> Sites:
    serves = np.zeros((site[-1], authority[-1]), np.bool_)
    for number, part in enumerate(parts):
        rows, columns = (slice(offsets[number], offsets[number + 1]) for offsets in (site, authority))
        serves[rows, columns] = part.serves
    return Sites(
        kinds=parts[0].kinds,
        catchments=parts[0].catchments,
        kind=_stack(parts, "kind"),
        authority=_stack(parts, "authority", authority),
        area=_stack(parts, "area"),
        serves=serves,
    )


def _join_children(parts: Sequence[Children], child: Ints) -> Children:
    family = list_offsets([len(part.family_start) - 1 for part in parts])
    starts = [part.family_start[:-1] + before for part, before in zip(parts, child, strict=False)]
    return Children(
        birth=_stack(parts, "birth"),
        family=_stack(parts, "family", family),
        area=_stack(parts, "area"),
        decile=_stack(parts, "decile"),
        group=_stack(parts, "group"),
        by_family=_stack(parts, "by_family", child),
        family_start=np.concatenate([*starts, child[-1:]]),
    )


def _stack(tables: Sequence[Any], name: str, offsets: Ints | None = None) -> NDArray[Any]:
    """Put a column of several tables one after another.

    Args:
        tables: the tables.
        name: name of the column.
        offsets: what is added to the values of each table, if they are row numbers.
    """
    columns = [getattr(table, name) for table in tables]
    if offsets is not None:
        columns = [
            (column + before).astype(column.dtype) for column, before in zip(columns, offsets, strict=False)
        ]
    return np.concatenate(columns)


def _stack_all(kind: type[Any], tables: Sequence[Any], **offsets: Ints) -> dict[str, NDArray[Any]]:
    """Put all columns of several tables one after another; `offsets` are those of columns of row numbers."""
    return {field.name: _stack(tables, field.name, offsets.get(field.name)) for field in fields(kind)}


def _stack_by_week(kind: type[Any], tables: Sequence[Any], **offsets: Ints) -> dict[str, NDArray[Any]]:
    """Put the changes of several tables in order of week, and within a week in the order of the tables."""
    order = np.argsort(_stack(tables, "week"), kind="stable")
    changes = {
        field.name: _stack(tables, field.name, offsets.get(field.name))[order]
        for field in fields(kind)
        if field.name not in ("first", "first_area", "offsets")
    }
    return changes | {"offsets": np.sum([table.offsets for table in tables], axis=0)}
