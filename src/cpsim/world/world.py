"""The drawn world as one immutable whole, and the key that says which runs may share it."""

import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cpsim.scenario.clock import evaluated_weeks, warm_up_weeks, weeks_of
from cpsim.scenario.schema import Scenario
from cpsim.world.authorities import Authorities, draw_authorities
from cpsim.world.harm import Needs, Spells, draw_needs, draw_spells
from cpsim.world.homes import Homes, Residence, draw_family_moves, draw_residence
from cpsim.world.population import Children, draw_children
from cpsim.world.signs import Signs, draw_first_contact, draw_signs
from cpsim.world.sites import Attendance, Sites, draw_attendance, draw_sites

_NOT_SEEN_BY_THE_WORLD = ("resources", "leadership", "trust", "money")
"""What sets authorities apart but not their children."""

_SEEN_BY_THE_WORLD = (
    "catchment",
    "term_time_only",
    "sites_per_10k_children",
    "contacts_per_week",
    "contact_rise_with_severity",
    "signal_strength",
    "weakest_visible_sign",
)


@dataclass(frozen=True)
class World:
    """Children, harm and signs of all authorities for one seed, drawn before any policy; its arrays are read-only.

    Attributes:
        key: digest of the seed and of every setting that the world depends on.
        seed: the seed.
        weeks: number of weeks T, warm-up and run-off included; weeks run from 0 to T - 1.
        warm_up: weeks before the first judged one.
        judged: number of judged weeks.
        first_contact: first week of each spell with any professional contact, int32, shape (S,).
    """

    key: str
    seed: int
    weeks: int
    warm_up: int
    judged: int
    authorities: Authorities
    sites: Sites
    children: Children
    residence: Residence
    attendance: Attendance
    spells: Spells
    needs: Needs
    signs: Signs
    first_contact: NDArray[np.int32]


def drawn_from(scenario: Scenario) -> dict[str, Any]:
    """Everything that the world is drawn from besides the seed: the settings by section, as plain data."""
    settings = scenario.model_dump(
        mode="json", include={"clock", "population", "harm", "other_need", "signs"}
    )
    places = scenario.authorities.model_dump(mode="json")
    settings["authorities"] = {
        name: value
        for name, value in places.items()
        if name.removesuffix("_spread") not in _NOT_SEEN_BY_THE_WORLD and name != "named"
    }
    settings["named"] = [
        {name: value for name, value in named.items() if name not in _NOT_SEEN_BY_THE_WORLD}
        for named in places["named"]
    ]
    settings["agencies"] = {
        name: kind.model_dump(mode="json", include=set(_SEEN_BY_THE_WORLD))
        for name, kind in scenario.agencies.items()
    }
    return settings


def world_key(scenario: Scenario, seed: int) -> str:
    """Digest of everything that the world is drawn from: runs with equal keys may share one world."""
    return hashlib.sha256(json.dumps([seed, drawn_from(scenario)], sort_keys=False).encode()).hexdigest()


def draw_world(scenario: Scenario, seed: int) -> World:
    """Draw the world of `scenario` for `seed`; reads no setting about any agency's behaviour or any policy."""
    warm_up, judged = warm_up_weeks(scenario.clock), evaluated_weeks(scenario.clock)
    weeks = weeks_of(scenario.clock)
    first_day = scenario.clock.start
    population = scenario.population
    authorities = draw_authorities(scenario.authorities, population, seed)
    sites = draw_sites(population, scenario.agencies, authorities)
    children = draw_children(population, authorities, weeks, seed)
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
        judged=judged,
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
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
        elif is_dataclass(value):
            _freeze(value)
