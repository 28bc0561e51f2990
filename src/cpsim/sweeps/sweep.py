"""Run an experiment and save its results in a folder, so that an interrupted sweep can be continued.

This process alone decides what is run and writes the results; a worker sees one task at a time. The row of a run is
saved in a journal as soon as it arrives, so an interruption loses only the runs under way. From time to time the rows
in the journal are written as a part.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from cpsim.arrays import Ints
from cpsim.experiment.read import Experiment, load_experiment
from cpsim.experiment.runs import choose_task_size, number_histories, read_point_values
from cpsim.parallel.engine import Engine, EngineError, Send, open_local_engine
from cpsim.parallel.tasks import MAX_DEATHS, dispatch
from cpsim.results.origin import hash_code
from cpsim.sweeps.folder import SweepFolder, open_sweep_folder
from cpsim.sweeps.tasks import ResultRow, SweepRun, SweepTask, TaskAnswer, run_sweep_task

__all__ = ["Pace", "SweepProgress", "sweep"]


@dataclass(frozen=True)
class Pace:
    """When to write the rows in the journal as a part: a power cut loses the journal, rare parts make fewer files.

    A part is written when the journal has `rows` rows, or when a share of the duration of the sweep has passed since
    the last part, but at least `soonest` and at most `latest` seconds.

    Attributes:
        rows: largest number of rows of a part.
        soonest: shortest time between two parts, in seconds.
        latest: longest time between two parts, in seconds.
        share: time between two parts as a share of the duration of the sweep so far.

    >>> Pace().is_due(rows=10, waited=1.0, taken=30.0)
    False
    >>> Pace().is_due(rows=10, waited=3.0, taken=30.0)
    True
    """

    rows: int = 2_000
    soonest: float = 2.0
    latest: float = 60.0
    share: float = 0.02

    def is_due(self, rows: int, waited: float, taken: float) -> bool:
        """Return whether to write a part.

        Args:
            rows: number of rows in the journal.
            waited: seconds since the last part.
            taken: seconds since the start of the sweep.
        """
        return rows >= self.rows or waited >= min(self.latest, max(self.soonest, self.share * taken))


@dataclass(frozen=True)
class SweepProgress:
    """The progress of a sweep.

    Attributes:
        folder: the folder of the sweep.
        runs: number of runs of the experiment.
        done: number of runs whose row is saved.
        failed: number of runs that failed.
        now: number of runs finished by this command.
        seconds: time since this command started.
        stopped: why the sweep stops early: `asked` or `budget`; None if it does not.
        set_aside: a sentence for each file in the folder that was missing or damaged.

    >>> SweepProgress(Path("trust"), runs=40, done=38, failed=1, now=8, seconds=12.0, stopped="budget").complete
    False
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
    on_progress: Callable[[SweepProgress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> SweepProgress:
    """Run all runs of an experiment that are not yet saved in its folder.

    Args:
        experiment: an experiment, or the path of its file.
        out: the folder; it is created, or continued if it exists.
        engine: the workers, such as `open_local_engine(4)` or `open_dask_engine(address)`; if None, one local process
            for each core.
        anyway: continue even if the folder was started with another definition or another version of the code.
        pace: when the rows in the journal are written as a part.
        on_progress: called several times a second.
        stop: called several times a second; if it returns True, the sweep stops. Finished runs are saved, and runs
            under way are abandoned.

    Returns:
        The progress at the end.

    Raises:
        ScenarioError: the experiment file has errors.
        FolderInUseError: another sweep is writing into the folder.
        DifferentSweepError: the folder contains a different sweep.
        LinkRefusedError: the folder is a link, or has one in it.
        OutputError: the folder cannot be written; everything saved before is safe.
        EngineError: the workers cannot be reached, or run another version of cpsim.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from cpsim.parallel.engine import open_in_process_engine
    >>> text = '''
    ... name: trust
    ... base: small
    ... arms: {small: {population: {children: 500}, clock: {years: 1, warm_up_years: 1}}}
    ... vary: {network.trust_start: [0.3, 0.6]}
    ... seeds: 1
    ... outcomes: [missed_risk_rate]
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "trust.yaml")
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     progress = sweep(file, Path(folder, "trust"), open_in_process_engine())
    >>> progress.done, progress.failed
    (2, 0)
    """
    if not isinstance(experiment, Experiment):
        experiment = load_experiment(experiment)
    with open_sweep_folder(Path(out), experiment, anyway=anyway) as folder:
        counter = _ProgressCounter(folder)
        if folder.done.all():
            on_progress(counter.count())
            return counter.count()
        with engine or open_local_engine(os.cpu_count() or 1) as workers:
            stopped = _Coordinator(folder, workers, pace, counter).run(on_progress, stop)
        folder.close()  # only now, because workers send rows until the engine is closed
        return counter.count(stopped)


class _ProgressCounter:
    """Counts the runs that one command has finished."""

    def __init__(self, folder: SweepFolder) -> None:
        self.folder = folder
        self.start = time.monotonic()
        self.done_before = int(folder.done.sum())

    def count(self, stopped: str | None = None) -> SweepProgress:
        done = int(self.folder.done.sum())
        return SweepProgress(
            folder=self.folder.path,
            runs=len(self.folder.runs),
            done=done,
            failed=self.folder.failed,
            now=done - self.done_before,
            seconds=time.monotonic() - self.start,
            stopped=stopped,
            set_aside=tuple(self.folder.set_aside),
        )


class _Coordinator:
    """Has the workers run the remaining tasks, and saves the rows."""

    def __init__(self, folder: SweepFolder, workers: Engine, pace: Pace, counter: _ProgressCounter) -> None:
        self._folder, self._workers, self._pace, self._counter = folder, workers, pace, counter
        self._part_at = time.monotonic()
        self._stopped: str | None = None
        self._failure: OSError | EngineError | None = None

    def run(self, on_progress: Callable[[SweepProgress], None], stop: Callable[[], bool]) -> str | None:
        """Run the tasks, and return why the sweep stops early; None if it does not."""

        def on_tick() -> None:
            self._raise_failure()
            if self._is_due():
                self._folder.write_part()
                self._part_at = time.monotonic()
            on_progress(self._counter.count(self._stopped))

        def is_stopped() -> bool:
            self._stopped = self._find_reason_to_stop(stop)
            return self._stopped is not None

        submit = partial(self._submit, self._workers.open_channel(self._receive))
        tasks = list_remaining_tasks(self._folder, self._workers.count_slots())
        for task, future in dispatch(
            submit, tasks, self._workers, split=self._split, on_tick=on_tick, stop=is_stopped
        ):
            self._collect(task, future)
        return self._stopped

    def _submit(self, send: Send, task: SweepTask) -> "Future[TaskAnswer]":
        try:
            return self._workers.executor.submit(run_sweep_task, task, send)
        except Exception as error:
            raise EngineError(f"the workers accept no more tasks: {error}") from error

    def _receive(self, answer: TaskAnswer) -> None:
        """Save the rows of an answer; an error is raised by `on_tick`, because this is called in other threads."""
        try:
            if answer.code != hash_code():
                raise EngineError(
                    f"the worker {answer.worker} runs another version of cpsim than this process: "
                    f"{answer.code[:12]}, not {hash_code()[:12]}"
                )
            self._folder.add(answer)
        except (OSError, EngineError) as error:
            self._failure = self._failure or error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _collect(self, task: SweepTask, future: "Future[TaskAnswer]") -> None:
        """Save the rows of a finished task that were not sent before; a run that kills every worker is given up."""
        try:
            answer = future.result()
        except self._workers.death_errors:
            answer = _give_up(task)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}".removesuffix(": ")
            raise EngineError(f"the workers were lost or failed: {reason}") from error
        self._receive(answer)
        self._raise_failure()

    def _is_due(self) -> bool:
        rows, now = self._folder.rows_in_journal, time.monotonic()
        return rows > 0 and self._pace.is_due(rows, now - self._part_at, now - self._counter.start)

    def _split(self, task: SweepTask) -> Iterator[SweepTask]:
        """Separate the runs of a task that are not saved, to find the run that kills its worker."""
        return (replace(task, runs=(run,)) for run in task.runs if not self._folder.is_saved(run.run_id))

    def _find_reason_to_stop(self, stop: Callable[[], bool]) -> str | None:
        minutes = self._folder.experiment.definition.budget.minutes
        if stop():
            return "asked"
        if minutes is not None and time.monotonic() - self._counter.start > minutes * 60:
            return "budget"
        return None


def _give_up(task: SweepTask) -> TaskAnswer:
    """Return a failed row for each run of a task that has killed `MAX_DEATHS` workers."""
    error = f"the worker died {MAX_DEATHS} times in this run"
    rows = (ResultRow(run.run_id, {}, stage="worker", error=error) for run in task.runs)
    return TaskAnswer(tuple(rows), hash_code(), "", "")


def list_remaining_tasks(folder: SweepFolder, slots: int) -> Iterator[SweepTask]:
    """List the runs without a row as tasks, some seeds after the others.

    The runs of a task share some seeds, and a history where possible.

    Args:
        folder: the folder of the sweep.
        slots: number of tasks that may be under way; tasks are smaller when few runs are left for each slot.
    """
    experiment = folder.experiment
    left = np.flatnonzero(~folder.done)
    runs = folder.runs
    point, arm = runs["point"].to_numpy()[left], runs["arm"].cat.codes.to_numpy()[left]
    seeds, place = np.unique(runs["seed"].to_numpy()[left], return_inverse=True)
    size = choose_task_size(experiment, len(left), len(seeds), slots)
    block = place // size.seeds
    history = number_histories(experiment)[point]
    order = np.lexsort((place, arm, point, history, block))
    left, block, history = left[order], block[order], history[order]
    begins_group = (np.diff(block, prepend=-1) != 0) | (np.diff(history, prepend=-1) != 0)
    begins_scenario = (
        begins_group | (np.diff(point[order], prepend=-1) != 0) | (np.diff(arm[order], prepend=-1) != 0)
    )
    scenario = np.cumsum(begins_scenario) - 1
    in_group = scenario - scenario[np.maximum.accumulate(np.where(begins_group, np.arange(len(left)), 0))]
    begins_task = begins_scenario & (in_group % size.scenarios == 0)
    for start, end in pairwise([*np.flatnonzero(begins_task), len(left)]):
        yield _build_task(folder, left[start:end])


def _build_task(folder: SweepFolder, rows: Ints) -> SweepTask:
    experiment, runs = folder.experiment, folder.runs.iloc[rows]
    values = {point: read_point_values(experiment, point) for point in runs["point"].unique()}
    return SweepTask(
        runs=tuple(
            SweepRun(run_id, arm, point, values[point], seed)
            for run_id, arm, point, seed in zip(
                runs["run_id"], runs["arm"], runs["point"].tolist(), runs["seed"].tolist(), strict=True
            )
        ),
        arms={name: experiment.arms[name] for name in runs["arm"].unique()},
        folder=experiment.folder,
        outcomes=experiment.definition.outcomes,
    )
