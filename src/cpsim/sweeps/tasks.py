"""Run a task of a sweep in a worker: some scenarios on some seeds, with a row of results for each run.

Runs of a seed share the drawn world and any common history, and the runs of a scenario are simulated as a block; their
rows do not depend on this. A run that raises an exception also becomes a row. A worker has no access to the folder of
the sweep: it sends each row as soon as the run has ended.
"""

import os
import platform
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from cpsim.experiment.arm import Arm, build_arm_scenario
from cpsim.experiment.outcomes import read_outcome
from cpsim.parallel.shared_history import simulate_arms
from cpsim.parallel.staged_run import StagedRun, format_error
from cpsim.parallel.worlds import WorldCache
from cpsim.results.errors import OutputError
from cpsim.results.origin import hash_code
from cpsim.results.run_result import format_scenario_yaml, hash_scenario, list_versions
from cpsim.scenario.nodes import read_values
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.schema import Scenario
from cpsim.simulation import Simulation

DONE, FAILED = "done", "failed"

_WORLDS = WorldCache()
_TASK_LOCK = threading.Lock()
"""A cluster worker may have several threads. They share the cache, and only one can run Python code at a time."""


@dataclass(frozen=True)
class SweepRun:
    """One run: its identifier, its arm, its point with the values of the varied settings by path, and its seed."""

    run_id: str
    arm: str
    point: int
    values: Mapping[str, Any]
    seed: int


@dataclass(frozen=True)
class SweepTask:
    """Runs that one worker runs together.

    Attributes:
        runs: at least one run.
        arms: the arms of these runs, by name.
        folder: the folder of the experiment file.
        outcomes: the outcomes to store, as named in `cpsim.experiment.outcomes`.
    """

    runs: tuple[SweepRun, ...]
    arms: Mapping[str, Arm]
    folder: Path
    outcomes: tuple[str, ...]


@dataclass(frozen=True)
class ResultRow:
    """The result of one run.

    Attributes:
        run_id: identifier of the run.
        outcomes: its outcomes by name; empty if it failed.
        stage: where it failed: `settings`, `world`, `start`, `week 17`, `figures` or `worker`; None if it did not.
        error: type and message of the exception.
        scenario_hash: SHA-256 of the resolved scenario; None if it could not be computed.
        seconds: time that the run took, without any history simulated by another run.
        scenario: for a failed run, the resolved scenario as YAML that can be run again.
        trace: for a failed run, the traceback.
    """

    run_id: str
    outcomes: Mapping[str, float]
    stage: str | None = None
    error: str | None = None
    scenario_hash: str | None = None
    seconds: float = 0.0
    scenario: str | None = None
    trace: str | None = None

    @property
    def status(self) -> str:
        """`done` or `failed`."""
        return DONE if self.stage is None else FAILED


@dataclass(frozen=True)
class TaskAnswer:
    """Rows of a task and their provenance.

    Attributes:
        rows: a row for each run, or for the one run that has just ended.
        code: hash of the code that ran.
        worker: process and machine.
        made_with: versions of the libraries, and the platform.
    """

    rows: tuple[ResultRow, ...]
    code: str
    worker: str
    made_with: str


def run_sweep_task(task: SweepTask, send: Callable[[TaskAnswer], None]) -> TaskAnswer:
    """Run all runs of a task.

    Args:
        task: the task.
        send: called with the row of each run as soon as it has ended.

    Returns:
        All rows, for workers that cannot send them one by one.
    """
    provenance = hash_code(), f"{os.getpid()} on {socket.gethostname()}", _describe_platform()
    rows: list[ResultRow] = []
    with _TASK_LOCK:
        for row in _run_task(task):
            send(TaskAnswer((row,), *provenance))
            rows.append(row)
    return TaskAnswer(tuple(rows), *provenance)


@cache
def _describe_platform() -> str:
    libraries = ", ".join(f"{name} {number}" for name, number in list_versions().items())
    return f"{libraries}, {platform.platform()}"


def _run_task(task: SweepTask) -> Iterator[ResultRow]:
    left: list[_ScenarioRuns] = []
    for _, runs in groupby(sorted(task.runs, key=_get_place), _get_place):
        first, *others = runs
        values = read_values(first.values, []).children
        try:
            scenario = build_arm_scenario(task.arms[first.arm], values, task.folder)
        except ScenarioError as error:
            trace = traceback.format_exc()
            for run in (first, *others):
                yield ResultRow(run.run_id, {}, stage="settings", error=format_error(error), trace=trace)
        else:
            left.append(_ScenarioRuns(scenario, {run.seed: run.run_id for run in (first, *others)}))
    left.sort(key=lambda runs: runs.seeds)
    for seeds, together in groupby(left, lambda runs: runs.seeds):
        yield from _run_together(list(together), seeds, task)
    for alone in left:
        for seed, run_id in alone.run_ids.items():
            yield _run_separately(run_id, alone.scenario, seed, task)


def _get_place(run: SweepRun) -> tuple[str, int]:
    return run.arm, run.point


class _ScenarioRuns(NamedTuple):
    """The runs of a scenario that have no row yet, as identifiers by seed."""

    scenario: Scenario
    run_ids: dict[int, str]

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(self.run_ids)


def _run_together(left: list[_ScenarioRuns], seeds: tuple[int, ...], task: SweepTask) -> Iterator[ResultRow]:
    """Run scenarios on the same seeds until one raises, and remove the runs that have ended.

    An exception may be caused by any of the runs that share a history or a block. The remaining runs are therefore run
    separately, so that their rows are the same as without the others.
    """
    if len(left) * len(seeds) == 1:
        return
    scenarios = {str(place): runs.scenario for place, runs in enumerate(left)}
    start = time.perf_counter()
    try:
        for name, models in groupby(simulate_arms(scenarios, seeds, _WORLDS), key=itemgetter(0)):
            runs = left[int(name)]
            outcomes = {model.seed: _read_outcomes(model, task.outcomes) for _, model in models}
            seconds = (time.perf_counter() - start) / len(outcomes)
            for seed, values in outcomes.items():
                yield _build_row(runs.run_ids.pop(seed), runs.scenario, values, seconds)
            start = time.perf_counter()
    except Exception:  # noqa: BLE001  the separate run raises it again
        return


def _run_separately(run_id: str, scenario: Scenario, seed: int, task: SweepTask) -> ResultRow:
    staged, start = StagedRun(), time.perf_counter()
    try:
        model = staged.simulate(scenario, seed, _WORLDS.get)
        outcomes = _read_outcomes(model, task.outcomes)
    except Exception as error:  # noqa: BLE001  a failed run is a result
        resolved = scenario.model_dump(mode="python")
        return ResultRow(
            run_id,
            {},
            stage=staged.stage,
            error=format_error(error),
            scenario_hash=_hash_scenario(resolved),
            seconds=time.perf_counter() - start,
            scenario=format_scenario_yaml(resolved),
            trace=traceback.format_exc(),
        )
    return _build_row(run_id, scenario, outcomes, time.perf_counter() - start)


def _read_outcomes(model: Simulation, names: tuple[str, ...]) -> dict[str, float]:
    summary = model.summary()
    return {name: read_outcome(summary, name) for name in names}


def _build_row(run_id: str, scenario: Scenario, outcomes: Mapping[str, float], seconds: float) -> ResultRow:
    hashed = hash_scenario(scenario.model_dump(mode="python"))
    return ResultRow(run_id, outcomes, scenario_hash=hashed, seconds=seconds)


def _hash_scenario(resolved: Mapping[str, Any]) -> str | None:
    """Hash the scenario of a failed run; None if a file that it names can no longer be read."""
    try:
        return hash_scenario(resolved)
    except OutputError:
        return None
