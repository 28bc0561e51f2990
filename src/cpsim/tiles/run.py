"""Run the tiles of a scenario on workers, and save each in a folder, so that an interrupted run can be continued."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cpsim.parallel.engine import Engine, EngineError, Send, open_local_engine
from cpsim.parallel.tasks import MAX_DEATHS, dispatch
from cpsim.results.origin import hash_code
from cpsim.scenario.clock import total_weeks
from cpsim.scenario.memory import estimate_memory
from cpsim.scenario.read import AnyScenario, Overrides, resolve_scenario
from cpsim.seeds import read_seed
from cpsim.tiles.folder import TilesFolder, open_tiles_folder
from cpsim.tiles.plan import PlannedTile, plan_tiles
from cpsim.tiles.task import TileAnswer, TileWeeks, run_tile

if TYPE_CHECKING:
    from concurrent.futures import Future

    from cpsim.scenario.schema import Scenario

__all__ = ["TileProgress", "choose_workers", "run_tiles"]

_MEMORY_GB = 8.0
"""Most memory of the worker processes that are started without being asked for, in GB."""


@dataclass(frozen=True)
class TileProgress:
    """The progress of a scenario in tiles.

    Attributes:
        folder: the folder.
        tiles: number of tiles.
        done: number of tiles that are saved.
        failures: the answers of the tiles that failed.
        share: share of all children and weeks that has been simulated, 0 to 1.
        share_now: the part of it that this command has simulated.
        seconds: time since this command started.
        stopped: whether the run was asked to stop.
        set_aside: a sentence for each tile whose files were damaged.

    >>> progress = TileProgress(Path("england"), 56, 55, (), share=0.98, share_now=0.1, seconds=40.0)
    >>> progress.complete, progress.failed
    (False, 0)
    """

    folder: Path
    tiles: int
    done: int
    failures: tuple[TileAnswer, ...]
    share: float
    share_now: float
    seconds: float
    stopped: bool = False
    set_aside: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """Number of tiles that failed."""
        return len(self.failures)

    @property
    def complete(self) -> bool:
        """Whether every tile is saved."""
        return self.done == self.tiles


def choose_workers(scenario: Scenario) -> int:
    """Choose a number of worker processes: one for each core, as far as their memory is expected to fit in 8 GB.

    >>> from cpsim.scenario import load
    >>> choose_workers(load("small")) >= 1
    True
    """
    fitting = int(_MEMORY_GB / estimate_memory(scenario).gigabytes)
    return max(min(os.cpu_count() or 1, fitting), 1)


def run_tiles(
    scenario: AnyScenario,
    out: str | Path,
    seed: int = 1,
    engine: AbstractContextManager[Engine] | None = None,
    *,
    overrides: Overrides = (),
    on_progress: Callable[[TileProgress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> TileProgress:
    """Run all tiles of a scenario that are not yet saved in its folder; `join_tiles` then joins them.

    Args:
        scenario: a `Scenario`, the name of a scenario of cpsim, the path of a file, or a mapping.
        out: the folder; it is created, or continued if it exists.
        seed: whole number from 0 to `MAX_SEED`.
        engine: the workers, such as `open_local_engine(2)` or `open_dask_engine(address)`; by default, processes on
            this machine.
        overrides: changes to settings.
        on_progress: called several times a second.
        stop: called several times a second; if it returns True, the tiles under way are abandoned.

    Returns:
        The progress at the end. A tile that failed is in `failures`, and is repeated by the next call.

    Raises:
        ScenarioError: the scenario or that of a tile is invalid.
        ValueError: the seed is not valid.
        FolderInUseError: another command is writing into the folder.
        DifferentTilesError: the folder belongs to another scenario, seed or version of the code.
        OutputError: the folder cannot be written.
        EngineError: the workers cannot be reached, or run another version of cpsim.

    >>> from tempfile import TemporaryDirectory
    >>> from cpsim.parallel.engine import open_in_process_engine
    >>> towns = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> divided = {**towns, "authorities": {"count": 3, "tile_children": 1_000}}
    >>> with TemporaryDirectory() as folder:
    ...     progress = run_tiles(divided, Path(folder, "towns"), engine=open_in_process_engine())
    >>> progress.tiles, progress.complete
    (2, True)
    """
    settings, seed = resolve_scenario(scenario, overrides), read_seed(seed)
    planned = plan_tiles(settings, seed)
    with open_tiles_folder(Path(out), settings, seed, planned) as folder:
        counter = _TileCounter(folder, total_weeks(settings.clock))
        # The largest first, so that no worker is left alone with a large one at the end.
        left = sorted(
            (each for each in planned if each.tile.number not in folder.done),
            key=lambda each: -each.tile.children,
        )
        if left:
            workers = min(choose_workers(settings), len(left))
            with engine or open_local_engine(workers) as opened:
                _run(left, folder, opened, counter, on_progress, stop)
        return counter.count()


class _TileCounter:
    """Counts the tiles and the weeks that have been simulated."""

    def __init__(self, folder: TilesFolder, weeks: int) -> None:
        self._folder, self._weeks, self._start = folder, weeks, time.monotonic()
        self._under_way: dict[int, int] = {}
        self._children = {each.tile.number: each.tile.children for each in folder.planned}
        self._before = self._find_share()
        self.failures: list[TileAnswer] = []
        self.stopped = False

    def receive(self, weeks: TileWeeks) -> None:
        """Note the weeks of a tile; called in any thread."""
        self._under_way[weeks.number] = weeks.weeks

    def count(self) -> TileProgress:
        share = self._find_share()
        return TileProgress(
            folder=self._folder.path,
            tiles=len(self._children),
            done=len(self._folder.done),
            failures=tuple(self.failures),
            share=share,
            share_now=share - self._before,
            seconds=time.monotonic() - self._start,
            stopped=self.stopped,
            set_aside=tuple(self._folder.set_aside),
        )

    def _find_share(self) -> float:
        weeks = dict(self._under_way) | dict.fromkeys(self._folder.done, self._weeks)
        simulated = sum(self._children[number] * done / self._weeks for number, done in weeks.items())
        return simulated / sum(self._children.values())


def _run(
    left: list[PlannedTile],
    folder: TilesFolder,
    workers: Engine,
    counter: _TileCounter,
    on_progress: Callable[[TileProgress], None],
    stop: Callable[[], bool],
) -> None:
    """Have the workers run the tiles, and save each as soon as it is finished."""

    def is_stopped() -> bool:
        counter.stopped = counter.stopped or stop()
        return counter.stopped

    submit = partial(_submit, workers, workers.open_channel(counter.receive))
    for task, future in dispatch(
        submit, left, workers, on_tick=lambda: on_progress(counter.count()), stop=is_stopped
    ):
        answer = _read_answer(task, future, workers)
        if answer.result is None:
            counter.failures.append(answer)
        else:
            folder.add(answer)


def _submit(workers: Engine, send: Send, task: PlannedTile) -> Future[TileAnswer]:
    try:
        return workers.executor.submit(run_tile, task, send)
    except Exception as error:
        raise EngineError(f"the workers accept no more tasks: {error}") from error


def _read_answer(task: PlannedTile, future: Future[TileAnswer], workers: Engine) -> TileAnswer:
    """Read the answer of a worker; a tile that kills every worker has failed."""
    try:
        answer = future.result()
    except workers.death_errors:
        error = f"the worker died {MAX_DEATHS} times in this tile"
        return TileAnswer(task.tile.number, task.tile.name, hash_code(), "", stage="worker", error=error)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise EngineError(f"the workers were lost or failed: {reason}") from error
    if answer.code != hash_code():
        raise EngineError(
            f"the worker {answer.worker} runs another version of cpsim than this process: "
            f"{answer.code[:12]}, not {hash_code()[:12]}"
        )
    return answer
