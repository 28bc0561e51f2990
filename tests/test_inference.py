"""Estimates from points and seeds, checked against hand-computed numbers, scipy and repeated draws."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cpsim.inference import (
    estimate_smallest_shown,
    fit_crossed,
    label_intervals,
    summarise_replicates,
    tabulate_estimates,
)


def test_intervals_of_twenty_tests_have_the_level_of_one_of_twenty() -> None:
    values = np.random.default_rng(5).normal(size=(1, 12))
    found = summarise_replicates(values, tests=20)
    half = stats.t.ppf(1 - 0.05 / 20 / 2, 11) * values.std(ddof=1) / np.sqrt(12)
    assert found.loc[0, "high"] - found.loc[0, "value"] == pytest.approx(half)


def test_all_intervals_of_a_family_hold_together_with_95_percent() -> None:
    drawn = np.random.default_rng(6).normal(size=(4_000, 10, 8))
    held = [
        bool(((found["low"] <= 0) & (found["high"] >= 0)).all())
        for found in (summarise_replicates(family, tests=10) for family in drawn)
    ]
    assert np.mean(held) == pytest.approx(0.95, abs=0.012)


def test_the_interval_of_a_mean_is_students_t() -> None:
    values = np.random.default_rng(1).normal(2, 3, (4, 9))
    found = summarise_replicates(values)
    for row, own in enumerate(values):
        expected = stats.ttest_1samp(own, 0)
        interval = expected.confidence_interval()
        assert found.loc[row].tolist() == pytest.approx(
            [own.mean(), interval.low, interval.high, expected.pvalue]
        )


def test_one_seed_gives_a_difference_but_no_interval() -> None:
    found = summarise_replicates(np.array([[3.0], [np.nan]]))
    assert found["value"].tolist() == pytest.approx([3.0, np.nan], nan_ok=True)
    assert found[["low", "high", "p"]].isna().all(axis=None)


def test_at_listed_points_only_the_children_are_chance() -> None:
    values = np.random.default_rng(2).normal(size=(6, 5)) + np.arange(6)[:, None]
    found = tabulate_estimates(fit_crossed(values, np.ones((6, 1)), None))
    expected = stats.ttest_1samp(values.mean(axis=0), 0)
    assert found.loc[0, "p"] == pytest.approx(expected.pvalue)
    assert found.loc[0, "low"] == pytest.approx(expected.confidence_interval().low)


def test_drawn_points_widen_the_interval() -> None:
    values = np.random.default_rng(2).normal(size=(6, 5)) + np.arange(6)[:, None]
    listed, drawn = (
        tabulate_estimates(fit_crossed(values, np.ones((6, 1)), draws)).loc[0]
        for draws in (None, np.arange(6))
    )
    assert drawn["high"] - drawn["low"] > 2 * (listed["high"] - listed["low"])


@pytest.mark.parametrize("seeds", [1, 4])
def test_intervals_cover_the_true_value_about_as_often_as_stated(seeds: int) -> None:
    draws = np.random.default_rng(3)
    covered = []
    for _ in range(400):
        cells = draws.random((30, 2)) - 0.5
        shared = draws.normal(0, 0.3, seeds) if seeds > 1 else np.zeros(1)
        slopes = 2 + shared
        values = cells[:, :1] * slopes + 1.5 * cells[:, 1:] ** 2 + draws.normal(0, 0.5, (30, seeds))
        found = tabulate_estimates(
            fit_crossed(values, np.column_stack([np.ones(30), cells]), np.arange(30))
        ).loc[1]
        covered.append(found["low"] <= 2 <= found["high"])
    assert 0.92 <= np.mean(covered) <= 0.99


@pytest.mark.parametrize("seeds", [1, 4])
def test_identical_points_of_one_draw_count_as_one_point(seeds: int) -> None:
    draws = np.random.default_rng(5)
    few = draws.normal(size=(12, seeds))
    many = np.repeat(few, 5, axis=0)
    once = fit_crossed(few, np.ones((12, 1)), np.arange(12))
    again = fit_crossed(many, np.ones((60, 1)), np.repeat(np.arange(12), 5))
    assert again.value == pytest.approx(once.value)
    assert again.error == pytest.approx(once.error, rel=0.1)
    assert again.freedom == pytest.approx(once.freedom, rel=0.1)


def test_points_that_cannot_separate_two_settings_are_refused() -> None:
    same = np.arange(5.0)
    with pytest.raises(ValueError, match="5 points cannot separate 3 terms"):
        fit_crossed(np.ones((5, 2)), np.column_stack([np.ones(5), same, same]), np.arange(5))


def test_an_outcome_that_never_changes_has_no_effect_and_no_error() -> None:
    cells = np.random.default_rng(4).random((20, 2))
    found = tabulate_estimates(
        fit_crossed(np.full((20, 3), 0.7), np.column_stack([np.ones(20), cells]), np.arange(20))
    )
    assert found.loc[1:, "value"].tolist() == [0, 0]
    assert found.loc[1:, "p"].tolist() == [1, 1]


def test_verdicts_are_read_from_intervals() -> None:
    low, high = pd.Series([0.1, -2.0, -1.0, np.nan]), pd.Series([1.0, -0.1, 1.0, np.nan])
    assert label_intervals(low, high).tolist() == ["higher", "lower", "no difference shown", "cannot be said"]


def test_the_smallest_effect_that_would_have_been_shown_is_shown_four_times_in_five() -> None:
    """Twelve tests together, twenty seeds: an effect of that size passes the level of a single one among twelve."""
    seeds, tests, spread = 20, 12, 2.0
    half_width = stats.t(seeds - 1).ppf(1 - 0.025 / tests) * spread / np.sqrt(seeds)
    size = estimate_smallest_shown(half_width, seeds - 1, tests)
    drawn = np.random.default_rng(1).normal(size, spread, (4_000, seeds))
    shown = summarise_replicates(drawn)["p"] < 0.05 / tests
    assert shown.mean() == pytest.approx(0.8, abs=0.05)


def test_with_one_seed_no_size_can_be_said() -> None:
    assert np.isnan(estimate_smallest_shown(1.0, freedom=0, tests=3))
    assert np.isnan(estimate_smallest_shown(1.0, freedom=np.nan, tests=3))
