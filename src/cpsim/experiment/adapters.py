"""Adapters to other tools: an experiment as a SALib problem, as a function, and as an objective to minimise.

A tool that samples or searches by itself needs three things: the varied settings as plain values, a conversion from its
points to values of the settings, and a function from these values to outcomes. This module imports none of the tools.

In the examples, `experiment` varies `network.trust_start` from 0.2 to 0.6 in an authority of 500 children. It has one
seed and the outcome `missed_risk_rate`.
"""

import math
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from cpsim.arrays import Floats
from cpsim.experiment.arm import build_arm_scenario
from cpsim.experiment.designs import build_table_from_unit_points, build_unit_problem
from cpsim.experiment.outcomes import read_outcome
from cpsim.experiment.read import Experiment
from cpsim.experiment.variation import Scalar, Values
from cpsim.parallel.shared_history import simulate_arms
from cpsim.parallel.worlds import WorldCache
from cpsim.scenario.nodes import read_values
from cpsim.scenario.problems import Problem, ScenarioError, format_options, format_value, suggest_nearest
from cpsim.scenario.schema import Scenario
from cpsim.seeds import list_seeds

__all__ = [
    "ExperimentFunction",
    "Objective",
    "Score",
    "VariedSetting",
    "build_salib_problem",
    "convert_unit_points",
    "list_varied_settings",
]


class VariedSetting(NamedTuple):
    """A varied setting as plain values, for tools that define their own parameters.

    >>> (trust,) = list_varied_settings(experiment)
    >>> trust.name, trust.path
    ('network__trust_start', 'network.trust_start')
    """

    name: str
    """The path as a Python identifier, for tools that need one: `network__trust_start`."""
    path: str
    kind: Literal["real", "integer", "category"]
    limits: tuple[Scalar, ...]
    """The smallest and the largest value; for a category, all values."""


def list_varied_settings(experiment: Experiment) -> tuple[VariedSetting, ...]:
    """List the varied settings in the order of the file; a list of values is always a category.

    A distribution is reduced to its limits here; `convert_unit_points` applies its shape.

    Raises:
        ValueError: the experiment has no `vary`.

    >>> [(setting.path, setting.kind, setting.limits) for setting in list_varied_settings(experiment)]
    [('network.trust_start', 'real', (0.2, 0.6))]
    """
    _require_vary(experiment)
    kinds = _infer_kinds(experiment)
    settings = []
    for path, variation in experiment.definition.vary.items():
        name = re.sub(r"\W+", "__", path)
        if isinstance(variation, Values):
            settings.append(VariedSetting(name, path, "category", variation.root))
        elif kinds[path] == "integer":
            limits = tuple(int(limit) for limit in variation.limits())
            settings.append(VariedSetting(name, path, "integer", limits))
        else:
            settings.append(VariedSetting(name, path, "real", variation.limits()))
    return tuple(settings)


def build_salib_problem(experiment: Experiment) -> dict[str, Any]:
    """Describe the experiment as a SALib problem: each setting from 0 to 1, and the outcomes as outputs.

    SALib samples the unit cube, and `convert_unit_points` gives every setting its distribution.

    Raises:
        ValueError: the experiment has no `vary`, or its settings are correlated.

    >>> problem = build_salib_problem(experiment)
    >>> problem["names"], problem["bounds"], problem["outputs"]
    (['network.trust_start'], [[0.0, 1.0]], ['missed_risk_rate'])
    """
    _require_vary(experiment)
    if experiment.definition.correlation:
        raise ValueError(
            "SALib needs independent settings, but this experiment has correlations; remove correlation"
        )
    return {**build_unit_problem(experiment.definition), "outputs": list(experiment.definition.outcomes)}


def convert_unit_points(experiment: Experiment, unit_points: ArrayLike) -> pd.DataFrame:
    """Convert points of the unit cube to values of the varied settings.

    Args:
        experiment: its `vary` gives the range or distribution of each setting; its design and correlations are ignored.
        unit_points: numbers from 0 to 1, shape (points, settings), with the settings in the order of `vary`.

    Returns:
        A frame like `experiment.points`: a row for each point, a column for each path.

    Raises:
        ValueError: the experiment has no `vary`, the shape is wrong, or a number is not from 0 to 1.

    >>> convert_unit_points(experiment, [[0.0], [0.5], [1.0]])["network.trust_start"].round(3).tolist()
    [0.2, 0.4, 0.6]
    """
    _require_vary(experiment)
    cube = _read_unit_points(unit_points, len(experiment.definition.vary))
    return build_table_from_unit_points(experiment.definition, cube, kinds=_infer_kinds(experiment))


def _read_unit_points(unit_points: ArrayLike, settings: int) -> Floats:
    """Read points of the unit cube as numbers of shape (points, settings).

    Raises:
        ValueError: the shape is wrong, or anything in it is not a number from 0 to 1.
    """
    expected = f"expected unit points of shape (points, {settings})"
    try:
        cube = np.asarray(unit_points)
    except (TypeError, ValueError, MemoryError) as error:
        raise ValueError(f"{expected}, not rows that make no table") from error
    if cube.ndim != 2 or cube.shape[1] != settings:
        raise ValueError(f"{expected}, not {cube.shape}")
    if cube.dtype.kind not in "biuf" or not ((cube >= 0) & (cube <= 1)).all():
        raise ValueError("expected unit points with numbers from 0 to 1 only")
    return cube.astype(np.float64)


class ExperimentFunction:
    """An experiment as a function from values of the varied settings to outcomes, always with the same seeds.

    The drawn world of every seed is cached for the next call; for a large authority it takes hundreds of megabytes.

    Args:
        experiment: its arms, seeds and outcomes are used; its design is ignored.
        seeds: how many, from 1, or the seeds themselves, instead of those of the experiment.

    Raises:
        ValueError: there is no seed, one is not valid, or one is given twice.

    >>> function = ExperimentFunction(experiment)
    >>> list(function(**{"network.trust_start": 0.3}))
    ['missed_risk_rate']

    The same outcomes by seed, and at a point of the unit cube, whose middle is a trust of 0.4 here:

    >>> by_seed = function.evaluate_by_seed({"network.trust_start": 0.4})
    >>> by_seed.equals(function.evaluate_at([[0.5]]).set_axis(by_seed.index))
    True
    """

    def __init__(self, experiment: Experiment, seeds: int | Sequence[int] | None = None) -> None:
        self.experiment = experiment
        self.seeds = experiment.definition.seeds_run if seeds is None else list_seeds(seeds)
        self._worlds = WorldCache(len(self.seeds))

    def __call__(self, *, arm: str | None = None, **values: Any) -> dict[str, float]:
        """Return the mean of each outcome over the seeds; like `evaluate_by_seed`, with each path as a keyword."""
        return _compute_means(self.evaluate_by_seed(values, arm))

    def evaluate_by_seed(self, values: Mapping[str, Any], arm: str | None = None) -> pd.DataFrame:
        """Run an arm with given values on every seed.

        Args:
            values: a value for each varied setting, by path; NumPy numbers are allowed.
            arm: name of the arm; the first one if None.

        Returns:
            A frame with a row for each seed (index `seed`) and a column for each outcome (float64, NaN if a run leaves
            it undefined).

        Raises:
            ScenarioError: the values do not make a valid scenario.
            ValueError: there is no such arm, or the paths are not exactly those of the varied settings.
        """
        scenario = self._build_scenario(values, arm)
        rows = [
            {name: read_outcome(summary, name) for name in self.experiment.definition.outcomes}
            for summary in _run_summaries(scenario, self.seeds, self._worlds)
        ]
        return pd.DataFrame(rows, index=pd.Index(self.seeds, name="seed"), dtype="float64")

    def evaluate_at(self, unit_points: ArrayLike, arm: str | None = None) -> pd.DataFrame:
        """Return the means over the seeds at points of the unit cube.

        Args:
            unit_points: as for `convert_unit_points`.
            arm: name of the arm; the first one if None.

        Returns:
            A frame with a row for each point (index `point`) and a column for each outcome (float64).

        Raises:
            ScenarioError: the values of a point do not make a valid scenario.
            ValueError: as for `evaluate_by_seed` and `convert_unit_points`.
        """
        points = convert_unit_points(self.experiment, unit_points)
        rows = [
            _compute_means(self.evaluate_by_seed(values, arm)) for values in _list_values_by_point(points)
        ]
        return pd.DataFrame(rows, index=points.index, columns=list(self.experiment.definition.outcomes))

    def _build_scenario(self, values: Mapping[str, Any], arm: str | None) -> Scenario:
        arms, paths = self.experiment.arms, [str(path) for path in self.experiment.points]
        name = next(iter(arms)) if arm is None else arm
        _check_name(name, arms, "there is no arm {}")
        _check_paths(values, paths)
        problems: list[Problem] = []
        nodes = read_values(values, problems).children
        if problems:
            raise ScenarioError(problems)
        return build_arm_scenario(arms[name], nodes, self.experiment.folder)


class Score(NamedTuple):
    """The value of an objective at a point.

    >>> score = Objective(experiment, {"missed_risk_rate": 100.0}, seeds=[3])([0.5])
    >>> score.by_seed.index.tolist(), score.mean == 100 * score.outcomes["missed_risk_rate"]
    ([3], True)
    """

    mean: float
    """Mean over the seeds; NaN if a run leaves a weighted outcome undefined."""
    error: float
    """Standard error of the mean; NaN with a single seed."""
    by_seed: pd.Series
    """The value on each seed (index `seed`); the values of two points are paired by seed."""
    outcomes: dict[str, float]
    """Means of all outcomes of the experiment, including those without a weight."""


class Objective:
    """A weighted sum of outcomes as a function of the varied settings, for an optimiser to minimise.

    All points use the same seeds, so a search compares policies on the same children. The best point found is best on
    these children; evaluate it again with seeds that the search has not used.

    Args:
        experiment: its `vary` defines the search space.
        weights: weight of a unit of each outcome; negative for outcomes that should be large.
        arm: name of the arm; the first one if None.
        seeds: seeds to use instead of those of the experiment.

    Attributes:
        settings: the varied settings, as `list_varied_settings` returns them.

    Raises:
        ValueError: a weighted outcome is not an outcome of the experiment; there is no weight, no seed or no `vary`; a
            weight is not a finite number; or a seed is given twice.

    >>> objective = Objective(experiment, {"missed_risk_rate": 1.0})
    >>> [setting.path for setting in objective.settings]
    ['network.trust_start']
    >>> 0 <= objective({"network.trust_start": 0.4}).mean <= 1
    True
    """

    def __init__(
        self,
        experiment: Experiment,
        weights: Mapping[str, float],
        *,
        arm: str | None = None,
        seeds: Sequence[int] | None = None,
    ) -> None:
        _check_weights(weights, experiment.definition.outcomes)
        self.settings = list_varied_settings(experiment)
        self._weights = pd.Series(weights, dtype="float64")
        self._function, self._arm = ExperimentFunction(experiment, seeds), arm

    def __call__(self, point: Mapping[str, Any] | ArrayLike) -> Score:
        """Evaluate the objective at values by path, or at a point of the unit cube, shape (settings,).

        Raises:
            ScenarioError: the values do not make a valid scenario.
            ValueError: as for `ExperimentFunction.evaluate_by_seed` and `convert_unit_points`.
        """
        if not isinstance(point, Mapping):
            points = convert_unit_points(self._function.experiment, cast(ArrayLike, [point]))
            (point,) = _list_values_by_point(points)
        outcomes = self._function.evaluate_by_seed(point, self._arm)
        by_seed = outcomes[self._weights.index] @ self._weights
        error = by_seed.std(skipna=False) / math.sqrt(len(by_seed))
        return Score(float(by_seed.mean(skipna=False)), float(error), by_seed, _compute_means(outcomes))


def _check_paths(values: Any, paths: Sequence[str]) -> None:
    """Check that there is a value for each path, and for nothing else.

    Raises:
        ValueError: there is not.
    """
    if not isinstance(values, Mapping):
        named = format_value(values)
    elif set(values) != set(paths):
        named = format_options(map(format_value, values))
    else:
        return
    raise ValueError(f"expected a value for each of {format_options(paths)}, not for {named}")


def _check_weights(weights: Any, outcomes: Collection[str]) -> None:
    """Check that there are weights, each a finite number for one of the outcomes.

    Raises:
        ValueError: there are none, or one is something else.
    """
    if not isinstance(weights, Mapping) or not weights:
        raise ValueError("expected a weight for at least one outcome")
    for name, weight in weights.items():
        _check_name(name, outcomes, "{} is not an outcome of this experiment")
        is_number = isinstance(weight, int | float | np.integer | np.floating)
        if not is_number or not -sys.float_info.max <= weight <= sys.float_info.max:
            raise ValueError(f"expected a finite number as the weight of {name}, not {format_value(weight)}")


def _check_name(name: Any, known: Collection[str], fault: str) -> None:
    """Check that a name is one of those known; `fault` is the message, with {} for the name.

    Raises:
        ValueError: it is not; the message suggests the nearest one.
    """
    if not isinstance(name, str) or name not in known:
        near = suggest_nearest(name, known) if isinstance(name, str) else ""
        raise ValueError(f"{fault.format(format_value(name))}{near or f'; allowed: {format_options(known)}'}")


def _run_summaries(scenario: Scenario, seeds: Sequence[int], worlds: WorldCache) -> list[dict[str, Any]]:
    """Run a scenario on some seeds, return the summaries in their order, and release the models."""
    return [model.summary() for _, model in simulate_arms({"": scenario}, seeds, worlds)]


def _compute_means(outcomes: pd.DataFrame) -> dict[str, float]:
    return {str(name): float(column.to_numpy().mean()) for name, column in outcomes.items()}


def _list_values_by_point(points: pd.DataFrame) -> list[dict[str, Any]]:
    """List the values of each point by path, as Python objects."""
    return [{str(path): entry for path, entry in row.items()} for row in points.to_dict("records")]


def _infer_kinds(experiment: Experiment) -> dict[str, str]:
    """Infer the kind of value of each path from the table of points: `integer`, `number` or `other`."""
    kinds = {"int64": "integer", "float64": "number"}
    return {str(path): kinds.get(str(dtype), "other") for path, dtype in experiment.points.dtypes.items()}


def _require_vary(experiment: Experiment) -> None:
    if not experiment.definition.vary:
        raise ValueError("this experiment has no vary; add the settings and their ranges under vary")
