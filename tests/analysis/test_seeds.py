"""The number of seeds that a comparison needs."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cpsim.analysis.seeds import pairing_gain, seeds_needed


def build_table(sd: float, seeds: int) -> pd.DataFrame:
    """Build a table of two points whose mean over points has exactly this standard deviation between seeds."""
    raw = np.random.default_rng(0).normal(size=seeds)
    scaled = sd * (raw - raw.mean()) / raw.std(ddof=1)
    return pd.DataFrame([scaled + 1, scaled - 1])


def test_seeds_are_enough_as_soon_as_the_interval_is_as_narrow_as_wanted() -> None:
    (row,) = seeds_needed(build_table(2.0, 10), [0.5]).to_dict("records")
    assert row["half_width_now"] == pytest.approx(stats.t.ppf(0.975, 9) * 2 / np.sqrt(10))
    width = lambda seeds: stats.t.ppf(0.975, seeds - 1) * 2 / np.sqrt(seeds)  # noqa: E731
    assert width(row["seeds"]) <= 0.5 < width(row["seeds"] - 1)


def test_with_few_seeds_the_number_needed_is_uncertain() -> None:
    few, many = (seeds_needed(build_table(2.0, seeds), [0.5]).loc[0] for seeds in (4, 60))
    assert few["seeds"] == many["seeds"]
    assert few["seeds_low"] < many["seeds_low"] < many["seeds_high"] < few["seeds_high"]
    low, high = stats.chi2.ppf([0.975, 0.025], 3)
    assert (few["sd_low"], few["sd_high"]) == pytest.approx((2 * np.sqrt(3 / low), 2 * np.sqrt(3 / high)))


def test_one_seed_gives_no_number_needed() -> None:
    found = seeds_needed(pd.DataFrame([[1.0]]), [0.5])
    assert found[["sd", "seeds", "half_width_now"]].isna().all(axis=None)


def test_an_unreachable_width_needs_infinitely_many_seeds() -> None:
    assert np.isinf(seeds_needed(build_table(2.0, 10), [1e-9])["seeds"]).all()


def test_identical_seeds_need_only_two() -> None:
    assert seeds_needed(pd.DataFrame([[1.0, 1.0, 1.0]]), [0.5]).loc[0, "seeds"] == 2


def test_pairing_needs_fewer_seeds_than_different_children() -> None:
    draws = np.random.default_rng(1)
    children = draws.normal(0, 3, (1, 4000))
    one, other = (pd.DataFrame(children + draws.normal(0, 1, (1, 4000))) for _ in range(2))
    assert pairing_gain(one, other) == pytest.approx((2 * (9 + 1)) / 2, rel=0.1)
