"""Sobol indices and Morris's elementary effects of an outcome, with confidence intervals and convergence.

SALib estimates them from the means over seeds. All points have the same seeds, so the variance that is apportioned is
that of the mean as a function of the settings alone. If a point has no value, the block that it was placed in is left
out.
"""

from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from cpsim.arrays import Bools, Floats
from cpsim.experiment.designs import MissingLibraryError
from cpsim.formatting import format_count, pluralise
from cpsim.inference import CONFIDENCE, find_rounding_error, is_constant

__all__ = ["morris_convergence", "morris_effects", "sobol_convergence", "sobol_indices"]

_RESAMPLES = 200
_LEAST_BLOCKS = 4


def sobol_indices(
    table: pd.DataFrame, settings: list[str], *, pairs: bool = False, seed: int = 1
) -> pd.DataFrame:
    """Estimate first-order and total Sobol indices from Saltelli's scheme.

    Args:
        table: outcome, shape (points, seeds), all points in the order of the design.
        settings: the varied settings, in the order of the design.
        pairs: whether the design includes the points for pairs of settings.
        seed: seed of the bootstrap samples of the intervals.

    Returns:
        A row for each setting: `setting`, `first`, `first_low`, `first_high`, `total`, `total_low`, `total_high`
        (shares of the variance; 95% by bootstrap) and `base_points`, the number used. NaN if the outcome does not vary.

    Raises:
        MissingLibraryError: SALib is not installed.
        ValueError: fewer than 4 base points have all their values.

    Here all variance is due to trust:

    >>> from SALib.sample import sobol
    >>> problem = {"num_vars": 2, "names": ["trust", "posts"], "bounds": [[0, 1], [0, 1]]}
    >>> unit_points = sobol.sample(problem, 64, calc_second_order=False, seed=1)
    >>> table = pd.DataFrame({1: 0.7 - 0.2 * unit_points[:, 0]})
    >>> sobol_indices(table, ["trust", "posts"])["total"].round(1).tolist()
    [1.0, 0.0]
    """
    blocks = _select_complete_blocks(table, (2 * len(settings) if pairs else len(settings)) + 2)
    return _analyse_sobol(blocks, settings, pairs=pairs, seed=seed)


def sobol_convergence(
    table: pd.DataFrame, settings: list[str], *, pairs: bool = False, seed: int = 1
) -> pd.DataFrame:
    """Estimate the Sobol indices from the first eighth, quarter and half of the base points, and from all.

    Arguments, columns and errors are those of `sobol_indices`.

    >>> from SALib.sample import sobol
    >>> problem = {"num_vars": 2, "names": ["trust", "posts"], "bounds": [[0, 1], [0, 1]]}
    >>> unit_points = sobol.sample(problem, 64, calc_second_order=False, seed=1)
    >>> table = pd.DataFrame({1: 0.7 - 0.2 * unit_points[:, 0]})
    >>> sobol_convergence(table, ["trust", "posts"])["base_points"].unique().tolist()
    [8, 16, 32, 64]
    """
    blocks = _select_complete_blocks(table, (2 * len(settings) if pairs else len(settings)) + 2)
    parts = [
        _analyse_sobol(blocks[:size], settings, pairs=pairs, seed=seed) for size in _choose_sizes(len(blocks))
    ]
    return pd.concat(parts, ignore_index=True)


def morris_effects(
    table: pd.DataFrame, unit_points: Floats, settings: list[str], *, levels: int = 4, seed: int = 1
) -> pd.DataFrame:
    """Estimate elementary effects from Morris's trajectories.

    The method is that of Morris (1991); `mu_star` follows Campolongo, Cariboni and Saltelli (2007).

    Args:
        table: outcome, shape (points, seeds), all points in the order of the design.
        unit_points: the design in the unit cube, shape (points, settings).
        settings: the varied settings, in the order of the design.
        levels: number of levels of the grid of the design.
        seed: seed of the bootstrap samples of the intervals.

    Returns:
        A row for each setting: `setting`, `mu_star` with `mu_star_low` and `mu_star_high` (95% by bootstrap), `mu`,
        `sigma`, all in units of the outcome per whole range of the setting, and `trajectories`, the number used. All
        are 0 if the outcome does not vary.

    Raises:
        MissingLibraryError: SALib is not installed.
        ValueError: fewer than 4 trajectories have all their values.

    Trust lowers the outcome by 0.2 over its whole range, and the number of posts has no effect:

    >>> from SALib.sample import morris
    >>> problem = {"num_vars": 2, "names": ["trust", "posts"], "bounds": [[0, 1], [0, 1]]}
    >>> unit_points = morris.sample(problem, 8, num_levels=4, seed=1)
    >>> table = pd.DataFrame({1: 0.7 - 0.2 * unit_points[:, 0]})
    >>> morris_effects(table, unit_points, ["trust", "posts"])["mu_star"].round(3).tolist()
    [0.2, 0.0]
    """
    blocks = _select_complete_blocks(table, len(settings) + 1)
    kept = _find_complete_blocks(table, len(settings) + 1)
    steps = unit_points.reshape(-1, len(settings) + 1, len(settings))[kept]
    return _analyse_morris(blocks, steps, settings, levels=levels, seed=seed)


def morris_convergence(
    table: pd.DataFrame, unit_points: Floats, settings: list[str], *, levels: int = 4, seed: int = 1
) -> pd.DataFrame:
    """Estimate the elementary effects from the first eighth, quarter and half of the trajectories, and from all.

    Arguments, columns and errors are those of `morris_effects`.

    >>> from SALib.sample import morris
    >>> problem = {"num_vars": 2, "names": ["trust", "posts"], "bounds": [[0, 1], [0, 1]]}
    >>> unit_points = morris.sample(problem, 8, num_levels=4, seed=1)
    >>> table = pd.DataFrame({1: 0.7 - 0.2 * unit_points[:, 0]})
    >>> morris_convergence(table, unit_points, ["trust", "posts"])["trajectories"].unique().tolist()
    [4, 8]
    """
    blocks = _select_complete_blocks(table, len(settings) + 1)
    kept = _find_complete_blocks(table, len(settings) + 1)
    steps = unit_points.reshape(-1, len(settings) + 1, len(settings))[kept]
    parts = [
        _analyse_morris(blocks[:size], steps[:size], settings, levels=levels, seed=seed)
        for size in _choose_sizes(len(blocks))
    ]
    return pd.concat(parts, ignore_index=True)


def _analyse_sobol(blocks: Floats, settings: list[str], *, pairs: bool, seed: int) -> pd.DataFrame:
    names = ["S1", "S1_conf", "ST", "ST_conf"]
    values = blocks.ravel()
    if is_constant(values):
        found = {name: np.full(len(settings), np.nan) for name in names}
    else:
        found = _import_salib("sobol").analyze(
            _define_problem(settings), values, calc_second_order=pairs, num_resamples=_RESAMPLES, conf_level=CONFIDENCE,
            seed=seed,
        )  # fmt: skip
    first, first_half, total, total_half = (np.asarray(found[name]) for name in names)
    return pd.DataFrame(
        {
            "setting": settings,
            "first": first,
            "first_low": first - first_half,
            "first_high": first + first_half,
            "total": total,
            "total_low": total - total_half,
            "total_high": total + total_half,
            "base_points": len(blocks),
        }
    )


def _analyse_morris(
    blocks: Floats, steps: Floats, settings: list[str], *, levels: int, seed: int
) -> pd.DataFrame:
    found = _import_salib("morris").analyze(
        _define_problem(settings), steps.reshape(-1, len(settings)), blocks.ravel(), num_levels=levels,
        num_resamples=_RESAMPLES, conf_level=CONFIDENCE, seed=seed,
    )  # fmt: skip
    least = find_rounding_error(blocks)
    star, half, mean, sigma = (
        np.where(np.abs(values) <= least, 0.0, values)
        for values in (np.asarray(found[name]) for name in ("mu_star", "mu_star_conf", "mu", "sigma"))
    )
    return pd.DataFrame(
        {
            "setting": settings,
            "mu_star": star,
            "mu_star_low": star - half,
            "mu_star_high": star + half,
            "mu": mean,
            "sigma": sigma,
            "trajectories": len(blocks),
        }
    )


def _select_complete_blocks(table: pd.DataFrame, size: int) -> Floats:
    """Return the means over seeds of the points that the design placed together, shape (blocks, size), without gaps."""
    blocks: Floats = _split_into_blocks(table, size)[_find_complete_blocks(table, size)]
    if len(blocks) < _LEAST_BLOCKS:
        complete = f"{format_count(len(blocks), 'block')} of {format_count(size, 'point')}"
        raise ValueError(f"only {complete} {pluralise(len(blocks), 'has', 'have')} values for all seeds")
    return blocks


def _find_complete_blocks(table: pd.DataFrame, size: int) -> Bools:
    return np.array(np.isfinite(_split_into_blocks(table, size)).all(axis=1))


def _split_into_blocks(table: pd.DataFrame, size: int) -> Floats:
    means: Floats = np.asarray(table.mean(axis=1, skipna=False), dtype=np.float64)
    return means.reshape(-1, size)


def _choose_sizes(blocks: int) -> list[int]:
    return [size for size in (blocks // 8, blocks // 4, blocks // 2, blocks) if size >= _LEAST_BLOCKS]


def _define_problem(settings: list[str]) -> dict[str, Any]:
    return {"num_vars": len(settings), "names": settings, "bounds": [[0.0, 1.0]] * len(settings)}


def _import_salib(method: str) -> Any:
    try:
        return import_module(f"SALib.analyze.{method}")
    except ImportError as error:
        raise MissingLibraryError(
            f"{method} indices need SALib; install it with: pip install 'cpsim[sweep]'"
        ) from error
