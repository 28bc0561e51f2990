"""Estimate the runs, time and disk space of an experiment from short trial runs."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import NamedTuple

import numpy as np

from cpsim.blocks.block import join_runs, split_runs
from cpsim.experiment.read import Experiment
from cpsim.experiment.runs import build_run_scenario, choose_task_size, number_histories
from cpsim.parallel.engine import SLOTS_PER_WORKER
from cpsim.parallel.shared_history import find_divergence_week, step_to
from cpsim.scenario.clock import total_weeks
from cpsim.scenario.memory import estimate_memory
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.schema import Scenario
from cpsim.simulation import Simulation

SECONDS_TO_START = 3.0
"""Time in which a worker imports the libraries before its first run."""
_TRIALS = 3
_BYTES_PER_CELL = 8
_BYTES_PER_RUN = 60
"""Measured on tables of results: identifiers hardly compress, and numbers take most of their eight bytes."""


@dataclass(frozen=True)
class Estimate:
    """The expected size and duration of an experiment; the times and `megabytes` are only estimates.

    Attributes:
        arms: number of arms.
        points: number of points of the design.
        seeds: number of seeds.
        runs: number of runs, the product of these.
        workers: number of worker processes assumed.
        seconds_per_run: mean time of a run in one process; arms and points of a seed share work.
        seconds: time from start to end.
        megabytes: size on disk, without an analysis.
        gigabytes_per_worker: peak memory of a worker process, for the arm that needs most.
        seeds_per_block: number of seeds that are simulated together.
        runs_alone_because: why each seed is simulated by itself; None if it is not.
    """

    arms: int
    points: int
    seeds: int
    runs: int
    workers: int
    seconds_per_run: float
    seconds: float
    megabytes: float
    gigabytes_per_worker: float
    seeds_per_block: int
    runs_alone_because: str | None


def estimate_experiment(experiment: Experiment, workers: int) -> Estimate:
    """Estimate what an experiment takes from three short runs of its first arm at its first point.

    The fastest of the three is scaled to all runs. The estimate ignores that other points may take longer, and the
    trial runs leave out the timeline.

    Args:
        experiment: the experiment.
        workers: number of worker processes.

    Raises:
        ScenarioError: the values of the first point do not make a valid scenario.
    """
    seeds = experiment.definition.seeds_run
    runs = experiment.number_of_runs
    size = choose_task_size(experiment, runs, len(seeds), SLOTS_PER_WORKER * workers)
    scenarios = _list_task_scenarios(experiment, size.scenarios)
    task_seconds = estimate_task_seconds(scenarios, seeds[: size.seeds])
    runs_of_task = len(scenarios) * size.seeds
    tasks = ceil(runs / runs_of_task)
    cells = len(experiment.points.columns) + len(experiment.definition.outcomes)
    return Estimate(
        arms=len(experiment.arms),
        points=len(experiment.points),
        seeds=len(seeds),
        runs=runs,
        workers=workers,
        seconds_per_run=task_seconds / runs_of_task,
        seconds=SECONDS_TO_START + task_seconds * ceil(tasks / workers),
        megabytes=runs * (_BYTES_PER_RUN + _BYTES_PER_CELL * cells) / 1e6,
        gigabytes_per_worker=max(
            _estimate_gigabytes(arm.scenario, size.seeds) for arm in experiment.arms.values()
        ),
        seeds_per_block=size.seeds,
        runs_alone_because=size.reason,
    )


def estimate_task_seconds(scenarios: list[Scenario], seeds: Sequence[int]) -> float:
    """Estimate the seconds that a worker takes for some scenarios on some seeds, from short runs of the first."""
    trial = _time_trial(scenarios[0], seeds)
    return trial.start + trial.week * _count_simulated_weeks(scenarios) + trial.end * len(scenarios)


def _estimate_gigabytes(scenario: Scenario, seeds: int) -> float:
    """Estimate the memory of a worker that simulates some seeds together; a block of several has a fork."""
    estimate = estimate_memory(scenario)
    more = 2 * seeds - 1 if seeds > 1 else 0
    return estimate.gigabytes + more * estimate.bytes_of_run / 1e9


def _list_task_scenarios(experiment: Experiment, max_runs: int) -> list[Scenario]:
    """List the scenarios of the first task, without points whose values do not make a valid scenario."""
    first, *others = product(np.flatnonzero(number_histories(experiment) == 0).tolist(), experiment.arms)
    scenarios = [build_run_scenario(experiment, first[1], first[0])]
    for point, arm in others[: max_runs - 1]:
        with suppress(ScenarioError):
            scenarios.append(build_run_scenario(experiment, arm, point))
    return scenarios


class _Trial(NamedTuple):
    """Seconds before the first week, for each week, and after the last week."""

    start: float
    week: float
    end: float


def _time_trial(scenario: Scenario, seeds: Sequence[int]) -> _Trial:
    """Time short runs on one seed and on two; what the second adds is taken for each seed of a block."""
    one = _time_fastest(scenario, seeds[:1])
    if len(seeds) == 1:
        return one
    two = _time_fastest(scenario, seeds[:2])
    more = len(seeds) - 1
    return _Trial(*(first + more * max(both - first, 0.0) for first, both in zip(one, two, strict=True)))


def _time_fastest(scenario: Scenario, seeds: Sequence[int]) -> _Trial:
    """Time some short runs and return the minima, since scaling would multiply one-off delays."""
    trials = [_time_short_runs(scenario, seeds) for _ in range(_TRIALS)]
    return _Trial(*(min(seconds) for seconds in zip(*trials, strict=True)))


def _time_short_runs(scenario: Scenario, seeds: Sequence[int]) -> _Trial:
    clock = scenario.clock.model_copy(update={"years": 1, "warm_up_years": 1})
    short = scenario.model_copy(update={"clock": clock, "timeline": ()})
    start = time.perf_counter()
    system = join_runs([Simulation(short, seed=seed) for seed in seeds])
    built = time.perf_counter()
    step_to(system, system.world.weeks)
    simulated = time.perf_counter()
    for run in split_runs(system):
        run.result()
    return _Trial(
        start=built - start, week=(simulated - built) / system.week, end=time.perf_counter() - simulated
    )


def _count_simulated_weeks(scenarios: list[Scenario]) -> int:
    """Count the weeks that a task simulates; shared history counts once."""
    first, *others = scenarios
    divergence = [find_divergence_week(first, other) for other in others]
    unrelated = [other for other, week in zip(others, divergence, strict=True) if not week]
    forked = sum(
        total_weeks(other.clock) - week for other, week in zip(others, divergence, strict=True) if week
    )
    return total_weeks(first.clock) + forked + (_count_simulated_weeks(unrelated) if unrelated else 0)
