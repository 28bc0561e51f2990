"""The world of a seed, drawn once and never changed, and the key by which runs find out whether they can share it."""

import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cpsim.scenario.clock import evaluated_weeks, total_weeks, warm_up_weeks
from cpsim.scenario.schema import Scenario
from cpsim.scenario.tiles import refuse_tiles
from cpsim.seeds import read_seed
from cpsim.world.authorities import Authorities, draw_authorities
from cpsim.world.harm import Needs, Spells, draw_needs, draw_spells
from cpsim.world.homes import Homes, Residence, draw_family_moves, draw_residence
from cpsim.world.population import Children, draw_children
from cpsim.world.signs import Signs, draw_first_contact, draw_signs
from cpsim.world.sites import Attendance, Sites, draw_attendance, place_sites

_SERVICE_TRAITS = ("resources", "leadership", "trust", "money")
"""Traits of an authority that affect its services but not its children."""

_WORLD_AGENCY_SETTINGS = (
    "catchment",
    "term_time_only",
    "sites_per_10k_children",
    "contacts_per_week",
    "contact_rise_with_severity",
    "signal_strength",
    "weakest_visible_sign",
)
"""Settings of a kind of agency that affect which children it meets and which signs it could notice."""


@dataclass(frozen=True)
class World:
    """The children of all authorities for one seed, with their harm and its signs (M1, M2); all arrays are read-only.

    Attributes:
        key: digest of the seed and of every setting that the world depends on.
        seed: the seed.
        weeks: number of weeks T, including warm-up and follow-up; weeks run from 0 to T - 1.
        warm_up: number of weeks before the first evaluated week.
        evaluated_weeks: number of weeks over which the results are measured.
        authorities: the local authorities.
        sites: the organisations.
        children: children and families.
        residence: authority responsible for each child.
        attendance: organisations that serve each child.
        spells: spells of adversity; S spells.
        needs: needs other than harm.
        signs: signs that could be noticed, by kind of agency.
        first_contact: first week of each spell in which any practitioner meets the child, int32, shape (S,).

    >>> from cpsim.scenario import load
    >>> world = draw_world(load("small", {"population.children": 500, "clock.years": 1}), seed=7)
    >>> world.evaluated_weeks, world.weeks - world.warm_up - world.evaluated_weeks
    (52, 52)
    >>> len(world.first_contact) == len(world.spells.onset)
    True
    """

    key: str
    seed: int
    weeks: int
    warm_up: int
    evaluated_weeks: int
    authorities: Authorities
    sites: Sites
    children: Children
    residence: Residence
    attendance: Attendance
    spells: Spells
    needs: Needs
    signs: tuple[Signs, ...]
    first_contact: NDArray[np.int32]

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore an unpickled world, with read-only arrays like the original."""
        self.__dict__.update(state)
        _freeze(self)


def world_settings(scenario: Scenario) -> dict[str, Any]:
    """Return all settings that the world depends on, by section, as plain data.

    >>> from cpsim.scenario import load
    >>> list(world_settings(load("small")))
    ['clock', 'population', 'harm', 'other_need', 'signs', 'authorities', 'named', 'agencies']
    """
    settings = scenario.model_dump(
        mode="json", include={"clock", "population", "harm", "other_need", "signs"}
    )
    places = scenario.authorities.model_dump(mode="json")
    settings["authorities"] = {
        name: value
        for name, value in places.items()
        if name.removesuffix("_spread") not in _SERVICE_TRAITS and name not in ("named", "tile_children")
    }
    settings["named"] = [
        {name: value for name, value in named.items() if name not in _SERVICE_TRAITS}
        for named in places["named"]
    ]
    settings["agencies"] = {
        name: kind.model_dump(mode="json", include=set(_WORLD_AGENCY_SETTINGS))
        for name, kind in scenario.agencies.items()
    }
    return settings


def world_key(scenario: Scenario, seed: int) -> str:
    """Return a digest of the seed and of all settings that the world depends on; runs with equal keys can share it.

    Args:
        scenario: the scenario.
        seed: whole number from 0 to `MAX_SEED`.

    The key does not depend on policy, so scenarios that differ only in policy have the same children:

    >>> from cpsim.scenario import load
    >>> small, strict = load("small"), load("small", {"front_door.referral_threshold": 4.0})
    >>> world_key(small, seed=7) == world_key(strict, seed=7)
    True
    >>> world_key(small, seed=7) == world_key(small, seed=8)
    False
    """
    return hashlib.sha256(
        json.dumps([read_seed(seed), world_settings(scenario)], sort_keys=False).encode()
    ).hexdigest()


def draw_world(scenario: Scenario, seed: int) -> World:
    """Draw the world of `scenario` for `seed`, from `world_settings` alone, without any policy or agency behaviour.

    Args:
        scenario: the scenario, of which only the world settings are used.
        seed: whole number from 0 to `MAX_SEED`.

    Raises:
        ValueError: the seed is not valid.
        ScenarioError: the authorities are simulated in tiles.

    A run under any policy can use the drawn world, which saves the time of drawing it again:

    >>> import cpsim
    >>> town = cpsim.load("small", {"population.children": 500, "clock.years": 1, "clock.warm_up_years": 1})
    >>> world = draw_world(town, seed=7)
    >>> cpsim.run(town, seed=7, world=world).summary == cpsim.run(town, seed=7).summary
    True
    """
    return _draw_world(scenario, seed, most_children=None)


def draw_sparse_world(scenario: Scenario, seed: int, most_children: int) -> World:
    """Draw the same authorities and organisations as `draw_world`, with fewer children.

    It takes the place of the world where only bodies and policy matter, and never for results. Its key is that of the
    full world, so it must not be kept in a cache.

    Args:
        scenario: the scenario, of which only the world settings are used.
        seed: whole number from 0 to `MAX_SEED`.
        most_children: largest expected number of children in all authorities together.

    >>> from cpsim.scenario import load
    >>> small = load("small", {"clock.years": 1})
    >>> sparse = draw_sparse_world(small, seed=7, most_children=500)
    >>> (sparse.sites.kind == draw_world(small, seed=7).sites.kind).all().item(), len(sparse.children.birth) < 2_000
    (True, True)
    """
    return _draw_world(scenario, seed, most_children)


def _draw_world(scenario: Scenario, seed: int, most_children: int | None) -> World:
    seed = read_seed(seed)
    refuse_tiles(scenario)
    warm_up, evaluated = warm_up_weeks(scenario.clock), evaluated_weeks(scenario.clock)
    weeks = total_weeks(scenario.clock)
    first_day = scenario.clock.start
    population = scenario.population
    authorities = draw_authorities(scenario.authorities, population, seed)
    sites = place_sites(population, scenario.agencies, authorities)
    share = 1.0 if most_children is None else min(most_children / float(authorities.children.sum()), 1.0)
    children = draw_children(
        population, replace(authorities, children=authorities.children * share), weeks, seed
    )
    between = scenario.authorities.moves_between
    moves = draw_family_moves(population, between, children, authorities, weeks, seed)
    homes = Homes(children, moves, weeks)
    residence = draw_residence(population, children, homes, authorities, seed)
    attendance = draw_attendance(population, children, sites, homes, authorities, seed)
    spells = draw_spells(scenario.harm, children, weeks, seed)
    needs = draw_needs(scenario.other_need, children, weeks, seed)
    signs = draw_signs(
        scenario.signs, scenario.agencies, children, spells, needs, first_day, warm_up, weeks, seed
    )
    first_contact = draw_first_contact(scenario.agencies, children, spells, weeks, seed)
    world = World(
        key=world_key(scenario, seed),
        seed=seed,
        weeks=weeks,
        warm_up=warm_up,
        evaluated_weeks=evaluated,
        authorities=authorities,
        sites=sites,
        children=children,
        residence=residence,
        attendance=attendance,
        spells=spells,
        needs=needs,
        signs=signs,
        first_contact=first_contact,
    )
    _freeze(world)
    return world


def _freeze(part: Any) -> None:
    """Make all arrays of a dataclass and of its parts read-only."""
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
        for inner in value if isinstance(value, tuple) else (value,):
            if is_dataclass(inner):
                _freeze(inner)
