"""How many seeds are enough for the interval of a mean over seeds to be as narrow as wanted."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from cpsim.analysis.tables import drop_gaps
from cpsim.arrays import Floats
from cpsim.inference import CONFIDENCE, estimate_smallest_shown, is_constant, subtract

__all__ = ["find_seeds_to_show", "half_width_curve", "pairing_gain", "seeds_needed"]

MOST_SEEDS = 1_000_000
"""Larger numbers of seeds are reported as infinite."""


def seeds_needed(table: pd.DataFrame, wanted: list[float], tests: int = 1) -> pd.DataFrame:
    """Estimate the number of seeds at which the interval of the mean over points is as narrow as wanted.

    Args:
        table: an outcome, or its paired difference between two arms, shape (points, seeds); points with gaps are left
            out.
        wanted: half widths of the interval, in units of the outcome, above 0.
        tests: number of tests in the family of the interval.

    Returns:
        A row for each half width: `wanted`, `tests`, `seeds_now`, `half_width_now`, `sd` between seeds with `sd_low`
        and `sd_high` (95%: few seeds hardly determine a standard deviation), and `seeds`, `seeds_low`, `seeds_high`,
        the number needed at each of these. NaN with fewer than two seeds; `inf` above a million.

    Half the width takes about four times the seeds:

    >>> difference = pd.DataFrame([[-0.03, -0.01, -0.02, -0.01, -0.03, -0.02]])
    >>> seeds_needed(difference, wanted=[0.004, 0.002])["seeds"].tolist()
    [22.0, 80.0]
    """
    by_seed = drop_gaps(table).mean(axis=0).to_numpy(dtype=np.float64)
    count = len(by_seed)
    known = count > 1 and not np.isnan(by_seed).any()
    sd = float(by_seed.std(ddof=1)) if known else float("nan")
    sd_low, sd_high = _estimate_sd_limits(sd, count) if known else (float("nan"), float("nan"))
    now = float(_compute_half_widths(sd, np.array([count]), tests)[0]) if known else float("nan")
    rows = [
        {
            "wanted": width,
            "tests": tests,
            "seeds_now": count,
            "half_width_now": now,
            "sd": sd,
            "sd_low": sd_low,
            "sd_high": sd_high,
            "seeds": _find_seeds_needed(sd, width, tests),
            "seeds_low": _find_seeds_needed(sd_low, width, tests),
            "seeds_high": _find_seeds_needed(sd_high, width, tests),
        }
        for width in wanted
    ]
    return pd.DataFrame(rows)


def find_seeds_to_show(sd: float, size: float, tests: int) -> float:
    """Find the fewest seeds with which a difference of some size is shown with a probability of 80%.

    Args:
        sd: standard deviation of the difference between seeds.
        size: size of the difference, above 0.
        tests: number of tests in its family.

    Returns:
        The number of seeds; NaN if the standard deviation is unknown, `inf` above a million.

    >>> find_seeds_to_show(sd=0.01, size=0.01, tests=1), find_seeds_to_show(sd=0.01, size=0.01, tests=12)
    (10.0, 18.0)
    """

    def estimate_size(count: int) -> float:
        half = _compute_half_widths(sd, np.array([count]), tests)[0]
        return estimate_smallest_shown(float(half), count - 1, tests)

    return _find_fewest(sd, lambda count: estimate_size(count) <= size)


def pairing_gain(one: pd.DataFrame, other: pd.DataFrame) -> float:
    """Return how many times more seeds two arms would need if they had different children.

    It is var(one) + var(other) over var(one - other), between seeds.

    Args:
        one: an outcome in one arm, shape (points, seeds).
        other: the same outcome in another arm.

    >>> one = pd.DataFrame([[0.50, 0.60, 0.70]])
    >>> other = pd.DataFrame([[0.48, 0.59, 0.66]])
    >>> round(pairing_gain(one, other))
    78
    """
    complete = drop_gaps(one - other).index
    first, second = (table.loc[complete].mean(axis=0) for table in (one, other))
    paired = subtract(first.to_numpy(dtype=np.float64), second.to_numpy(dtype=np.float64))
    if is_constant(paired):
        return float("inf")
    return float((first.var() + second.var()) / pd.Series(paired).var())


def half_width_curve(sd: float, counts: Floats, tests: int = 1) -> Floats:
    """Return the half width of the 95% interval of a mean over seeds.

    Args:
        sd: standard deviation between seeds.
        counts: numbers of seeds, each at least 2.
        tests: number of tests in the family of the interval.

    >>> half_width_curve(1.0, np.array([4.0, 16.0])).round(2).tolist()
    [1.59, 0.53]
    """
    return _compute_half_widths(sd, counts, tests)


def _compute_half_widths(sd: float, counts: Floats, tests: int) -> Floats:
    from scipy.stats import t

    widths: Floats = t.ppf(1 - (1 - CONFIDENCE) / 2 / max(tests, 1), counts - 1) * sd / np.sqrt(counts)
    return widths


def _estimate_sd_limits(sd: float, count: int) -> tuple[float, float]:
    from scipy.stats import chi2

    low, high = chi2.ppf([(1 + CONFIDENCE) / 2, (1 - CONFIDENCE) / 2], count - 1)
    return sd * float(np.sqrt((count - 1) / low)), sd * float(np.sqrt((count - 1) / high))


def _find_seeds_needed(sd: float, width: float, tests: int) -> float:
    return _find_fewest(sd, lambda count: _compute_half_widths(sd, np.array([count]), tests)[0] <= width)


def _find_fewest(sd: float, is_enough: Callable[[int], bool]) -> float:
    """Find the fewest seeds by bisection, because every seed narrows the interval."""
    if np.isnan(sd):
        return float("nan")
    if not is_enough(MOST_SEEDS):
        return float("inf")
    too_few, enough = 1, MOST_SEEDS
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if is_enough(middle) else (middle, enough)
    return float(enough)
