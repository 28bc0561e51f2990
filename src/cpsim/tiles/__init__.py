"""Large scenarios, such as all of England, simulated in tiles, a few authorities at a time, and joined at the end."""

from cpsim.tiles.join import JoinedTiles, join_tiles
from cpsim.tiles.run import TileProgress, run_tiles

__all__ = ["JoinedTiles", "TileProgress", "join_tiles", "run_tiles"]
