"""Estimates from points and seeds, with their uncertainty and the correction for multiple comparisons.

A sweep is crossed: it has the same seeds at every point. Seeds are a sample of all possible populations of children.
Points are a sample only if the design drew them; points that were listed are the only ones of interest. Some designs
place several points around each point that they draw, and such points are not independent.
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from cpsim.arrays import Floats, Ints
from cpsim.formatting import format_count
from cpsim.results.verdicts import CANNOT_BE_SAID, HIGHER, LOWER, NOT_SHOWN

CONFIDENCE = 0.95
"""Probability with which all intervals of a family of tests hold together."""

POWER = 0.8
"""Probability with which the smallest effect that would have been shown is shown."""

TAILS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
"""Quantiles at the two ends of an interval."""

_RESAMPLES = 1_000
_ROUNDING = 1e-12
_FITTED_EXACTLY = 1e-9
_TEST_DIGITS = 7  # digits in which multiples of one another agree


def find_rounding_error(values: Floats) -> float:
    """Return the largest difference between sums of these numbers that may be due to rounding.

    >>> 0.1 + 0.2 - 0.3 < find_rounding_error(np.array([0.1, 0.2, 0.3]))
    True
    """
    known = values[np.isfinite(values)]
    return _ROUNDING * float(np.abs(known).max(initial=0))


def is_constant(values: Floats) -> bool:
    """Return whether all numbers are equal, apart from rounding; any shape.

    >>> is_constant(np.array([1.0, 0.1 + 0.9])), is_constant(np.array([1.0, 1.1]))
    (True, False)
    """
    return len(values) == 0 or float(np.ptp(values)) <= find_rounding_error(values)


def subtract(values: Floats, others: Floats) -> Floats:
    """Subtract the second from the first; 0 where the two are equal apart from rounding, same shape.

    >>> subtract(np.array([0.1 + 0.2, 1.0]), np.array([0.3, 0.5])).tolist()
    [0.0, 0.5]
    """
    return np.where(np.isclose(values, others, rtol=_ROUNDING, atol=0), 0.0, values - others)


class Estimates(NamedTuple):
    """Estimated coefficients; shapes (terms,).

    Attributes:
        value: the coefficients.
        error: their standard errors, NaN where the data do not determine them.
        freedom: degrees of freedom.
    """

    value: Floats
    error: Floats
    freedom: Floats


def fit_crossed(table: Floats, columns: Floats, draws: Ints | None) -> Estimates:
    """Fit least squares over points, with seeds as blocks.

    The estimate of a coefficient is the mean of its estimates by seed, which are independent; their variance shows how
    much the result would change with other children. If the points were drawn, other points would change the result as
    well; the residuals show how much (HC3, MacKinnon and White 1985), summed within each draw of the design. Variance
    contained in both counts once (Cameron, Gelbach and Miller 2011). Degrees of freedom follow Satterthwaite (1946).

    Args:
        table: outcome without gaps, shape (points, seeds).
        columns: regressors, including a constant, shape (points, terms).
        draws: the draw of the design that each point belongs to, shape (points,); None if the points were listed.

    Raises:
        ValueError: the points cannot separate the terms.
    """
    points, terms = columns.shape
    if np.linalg.matrix_rank(columns) < terms:
        raise ValueError(f"{format_count(points, 'point')} cannot separate {format_count(terms, 'term')}")
    weights: Floats = np.linalg.pinv(columns).astype(np.float64)
    by_seed = weights @ table
    value = by_seed.mean(axis=1)
    variance, freedom = _estimate_variance(table, columns, weights, by_seed, draws)
    rounding = find_rounding_error(table)
    error = np.sqrt(variance)
    return Estimates(
        np.where(np.abs(value) < rounding, 0.0, value), np.where(error < rounding, 0.0, error), freedom
    )


def _estimate_variance(
    table: Floats, columns: Floats, weights: Floats, by_seed: Floats, draws: Ints | None
) -> tuple[Floats, Floats]:
    """Return the variance and the degrees of freedom of each term, shapes (terms,)."""
    (points, terms), seeds = columns.shape, table.shape[1]
    has_seed_variance = seeds > 1
    has_point_variance = draws is not None and points > terms and len(np.unique(draws)) > 1
    unknown = np.full(terms, np.nan)
    of_seeds = by_seed.var(axis=1, ddof=1) / seeds if has_seed_variance else unknown
    if draws is None or not has_point_variance:
        return of_seeds, np.full(terms, seeds - 1.0)
    residual = table - columns @ by_seed
    of_points = _sum_squares_by_draw(residual.mean(axis=1, keepdims=True), columns, weights, draws)
    free_points = min(len(np.unique(draws)) - 1, points - terms)
    if not has_seed_variance:
        return of_points, np.full(terms, float(free_points))
    of_both = _sum_squares_by_draw(residual - residual.mean(axis=1, keepdims=True), columns, weights, draws)
    of_both /= seeds * (seeds - 1)
    variance = np.maximum.reduce([of_points + of_seeds - of_both, of_points, of_seeds])
    spread = of_points**2 / free_points + of_seeds**2 / (seeds - 1)
    freedom = np.divide(variance**2, spread, out=np.full(terms, float(free_points)), where=spread > 0)
    return variance, np.minimum(freedom, free_points + seeds - 1.0)


def _sum_squares_by_draw(residual: Floats, columns: Floats, weights: Floats, draws: Ints) -> Floats:
    """Sum the squared contributions of each draw to each term, over draws and seeds, shape (terms,).

    The residual has shape (points, seeds). It is scaled by how much of its point the fit leaves free; a point that the
    fit must meet exactly has no residual.
    """
    free = 1 - np.einsum("pt,tp->p", columns, weights)
    scaled = residual / np.where(free < _FITTED_EXACTLY, 1.0, free)[:, None]
    added = weights[:, :, None] * scaled  # [terms, points, seeds]
    order = np.argsort(draws, kind="stable")
    starts = np.unique(draws[order], return_index=True)[1]
    squares: Floats = (np.add.reduceat(added[:, order], starts, axis=1) ** 2).sum(axis=(1, 2))
    return squares


def tabulate_estimates(estimates: Estimates, tests: int | Ints = 1) -> pd.DataFrame:
    """Tabulate estimates with Student's interval and two-sided p-value.

    Args:
        estimates: the estimates.
        tests: number of tests in their family, or one number for each estimate; an interval has the level of one of so
            many (Bonferroni), so that all of a family hold together with a probability of at least 95%.

    Returns:
        A row for each estimate: `value`, `low`, `high`, `p` (of the estimate alone).

    >>> three = Estimates(np.array([1.0]), np.array([0.5]), np.array([19.0]))
    >>> [tabulate_estimates(three, tests)["low"].round(2).item() for tests in (1, 12)]
    [-0.05, -0.63]
    """
    from scipy.stats import t

    value, error, freedom = estimates
    half = find_threshold(freedom, tests) * error
    size = np.divide(np.abs(value), error, out=np.where(value == 0, 0.0, np.inf), where=error > 0)
    p = np.where(np.isnan(error), np.nan, 2 * t.sf(size, freedom))
    return pd.DataFrame({"value": value, "low": value - half, "high": value + half, "p": p})


def find_threshold(freedom: Floats, tests: int | Ints) -> Floats:
    """Find the quantile of Student's t that an estimate must exceed, in standard errors, in one of so many tests.

    Args:
        freedom: degrees of freedom, any shape.
        tests: number of tests in the family, one number or of the same shape.

    >>> find_threshold(np.array([9.0]), tests=1).round(3).tolist()
    [2.262]
    """
    from scipy.stats import t

    threshold: Floats = t.ppf(1 - (1 - CONFIDENCE) / 2 / np.maximum(tests, 1), freedom)
    return threshold


def count_tests(differences: Floats) -> int:
    """Count the distinct tests among rows of differences.

    A row that is a multiple of another tests the same thing, such as a share and its complement. A row without a
    difference, or with one that is unknown, tests nothing.

    Args:
        differences: differences by seed, shape (rows, seeds); NaN where unknown.

    >>> missed = [0.1, -0.2, 0.3]
    >>> count_tests(np.array([missed, [-0.1, 0.2, -0.3], [1.0, 1.0, 2.0], [0.0, 0.0, 0.0]]))
    2
    """
    distinct = set()
    for row in differences:
        known = ~np.isnan(row)
        size = np.abs(row[known]).max(initial=0)
        if known.sum() > 1 and size > 0:
            first = row[known][np.argmax(np.abs(row[known]) > size / 2)]
            scaled = np.where(known, row / (size * np.sign(first)), 0.0)
            distinct.add((known.tobytes(), (np.round(scaled, _TEST_DIGITS) + 0.0).tobytes()))
    return len(distinct)


def summarise_replicates(table: Floats, tests: int = 1) -> pd.DataFrame:
    """Compute the mean of each row with Student's interval.

    Args:
        table: values, shape (rows, replicates); NaNs are left out.
        tests: number of tests in the family; see `tabulate_estimates`.

    Returns:
        A row for each row: `value`, `low`, `high`, `p`.

    >>> summarise_replicates(np.array([[1.0, 2.0, 3.0]])).round(2).to_dict("records")
    [{'value': 2.0, 'low': -0.48, 'high': 4.48, 'p': 0.07}]
    """
    return tabulate_estimates(estimate_means(table), tests)


def estimate_means(table: Floats) -> Estimates:
    """Estimate the mean of each row of replicates, without its NaNs.

    Args:
        table: values, shape (rows, replicates).

    >>> estimate_means(np.array([[1.0, 2.0, 3.0]])).error.round(3).tolist()
    [0.577]
    """
    count = (~np.isnan(table)).sum(axis=1)
    mean = np.divide(np.nansum(table, axis=1), count, out=np.full(len(table), np.nan), where=count > 0)
    squares = np.nansum((table - mean[:, None]) ** 2, axis=1)
    free = count - 1
    error = np.sqrt(np.divide(squares, free * count, out=np.full(len(table), np.nan), where=free > 0))
    return Estimates(mean, error, np.where(free > 0, free, np.nan))


def estimate_smallest_shown(half_width: float, freedom: float, tests: int) -> float:
    """Estimate the smallest effect that would have been shown with a probability of 80%.

    This is the standard error times the sum of two quantiles of Student's t: that of the level of one test of the
    family, and that of the power. NaN if the standard error is unknown.

    Args:
        half_width: half the width of the interval at the level of its family.
        freedom: degrees of freedom of the interval.
        tests: number of tests in the family.

    >>> round(estimate_smallest_shown(1.0, freedom=19, tests=1), 2)
    1.41
    """
    from scipy.stats import t

    if not freedom >= 1:
        return math.nan
    threshold = float(find_threshold(np.array(freedom), tests))
    return float(half_width * (1 + t.ppf(POWER, freedom) / threshold))


def subtract_estimates(estimates: Estimates, others: Estimates) -> Estimates:
    """Subtract independent estimates, such as those of two arms with other children (Welch 1947).

    >>> one, other = (Estimates(np.array([value]), np.array([0.3]), np.array([9.0])) for value in (2.0, 1.5))
    >>> difference = subtract_estimates(one, other)
    >>> difference.value.tolist(), difference.error.round(3).tolist(), difference.freedom.tolist()
    ([0.5], [0.424], [18.0])
    """
    variances = estimates.error**2, others.error**2
    total = variances[0] + variances[1]
    spread = variances[0] ** 2 / estimates.freedom + variances[1] ** 2 / others.freedom
    freedom = np.divide(total**2, spread, out=estimates.freedom + others.freedom, where=spread > 0)
    return Estimates(estimates.value - others.value, np.sqrt(total), freedom)


def draw_bootstrap_weights(replicates: int, seed: int = 1) -> Floats:
    """Draw bootstrap weights; multiplying data by them gives all resampled means at once.

    Args:
        replicates: number of replicates, which are drawn with replacement as often.
        seed: seed of the draws.

    Returns:
        Weights, shape (replicates, resamples); each column sums to 1.
    """
    generator = np.random.default_rng(seed)
    probability = np.full(replicates, 1 / replicates)
    return generator.multinomial(replicates, probability, size=_RESAMPLES).T / replicates


def label_intervals(
    low: pd.Series, high: pd.Series, *, higher: str = HIGHER, lower: str = LOWER
) -> pd.Series:
    """Label what intervals show: higher, lower, no difference shown, or cannot be said without an interval.

    Args:
        low: lower limits of differences, at the level of their family.
        high: upper limits.
        higher: verdict on an interval above 0.
        lower: verdict on an interval below 0.

    >>> label_intervals(pd.Series([0.1, -0.1, math.nan]), pd.Series([0.3, 0.1, math.nan])).tolist()
    ['higher', 'no difference shown', 'cannot be said']
    """
    labels = np.select(
        [low.isna() | high.isna(), low > 0, high < 0], [CANNOT_BE_SAID, higher, lower], default=NOT_SHOWN
    )
    return pd.Series(labels, index=low.index)
