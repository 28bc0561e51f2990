"""Doors to other tools: an experiment as a SALib problem, as a function of keywords, and as an objective to search.

A tool that samples or searches for itself needs three things: what varies, in plain values; a way from its points to
settings; and a function from settings to figures. None of these tools is imported here.
"""

import re
from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from cpsim.scenario.nodes import from_values
from cpsim.scenario.problems import did_you_mean, listed, shown
from cpsim.scenario.schema import Scenario
from cpsim.study.arm import with_values
from cpsim.study.arms import live_arms
from cpsim.study.designs import from_unit_points, unit_problem
from cpsim.study.experiment import Experiment
from cpsim.study.outcomes import value
from cpsim.study.vary import Scalar, Values
from cpsim.study.worlds import Worlds


class Setting(NamedTuple):
    """A varied setting in plain values, from which another tool makes a parameter of its own."""

    name: str
    """Its path as a Python identifier, for tools that ask for one: `network__trust_start`."""
    path: str
    kind: Literal["real", "integer", "category"]
    limits: tuple[Scalar, ...]
    """The smallest and the largest value; of a category all values."""


def varied_settings(experiment: Experiment) -> tuple[Setting, ...]:
    """What varies, in the order of the file; a list of values is a category, whatever the values are.

    Only the limits of a distribution are told. `points_at` knows its shape.

    Raises:
        ValueError: the experiment has no `vary`.
    """
    _refuse_nothing_varied(experiment)
    whole = _kinds(experiment)
    settings = []
    for path, varied in experiment.definition.vary.items():
        name = re.sub(r"\W+", "__", path)
        if isinstance(varied, Values):
            settings.append(Setting(name, path, "category", varied.root))
        elif whole[path] == "integer":
            settings.append(Setting(name, path, "integer", tuple(int(end) for end in varied.limits())))
        else:
            settings.append(Setting(name, path, "real", varied.limits()))
    return tuple(settings)


def salib_problem(experiment: Experiment) -> dict[str, Any]:
    """The experiment as SALib describes a problem: each setting from 0 to 1, the outcomes as outputs.

    SALib samples the unit cube and `points_at` gives every setting its distribution.

    Raises:
        ValueError: the experiment has no `vary`, or its settings are correlated.
    """
    _refuse_nothing_varied(experiment)
    if experiment.definition.correlation:
        raise ValueError("SALib takes settings as independent of each other; these are correlated")
    return {**unit_problem(experiment.definition), "outputs": list(experiment.definition.outcomes)}


def points_at(experiment: Experiment, unit_points: ArrayLike) -> pd.DataFrame:
    """The values of the varied settings at points of the unit cube, as in `experiment.points`.

    Args:
        experiment: its `vary` says what lies between 0 and 1; its design and its correlations play no part.
        unit_points: numbers from 0 to 1 [points, settings], the settings in the order of `vary`.

    Raises:
        ValueError: the experiment has no `vary`, or the points are no points of its unit cube.
    """
    _refuse_nothing_varied(experiment)
    cube = np.asarray(unit_points, dtype=np.float64)
    settings = len(experiment.definition.vary)
    if cube.ndim != 2 or cube.shape[1] != settings:
        raise ValueError(f"expected an array [points, {settings}], not one of shape {cube.shape}")
    if not ((cube >= 0) & (cube <= 1)).all():
        raise ValueError("a point of the unit cube has numbers from 0 to 1 only")
    return from_unit_points(experiment.definition, cube, kinds=_kinds(experiment))


class AsFunction:
    """An experiment as a function: from values of the varied settings to figures, with the same seeds everywhere.

    The drawn world of every seed is kept for the next call; one of a large authority takes hundreds of megabytes.

    Args:
        experiment: its arms, seeds and outcomes hold; its design plays no part.
        seeds: other seeds than those of the experiment.

    Raises:
        ValueError: there is no seed, or one is given twice.
    """

    def __init__(self, experiment: Experiment, seeds: Sequence[int] | None = None) -> None:
        self.experiment = experiment
        self.seeds = experiment.definition.seeds_run if seeds is None else tuple(seeds)
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ValueError("expected seeds, at least one and each once")
        self._worlds = Worlds(len(self.seeds))

    def __call__(self, *, arm: str | None = None, **values: Any) -> dict[str, float]:
        """Means over the seeds by outcome; arguments and errors as for `by_seed`, each path a keyword."""
        return _means(self.by_seed(values, arm))

    def by_seed(self, values: Mapping[str, Any], arm: str | None = None) -> pd.DataFrame:
        """Figures of an arm at some values.

        Args:
            values: a value for each setting that varies, by path; numbers may be NumPy's.
            arm: its name; the first one if None.

        Returns:
            A row a seed (index `seed`), a column an outcome (float64); not a number where a run leaves it undefined.

        Raises:
            ScenarioError: the values make no valid scenario.
            ValueError: there is no such arm, or other settings are given than those that vary.
        """
        scenario = self._scenario(values, arm)
        summaries = [_summary(scenario, seed, self._worlds) for seed in self.seeds]
        rows = [
            {name: value(summary, name) for name in self.experiment.definition.outcomes}
            for summary in summaries
        ]
        return pd.DataFrame(rows, index=pd.Index(self.seeds, name="seed"), dtype="float64")

    def at(self, unit_points: ArrayLike, arm: str | None = None) -> pd.DataFrame:
        """Means over the seeds at points of the unit cube.

        Args:
            unit_points: as for `points_at`.
            arm: its name; the first one if None.

        Returns:
            A row a point (index `point`), a column an outcome (float64).

        Raises:
            ScenarioError: the values of a point make no valid scenario.
            ValueError: as for `by_seed` and `points_at`.
        """
        points = points_at(self.experiment, unit_points)
        rows = [_means(self.by_seed(values, arm)) for values in _values_of(points)]
        return pd.DataFrame(rows, index=points.index, columns=list(self.experiment.definition.outcomes))

    def _scenario(self, values: Mapping[str, Any], arm: str | None) -> Scenario:
        arms, paths = self.experiment.arms, [str(path) for path in self.experiment.points]
        name = next(iter(arms)) if arm is None else arm
        if name not in arms:
            hint = did_you_mean(name, arms) or f"; there are {listed(arms)}"
            raise ValueError(f"there is no arm {shown(name)}{hint}")
        if set(values) != set(paths):
            raise ValueError(f"expected a value for each of {listed(paths)}, not for {listed(values)}")
        return with_values(arms[name], from_values(values, []).children, self.experiment.folder)


class Score(NamedTuple):
    """What an objective is at a point."""

    mean: float
    """Over the seeds; not a number where a run leaves an outcome undefined."""
    error: float
    """Standard error of the mean; not a number with a single seed."""
    by_seed: pd.Series
    """The value in each seed (index `seed`): those of two points are pairs."""
    outcomes: dict[str, float]
    """Means of all outcomes of the experiment, those without a weight as well."""


class Objective:
    """A weighted sum of outcomes at a point of an experiment, for whatever searches for the smallest.

    All points have the same seeds, so that a search compares policies on the same children, and not children. What it
    finds is good on these children: judge it with seeds that the search has not seen.

    Args:
        experiment: its `vary` spans the space.
        weights: how much a unit of each outcome counts; negative for what should be large.
        arm: its name; the first one if None.
        seeds: other seeds than those of the experiment.

    Attributes:
        settings: what varies, as `varied_settings` tells it.

    Raises:
        ValueError: an outcome with a weight is none of the experiment's; there is no weight, no seed or no `vary`; a
            seed is given twice.
    """

    def __init__(
        self,
        experiment: Experiment,
        weights: Mapping[str, float],
        *,
        arm: str | None = None,
        seeds: Sequence[int] | None = None,
    ) -> None:
        known = experiment.definition.outcomes
        for name in weights:
            if name not in known:
                hint = did_you_mean(name, known) or f"; there are {listed(known)}"
                raise ValueError(f"{shown(name)} is no outcome of this experiment{hint}")
        if not weights:
            raise ValueError("at least one outcome needs a weight")
        self.settings = varied_settings(experiment)
        self._weights = pd.Series(weights, dtype="float64")
        self._function, self._arm = AsFunction(experiment, seeds), arm

    def __call__(self, point: Mapping[str, Any] | ArrayLike) -> Score:
        """The objective at values by path, or at a point of the unit cube [settings].

        Raises:
            ScenarioError: the values make no valid scenario.
            ValueError: as for `AsFunction.by_seed` and `points_at`.
        """
        if not isinstance(point, Mapping):
            (point,) = _values_of(points_at(self._function.experiment, np.asarray(point)[np.newaxis]))
        figures = self._function.by_seed(point, self._arm)
        by_seed = figures[self._weights.index] @ self._weights
        error = by_seed.std(skipna=False) / sqrt(len(by_seed))
        return Score(float(by_seed.mean(skipna=False)), float(error), by_seed, _means(figures))


def _summary(scenario: Scenario, seed: int, worlds: Worlds) -> dict[str, Any]:
    """The figures of one run, whose model is let go."""
    (summary,) = [model.summary() for _, model in live_arms({"": scenario}, seed, worlds)]
    return summary


def _means(figures: pd.DataFrame) -> dict[str, float]:
    return {str(name): float(column.to_numpy().mean()) for name, column in figures.items()}


def _values_of(points: pd.DataFrame) -> list[dict[str, Any]]:
    """The values of each point by path, in plain Python."""
    return [{str(path): entry for path, entry in row.items()} for row in points.to_dict("records")]


def _kinds(experiment: Experiment) -> dict[str, str]:
    """What each path takes, as the points tell it: `integer`, `number` or `word`."""
    words = {"int64": "integer", "float64": "number"}
    return {str(path): words.get(str(dtype), "word") for path, dtype in experiment.points.dtypes.items()}


def _refuse_nothing_varied(experiment: Experiment) -> None:
    if not experiment.definition.vary:
        raise ValueError("this experiment has no vary, which would say what lies between 0 and 1")
