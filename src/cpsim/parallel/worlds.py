"""A cache of drawn worlds, for runs that use the same world."""

from collections import OrderedDict

from cpsim.scenario.schema import Scenario
from cpsim.world import World, draw_world, world_key

_LEAST = 2
_MOST_CHILDREN = 300_000
"""Children, born before or during the run, of all kept worlds together: those of a block of seeds."""


class WorldCache:
    """Draws worlds and keeps the most recently used ones; a large world takes hundreds of megabytes.

    Args:
        least: number of worlds that are kept in any case; small ones are kept up to the size of a block of seeds.
    """

    def __init__(self, least: int = _LEAST) -> None:
        self._least = least
        self._by_key: OrderedDict[str, World] = OrderedDict()

    def add(self, world: World) -> None:
        """Keep a world that was drawn elsewhere."""
        self._keep(world.key, world)

    def get(self, scenario: Scenario, seed: int) -> World:
        """Return the world of a scenario and seed: the cached object if there is one, otherwise a new draw."""
        key = world_key(scenario, seed)
        world = self._by_key.pop(key, None) or draw_world(scenario, seed)
        self._keep(key, world)
        return world

    def _keep(self, key: str, world: World) -> None:
        self._by_key[key] = world
        self._by_key.move_to_end(key)
        excess = sum(len(kept.children.birth) for kept in self._by_key.values()) - _MOST_CHILDREN
        while excess > 0 and len(self._by_key) > self._least:
            _, dropped = self._by_key.popitem(last=False)
            excess -= len(dropped.children.birth)
