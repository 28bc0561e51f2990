"""What can be told from points and seeds: estimates with their uncertainty, and multiplicity.

A sweep is crossed: the same seeds at every point. Seeds are a sample of the children that could be. Points are a sample
only if the design drew them; points that were written out are all that is asked about. Some designs place several
points around each that they draw, and these are not independent of one another.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cpsim.results.verdicts import CANNOT_BE_SAID, HIGHER, LOWER, NOT_SHOWN

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Draws = np.ndarray[Any, np.dtype[np.int64]]

CONFIDENCE = 0.95
TAILS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)

_RESAMPLES = 1_000
_ROUNDING = 1e-12
_MET = 1e-9


class Estimates(NamedTuple):
    """Coefficients, their standard errors and degrees of freedom [terms]; no number where nothing tells the error."""

    value: Numbers
    error: Numbers
    freedom: Numbers


def crossed(table: Numbers, columns: Numbers, draws: Draws | None) -> Estimates:
    """Least squares over points, with seeds as blocks.

    The estimate of a coefficient is the mean of its estimates in each seed, which are independent. Their spread tells
    what other children would change. Where the points were drawn, other points would change the result as well: their
    residuals tell how much (HC3, MacKinnon and White 1985), those of one draw added up. What both contain counts once
    (Cameron, Gelbach and Miller 2011). Degrees of freedom after Satterthwaite (1946).

    Args:
        table: outcome [points, seeds] without gaps.
        columns: what it is regressed on [points, terms], a constant among them.
        draws: which draw of the design each point comes from [points]; None if the points were written out.

    Raises:
        ValueError: the points cannot tell the terms apart.
    """
    points, terms = columns.shape
    if np.linalg.matrix_rank(columns) < terms:
        raise ValueError(f"{points} points cannot tell {terms} terms apart")
    weights: Numbers = np.linalg.pinv(columns).astype(np.float64)
    by_seed = weights @ table
    value = by_seed.mean(axis=1)
    variance, freedom = _variance(table, columns, weights, by_seed, draws)
    rounding = _ROUNDING * np.abs(table).max(initial=0)
    error = np.sqrt(variance)
    return Estimates(
        np.where(np.abs(value) < rounding, 0.0, value), np.where(error < rounding, 0.0, error), freedom
    )


def _variance(
    table: Numbers, columns: Numbers, weights: Numbers, by_seed: Numbers, draws: Draws | None
) -> tuple[Numbers, Numbers]:
    """Variance and degrees of freedom of each term [terms]."""
    (points, terms), seeds = columns.shape, table.shape[1]
    known_by_seeds = seeds > 1
    known_by_points = draws is not None and points > terms and len(np.unique(draws)) > 1
    unknown = np.full(terms, np.nan)
    of_seeds = by_seed.var(axis=1, ddof=1) / seeds if known_by_seeds else unknown
    if draws is None or not known_by_points:
        return of_seeds, np.full(terms, seeds - 1.0)
    residual = table - columns @ by_seed
    of_points = _of_draws(residual.mean(axis=1, keepdims=True), columns, weights, draws)
    free_points = min(len(np.unique(draws)) - 1, points - terms)
    if not known_by_seeds:
        return of_points, np.full(terms, float(free_points))
    of_both = _of_draws(residual - residual.mean(axis=1, keepdims=True), columns, weights, draws)
    of_both /= seeds * (seeds - 1)
    variance = np.maximum.reduce([of_points + of_seeds - of_both, of_points, of_seeds])
    spread = of_points**2 / free_points + of_seeds**2 / (seeds - 1)
    freedom = np.divide(variance**2, spread, out=np.full(terms, float(free_points)), where=spread > 0)
    return variance, np.minimum(freedom, free_points + seeds - 1.0)


def _of_draws(residual: Numbers, columns: Numbers, weights: Numbers, draws: Draws) -> Numbers:
    """Squares of what each draw adds to each term, summed over draws and seeds [terms]; residual is [points, seeds].

    A residual is scaled by how much of its point the fit leaves free; a point that the fit must meet has none.
    """
    free = 1 - np.einsum("pt,tp->p", columns, weights)
    scaled = residual / np.where(free < _MET, 1.0, free)[:, None]
    added = weights[:, :, None] * scaled  # [terms, points, seeds]
    order = np.argsort(draws, kind="stable")
    starts = np.unique(draws[order], return_index=True)[1]
    squares: Numbers = (np.add.reduceat(added[:, order], starts, axis=1) ** 2).sum(axis=(1, 2))
    return squares


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


def resampling(replicates: int, seed: int = 1) -> Numbers:
    """Weights of the bootstrap [replicates, resamples]: a product with them is every resampled mean at once.

    Args:
        replicates: how many there are to draw from, with replacement and as often.
        seed: draws them.
    """
    draws = np.random.default_rng(seed)
    chance = np.full(replicates, 1 / replicates)
    return draws.multinomial(replicates, chance, size=_RESAMPLES).T / replicates


def holm(p: pd.Series) -> pd.Series:
    """p-values of one family, adjusted to be read together (Holm 1979); gaps stay gaps and do not count."""
    known = p.dropna().sort_values()
    steps = np.arange(len(known), 0, -1)
    adjusted = np.minimum(np.maximum.accumulate(known.to_numpy() * steps), 1.0)
    return pd.Series(adjusted, index=known.index, dtype="float64").reindex(p.index)


def verdicts(value: pd.Series, p: pd.Series, more: str = HIGHER, less: str = LOWER) -> pd.Series:
    """In words what adjusted p-values show, at 1 - CONFIDENCE."""
    words = np.select(
        [p.isna(), p >= 1 - CONFIDENCE, value > 0], [CANNOT_BE_SAID, NOT_SHOWN, more], default=less
    )
    return pd.Series(words, index=value.index)
