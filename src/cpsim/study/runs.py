"""The table of runs of an experiment, and the scenario of each."""

import hashlib
import json
from collections import Counter
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from cpsim.arrays import Ints
from cpsim.results.carried import network_content, with_network
from cpsim.scenario.nodes import from_values
from cpsim.scenario.schema import Scenario
from cpsim.study.arm import Arm, with_values
from cpsim.study.experiment import Experiment

_DIGITS = 16
_MOST_TOGETHER = 24
"""Runs of a task that share a warm-up: more would save little, and lose more when a worker dies."""
_TASKS_FOR_EACH_PLACE = 2
_ONLY_LATER = "timeline"
"""Points that differ in what stands below it have a past in common."""


def table_of_runs(experiment: Experiment) -> pd.DataFrame:
    """Every run once: the same points and seeds in all arms.

    Returns:
        A frame sorted by arm (in the order of the file), point and seed, with the columns `run_id` (str, unique), `arm`
        (category), `point` (int64) and `seed` (int64).
    """
    seeds = np.array(experiment.definition.seeds_run, dtype=np.int64)
    points = len(experiment.points)
    names = list(experiment.arms)
    each = points * len(seeds)
    return pd.DataFrame(
        {
            "run_id": _run_ids(experiment),
            "arm": pd.Categorical(np.repeat(names, each), categories=names),
            "point": np.tile(np.repeat(np.arange(points), len(seeds)), len(names)),
            "seed": np.tile(seeds, points * len(names)),
        }
    )


def pasts(experiment: Experiment) -> Ints:
    """For each point the number of its past [points]: points that differ in the timeline alone have one in common."""
    points = experiment.points
    early = [path for path in points if str(path).split("[")[0].split(".")[0] != _ONLY_LATER]
    if not early:
        return np.zeros(len(points), np.int64)
    return np.asarray(points.groupby(early, sort=False).ngroup(), dtype=np.int64)


def most_together(experiment: Experiment, runs: int, places: int) -> int:
    """How many runs of one seed and past are handed to a worker at once, so that all workers have enough to do."""
    fair = ceil(runs / (_TASKS_FOR_EACH_PLACE * places))
    return min(_MOST_TOGETHER, max(len(experiment.arms), fair))


def values_at(experiment: Experiment, point: int) -> dict[str, Any]:
    """The values of the varied settings at a point, by path."""
    return {str(path): _plain(column.iloc[point]) for path, column in experiment.points.items()}


def scenario_of(experiment: Experiment, arm: str, point: int) -> Scenario:
    """The scenario of an arm at a point.

    Raises:
        ScenarioError: the values of this point make no valid scenario together.
    """
    values = from_values(values_at(experiment, point), []).children
    return with_values(experiment.arms[arm], values, experiment.folder)


def frozen(experiment: Experiment) -> dict[str, Any]:
    """All that decides about the runs and their rows, in plain values: what a sweep continues must have the same.

    Names, questions and the budget may change meanwhile, and so may the way in which the same seeds are written.
    """
    definition = experiment.definition
    parts = {"vary", "correlation", "design", "outcomes"}
    return {
        **definition.model_dump(mode="json", by_alias=True, include=parts),
        "seeds": list(definition.seeds_run),
        "points": _digest(experiment.points.to_csv()),
        "arms": {name: _settings(arm) for name, arm in experiment.arms.items()},
    }


def _run_ids(experiment: Experiment) -> list[str]:
    """A short hash of what makes a run: the settings of its arm, the values of its point, and its seed."""
    seeds = experiment.definition.seeds_run
    columns = [[_plain(value) for value in column] for _, column in experiment.points.items()]
    rows = list(zip(*columns, strict=True)) if columns else [()] * len(experiment.points)
    points = [json.dumps(dict(zip(map(str, experiment.points), row, strict=True))) for row in rows]
    same_for_same = [
        _digest(f"{settings}\n{point}\n{seed}")
        for settings in map(_settings_digest, experiment.arms.values())
        for point in points
        for seed in seeds
    ]
    return _told_apart(same_for_same)


def _told_apart(names: list[str]) -> list[str]:
    """Points may repeat and arms may be equal: what stands in the table again gets a name of its own."""
    times: Counter[str] = Counter()
    apart = []
    for name in names:
        apart.append(_digest(f"{name}\n{times[name]}") if times[name] else name)
        times[name] += 1
    return apart


def _settings_digest(arm: Arm) -> str:
    """A hash of all that an arm says, but not of how it is called."""
    return _digest(json.dumps(_settings(arm), sort_keys=True))


def _settings(arm: Arm) -> dict[str, Any]:
    """All settings of an arm that decide about a run, and what a network of the user's own holds."""
    settings = arm.scenario.model_dump(mode="json", exclude={"name", "question", "claims"})
    content = network_content(settings)
    return settings if content is None else with_network(settings, hashlib.sha256(content).hexdigest())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
