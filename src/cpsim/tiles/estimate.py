"""Estimate the time and memory of a scenario in tiles from short trial runs of one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from cpsim.experiment.estimate import SECONDS_TO_START, estimate_task_seconds
from cpsim.scenario.memory import estimate_memory
from cpsim.tiles.plan import PlannedTile


@dataclass(frozen=True)
class TilesEstimate:
    """The expected size and duration of a scenario in tiles; times are only estimates.

    Attributes:
        tiles: number of tiles; 1 for a scenario without.
        authorities: number of authorities.
        children: children under 18 in all authorities.
        workers: number of worker processes assumed.
        seconds_per_tile: mean time of a tile in one process.
        seconds: time from start to end.
        gigabytes_per_worker: peak memory of a worker process, for the largest tile.
    """

    tiles: int
    authorities: int
    children: int
    workers: int
    seconds_per_tile: float
    seconds: float
    gigabytes_per_worker: float


def estimate_tiles(planned: Sequence[PlannedTile], workers: int) -> TilesEstimate:
    """Estimate the time from three short runs of the smallest tile, and the memory from the settings.

    The time of a tile is assumed to be proportional to its children, which is somewhat too much for larger tiles.

    Args:
        planned: the tiles.
        workers: number of worker processes.
    """
    smallest = min(planned, key=lambda each: each.tile.children)
    children = sum(each.tile.children for each in planned)
    seconds = estimate_task_seconds([smallest.scenario], (smallest.seed,)) * children / smallest.tile.children
    return TilesEstimate(
        tiles=len(planned),
        authorities=sum(each.tile.count for each in planned),
        children=round(children),
        workers=workers,
        seconds_per_tile=seconds / len(planned),
        seconds=SECONDS_TO_START + seconds / min(workers, len(planned)),
        gigabytes_per_worker=max(estimate_memory(each.scenario).gigabytes for each in planned),
    )
