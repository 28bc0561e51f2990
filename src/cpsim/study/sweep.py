"""Run an experiment into a folder, and lose no work whatever happens.

This process alone decides what is run and writes what has become of it; workers know one task at a time. A row is kept
in memory until its part is written, so that no more than that can be lost, and memory does not grow with the sweep.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from cpsim.results.run_result import code_sha256
from cpsim.study.engine import Engine, EngineFailed, local
from cpsim.study.experiment import Experiment, load_experiment
from cpsim.study.folder import SweepFolder, held
from cpsim.study.runs import most_together, pasts, values_at
from cpsim.study.work import Answer, Row, Run, Task, work

_TICK = 0.2
"""Seconds after which it is seen at the latest that somebody wants an end."""
_ENOUGH_DEATHS = 3


@dataclass(frozen=True)
class Pace:
    """When a part is written: the work that may be lost against the number of files.

    Attributes:
        rows: with so many rows at the latest.
        soonest: seconds after the last one at the earliest, and at the latest while the sweep is young.
        latest: seconds after the last one at the latest.
        share: of the time that the sweep has taken, in between.
    """

    rows: int = 2_000
    soonest: float = 2.0
    latest: float = 60.0
    share: float = 0.02

    def is_due(self, rows: int, waited: float, taken: float) -> bool:
        """Whether to write `rows`, so many seconds after the last part and after the start."""
        return rows >= self.rows or waited >= min(self.latest, max(self.soonest, self.share * taken))


@dataclass(frozen=True)
class Tally:
    """How far a sweep is.

    Attributes:
        folder: where it is saved.
        runs: all runs of the experiment.
        done: those that have a row, saved or about to be.
        failed: of these, those that failed.
        now: those that were done by this command.
        seconds: how long this command has taken.
        stopped: why it ends before its end: `asked` or `budget`; None if it does not.
        set_aside: sentences about parts of the folder that could not be used.
    """

    folder: Path
    runs: int
    done: int
    failed: int
    now: int
    seconds: float
    stopped: str | None = None
    set_aside: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every run has a row."""
        return self.done == self.runs


def sweep(
    experiment: Experiment | str | Path,
    out: str | Path,
    engine: AbstractContextManager[Engine] | None = None,
    *,
    anyway: bool = False,
    pace: Pace = Pace(),
    on_progress: Callable[[Tally], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Tally:
    """Do the runs of an experiment that its folder does not have yet.

    Args:
        experiment: an experiment, or its file.
        out: the folder; made if it is not there, continued if it is.
        engine: the workers, such as `local(4)` or `dask(address)`; a process for each core if None.
        anyway: continue also where the folder has another definition or another code.
        pace: when results are written.
        on_progress: called several times a second.
        stop: asked several times a second whether to end; what is under way is given up, what is done is saved.

    Raises:
        ScenarioError: the experiment's file has faults.
        InUse: another sweep writes into the folder.
        OtherSweep: the folder has a sweep of something else.
        OutputError: the folder cannot be written; what was saved before is safe.
        EngineFailed: the workers cannot be reached, or run another version of cpsim.
    """
    if not isinstance(experiment, Experiment):
        experiment = load_experiment(experiment)
    with held(Path(out), experiment, anyway=anyway) as folder:
        if folder.done.all():
            tally = _Progress(folder).tally()
            on_progress(tally)
            return tally
        with engine or local(os.cpu_count() or 1) as workers:
            return _Sweep(folder, workers, pace).run(on_progress, stop)


class _Progress:
    """Counts what one command has done."""

    def __init__(self, folder: SweepFolder) -> None:
        self.folder = folder
        self.begun = time.monotonic()
        self.before = int(folder.done.sum())

    def tally(self, unsaved: Iterable[Row] = (), stopped: str | None = None) -> Tally:
        rows = list(unsaved)
        done = int(self.folder.done.sum()) + len(rows)
        failed = self.folder.failed + sum(row.stage is not None for row in rows)
        return Tally(
            folder=self.folder.path,
            runs=len(self.folder.runs),
            done=done,
            failed=failed,
            now=done - self.before,
            seconds=time.monotonic() - self.begun,
            stopped=stopped,
            set_aside=tuple(self.folder.set_aside),
        )


class _Sweep:
    """The coordinator: hands out tasks, takes in rows, and writes them down."""

    def __init__(self, folder: SweepFolder, workers: Engine, pace: Pace) -> None:
        self._folder, self._workers, self._pace = folder, workers, pace
        self._progress = _Progress(folder)
        self._unsaved: dict[str, tuple[Row, Answer]] = {}
        self._saved_at = time.monotonic()
        self._under_way: dict[Future[Answer], Task] = {}
        self._again: deque[Task] = deque()
        self._waiting = tasks_left(folder, workers.places())

    def run(self, on_progress: Callable[[Tally], None], stop: Callable[[], bool]) -> Tally:
        try:
            while self._hand_out():
                ended, _ = wait(self._under_way, _TICK, FIRST_COMPLETED)
                for future in ended:
                    self._take_in(future)
                if self._is_due():
                    self._save()
                on_progress(self._tally())
                if reason := self._reason_to_stop(stop):
                    return self._ended(reason)
            return self._ended(None)
        finally:
            self._save()

    def _hand_out(self) -> bool:
        """Keep every worker busy; whether anything is under way."""
        places = self._workers.places()
        while len(self._under_way) < places:
            task = self._again.popleft() if self._again else next(self._waiting, None)
            if task is None:
                break
            self._under_way[self._submitted(task)] = task
        return bool(self._under_way)

    def _submitted(self, task: Task) -> "Future[Answer]":
        try:
            return self._workers.executor.submit(work, task)
        except Exception as error:
            raise EngineFailed(f"the workers take no more work: {error}") from error

    def _take_in(self, future: "Future[Answer]") -> None:
        task = self._under_way.pop(future)
        try:
            answer = future.result()
        except self._workers.deaths:
            self._after_death(task)
            return
        except (Exception, CancelledError) as error:
            told = f"{type(error).__name__}: {error}".removesuffix(": ")
            raise EngineFailed(f"the workers have gone or cannot work: {told}") from error
        if answer.code != code_sha256():
            raise EngineFailed(
                f"the worker {answer.worker} runs another version of cpsim than this process: "
                f"{answer.code[:12]}, not {code_sha256()[:12]}"
            )
        self._unsaved |= {row.run_id: (row, answer) for row in answer.rows}

    def _after_death(self, task: Task) -> None:
        """Try its runs again one by one, to learn which of them kills workers; give that one up in the end."""
        deaths = task.deaths + 1
        if deaths < _ENOUGH_DEATHS:
            self._again.extend(replace(task, runs=(run,), deaths=deaths) for run in task.runs)
            return
        told = f"the worker died {deaths} times in this run"
        answer = Answer((), code_sha256(), "", "")
        self._unsaved |= {
            run.run_id: (Row(run.run_id, {}, stage="worker", error=told), answer) for run in task.runs
        }

    def _is_due(self) -> bool:
        now = time.monotonic()
        taken = now - self._progress.begun
        return bool(self._unsaved) and self._pace.is_due(len(self._unsaved), now - self._saved_at, taken)

    def _save(self) -> None:
        self._folder.save(self._unsaved)
        self._unsaved = {}
        self._saved_at = time.monotonic()

    def _reason_to_stop(self, stop: Callable[[], bool]) -> str | None:
        minutes = self._folder.experiment.definition.budget.minutes
        if stop():
            return "asked"
        if minutes is not None and time.monotonic() - self._progress.begun > minutes * 60:
            return "budget"
        return None

    def _ended(self, reason: str | None) -> Tally:
        for future in [future for future in self._under_way if future.done()]:
            self._take_in(future)
        return self._tally(reason)

    def _tally(self, stopped: str | None = None) -> Tally:
        return self._progress.tally((row for row, _ in self._unsaved.values()), stopped)


def tasks_left(folder: SweepFolder, places: int) -> Iterator[Task]:
    """The runs without a row, in tasks whose runs share a world, and a past where they can; one seed after the other.

    Args:
        folder: the sweep's.
        places: how many tasks may be under way; tasks become smaller when there is little left for each.
    """
    experiment = folder.experiment
    left = np.flatnonzero(~folder.done)
    runs = folder.runs
    point, seed = runs["point"].to_numpy()[left], runs["seed"].to_numpy()[left]
    past = pasts(experiment)[point]
    order = np.lexsort((runs["arm"].cat.codes.to_numpy()[left], point, past, seed))
    left, point, seed, past = left[order], point[order], seed[order], past[order]
    new = np.flatnonzero((np.diff(seed) != 0) | (np.diff(past) != 0)) + 1
    together = most_together(experiment, len(left), places)
    for begin, end in pairwise([0, *new, len(left)]):
        for start in range(begin, end, together):
            yield _task(folder, left[start : min(start + together, end)])


def _task(folder: SweepFolder, places: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Task:
    experiment, runs = folder.experiment, folder.runs.iloc[places]
    values = {point: values_at(experiment, point) for point in runs["point"].unique()}
    return Task(
        seed=int(runs["seed"].iloc[0]),
        runs=tuple(
            Run(run_id, arm, values[point])
            for run_id, arm, point in zip(runs["run_id"], runs["arm"], runs["point"], strict=True)
        ),
        arms={name: experiment.arms[name] for name in runs["arm"].unique()},
        folder=experiment.folder,
        outcomes=experiment.definition.outcomes,
    )
