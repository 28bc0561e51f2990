"""Sobol indices and Morris's elementary effects of an outcome, with their confidence and how they settle.

Estimated by SALib from the means over seeds. As the seeds are the same at all points, what is apportioned is the
variance of that mean, as a function of the settings alone. A point without a figure takes its whole block with it.
"""

from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from cpsim.study.analysis.inference import CONFIDENCE, Numbers
from cpsim.study.designs import LibraryMissing

_RESAMPLES = 200
_LEAST_BLOCKS = 4


def sobol_indices(
    table: pd.DataFrame, settings: list[str], *, pairs: bool = False, seed: int = 1
) -> pd.DataFrame:
    """First-order and total indices from Saltelli's scheme.

    Args:
        table: outcome [points, seeds], all points in the order of the design.
        settings: what varied, in the order of the design.
        pairs: whether the design has the points for pairs of settings.
        seed: draws the bootstrap samples of the intervals.

    Returns:
        A row a setting: `setting`, `first`, `first_low`, `first_high`, `total`, `total_low`, `total_high` (shares of
        the variance; 95 % by bootstrap), `base_points` that were used. Not a number where the outcome does not vary.

    Raises:
        LibraryMissing: SALib is not installed.
        ValueError: fewer than 4 base points have all their figures.
    """
    blocks = _whole_blocks(table, (2 * len(settings) if pairs else len(settings)) + 2)
    return _sobol(blocks, settings, pairs=pairs, seed=seed)


def sobol_convergence(
    table: pd.DataFrame, settings: list[str], *, pairs: bool = False, seed: int = 1
) -> pd.DataFrame:
    """The same indices from the first eighth, quarter and half of the base points and from all; rows as there."""
    blocks = _whole_blocks(table, (2 * len(settings) if pairs else len(settings)) + 2)
    parts = [_sobol(blocks[:size], settings, pairs=pairs, seed=seed) for size in _growing(len(blocks))]
    return pd.concat(parts, ignore_index=True)


def morris_effects(
    table: pd.DataFrame, unit_points: Numbers, settings: list[str], *, levels: int = 4, seed: int = 1
) -> pd.DataFrame:
    """Elementary effects from Morris's trajectories (Morris 1991; mu* after Campolongo, Cariboni and Saltelli 2007).

    Args:
        table: outcome [points, seeds], all points in the order of the design.
        unit_points: the design in the unit cube [points, settings].
        settings: what varied, in the order of the design.
        levels: levels of the grid of the design.
        seed: draws the bootstrap samples of the intervals.

    Returns:
        A row a setting: `setting`, `mu_star` with `mu_star_low` and `mu_star_high` (95 % by bootstrap), `mu`, `sigma`,
        all in units of the outcome per whole range of the setting, and the number of `trajectories` that were used.

    Raises:
        LibraryMissing: SALib is not installed.
        ValueError: fewer than 4 trajectories have all their figures.
    """
    whole = _whole_blocks(table, len(settings) + 1)
    kept = _kept_blocks(table, len(settings) + 1)
    steps = unit_points.reshape(-1, len(settings) + 1, len(settings))[kept]
    return _morris(whole, steps, settings, levels=levels, seed=seed)


def morris_convergence(
    table: pd.DataFrame, unit_points: Numbers, settings: list[str], *, levels: int = 4, seed: int = 1
) -> pd.DataFrame:
    """The same effects from the first eighth, quarter and half of the trajectories and from all; rows as there."""
    whole = _whole_blocks(table, len(settings) + 1)
    kept = _kept_blocks(table, len(settings) + 1)
    steps = unit_points.reshape(-1, len(settings) + 1, len(settings))[kept]
    parts = [
        _morris(whole[:size], steps[:size], settings, levels=levels, seed=seed)
        for size in _growing(len(whole))
    ]
    return pd.concat(parts, ignore_index=True)


def _sobol(blocks: Numbers, settings: list[str], *, pairs: bool, seed: int) -> pd.DataFrame:
    names = ["S1", "S1_conf", "ST", "ST_conf"]
    values = blocks.ravel()
    if np.ptp(values) == 0:
        found = {name: np.full(len(settings), np.nan) for name in names}
    else:
        found = _salib("sobol").analyze(
            _problem(settings), values, calc_second_order=pairs, num_resamples=_RESAMPLES, conf_level=CONFIDENCE,
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


def _morris(blocks: Numbers, steps: Numbers, settings: list[str], *, levels: int, seed: int) -> pd.DataFrame:
    found = _salib("morris").analyze(
        _problem(settings), steps.reshape(-1, len(settings)), blocks.ravel(), num_levels=levels,
        num_resamples=_RESAMPLES, conf_level=CONFIDENCE, seed=seed,
    )  # fmt: skip
    star, half = np.asarray(found["mu_star"]), np.asarray(found["mu_star_conf"])
    return pd.DataFrame(
        {
            "setting": settings,
            "mu_star": star,
            "mu_star_low": star - half,
            "mu_star_high": star + half,
            "mu": np.asarray(found["mu"]),
            "sigma": np.asarray(found["sigma"]),
            "trajectories": len(blocks),
        }
    )


def _whole_blocks(table: pd.DataFrame, size: int) -> Numbers:
    """Means over seeds [blocks, size]: the points that the design placed together, where none has a gap."""
    blocks: Numbers = _blocks(table, size)[_kept_blocks(table, size)]
    if len(blocks) < _LEAST_BLOCKS:
        raise ValueError(f"only {len(blocks)} blocks of {size} points have all their figures")
    return blocks


def _kept_blocks(table: pd.DataFrame, size: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.array(np.isfinite(_blocks(table, size)).all(axis=1))


def _blocks(table: pd.DataFrame, size: int) -> Numbers:
    means: Numbers = np.asarray(table.mean(axis=1, skipna=False), dtype=np.float64)
    return means.reshape(-1, size)


def _growing(blocks: int) -> list[int]:
    return [size for size in (blocks // 8, blocks // 4, blocks // 2, blocks) if size >= _LEAST_BLOCKS]


def _problem(settings: list[str]) -> dict[str, Any]:
    return {"num_vars": len(settings), "names": settings, "bounds": [[0.0, 1.0]] * len(settings)}


def _salib(method: str) -> Any:
    try:
        return import_module(f"SALib.analyze.{method}")
    except ImportError as error:
        raise LibraryMissing(
            f"indices of {method} need SALib; install it with: pip install 'cpsim[sweep]'"
        ) from error
