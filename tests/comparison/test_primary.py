"""The primary outcome of a comparison, and the number of seeds that settle it (Stein 1945)."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cpsim.comparison.differences import Families, compute_differences
from cpsim.comparison.primary import PILOT_SEEDS, choose_primary, count_seeds_needed
from cpsim.scenario import load

AIM = 0.005
"""Half of a percentage point, half the smallest difference of interest in missed risk."""

REPETITIONS = 1_500


def tabulate(differences: np.ndarray) -> pd.DataFrame:
    """Make the runs of two arms whose missed risk differs so, seed by seed."""
    seeds = range(1, len(differences) + 1)
    before = pd.DataFrame({"arm": "a", "seed": seeds, "missed_risk_rate": 0.5})
    after = pd.DataFrame({"arm": "b", "seed": seeds, "missed_risk_rate": 0.5 + differences})
    return pd.concat([before, after], ignore_index=True).assign(prevalence=np.nan)


def judge(differences: np.ndarray) -> pd.Series:
    """Judge differences of a comparison in two stages, whose pilot seeds come first."""
    families = Families("missed_risk_rate", near={"b": []}, pilot=PILOT_SEEDS)
    return compute_differences(tabulate(differences), ("a", "b"), families).iloc[0]


def settle(generator: np.random.Generator, true: float, spread: float) -> np.ndarray:
    """Draw the differences of a comparison in two stages: pilot seeds, then as many as they call for."""
    pilot = generator.normal(true, spread, PILOT_SEEDS)
    needed = count_seeds_needed(pilot[None, :], AIM, tests=1)
    return np.concatenate([pilot, generator.normal(true, spread, needed - PILOT_SEEDS)])


def test_the_number_of_seeds_follows_the_formula_of_stein() -> None:
    pilot = np.random.default_rng(1).normal(0, 0.02, (1, PILOT_SEEDS))
    deviation = pilot.std(ddof=1)
    expected = math.ceil((stats.t(9).ppf(0.975) * deviation / AIM) ** 2)
    assert expected > PILOT_SEEDS
    assert count_seeds_needed(pilot, AIM, tests=1) == expected


def test_half_the_aim_needs_four_times_the_seeds_and_more_arms_need_more() -> None:
    pilot = np.random.default_rng(1).normal(0, 0.02, (1, PILOT_SEEDS))
    one = count_seeds_needed(pilot, AIM, tests=1)
    assert count_seeds_needed(pilot, AIM / 2, tests=1) == pytest.approx(4 * one, abs=4)
    assert count_seeds_needed(pilot, AIM, tests=3) > one


def test_the_arm_that_varies_most_decides() -> None:
    quiet, loud = np.random.default_rng(1).normal(0, [[0.001], [0.02]], (2, PILOT_SEEDS))
    both = count_seeds_needed(np.array([quiet, loud]), AIM, tests=2)
    assert both == count_seeds_needed(loud[None, :], AIM, tests=2)
    assert count_seeds_needed(quiet[None, :], AIM, tests=2) == PILOT_SEEDS


def test_the_number_depends_on_the_variation_and_not_on_the_difference() -> None:
    """A rule that looked at the difference would stop on significance."""
    pilot = np.random.default_rng(1).normal(0, 0.02, (1, PILOT_SEEDS))
    counts = {count_seeds_needed(pilot + shift, AIM, tests=1) for shift in (-0.5, 0.0, 0.03)}
    assert len(counts) == 1


def test_differences_that_do_not_vary_need_no_more_than_the_pilot_seeds() -> None:
    for pilot in (np.zeros((1, PILOT_SEEDS)), np.full((1, PILOT_SEEDS), np.nan)):
        assert count_seeds_needed(pilot, AIM, tests=1) == PILOT_SEEDS


@pytest.mark.parametrize("spread", [0.004, 0.01, 0.016])
@pytest.mark.parametrize("true", [0.0, 0.006])
def test_the_interval_of_two_stages_covers_the_true_difference_in_95_of_100(
    spread: float, true: float
) -> None:
    """Whether the pilot seeds are enough or called for many more: the seeds that follow do not change the level."""
    generator = np.random.default_rng(7)
    threshold = stats.t(PILOT_SEEDS - 1).ppf(0.975)
    covered, counts = 0, set()
    for _ in range(REPETITIONS):
        values = settle(generator, true, spread)
        half = threshold * values[:PILOT_SEEDS].std(ddof=1) / math.sqrt(len(values))
        covered += abs(values.mean() - true) <= half
        counts.add(len(values))
        assert half <= AIM * (1 + 1e-12) or len(values) == PILOT_SEEDS
    # t of the pilot seeds is exact for a fixed and conservative for a rounded-up number of seeds
    margin = 4 * math.sqrt(0.95 * 0.05 / REPETITIONS)
    assert 0.95 - margin <= covered / REPETITIONS <= 0.95 + margin
    assert spread == 0.004 or len(counts) > 20, "the number of seeds should vary between repetitions"


def test_the_verdict_is_read_from_the_deviation_of_the_pilot_seeds_and_the_mean_of_all() -> None:
    values = np.concatenate([[0.01, -0.01] * 5, np.full(30, 0.004)])
    row = judge(values)
    half = stats.t(9).ppf(0.975) * values[:PILOT_SEEDS].std(ddof=1) / math.sqrt(40)
    assert row["freedom"] == 9
    assert row["difference"] == pytest.approx(values.mean())
    assert (row["high"] - row["low"]) / 2 == pytest.approx(half)


def test_a_rule_that_stops_at_the_first_significant_look_errs_far_more() -> None:
    """Without any difference, looking at 5, 10, 20 and 40 seeds finds one about three times as often as stated."""
    generator = np.random.default_rng(11)
    looks = (5, 10, 20, 40)
    values = generator.normal(0, 0.01, (REPETITIONS, looks[-1]))
    found = np.zeros(REPETITIONS, dtype=bool)
    for seeds in looks:
        found |= stats.ttest_1samp(values[:, :seeds], 0, axis=1).pvalue < 0.05
    in_two_stages = [
        judge(settle(generator, 0.0, 0.01))["verdict"] != "no difference shown" for _ in range(300)
    ]
    assert found.mean() > 0.11
    assert np.mean(in_two_stages) < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 300)


def test_missed_risk_is_primary_unless_a_scenario_names_another() -> None:
    small = load("small")
    named = load("small", {"primary_outcome": "cost_gbp_per_child_year"})
    assert choose_primary({"small": small, "other": small}).outcome == "missed_risk_rate"
    assert choose_primary({"small": small, "other": named}).outcome == "cost_gbp_per_child_year"
    assert choose_primary({"small": named, "other": small}).outcome == "cost_gbp_per_child_year"


def test_an_arm_takes_precedence_over_the_reference() -> None:
    of_reference = load("small", {"primary_outcome": "cost_gbp_per_child_year"})
    of_arm = load("small", {"primary_outcome": "assessed_neither_per_10k_year", "size_of_interest": 7.0})
    found = choose_primary({"small": of_reference, "arm": of_arm})
    assert (found.outcome, found.interest, found.aim) == ("assessed_neither_per_10k_year", 7.0, 3.5)


def test_a_size_of_interest_alone_changes_only_the_size() -> None:
    found = choose_primary({"small": load("small"), "arm": load("small", {"size_of_interest": 0.02})})
    assert (found.outcome, found.interest) == ("missed_risk_rate", 0.02)


def test_arms_that_name_different_outcomes_or_sizes_are_refused() -> None:
    small = load("small")
    cost, assessed = (
        load("small", {"primary_outcome": name})
        for name in ("cost_gbp_per_child_year", "assessed_neither_per_10k_year")
    )
    with pytest.raises(ValueError, match="one and two name different primary outcomes or sizes of interest"):
        choose_primary({"small": small, "one": cost, "two": assessed})
    finer = load("small", {"primary_outcome": "cost_gbp_per_child_year", "size_of_interest": 0.5})
    with pytest.raises(ValueError, match=r"cost_gbp_per_child_year; cost_gbp_per_child_year and 0\.5"):
        choose_primary({"small": small, "one": cost, "two": finer})
