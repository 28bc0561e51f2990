"""Authorities of every size have the rates of an authority of average size.

One thing differs for a reason: a small team waits more by chance than a large one, as any queue does. So the test also
compares a small authority with an average one whose assessment teams are as small.
"""

from collections.abc import Iterable
from functools import cache

import pytest
from scipy.stats import ttest_ind

from cpsim.parallel.shared_history import run_arms
from cpsim.scenario.read import load

OUTCOMES = (
    "referrals_per_10k_year",
    "plan_stock_per_10k",
    "initial_on_time_share",
    "protected_strict_share",
    "utilisation_mean",
)
TIMELINESS = "initial_on_time_share"
AVERAGE = 73_000
SEEDS = {5_000: 60, 10_000: 60, 25_000: 24, AVERAGE: 10, 150_000: 5, 300_000: 6}
"""Number of seeds for each number of children."""
FIRST_SEED = 5_001
LIMIT = 0.08
TEAMS_AS_SMALL = {5_000: 15, 10_000: 7}
"""Assessment teams of an average authority that are as small as the one of a small authority."""


@cache
def run_seeds(children: int, teams: int | None = None) -> list[dict[str, float]]:
    """Run the baseline with a number of children, and of assessment teams, and return the outcomes of each seed."""
    changes = {} if teams is None else {"workforce.assessment_teams": teams}
    scenario = load("baseline", {"population.children": children, **changes})
    results = run_arms({"place": scenario}, *range(FIRST_SEED, FIRST_SEED + SEEDS[children]))
    return [{name: float(result.summary[name]) for name in OUTCOMES} for _, result in results]  # type: ignore[arg-type]


def compare(children: int, outcome: str, teams: int | None = None) -> tuple[float, float]:
    """Return the 95% interval (Welch) of the relative difference from an authority of average size.

    Args:
        children: children in the authority.
        outcome: the outcome.
        teams: number of assessment teams of the average authority.
    """
    here, average = (
        [outcomes[outcome] for outcomes in runs] for runs in (run_seeds(children), run_seeds(AVERAGE, teams))
    )
    interval = ttest_ind(here, average, equal_var=False).confidence_interval(0.95)
    mean = sum(average) / len(average)
    return float(interval.low) / mean, float(interval.high) / mean


def is_within_limits(interval: tuple[float, float]) -> bool:
    return -LIMIT < interval[0] < interval[1] < LIMIT


def find_outside(children: int, outcomes: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Find the outcomes whose interval is not inside the limits."""
    intervals = {outcome: compare(children, outcome) for outcome in outcomes}
    return {outcome: interval for outcome, interval in intervals.items() if not is_within_limits(interval)}


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("children", [size for size in SEEDS if size > 10_000 and size != AVERAGE])
def test_a_larger_authority_has_the_rates_of_the_average_one(children: int) -> None:
    assert not find_outside(children, OUTCOMES)


@pytest.mark.timeout(1_800)
def test_an_authority_of_10_000_children_has_them_too_except_for_timeliness() -> None:
    assert not find_outside(10_000, [name for name in OUTCOMES if name != TIMELINESS])


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("children", TEAMS_AS_SMALL)
def test_assessments_are_late_in_a_small_authority_because_its_team_is_small(children: int) -> None:
    assert compare(children, TIMELINESS)[1] < 0
    interval = compare(children, TIMELINESS, TEAMS_AS_SMALL[children])
    assert is_within_limits(interval), interval
