"""The world: children, their harm as it would run if nobody intervened, and every sign that anybody could notice."""

from cpsim.world.world import World, draw_world, drawn_from, world_key

__all__ = ["World", "draw_world", "drawn_from", "world_key"]
