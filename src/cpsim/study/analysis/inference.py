"""What can be told from points and seeds: estimates with their uncertainty, and multiplicity.

A sweep is crossed: the same seeds at every point. Seeds are a sample of the children that could be. Points are a sample
only if the design drew them; points that were written out are all that is asked about.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

Numbers = np.ndarray[Any, np.dtype[np.float64]]

CONFIDENCE = 0.95
NOT_SHOWN = "no difference shown"
CANNOT_BE_SAID = "cannot be said"

_ROUNDING = 1e-12


class Estimates(NamedTuple):
    """Coefficients, their standard errors and degrees of freedom [terms]; no number where nothing tells the error."""

    value: Numbers
    error: Numbers
    freedom: Numbers


def crossed(table: Numbers, columns: Numbers, *, points_drawn: bool) -> Estimates:
    """Least squares over points, with seeds as blocks.

    The estimate of a coefficient is the mean of its estimates in each seed, which are independent. Their spread tells
    what other children would change. Where the points were drawn too, other points would change the result as well,
    which the residuals of the points tell (HC3, MacKinnon and White 1985). What both contain is counted once (Cameron,
    Gelbach and Miller 2011). Degrees of freedom after Satterthwaite (1946).

    Args:
        table: outcome [points, seeds] without gaps.
        columns: what it is regressed on [points, terms], a constant among them.
        points_drawn: whether the points are a sample of all possible ones.

    Raises:
        ValueError: the points cannot tell the terms apart.
    """
    points, seeds = table.shape
    terms = columns.shape[1]
    if np.linalg.matrix_rank(columns) < terms:
        raise ValueError(f"{points} points cannot tell {terms} terms apart")
    weights: Numbers = np.linalg.pinv(columns).astype(np.float64)
    by_seed = weights @ table
    value = by_seed.mean(axis=1)
    of_seeds = by_seed.var(axis=1, ddof=1) / seeds if seeds > 1 else None
    of_points = _of_points(table, columns, weights, value) if points_drawn and points > terms else None
    scale = np.abs(table).max(initial=0)
    value = np.where(np.abs(value) < _ROUNDING * scale, 0.0, value)
    variance, freedom = _together(
        of_seeds, of_points, _of_both(table, columns, weights), points - terms, seeds - 1
    )
    error = np.sqrt(variance)
    return Estimates(value, np.where(error < _ROUNDING * scale, 0.0, error), freedom)


def _of_points(table: Numbers, columns: Numbers, weights: Numbers, value: Numbers) -> Numbers:
    residual = table.mean(axis=1) - columns @ value
    variance: Numbers = (weights**2) @ (residual / _free(columns, weights)) ** 2
    return variance


def _of_both(table: Numbers, columns: Numbers, weights: Numbers) -> Numbers:
    """The part of the variance [terms] that neither a point nor a seed explains, divided by the seeds."""
    seeds = table.shape[1]
    residual = table - columns @ (weights @ table)
    residual -= residual.mean(axis=1, keepdims=True)
    squares = (residual**2).sum(axis=1) / max(seeds - 1, 1) / seeds
    variance: Numbers = (weights**2) @ (squares / _free(columns, weights))
    return variance


def _free(columns: Numbers, weights: Numbers) -> Numbers:
    """How much of each point the fit leaves free [points]; one that it meets exactly has no residual to be scaled."""
    free = 1 - np.einsum("pt,tp->p", columns, weights)
    return np.where(free < 1e-9, 1.0, free)


def _together(
    of_seeds: Numbers | None, of_points: Numbers | None, of_both: Numbers, free_points: int, free_seeds: int
) -> tuple[Numbers, Numbers]:
    unknown = np.full_like(of_both, np.nan)
    if of_points is None:
        return (unknown, unknown) if of_seeds is None else (of_seeds, np.full_like(of_both, free_seeds))
    if of_seeds is None:
        return of_points, np.full_like(of_both, free_points)
    variance = np.maximum.reduce([of_points + of_seeds - of_both, of_points, of_seeds])
    spread = of_points**2 / free_points + of_seeds**2 / free_seeds
    freedom = np.divide(variance**2, spread, out=np.full_like(spread, free_points), where=spread > 0)
    return variance, np.minimum(freedom, free_points + free_seeds)


def told(estimates: Estimates) -> pd.DataFrame:
    """Estimates with Student's interval and two-sided p-value: `value`, `low`, `high`, `p`, a row each."""
    from scipy.stats import t

    value, error, freedom = estimates
    half = t.ppf((1 + CONFIDENCE) / 2, freedom) * error
    size = np.divide(np.abs(value), error, out=np.where(value == 0, 0.0, np.inf), where=error > 0)
    p = np.where(np.isnan(error), np.nan, 2 * t.sf(size, freedom))
    return pd.DataFrame({"value": value, "low": value - half, "high": value + half, "p": p})


def student(table: Numbers) -> pd.DataFrame:
    """Means over the last axis [rows, replicates] with Student's interval; gaps are left out of their row."""
    count = (~np.isnan(table)).sum(axis=1)
    mean = np.divide(np.nansum(table, axis=1), count, out=np.full(len(table), np.nan), where=count > 0)
    squares = np.nansum((table - mean[:, None]) ** 2, axis=1)
    free = count - 1
    error = np.sqrt(np.divide(squares, free * count, out=np.full(len(table), np.nan), where=free > 0))
    return told(Estimates(mean, error, np.where(free > 0, free, np.nan)))


def holm(p: pd.Series) -> pd.Series:
    """p-values of one family, adjusted to be read together (Holm 1979); gaps stay gaps and do not count."""
    known = p.dropna().sort_values()
    steps = np.arange(len(known), 0, -1)
    adjusted = np.minimum(np.maximum.accumulate(known.to_numpy() * steps), 1.0)
    return pd.Series(adjusted, index=known.index, dtype="float64").reindex(p.index)


def verdicts(value: pd.Series, p: pd.Series, more: str = "more", less: str = "less") -> pd.Series:
    """In words what adjusted p-values show, at 1 - CONFIDENCE."""
    words = np.select(
        [p.isna(), p >= 1 - CONFIDENCE, value > 0], [CANNOT_BE_SAID, NOT_SHOWN, more], default=less
    )
    return pd.Series(words, index=value.index)
