"""Tiles: the parts into which a large scenario is divided, each small enough to be simulated by itself.

A tile has some authorities of one region that follow each other. Nothing passes from one tile to another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from cpsim.scenario.authorities import authority_names, list_expected_sizes
from cpsim.scenario.problems import Problem, ScenarioError
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import NamedAuthoritySettings

TILE_CHILDREN = "authorities.tile_children"
"""The setting that divides a scenario into tiles."""


@dataclass(frozen=True)
class Tile:
    """A part of a scenario.

    Attributes:
        number: its number, from 1.
        name: its name, such as `North East 2`.
        region: name of its region; empty without regions.
        first: row of its first authority.
        count: number of its authorities.
        size: children of the average authority of its region relative to `population.children`.
        children: expected number of children.
    """

    number: int
    name: str
    region: str
    first: int
    count: int
    size: float
    children: float

    @property
    def rows(self) -> slice:
        """The rows of its authorities."""
        return slice(self.first, self.first + self.count)


def is_tiled(scenario: Scenario) -> bool:
    """Return whether a scenario is simulated in tiles."""
    return scenario.authorities.tile_children is not None


def refuse_tiles(scenario: Scenario) -> None:
    """Check that a scenario is simulated as one.

    Raises:
        ScenarioError: it is simulated in tiles.
    """
    if is_tiled(scenario):
        raise ScenarioError(
            [
                Problem(
                    "a scenario in tiles can be used only with `cpsim run`, or in Python with cpsim.tiles.run_tiles; "
                    "for anything else write null here, with fewer authorities or children",
                    path=TILE_CHILDREN,
                )
            ]
        )


def list_tiles(scenario: Scenario) -> list[Tile]:
    """List the tiles of a scenario in the order of its authorities; one without tiles is a single one.

    The authorities of a region are divided as evenly as whole authorities allow. An authority is never divided.

    >>> from cpsim.scenario import load
    >>> regions = [{"name": "North", "count": 3}, {"name": "South", "count": 2, "size": 0.5}]
    >>> divided = {"authorities": {"count": 5, "regions": regions, "tile_children": 25_000}}
    >>> [(tile.name, tile.count, tile.children) for tile in list_tiles(load("small", divided))]
    [('North 1', 2, 20000.0), ('North 2', 1, 10000.0), ('South 1', 2, 10000.0)]
    """
    settings = scenario.authorities
    children = [size * scenario.population.children for size in list_expected_sizes(settings)]
    parts = [(region.name, region.count, region.size) for region in settings.regions]
    tiles: list[Tile] = []
    first = 0
    for region, count, size in parts or [("", len(children), 1.0)]:
        own = children[first : first + count]
        for index, part in enumerate(_divide(own, settings.tile_children), start=1):
            name = f"{region or 'Tile'} {index}"
            tiles.append(Tile(len(tiles) + 1, name, region, first, len(part), size, sum(part)))
            first += len(part)
    return tiles


def _divide(children: list[float], limit: int | None) -> list[list[float]]:
    """Divide authorities into the fewest parts of nearly equal numbers with at most `limit` children in each."""
    for number in range(1, len(children) + 1):
        each, more = divmod(len(children), number)
        ends = list(accumulate([each + 1] * more + [each] * (number - more), initial=0))
        parts = [children[first:end] for first, end in pairwise(ends)]
        if limit is None or max(map(sum, parts)) <= limit:
            return parts
    return [[size] for size in children]


def build_tile_scenario(
    scenario: Scenario, tile: Tile, traits: Mapping[str, Sequence[float]] = {}
) -> Scenario:
    """Build the scenario of one tile: its own authorities, under their names, with the events that concern them.

    Args:
        scenario: the scenario in tiles.
        tile: one of its tiles.
        traits: values of traits by name, such as `deprivation`, for all authorities of the scenario.

    >>> from cpsim.scenario import load
    >>> whole = load("small", {"authorities": {"count": 4, "tile_children": 20_000}})
    >>> part = build_tile_scenario(whole, list_tiles(whole)[1], {"resources": [1.0, 1.0, 0.9, 1.1]})
    >>> [(authority.name, authority.resources) for authority in part.authorities.named]
    [('authority-03', 0.9), ('authority-04', 1.1)]
    """
    settings = scenario.authorities
    names = authority_names(settings)[tile.rows]
    own = {authority.name: authority for authority in settings.named}
    named = [
        own.get(name, NamedAuthoritySettings(name=name)).model_copy(
            update={trait: float(values[tile.first + place]) for trait, values in traits.items()}
        )
        for place, name in enumerate(names)
    ]
    authorities = settings.model_copy(
        update={"count": tile.count, "named": tuple(named), "regions": (), "tile_children": None}
    )
    children = max(round(scenario.population.children * tile.size), 1)
    timeline = []
    for event in scenario.timeline:
        concerned = event.authorities
        if isinstance(concerned, tuple):
            concerned = tuple(name for name in concerned if name in names)
        if concerned != ():
            timeline.append(event.model_copy(update={"authorities": concerned}))
    return scenario.model_copy(
        update={
            "authorities": authorities,
            "population": scenario.population.model_copy(update={"children": children}),
            "timeline": tuple(timeline),
        }
    )
