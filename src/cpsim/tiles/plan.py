"""The plan of a scenario in tiles: the scenario and the seed of each."""

from dataclasses import dataclass

import numpy as np

from cpsim import draws
from cpsim.agents.build import AUTHORITY_TRAITS, build_authorities
from cpsim.constants import MAX_SEED
from cpsim.results.folder import make_file_stem
from cpsim.scenario.read import from_mapping
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import NamedAuthoritySettings
from cpsim.scenario.tiles import Tile, build_tile_scenario, list_tiles
from cpsim.world.authorities import draw_authorities


@dataclass(frozen=True)
class PlannedTile:
    """A tile with what its simulation needs.

    Attributes:
        tile: the tile.
        scenario: its scenario, in which nothing outside the tile exists.
        seed: its seed.
    """

    tile: Tile
    scenario: Scenario
    seed: int

    @property
    def folder(self) -> str:
        """Name of its folder, such as `002-North-East-2`."""
        return f"{self.tile.number:03d}-{make_file_stem(self.tile.name)}"


def plan_tiles(scenario: Scenario, seed: int) -> list[PlannedTile]:
    """Plan all tiles of a scenario, in the order of its authorities.

    The traits of the authorities, except for their sizes, are drawn for all of them together, as in a single
    simulation. Everything else in a tile depends on its own seed, which is derived from its name.

    Args:
        scenario: a scenario in tiles.
        seed: whole number from 0 to `MAX_SEED`.

    Raises:
        ScenarioError: the scenario of a tile is invalid, for example because it needs too much memory.

    >>> from cpsim.scenario import load
    >>> whole = load("small", {"authorities": {"count": 4, "tile_children": 20_000}})
    >>> [(each.folder, each.seed) for each in plan_tiles(whole, seed=1)]
    [('001-Tile-1', 1138744202), ('002-Tile-2', 1178764009)]
    """
    traits = _draw_traits(scenario, seed)
    return [
        PlannedTile(
            tile,
            from_mapping(build_tile_scenario(scenario, tile, traits).model_dump(mode="python")),
            int(draws.generator(seed, f"tile {tile.name}").integers(0, MAX_SEED, endpoint=True)),
        )
        for tile in list_tiles(scenario)
    ]


def _draw_traits(scenario: Scenario, seed: int) -> dict[str, list[float]]:
    """Draw the traits of all authorities except for their sizes, within the limits of settings."""
    settings = scenario.authorities
    profiles = draw_authorities(settings, scenario.population, seed)
    z = draws.generator(seed, "traits of authorities").standard_normal(
        (settings.count, len(AUTHORITY_TRAITS))
    )
    table = build_authorities(settings, profiles, z)
    return {
        trait: np.clip(table[trait], *_read_limits(trait)).tolist()
        for trait in ("deprivation", *AUTHORITY_TRAITS)
    }


def _read_limits(trait: str) -> tuple[float, float]:
    """Read the lowest and highest value that a named authority may have."""
    limits = {type(limit).__name__: limit for limit in NamedAuthoritySettings.model_fields[trait].metadata}
    return float(limits["Ge"].ge), float(limits["Le"].le)
