"""What an experiment will take before it is started: runs, time and disk, told from short runs."""

import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import NamedTuple

import numpy as np

from cpsim.model import run
from cpsim.scenario.clock import weeks_of
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.schema import Scenario
from cpsim.study.arms import parting
from cpsim.study.experiment import Experiment
from cpsim.study.runs import most_together, pasts, scenario_of

SECONDS_TO_START = 3.0
"""A worker imports the libraries before its first run."""
_TRIALS = 3
_BYTES_PER_CELL = 8
_BYTES_PER_RUN = 60
"""Measured on tables of results: identifiers hardly compress, numbers keep most of their eight bytes."""


@dataclass(frozen=True)
class Estimate:
    """What an experiment is expected to take; `seconds` and `megabytes` are estimates and no more.

    Attributes:
        arms: number of arms.
        points: number of points of the design.
        seeds: number of seeds.
        runs: their product.
        workers: processes that the time is told for.
        seconds_per_run: of one process, with what arms and points of one seed share.
        seconds: from start to end.
        megabytes: on disk, without the figures of an analysis.
    """

    arms: int
    points: int
    seeds: int
    runs: int
    workers: int
    seconds_per_run: float
    seconds: float
    megabytes: float


def estimate(experiment: Experiment, workers: int) -> Estimate:
    """Run the first arm at the first point for a short time, thrice, and scale the fastest to all runs.

    Other points may be harder than the first, and the timeline is left out of the short run.

    Raises:
        ScenarioError: the first point makes no valid scenario.
    """
    seeds = experiment.definition.seeds_run
    runs = experiment.number_of_runs
    scenarios = _of_a_task(experiment, most_together(experiment, runs, workers))
    of_a_task = seconds_together(scenarios, seeds[0])
    tasks = ceil(runs / len(scenarios))
    cells = len(experiment.points.columns) + len(experiment.definition.outcomes)
    return Estimate(
        arms=len(experiment.arms),
        points=len(experiment.points),
        seeds=len(seeds),
        runs=runs,
        workers=workers,
        seconds_per_run=of_a_task / len(scenarios),
        seconds=SECONDS_TO_START + of_a_task * ceil(tasks / workers),
        megabytes=runs * (_BYTES_PER_RUN + _BYTES_PER_CELL * cells) / 1e6,
    )


def seconds_together(scenarios: list[Scenario], seed: int) -> float:
    """What a worker takes for the runs of some scenarios on one seed, scaled from short runs of the first."""
    trial = _trial(scenarios[0], seed)
    return trial.start + trial.week * _weeks_lived(scenarios) + trial.end * len(scenarios)


def _of_a_task(experiment: Experiment, most: int) -> list[Scenario]:
    """The runs of the first past that are done together; a point that makes no valid scenario fails at once."""
    first, *others = product(np.flatnonzero(pasts(experiment) == 0).tolist(), experiment.arms)
    scenarios = [scenario_of(experiment, first[1], first[0])]
    for point, arm in others[: most - 1]:
        with suppress(ScenarioError):
            scenarios.append(scenario_of(experiment, arm, point))
    return scenarios


class _Trial(NamedTuple):
    """Seconds before the first week, for a week, and after the last."""

    start: float
    week: float
    end: float


def _trial(scenario: Scenario, seed: int) -> _Trial:
    """The least of some short runs: what is loaded on first use and what others do meanwhile would count many times."""
    tried = [_tried(scenario, seed) for _ in range(_TRIALS)]
    return _Trial(*(min(seconds) for seconds in zip(*tried, strict=True)))


def _tried(scenario: Scenario, seed: int) -> _Trial:
    clock = scenario.clock.model_copy(update={"years": 1, "warm_up_years": 1})
    short = scenario.model_copy(update={"clock": clock, "timeline": ()})
    times = [time.perf_counter()]
    run(short, seed, lambda *_: times.append(time.perf_counter()))
    ended = time.perf_counter()
    begun, first, last = times[0], times[1], times[-1]
    week = (last - first) / (len(times) - 2)
    return _Trial(start=first - begun - week, week=week, end=ended - last)


def _weeks_lived(scenarios: list[Scenario]) -> int:
    """Weeks that the runs of a task live through, what some have in common only once."""
    first, *others = scenarios
    partings = [parting(first, other) for other in others]
    strangers = [other for other, week in zip(others, partings, strict=True) if not week]
    forked = sum(weeks_of(other.clock) - week for other, week in zip(others, partings, strict=True) if week)
    return weeks_of(first.clock) + forked + (_weeks_lived(strangers) if strangers else 0)
