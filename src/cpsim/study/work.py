"""What a worker does with a task: from the settings of some runs of one seed to a row for each.

Runs of a task share what they can, the drawn world and a past in common, and their rows do not depend on it. A run that
raises becomes a row as well. A worker knows nothing of the folder of the sweep.
"""

import os
import platform
import socket
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cpsim.agents.roster import release
from cpsim.model import ChildProtectionModel
from cpsim.results.folder import OutputError
from cpsim.results.run_result import code_sha256, scenario_sha256, scenario_yaml, versions
from cpsim.scenario.nodes import from_values
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.schema import Scenario
from cpsim.study.arm import Arm, with_values
from cpsim.study.arms import live_arms
from cpsim.study.outcomes import value
from cpsim.study.worlds import Worlds

DONE, FAILED = "done", "failed"
_LONGEST_ERROR = 500

_WORLDS = Worlds()
_AT_WORK = threading.Lock()
"""A cluster may give a process several threads. They share the worlds, and Python would let only one compute anyway."""


@dataclass(frozen=True)
class Run:
    """One run: its name, its arm, and the values of the varied settings by path."""

    run_id: str
    arm: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """Runs of one seed that are worked on together.

    Attributes:
        seed: the seed of all of them.
        runs: at least one.
        arms: the arms that they name.
        folder: where the experiment's file lies.
        outcomes: the figures wanted, as `cpsim.study.outcomes` names them.
        deaths: how many workers have died of it.
    """

    seed: int
    runs: tuple[Run, ...]
    arms: Mapping[str, Arm]
    folder: Path
    outcomes: tuple[str, ...]
    deaths: int = 0


@dataclass(frozen=True)
class Row:
    """What has become of one run.

    Attributes:
        run_id: the run.
        figures: its outcomes by name; none if it failed.
        stage: where it failed: `settings`, `world`, `start`, `week 17`, `figures` or `worker`; None if it did not.
        error: what was raised there.
        scenario_hash: SHA-256 of its resolved scenario; None if it cannot be told.
        seconds: how long it took, without what others had lived through for it.
        scenario: of a failed run, the resolved scenario as YAML that can be run again.
        trace: of a failed run, the traceback.
    """

    run_id: str
    figures: Mapping[str, float]
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
class Answer:
    """The rows of a task, and who made them: the hash of the code that ran, the process, and its versions."""

    rows: tuple[Row, ...]
    code: str
    worker: str
    made_with: str


def work(task: Task) -> Answer:
    """Do all runs of a task."""
    with _AT_WORK:
        rows = tuple(_rows(task))
    return Answer(rows, code_sha256(), f"{os.getpid()} on {socket.gethostname()}", _made_with())


@cache
def _made_with() -> str:
    named = ", ".join(f"{name} {number}" for name, number in versions().items())
    return f"{named}, {platform.platform()}"


def _rows(task: Task) -> Iterator[Row]:
    scenarios: dict[str, Scenario] = {}
    for run in task.runs:
        values = from_values(run.values, []).children
        try:
            scenarios[run.run_id] = with_values(task.arms[run.arm], values, task.folder)
        except ScenarioError as error:
            yield Row(run.run_id, {}, stage="settings", error=_told(error), trace=traceback.format_exc())
    if len(scenarios) > 1:
        yield from _done_together(scenarios, task)
    for run_id, scenario in scenarios.items():
        yield _done_alone(run_id, scenario, task)


def _done_together(scenarios: dict[str, Scenario], task: Task) -> Iterator[Row]:
    """Rows of the runs that go well in company; they are taken out of `scenarios`.

    When something is raised it may be the fault of any of those that share a past. Each of the rest is then to be done
    alone, so that its row is what it would be without the others.
    """
    begun = time.perf_counter()
    try:
        for run_id, model in live_arms(dict(scenarios), task.seed, _WORLDS):
            figures = _figures(model, task.outcomes)
            now = time.perf_counter()
            yield _row(run_id, scenarios.pop(run_id), figures, now - begun)
            begun = now
    except Exception:  # noqa: BLE001  whatever it was, it is raised again where it belongs
        return


def _done_alone(run_id: str, scenario: Scenario, task: Task) -> Row:
    stage, begun = "world", time.perf_counter()
    try:
        world = _WORLDS.of(scenario, task.seed)
        stage = "start"
        model = ChildProtectionModel(scenario, seed=task.seed, world=world, collect=False)
        try:
            while model.running:
                stage = f"week {model.week}"
                model.step()
            stage = "figures"
            figures = _figures(model, task.outcomes)
        finally:
            release(model)
    except Exception as error:  # noqa: BLE001  a run that raises is data
        resolved = scenario.model_dump(mode="python")
        return Row(
            run_id,
            {},
            stage=stage,
            error=_told(error),
            scenario_hash=_hash_of(resolved),
            seconds=time.perf_counter() - begun,
            scenario=scenario_yaml(resolved),
            trace=traceback.format_exc(),
        )
    return _row(run_id, scenario, figures, time.perf_counter() - begun)


def _figures(model: ChildProtectionModel, outcomes: tuple[str, ...]) -> dict[str, float]:
    summary = model.summary()
    return {name: value(summary, name) for name in outcomes}


def _row(run_id: str, scenario: Scenario, figures: Mapping[str, float], seconds: float) -> Row:
    hashed = scenario_sha256(scenario.model_dump(mode="python"))
    return Row(run_id, figures, scenario_hash=hashed, seconds=seconds)


def _hash_of(resolved: Mapping[str, Any]) -> str | None:
    """The hash of a failed run; None if it failed because a file that it names is gone."""
    try:
        return scenario_sha256(resolved)
    except OutputError:
        return None


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
