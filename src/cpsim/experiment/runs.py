"""The table of runs of an experiment, and the scenario of each run.

In the examples, `experiment` has one arm, `small`, a Latin hypercube of two points, and one seed.
"""

import hashlib
import json
from collections import Counter
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cpsim.arrays import Ints
from cpsim.blocks.size import choose_block_size
from cpsim.experiment.arm import Arm, build_arm_scenario
from cpsim.experiment.read import Experiment
from cpsim.results.carried import read_network, replace_network
from cpsim.scenario.nodes import read_values
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.schema import DESCRIPTIVE, Scenario

__all__ = ["build_run_scenario", "build_run_table"]

_DIGITS = 16
_MAX_SCENARIOS_PER_TASK = 24
"""Larger tasks would save little time, and would repeat more runs when a worker dies."""
_TASKS_PER_SLOT = 2
_TIMELINE = "timeline"
"""Points that differ only in settings of the timeline share a history."""


def build_run_table(experiment: Experiment) -> pd.DataFrame:
    """Build the table of runs: every combination of arm, point and seed.

    Returns:
        A frame sorted by arm (in the order of the file), point and seed, with the columns `run_id` (str, unique), `arm`
        (category), `point` (int64) and `seed` (int64).

    >>> build_run_table(experiment)[["arm", "point", "seed"]].to_numpy().tolist()
    [['small', 0, 1], ['small', 1, 1]]
    """
    seeds = np.array(experiment.definition.seeds_run, dtype=np.int64)
    points = len(experiment.points)
    names = list(experiment.arms)
    each = points * len(seeds)
    return pd.DataFrame(
        {
            "run_id": _compute_run_ids(experiment),
            "arm": pd.Categorical(np.repeat(names, each), categories=names),
            "point": np.tile(np.repeat(np.arange(points), len(seeds)), len(names)),
            "seed": np.tile(seeds, points * len(names)),
        }
    )


def number_histories(experiment: Experiment) -> Ints:
    """Number the histories of the points, shape (points,).

    Points that differ only in settings of the timeline share a history and have the same number.
    """
    points = experiment.points
    shared = [path for path in points if str(path).split("[")[0].split(".")[0] != _TIMELINE]
    if not shared:
        return np.zeros(len(points), np.int64)
    return np.asarray(points.groupby(shared, sort=False).ngroup(), dtype=np.int64)


class TaskSize(NamedTuple):
    """The largest size of a task.

    Attributes:
        seeds: number of seeds, which are simulated as blocks.
        scenarios: number of scenarios of one history, each an arm at a point.
        reason: why each seed is simulated by itself; None if it is not.
    """

    seeds: int
    scenarios: int
    reason: str | None


def choose_task_size(experiment: Experiment, runs: int, seeds: int, slots: int) -> TaskSize:
    """Choose the size of tasks so that they share much work and still keep all task slots busy.

    Args:
        experiment: the experiment.
        runs: number of runs left.
        seeds: number of seeds of these runs.
        slots: number of tasks that may be under way at the same time.
    """
    fair = ceil(runs / (_TASKS_PER_SLOT * slots))
    # Points with different histories are tasks of their own, which keep the slots busy as well.
    histories = int(number_histories(experiment).max()) + 1
    blocks = ceil(_TASKS_PER_SLOT * slots / histories)
    block = choose_block_size(_list_scenarios(experiment, point=0), seeds, blocks)
    scenarios = min(_MAX_SCENARIOS_PER_TASK, max(len(experiment.arms), fair // block.seeds))
    return TaskSize(block.seeds, scenarios, block.reason)


def _list_scenarios(experiment: Experiment, point: int) -> list[Scenario]:
    """List the scenarios of all arms at a point; an arm to which its values do not apply is as without them."""
    scenarios = []
    for name, arm in experiment.arms.items():
        try:
            scenarios.append(build_run_scenario(experiment, name, point))
        except ScenarioError:
            scenarios.append(arm.scenario)
    return scenarios


def read_point_values(experiment: Experiment, point: int) -> dict[str, Any]:
    """Read the values of the varied settings at a point, by path, as Python objects."""
    return {str(path): _convert_to_python(column.iloc[point]) for path, column in experiment.points.items()}


def build_run_scenario(experiment: Experiment, arm: str, point: int) -> Scenario:
    """Build the scenario of an arm at a point.

    Args:
        experiment: the experiment.
        arm: name of the arm.
        point: number of the point, from 0.

    Raises:
        ScenarioError: the values of this point do not make a valid scenario.

    >>> scenario = build_run_scenario(experiment, "small", point=1)
    >>> scenario.network.trust_start in experiment.points["network.trust_start"].tolist()
    True
    """
    values = read_values(read_point_values(experiment, point), []).children
    return build_arm_scenario(experiment.arms[arm], values, experiment.folder)


def list_fixed_settings(experiment: Experiment) -> dict[str, Any]:
    """List everything that determines the runs and their rows, as JSON values.

    A sweep can be continued only if these values are unchanged. The name, the question and the budget are not among
    them, and neither is the notation of the seeds.
    """
    definition = experiment.definition
    parts = {"vary", "correlation", "design", "outcomes"}
    return {
        **definition.model_dump(mode="json", by_alias=True, include=parts),
        "seeds": list(definition.seeds_run),
        "points": _digest(experiment.points.to_csv()),
        "arms": {name: _list_settings(arm) for name, arm in experiment.arms.items()},
    }


def _compute_run_ids(experiment: Experiment) -> list[str]:
    """Compute a short hash for each run, from the settings of its arm, the values of its point, and its seed."""
    seeds = experiment.definition.seeds_run
    columns = [[_convert_to_python(value) for value in column] for _, column in experiment.points.items()]
    rows = list(zip(*columns, strict=True)) if columns else [()] * len(experiment.points)
    points = [json.dumps(dict(zip(map(str, experiment.points), row, strict=True))) for row in rows]
    hashes = [
        _digest(f"{settings}\n{point}\n{seed}")
        for settings in map(_settings_digest, experiment.arms.values())
        for point in points
        for seed in seeds
    ]
    return _make_unique(hashes)


def _make_unique(names: list[str]) -> list[str]:
    """Replace repeated names by new hashes, because points may repeat and arms may be equal."""
    times: Counter[str] = Counter()
    unique = []
    for name in names:
        unique.append(_digest(f"{name}\n{times[name]}") if times[name] else name)
        times[name] += 1
    return unique


def _settings_digest(arm: Arm) -> str:
    """Hash the settings of an arm, without its name."""
    return _digest(json.dumps(_list_settings(arm), sort_keys=True))


def _list_settings(arm: Arm) -> dict[str, Any]:
    """List the settings of an arm that determine a run; a network file is replaced by a hash of its content."""
    settings = arm.scenario.model_dump(mode="json", exclude=set(DESCRIPTIVE))
    content = read_network(settings)
    return settings if content is None else replace_network(settings, hashlib.sha256(content).hexdigest())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _convert_to_python(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
