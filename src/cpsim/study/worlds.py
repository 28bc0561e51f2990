"""Drawn worlds, kept for the next run that lives in the same one."""

from collections import OrderedDict

from cpsim.scenario.schema import Scenario
from cpsim.world import World, draw_world, world_key

_KEPT = 2


class Worlds:
    """Draws worlds and keeps the few that were used last: a large one takes hundreds of megabytes.

    Args:
        kept: how many worlds are held, at least 1.
    """

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._by_key: OrderedDict[str, World] = OrderedDict()

    def of(self, scenario: Scenario, seed: int) -> World:
        """The world of a scenario and a seed; the same object as before if it was used a moment ago."""
        key = world_key(scenario, seed)
        world = self._by_key.pop(key, None) or draw_world(scenario, seed)
        self._by_key[key] = world
        while len(self._by_key) > self._kept:
            self._by_key.popitem(last=False)
        return world
