"""Build the table of points of an experiment: a row for each point, a column for each varied setting.

Every sampling design is drawn in the unit cube, deterministically for its seed. Each column is then transformed by the
quantile function of its setting. Settings that take whole numbers get whole numbers.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pandas as pd

from cpsim.arrays import Floats
from cpsim.experiment.definition import (
    Definition,
    Grid,
    LatinHypercube,
    ListOfPoints,
    Morris,
    OneAtATime,
    Sobol,
    correlation_matrix,
)
from cpsim.experiment.rank_correlation import induce_rank_correlation
from cpsim.experiment.variation import Scalar, Values, Variation


class MissingLibraryError(RuntimeError):
    """A design needs a library that is not installed; the message says how to install it."""


def number_of_points(definition: Definition, file_rows: int = 0) -> int:
    """Number of points of a design, without drawing them; a `list` has as many as its file has rows.

    >>> vary = {"network.trust_start": [0.2, 0.4, 0.6], "sharing.duty_effect": [0.2, 0.7]}
    >>> number_of_points(Definition(vary=vary))
    6
    """
    design, settings = definition.design, len(definition.vary)
    if isinstance(design, ListOfPoints):
        return file_rows
    if isinstance(design, LatinHypercube):
        return design.points
    if isinstance(design, Sobol):
        return design.base_points * ((2 * settings if design.pairs else settings) + 2)
    if isinstance(design, Morris):
        return design.trajectories * (settings + 1)
    if isinstance(design, OneAtATime):
        return 1 + sum(len(_list_values(variation)) for variation in definition.vary.values())
    return prod(len(_list_values(variation)) for variation in definition.vary.values())


def build_points_table(
    definition: Definition,
    *,
    kinds: Mapping[str, str],
    base: Mapping[str, Scalar],
    file_rows: Sequence[Mapping[str, Scalar]] = (),
) -> pd.DataFrame:
    """Build the table of points of an experiment.

    Args:
        definition: a valid definition.
        kinds: kind of value of each varied path: `integer`, `number` or `other`.
        base: value of each varied path in the base; used by `one_at_a_time` only.
        file_rows: rows of the points file; used by `list` only.

    Returns:
        A frame with the index `point` (0, 1, ...) and a column for each varied path: int64 for whole numbers, float64
        for numbers, object for the rest. If nothing varies, it has one row and no column.

    Raises:
        MissingLibraryError: the design is `sobol` or `morris`, and SALib is not installed.
    """
    design, vary = definition.design, definition.vary
    if isinstance(design, ListOfPoints):
        points = {path: [row[path] for row in file_rows] for path in kinds}
        return _build_frame(points, kinds, len(file_rows))
    if isinstance(design, Grid):
        rows = list(product(*(_list_values(variation) for variation in vary.values())))
        return _build_frame(
            {path: [row[place] for row in rows] for place, path in enumerate(vary)}, kinds, len(rows)
        )
    if isinstance(design, OneAtATime):
        changed = [
            {**base, path: value} for path, variation in vary.items() for value in _list_values(variation)
        ]
        return _build_frame(
            {path: [row[path] for row in [base, *changed]] for path in vary}, kinds, 1 + len(changed)
        )
    return build_table_from_unit_points(definition, draw_unit_points(definition), kinds=kinds)


def build_table_from_unit_points(
    definition: Definition, cube: Floats, *, kinds: Mapping[str, str]
) -> pd.DataFrame:
    """Build the table of points for a sample in the unit cube, shape (points, settings).

    The table has the format of `build_points_table`.
    """
    columns = {
        path: variation.convert_quantiles(cube[:, place], whole=kinds[path] == "integer")
        for place, (path, variation) in enumerate(definition.vary.items())
    }
    return _build_frame(columns, kinds, len(cube))


def draw_unit_points(definition: Definition) -> Floats:
    """Draw the points of a sampling design in the unit cube, shape (points, settings).

    Raises:
        MissingLibraryError: the design is `sobol` or `morris`, and SALib is not installed.
        ValueError: the design is `grid`, `list` or `one_at_a_time`, which are not sampled.
    """
    design, settings = definition.design, len(definition.vary)
    if isinstance(design, LatinHypercube):
        return _draw_latin_hypercube(design, correlation_matrix(definition))
    if isinstance(design, Sobol):
        cube: Floats = _import_salib("sobol").sample(
            build_unit_problem(definition),
            design.base_points,
            calc_second_order=design.pairs,
            seed=design.seed,
        )
    elif isinstance(design, Morris):
        cube = _import_salib("morris").sample(
            build_unit_problem(definition), design.trajectories, num_levels=design.levels, seed=design.seed
        )
    else:
        raise ValueError(f"a {design.kind} design ({settings} settings) is not sampled in the unit cube")
    return cube


def build_unit_problem(definition: Definition) -> dict[str, Any]:
    """Describe the varied settings as a SALib problem with bounds from 0 to 1.

    >>> build_unit_problem(Definition(vary={"network.trust_start": [0.2, 0.4]}))
    {'num_vars': 1, 'names': ['network.trust_start'], 'bounds': [[0.0, 1.0]]}
    """
    names = list(definition.vary)
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def _draw_latin_hypercube(design: LatinHypercube, matrix: Floats) -> Floats:
    from scipy.stats import qmc

    draws = np.random.default_rng(design.seed)
    cube: Floats = qmc.LatinHypercube(d=len(matrix), seed=draws).random(design.points)
    return (
        cube if np.array_equal(matrix, np.eye(len(matrix))) else induce_rank_correlation(cube, matrix, draws)
    )


def _import_salib(method: str) -> Any:
    try:
        if method == "sobol":
            from SALib.sample import sobol

            return sobol
        from SALib.sample import morris
    except ImportError as error:
        raise MissingLibraryError(
            f"the design {method} needs SALib; install it with: pip install 'cpsim[sweep]'"
        ) from error
    return morris


def _list_values(variation: Variation) -> list[Scalar]:
    """List the values of a setting in a design without sampling: all of a list, or both ends of a range."""
    return list(variation.root) if isinstance(variation, Values) else list(variation.limits())


def _build_frame(columns: Mapping[str, list[Scalar]], kinds: Mapping[str, str], rows: int) -> pd.DataFrame:
    dtypes = {"integer": "int64", "number": "float64"}
    series = {
        path: pd.Series(values, dtype=dtypes.get(kinds[path], "object")) for path, values in columns.items()
    }
    return pd.DataFrame(series, index=pd.RangeIndex(rows, name="point"))
