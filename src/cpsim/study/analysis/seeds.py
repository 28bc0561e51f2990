"""How many seeds are enough: until the interval of a mean over seeds is as narrow as wanted."""

import numpy as np
import pandas as pd

from cpsim.study.analysis.inference import CONFIDENCE, Numbers
from cpsim.study.analysis.tables import without_gaps

MOST_SEEDS = 1_000_000


def seeds_needed(table: pd.DataFrame, wanted: list[float]) -> pd.DataFrame:
    """Seeds until the 95 % interval of the mean over points is not wider than wanted to either side.

    Args:
        table: an outcome, or its paired difference between two arms [points, seeds]; points with gaps are left out.
        wanted: half widths of the interval, in units of the outcome, above 0.

    Returns:
        A row for each of them: `wanted`, `seeds_now`, `half_width_now`, `sd` between seeds with `sd_low` and `sd_high`
        (95 %: a standard deviation of few seeds is hardly known), and `seeds`, `seeds_low`, `seeds_high`, the number
        needed at each of these. Not a number if fewer than two seeds are there; `inf` above a million.
    """
    by_seed = without_gaps(table).mean(axis=0).to_numpy(dtype=np.float64)
    count = len(by_seed)
    known = count > 1 and not np.isnan(by_seed).any()
    sd = float(by_seed.std(ddof=1)) if known else float("nan")
    sd_low, sd_high = _limits_of_sd(sd, count) if known else (float("nan"), float("nan"))
    now = float(_half_widths(sd, np.array([count]))[0]) if known else float("nan")
    rows = [
        {
            "wanted": width,
            "seeds_now": count,
            "half_width_now": now,
            "sd": sd,
            "sd_low": sd_low,
            "sd_high": sd_high,
            "seeds": _needed(sd, width),
            "seeds_low": _needed(sd_low, width),
            "seeds_high": _needed(sd_high, width),
        }
        for width in wanted
    ]
    return pd.DataFrame(rows)


def gain_of_pairing(one: pd.DataFrame, other: pd.DataFrame) -> float:
    """How many times more seeds two arms would need on different children: var(one) + var(other) over var(one - other).

    Args:
        one: an outcome in one arm [points, seeds].
        other: the same outcome in another arm.
    """
    whole = without_gaps(one - other).index
    first, second = (table.loc[whole].mean(axis=0) for table in (one, other))
    paired = (first - second).var()
    return float((first.var() + second.var()) / paired) if paired > 0 else float("inf")


def half_width_curve(sd: float, counts: Numbers) -> Numbers:
    """Half width of the 95 % interval of a mean over so many seeds, each number at least 2."""
    return _half_widths(sd, counts)


def _half_widths(sd: float, counts: Numbers) -> Numbers:
    from scipy.stats import t

    widths: Numbers = t.ppf((1 + CONFIDENCE) / 2, counts - 1) * sd / np.sqrt(counts)
    return widths


def _limits_of_sd(sd: float, count: int) -> tuple[float, float]:
    from scipy.stats import chi2

    low, high = chi2.ppf([(1 + CONFIDENCE) / 2, (1 - CONFIDENCE) / 2], count - 1)
    return sd * float(np.sqrt((count - 1) / low)), sd * float(np.sqrt((count - 1) / high))


def _needed(sd: float, width: float) -> float:
    """The fewest seeds, by bisection: the interval narrows with every seed."""
    if np.isnan(sd):
        return float("nan")
    if _half_widths(sd, np.array([MOST_SEEDS]))[0] > width:
        return float("inf")
    too_few, enough = 1, MOST_SEEDS
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        narrow = _half_widths(sd, np.array([middle]))[0] <= width
        too_few, enough = (too_few, middle) if narrow else (middle, enough)
    return float(enough)
