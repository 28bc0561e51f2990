"""Measure a tenth of the tiles of England, and extrapolate to all of them (`cpsim bench --england`)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cpsim.parallel.engine import open_local_engine
from cpsim.parallel.fresh_process import measure_memory
from cpsim.parallel.tasks import run_tasks
from cpsim.results import collect_provenance
from cpsim.scenario.clock import total_weeks
from cpsim.scenario.read import AnyScenario, resolve_scenario
from cpsim.tiles.plan import PlannedTile, plan_tiles
from cpsim.tiles.run import choose_workers
from cpsim.tiles.task import run_tile

if TYPE_CHECKING:
    from cpsim.bench.measure import OnStage

_PART = 10
"""One of so many tiles is run."""


@dataclass(frozen=True)
class EnglandBench:
    """The measurements of some tiles.

    Attributes:
        setup: seed, versions of the libraries, and platform.
        tiles: number of all tiles.
        tiles_run: number of tiles that were run.
        children: children in all tiles.
        children_run: children in the tiles that were run.
        weeks: weeks of each tile.
        workers: number of worker processes.
        seconds: time in which the tiles were run, with the start of the workers.
        seconds_for_all: the same for all tiles, in proportion to their children.
        child_weeks_per_second: child-weeks a second, of all workers together.
        worker_memory_mb: peak memory of a worker process, with its libraries, of the one with most.
        memory_mb: peak memory of all worker processes and of this process together, at most.
    """

    setup: dict[str, Any]
    tiles: int
    tiles_run: int
    children: float
    children_run: float
    weeks: int
    workers: int
    seconds: float
    seconds_for_all: float
    child_weeks_per_second: float
    worker_memory_mb: float
    memory_mb: float

    def to_dict(self) -> dict[str, Any]:
        """Return all values by name, for JSON."""
        return asdict(self)


def measure_england(
    seed: int = 1, on_stage: OnStage = lambda *_: None, scenario: AnyScenario = "england"
) -> EnglandBench:
    """Run every tenth tile of England, or of another scenario in tiles, on local workers.

    Args:
        seed: the seed.
        on_stage: called with (number of finished tiles, number of tiles to run, name of the work).
        scenario: the scenario.
    """
    settings = resolve_scenario(scenario)
    planned = plan_tiles(settings, seed)
    chosen = planned[::_PART] if len(planned) >= _PART else planned[:1]
    workers = min(choose_workers(settings), len(chosen))
    start = time.perf_counter()
    with open_local_engine(workers) as engine:
        peaks = run_tasks(
            _measure_tile, chosen, engine, lambda done: on_stage(done, len(chosen), "tiles of England")
        )
    seconds = time.perf_counter() - start
    children, children_run = (sum(each.tile.children for each in tiles) for tiles in (planned, chosen))
    weeks, peak = total_weeks(settings.clock), max(peaks)
    provenance = collect_provenance(settings.model_dump(mode="python"), seed, datetime.now(UTC), seconds)
    return EnglandBench(
        setup=_select_setup(provenance),
        tiles=len(planned),
        tiles_run=len(chosen),
        children=children,
        children_run=children_run,
        weeks=weeks,
        workers=workers,
        seconds=seconds,
        seconds_for_all=seconds * children / children_run,
        child_weeks_per_second=children_run * weeks / seconds,
        worker_memory_mb=peak,
        memory_mb=workers * peak + measure_memory().peak,
    )


def _measure_tile(planned: PlannedTile) -> float:
    """Run a tile in a worker, and return the peak memory of the worker so far, in MB; the result is discarded."""
    answer = run_tile(planned, lambda _: None)
    if answer.error is not None:
        raise RuntimeError(f"{answer.name} failed in {answer.stage}: {answer.error}")
    return measure_memory().peak


def _select_setup(provenance: Mapping[str, Any]) -> dict[str, Any]:
    return {name: provenance[name] for name in ("seed", "versions", "platform")}
