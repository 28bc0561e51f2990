"""Authorities of every size have the rates of an authority of average size."""

from collections.abc import Iterator
from functools import cache
from itertools import product

import pytest
from scipy.stats import ttest_ind

from cpsim.parallel.shared_history import run_arms
from cpsim.scenario.read import load

OUTCOMES = [
    "referrals_per_10k_year",
    "plan_stock_per_10k",
    "initial_on_time_share",
    "protected_share",
    "utilisation_mean",
]
AVERAGE, SEEDS_OF_AVERAGE = 73_000, 40
SEEDS = {5_000: 60, 10_000: 60, 25_000: 24, 150_000: 5, 300_000: 4}
"""Number of seeds for each number of children."""
LIMIT = 0.08

SMALL_PLACE = "too low in small authorities; part-time posts do not remove it; perhaps chance in a small team"
UNEXPLAINED = "too low, on nine seeds as well, for a reason that is not known"
DIFFERENT = {
    (5_000, "plan_stock_per_10k"): SMALL_PLACE,
    (5_000, "initial_on_time_share"): SMALL_PLACE,
    (5_000, "protected_share"): SMALL_PLACE,
    (10_000, "initial_on_time_share"): SMALL_PLACE,
    (300_000, "protected_share"): UNEXPLAINED,
}
"""Outcomes whose interval is not inside the limits, and what is known about it."""


@cache
def run_seeds(children: int, seeds: int) -> list[dict[str, float]]:
    """Run some seeds of the baseline with another number of children, and return the outcomes of each."""
    scenario = load("baseline", {"population.children": children})
    results = run_arms({"place": scenario}, *range(1_000, 1_000 + seeds))
    return [{name: float(result.summary[name]) for name in OUTCOMES} for _, result in results]  # type: ignore[arg-type]


def compare_with_average(children: int, outcome: str) -> tuple[float, float]:
    """Return the 95% interval (Welch) of the relative difference from an authority of average size."""
    here, average = (
        [outcomes[outcome] for outcomes in run_seeds(*runs)]
        for runs in ((children, SEEDS[children]), (AVERAGE, SEEDS_OF_AVERAGE))
    )
    interval = ttest_ind(here, average, equal_var=False).confidence_interval(0.95)
    mean = sum(average) / len(average)
    return float(interval.low) / mean, float(interval.high) / mean


def list_cases() -> Iterator[object]:
    """List all sizes with each outcome; the tests of a size share its runs."""
    for case in product(SEEDS, OUTCOMES):
        marks = [pytest.mark.xdist_group(f"{case[0]} children")]
        if case in DIFFERENT:
            marks.append(pytest.mark.xfail(reason=DIFFERENT[case]))
        yield pytest.param(*case, marks=marks)


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize(("children", "outcome"), list(list_cases()))
def test_an_authority_of_any_size_has_the_rates_of_the_average_one(children: int, outcome: str) -> None:
    low, high = compare_with_average(children, outcome)
    assert -LIMIT < low < high < LIMIT, f"{outcome}: {low:+.1%} to {high:+.1%}"
