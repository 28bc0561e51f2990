"""A cache of drawn worlds, for runs that use the same world."""

from collections import OrderedDict

from cpsim.scenario.schema import Scenario
from cpsim.world import World, draw_world, world_key

_DEFAULT_SIZE = 2


class WorldCache:
    """Draws worlds and keeps the most recently used ones; a large world takes hundreds of megabytes.

    Args:
        size: number of worlds kept, at least 1.
    """

    def __init__(self, size: int = _DEFAULT_SIZE) -> None:
        self._size = size
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
        while len(self._by_key) > self._size:
            self._by_key.popitem(last=False)
