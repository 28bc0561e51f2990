"""The world: children, the harm they would suffer without intervention, and every sign of it that could be noticed.

The world of a seed is drawn before any policy, so scenarios can be compared on the same children.
"""

from cpsim.world.world import World, draw_sparse_world, draw_world, world_key, world_settings

__all__ = ["World", "draw_sparse_world", "draw_world", "world_key", "world_settings"]
