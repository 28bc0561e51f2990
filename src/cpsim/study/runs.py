"""The table of runs of an experiment, and the scenario of each."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cpsim.scenario.nodes import from_values
from cpsim.scenario.schema import Scenario
from cpsim.study.experiment import Arm, Experiment, with_values

_DIGITS = 16


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
    """All that decides about the runs and their rows, in plain values: what a sweep continues must have the same."""
    definition = experiment.definition.model_dump(
        mode="json", by_alias=True, exclude={"arms", "base", "budget"}
    )
    arms = {name: arm.scenario.model_dump(mode="json") for name, arm in experiment.arms.items()}
    return {**definition, "arms": arms, "points": _digest(experiment.points.to_csv())}


def _run_ids(experiment: Experiment) -> list[str]:
    """A short hash of what makes a run: the settings of its arm, the values of its point, and its seed."""
    seeds = experiment.definition.seeds_run
    columns = [[_plain(value) for value in column] for _, column in experiment.points.items()]
    rows = list(zip(*columns, strict=True)) if columns else [()] * len(experiment.points)
    points = [json.dumps(dict(zip(map(str, experiment.points), row, strict=True))) for row in rows]
    return [
        _digest(f"{settings}\n{point}\n{seed}")
        for settings in map(_settings_digest, experiment.arms.values())
        for point in points
        for seed in seeds
    ]


def _settings_digest(arm: Arm) -> str:
    """A hash of all that an arm says, but not of how it is called."""
    settings: Mapping[str, Any] = arm.scenario.model_dump(mode="json", exclude={"name", "question", "claims"})
    return _digest(json.dumps(settings, sort_keys=True))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
