"""Estimate the runs, time and disk space of an experiment from short trial runs."""

import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import NamedTuple

import numpy as np

from cpsim.experiment.read import Experiment
from cpsim.experiment.runs import build_run_scenario, max_runs_per_task, number_histories
from cpsim.histories.cache import NO_CACHE
from cpsim.parallel.shared_history import find_divergence_week
from cpsim.scenario.clock import total_weeks
from cpsim.scenario.memory import estimate_memory
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.schema import Scenario
from cpsim.simulation import run

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
    scenarios = _list_task_scenarios(experiment, max_runs_per_task(experiment, runs, workers))
    task_seconds = estimate_task_seconds(scenarios, seeds[0])
    tasks = ceil(runs / len(scenarios))
    cells = len(experiment.points.columns) + len(experiment.definition.outcomes)
    return Estimate(
        arms=len(experiment.arms),
        points=len(experiment.points),
        seeds=len(seeds),
        runs=runs,
        workers=workers,
        seconds_per_run=task_seconds / len(scenarios),
        seconds=SECONDS_TO_START + task_seconds * ceil(tasks / workers),
        megabytes=runs * (_BYTES_PER_RUN + _BYTES_PER_CELL * cells) / 1e6,
        gigabytes_per_worker=max(estimate_memory(arm.scenario).gigabytes for arm in experiment.arms.values()),
    )


def estimate_task_seconds(scenarios: list[Scenario], seed: int) -> float:
    """Estimate the seconds that a worker takes for some scenarios on one seed, from short runs of the first."""
    trial = _time_trial(scenarios[0], seed)
    return trial.start + trial.week * _count_simulated_weeks(scenarios) + trial.end * len(scenarios)


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


def _time_trial(scenario: Scenario, seed: int) -> _Trial:
    """Time some short runs and return the minima, since scaling would multiply one-off delays."""
    trials = [_time_short_run(scenario, seed) for _ in range(_TRIALS)]
    return _Trial(*(min(seconds) for seconds in zip(*trials, strict=True)))


def _time_short_run(scenario: Scenario, seed: int) -> _Trial:
    clock = scenario.clock.model_copy(update={"years": 1, "warm_up_years": 1})
    short = scenario.model_copy(update={"clock": clock, "timeline": ()})
    times = [time.perf_counter()]
    run(short, seed, lambda *_: times.append(time.perf_counter()), cache=NO_CACHE)
    end = time.perf_counter()
    start, first, last = times[0], times[1], times[-1]
    week = (last - first) / (len(times) - 2)
    return _Trial(start=first - start - week, week=week, end=end - last)


def _count_simulated_weeks(scenarios: list[Scenario]) -> int:
    """Count the weeks that a task simulates; shared history counts once."""
    first, *others = scenarios
    divergence = [find_divergence_week(first, other) for other in others]
    unrelated = [other for other, week in zip(others, divergence, strict=True) if not week]
    forked = sum(
        total_weeks(other.clock) - week for other, week in zip(others, divergence, strict=True) if week
    )
    return total_weeks(first.clock) + forked + (_count_simulated_weeks(unrelated) if unrelated else 0)
