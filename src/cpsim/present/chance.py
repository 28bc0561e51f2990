"""Shares, rates and gaps counted in one run, with 95% intervals for the chance between its spells or families.

Within one run chance is that of a sample: the spells of harm, or the families, might have been others of the same kind.
The intervals take each spell or family as independent of the others. Siblings are not quite, so true intervals are a
little wider. These intervals say nothing about other rules; a comparison on several seeds does.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from cpsim.formatting import FEWEST, UNDEFINED, format_outcome, format_percent, format_share
from cpsim.inference import CONFIDENCE, TAILS

if TYPE_CHECKING:
    from collections.abc import Sequence

LABEL: Final = "95%, chance between the spells and families of this run"
"""What the intervals are, for the caption of a table."""


class Interval(NamedTuple):
    """A value with the ends of its 95% interval; all NaN if it is undefined."""

    value: float
    low: float
    high: float


_LEAST_EXPECTED = 5  # cases, for a chi-squared test (Cochran 1954, Biometrics 10:417)
_UNKNOWN = Interval(math.nan, math.nan, math.nan)


def wilson_interval(part: float, whole: float) -> Interval:
    """Return a share with its score interval (Wilson 1927, JASA 22:209).

    Args:
        part: number of cases with the property.
        whole: number of all cases.

    >>> [round(share, 3) for share in wilson_interval(3, 10)]
    [0.3, 0.108, 0.603]
    """
    if not whole:
        return _UNKNOWN
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    share, weight = part / whole, z**2 / whole
    centre = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / whole + weight / (4 * whole))
    return Interval(share, max(centre - half, 0.0), min(centre + half, 1.0))


def poisson_interval(events: float, exposure: float) -> Interval:
    """Return a rate with its exact interval for a Poisson number of events (Garwood 1936, Biometrika 28:437).

    Args:
        events: number of events.
        exposure: what they are counted in, such as child-years in units of 10,000.

    >>> [round(rate, 2) for rate in poisson_interval(10, 2)]
    [5.0, 2.4, 9.2]
    """
    if not exposure:
        return _UNKNOWN
    from scipy.special import gammaincinv

    low = gammaincinv(events, TAILS[0]) if events else 0.0
    high = gammaincinv(events + 1, TAILS[1])
    return Interval(events / exposure, float(low) / exposure, float(high) / exposure)


def difference_interval(first: Interval, second: Interval) -> Interval:
    """Return the difference of two independent shares or rates with its interval.

    For shares with Wilson's intervals it is method 10 of Newcombe (1998, Statistics in Medicine 17:873); the same
    formula holds for other intervals (Zou and Donner 2008, Statistics in Medicine 27:1693).

    Args:
        first: the share or rate from which the other is subtracted.
        second: the other.

    Newcombe's first example, 56 of 70 less 48 of 80:

    >>> difference = difference_interval(wilson_interval(56, 70), wilson_interval(48, 80))
    >>> [round(end, 4) for end in difference]
    [0.2, 0.0524, 0.3339]
    """
    value = first.value - second.value
    return Interval(
        value,
        value - math.hypot(first.value - first.low, second.high - second.value),
        value + math.hypot(first.high - first.value, second.value - second.low),
    )


def format_share_interval(part: float, whole: float) -> str:
    """Format a share with its interval, or as two numbers if there are few cases; arguments as for `format_share`.

    >>> format_share_interval(66, 100), format_share_interval(3, 10)
    ('66% (56% to 75%)', '3 of 10')
    """
    share = format_share(part, whole)
    _, low, high = wilson_interval(part, whole)
    return share if whole < FEWEST else f"{share} ({format_percent(low)} to {format_percent(high)})"


def format_rate_interval(name: str, events: float, exposure: float) -> str:
    """Format a rate with its interval, in the digits of an outcome.

    Args:
        name: name of the outcome whose rate it is.
        events: number of events.
        exposure: what they are counted in.

    >>> format_rate_interval("assessed_neither_per_10k_year", 10, 2)
    '5.0 (2.4 to 9.2)'
    """
    value, low, high = (format_outcome(name, end) for end in poisson_interval(events, exposure))
    return value if value == UNDEFINED else f"{value} ({low} to {high})"


def differ_beyond_chance(parts: Sequence[float], wholes: Sequence[float]) -> bool | None:
    """Return whether shares of several places differ by more than chance between cases gives, in one test of twenty.

    The test is Pearson's chi-squared test of equal shares (1900, Philosophical Magazine 50:157).

    Args:
        parts: number of cases with the property in each place.
        wholes: number of all cases in each place.

    Returns:
        None if a place expects fewer than five cases with or without the property, too few for the test.

    >>> differ_beyond_chance([50, 50], [100, 100]), differ_beyond_chance([20, 60], [100, 100])
    (False, True)
    >>> differ_beyond_chance([1, 3], [4, 4]) is None
    True
    """
    from scipy.special import chdtrc

    part, whole = np.asarray(parts, np.float64), np.asarray(wholes, np.float64)
    share = part.sum() / whole.sum() if whole.sum() else 0.0
    if whole.min(initial=math.inf) * min(share, 1 - share) < _LEAST_EXPECTED:
        return None
    statistic = ((part - whole * share) ** 2 / (whole * share * (1 - share))).sum()
    return bool(chdtrc(len(part) - 1, statistic) < 1 - CONFIDENCE)
