"""Intervals of shares, rates and differences agree with published examples, and small counts are counts."""

import math

import numpy as np
import pytest
from scipy.stats import chi2

from cpsim.formatting import FEWEST, format_share
from cpsim.present.chance import (
    differ_beyond_chance,
    difference_interval,
    format_rate_interval,
    format_share_interval,
    poisson_interval,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_shares_have_the_intervals_of_published_examples(
    part: int, whole: int, low: float, high: float
) -> None:
    """Newcombe 1998, Statistics in Medicine 17:857, method 3."""
    assert wilson_interval(part, whole) == pytest.approx((part / whole, low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_differences_have_the_intervals_of_published_examples(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe 1998, Statistics in Medicine 17:873, method 10."""
    found = difference_interval(wilson_interval(*first), wilson_interval(*second))
    assert found[1:] == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize("events", [0, 1, 10, 200])
def test_rates_have_the_exact_interval_of_a_poisson_number(events: int) -> None:
    low = chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    high = chi2.ppf(0.975, 2 * events + 2) / 2
    assert poisson_interval(events, 4.0) == pytest.approx((events / 4, low / 4, high / 4))


def test_nothing_counted_has_no_interval() -> None:
    assert all(map(math.isnan, wilson_interval(0, 0)))
    assert all(map(math.isnan, poisson_interval(3, 0)))
    assert format_share_interval(0, 0) == "–"
    assert format_rate_interval("referrals_per_10k_year", 3, 0) == "–"
    assert all(map(math.isnan, difference_interval(wilson_interval(0, 0), wilson_interval(3, 10))))


def test_shares_of_fewer_than_twenty_are_written_as_counts() -> None:
    assert format_share(10, FEWEST - 1) == "10 of 19"
    assert format_share(10, FEWEST) == "50%"
    assert format_share_interval(10, FEWEST - 1) == "10 of 19"
    assert format_share_interval(10, FEWEST) == "50% (30% to 70%)"


def test_a_rate_and_its_interval_have_the_digits_of_its_outcome() -> None:
    assert format_rate_interval("referrals_per_10k_year", 500, 1) == "500 (457 to 546)"


def test_places_with_equal_shares_differ_by_chance_in_about_one_of_twenty() -> None:
    draws = np.random.default_rng(3)
    wholes = draws.integers(50, 500, 20)
    found = [differ_beyond_chance(draws.binomial(wholes, 0.66), wholes) for _ in range(400)]
    assert np.mean(found) == pytest.approx(0.05, abs=0.03)


def test_a_place_with_few_cases_is_not_tested() -> None:
    assert differ_beyond_chance([300, 6], [500, 9]) is None
    assert differ_beyond_chance([0, 0], [500, 500]) is None
    assert differ_beyond_chance([0, 0], [0, 0]) is None
    assert differ_beyond_chance([300, 90], [500, 100]) is True
