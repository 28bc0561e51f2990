"""Run one tile in a worker, and return what is kept of it."""

import platform
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from cpsim.measures.outcomes.counts import COUNTS
from cpsim.parallel.staged_run import StagedRun, format_error
from cpsim.results import RunResult
from cpsim.results.origin import hash_code
from cpsim.tiles.plan import PlannedTile
from cpsim.world import draw_world

_WEEKS_BETWEEN_REPORTS = 52
_TASK_LOCK = threading.Lock()
"""A cluster worker may have several threads, and a tile needs the memory of one."""


class TileWeeks(NamedTuple):
    """The progress of a tile: its number, and how many of its weeks have been simulated."""

    number: int
    weeks: int


@dataclass(frozen=True)
class TileSizes:
    """Numbers that are needed to join a tile with others.

    Attributes:
        children: rows of children, who are numbered from 0 in each tile.
        families: rows of families, likewise.
        posts: social work posts, filled or vacant.
        counts: the counts of `cpsim.measures.outcomes.counts`.
    """

    children: int
    families: int
    posts: int
    counts: dict[str, float]


@dataclass(frozen=True)
class TileAnswer:
    """What a worker returns for a tile.

    Attributes:
        number: number of the tile.
        name: its name.
        code: hash of the code that ran.
        worker: name of the machine.
        result: result of the tile, with the tables that are joined; None if it failed.
        sizes: numbers that are needed to join it; None if it failed.
        stage: where it failed: `world`, `start`, `week 17`, `figures` or `worker`; None if it did not.
        error: type and message of the exception.
        trace: the traceback.
    """

    number: int
    name: str
    code: str
    worker: str
    result: RunResult | None = None
    sizes: TileSizes | None = None
    stage: str | None = None
    error: str | None = None
    trace: str | None = None


NOT_KEPT: Final = ("children", "conditions", "services", "assessments", "ties", "events")
"""Tables that are not kept of tiles, because they have rows for each child."""


def run_tile(planned: PlannedTile, send: Callable[[TileWeeks], None]) -> TileAnswer:
    """Run a tile.

    Args:
        planned: the tile.
        send: called once for each simulated year with the progress.

    Returns:
        Its result, or the error with which it failed.
    """
    number = planned.tile.number

    def on_week(weeks: int) -> None:
        if weeks % _WEEKS_BETWEEN_REPORTS == 0:
            send(TileWeeks(number, weeks))

    staged = StagedRun()
    provenance = number, planned.tile.name, hash_code(), platform.node()
    with _TASK_LOCK:
        started, clock = datetime.now(UTC), time.perf_counter()
        try:
            model = staged.simulate(planned.scenario, planned.seed, draw_world, on_week)
            run = model.columns()
            sizes = TileSizes(
                children=len(run.world.children.birth),
                families=len(run.world.children.family_start) - 1,
                posts=model.posts,
                counts={name: float(count(run)) for name, count in COUNTS.items()},
            )
            result = model.result(started, time.perf_counter() - clock)
        except Exception as error:  # noqa: BLE001  a failed tile is a row
            return TileAnswer(
                *provenance, stage=staged.stage, error=format_error(error), trace=traceback.format_exc()
            )
    for table in NOT_KEPT:
        setattr(result, table, getattr(result, table).iloc[:0])
    return TileAnswer(*provenance, result, sizes)
