"""From what varies and a design to the table of points: one row a point, one column a varied setting.

Every sampling design is drawn in the unit cube, deterministically for its seed, and each column is then taken through
the quantile function of what varies. Settings that take whole numbers get whole numbers.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pandas as pd

from cpsim.study.definition import (
    Definition,
    Grid,
    LatinHypercube,
    ListOfPoints,
    Morris,
    OneAtATime,
    Sobol,
    correlation_matrix,
)
from cpsim.study.rank_correlation import correlated
from cpsim.study.vary import Numbers, Scalar, Values, Varied


class LibraryMissing(RuntimeError):
    """A design needs a library that is not installed; the message says how to get it."""


def number_of_points(definition: Definition, listed: int = 0) -> int:
    """Points of a design, without drawing them; `listed` is how many rows its file has."""
    design, settings = definition.design, len(definition.vary)
    if isinstance(design, ListOfPoints):
        return listed
    if isinstance(design, LatinHypercube):
        return design.points
    if isinstance(design, Sobol):
        return design.base_points * ((2 * settings if design.pairs else settings) + 2)
    if isinstance(design, Morris):
        return design.trajectories * (settings + 1)
    if isinstance(design, OneAtATime):
        return 1 + sum(len(_alone(varied)) for varied in definition.vary.values())
    return prod(len(_alone(varied)) for varied in definition.vary.values())


def table_of_points(
    definition: Definition,
    *,
    kinds: Mapping[str, str],
    base: Mapping[str, Scalar],
    listed: Sequence[Mapping[str, Scalar]] = (),
) -> pd.DataFrame:
    """The points of an experiment.

    Args:
        definition: the experiment; its rules hold.
        kinds: what each varied path takes: `integer`, `number`, or another word.
        base: the value of each varied path where nothing varies; only `one_at_a_time` asks.
        listed: the rows of the file of a list.

    Returns:
        A frame with the index `point` (0, 1, ...) and a column for each varied path: int64 for whole numbers, float64
        for numbers, object for the rest. Without anything to vary it has one row and no column.

    Raises:
        LibraryMissing: `sobol` and `morris` need SALib.
    """
    design, vary = definition.design, definition.vary
    if isinstance(design, ListOfPoints):
        points = {path: [row[path] for row in listed] for path in kinds}
        return _typed(points, kinds, len(listed))
    if isinstance(design, Grid):
        rows = list(product(*(_alone(varied) for varied in vary.values())))
        return _typed(
            {path: [row[place] for row in rows] for place, path in enumerate(vary)}, kinds, len(rows)
        )
    if isinstance(design, OneAtATime):
        lone = [{**base, path: value} for path, varied in vary.items() for value in _alone(varied)]
        return _typed({path: [row[path] for row in [base, *lone]] for path in vary}, kinds, 1 + len(lone))
    return from_unit_points(definition, unit_points(definition), kinds=kinds)


def from_unit_points(definition: Definition, cube: Numbers, *, kinds: Mapping[str, str]) -> pd.DataFrame:
    """The table of points of a sample in the unit cube [points, settings], as `table_of_points` gives it."""
    columns = {
        path: varied.at(cube[:, place], whole=kinds[path] == "integer")
        for place, (path, varied) in enumerate(definition.vary.items())
    }
    return _typed(columns, kinds, len(cube))


def unit_points(definition: Definition) -> Numbers:
    """The points of a sampling design in the unit cube [points, settings], as the analysis of its indices needs them.

    Raises:
        LibraryMissing: `sobol` and `morris` need SALib.
        ValueError: the design is not drawn, but written out.
    """
    design, settings = definition.design, len(definition.vary)
    if isinstance(design, LatinHypercube):
        return _latin_hypercube(design, correlation_matrix(definition))
    if isinstance(design, Sobol):
        cube: Numbers = _salib("sobol").sample(
            unit_problem(definition), design.base_points, calc_second_order=design.pairs, seed=design.seed
        )
    elif isinstance(design, Morris):
        cube = _salib("morris").sample(
            unit_problem(definition), design.trajectories, num_levels=design.levels, seed=design.seed
        )
    else:
        raise ValueError(f"a {design.kind} with {settings} settings is written out, not drawn")
    return cube


def unit_problem(definition: Definition) -> dict[str, Any]:
    """The varied settings as SALib describes a problem, each from 0 to 1."""
    names = list(definition.vary)
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def _latin_hypercube(design: LatinHypercube, matrix: Numbers) -> Numbers:
    from scipy.stats import qmc

    draws = np.random.default_rng(design.seed)
    cube: Numbers = qmc.LatinHypercube(d=len(matrix), seed=draws).random(design.points)
    return cube if np.array_equal(matrix, np.eye(len(matrix))) else correlated(cube, matrix, draws)


def _salib(method: str) -> Any:
    try:
        if method == "sobol":
            from SALib.sample import sobol

            return sobol
        from SALib.sample import morris
    except ImportError as error:
        raise LibraryMissing(
            f"the design {method} needs SALib; install it with: pip install 'cpsim[sweep]'"
        ) from error
    return morris


def _alone(varied: Varied) -> list[Scalar]:
    """The values that a setting takes where it is not drawn: all of a list, both ends of a range."""
    return list(varied.root) if isinstance(varied, Values) else list(varied.limits())


def _typed(columns: Mapping[str, list[Scalar]], kinds: Mapping[str, str], rows: int) -> pd.DataFrame:
    dtypes = {"integer": "int64", "number": "float64"}
    series = {
        path: pd.Series(values, dtype=dtypes.get(kinds[path], "object")) for path, values in columns.items()
    }
    return pd.DataFrame(series, index=pd.RangeIndex(rows, name="point"))
