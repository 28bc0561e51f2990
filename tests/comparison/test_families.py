"""Families of tests: no figure counts twice, intervals have the level of their family, and verdicts read them."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.results.synthetic_comparison import comparison

from cpsim.comparison.differences import Families, compute_differences
from cpsim.inference import count_tests
from cpsim.measures.outcomes.registry import PATH
from cpsim.present.comparison_answer import format_smallest_shown
from cpsim.results.comparison_tables import FAMILIES, HEADLINES
from cpsim.results.verdicts import CANNOT_BE_SAID, HIGHER, LOWER, NOT_SHOWN

SEEDS = 8
NEAR = {"b": ["source_share.school"], "c": ["source_share.gp"]}


def compare(changes: dict[str, dict[str, list[float]]]) -> pd.DataFrame:
    """Compute the differences of arms from 0.5 in every outcome, given by arm, outcome and seed."""
    outcomes = list(dict.fromkeys(name for change in changes.values() for name in change))
    seeds = len(next(iter(next(iter(changes.values())).values())))
    base = pd.DataFrame({"arm": "a", "seed": range(1, seeds + 1), **dict.fromkeys(outcomes, 0.5)})
    arms = [
        base.assign(arm=arm, **{name: 0.5 + np.array(values) for name, values in change.items()})
        for arm, change in changes.items()
    ]
    runs = pd.concat([base, *arms], ignore_index=True).assign(prevalence=np.nan)
    return compute_differences(runs, ("a", *changes), Families("missed_risk_rate", near=NEAR)).set_index(
        ["arm", "outcome"]
    )


def draw(*names: str) -> dict[str, list[float]]:
    """Draw differences of an outcome by seed, the same for the same names."""
    generator = np.random.default_rng(sum(map(ord, "".join(names))))
    return {name: generator.normal(0.1, 0.05, SEEDS).tolist() for name in names}


def test_an_outcome_is_in_the_first_family_that_has_it() -> None:
    families = Families("missed_risk_rate", near={"b": [*HEADLINES, PATH[1], "source_share.school"]})
    expected = {
        "missed_risk_rate": "primary",
        "cost_gbp_per_child_year": "headline",
        PATH[1]: "near",
        "source_share.school": "near",
        PATH[0]: "path",
        "source_share.gp": "other",
    }
    assert {name: families.name_family("b", name) for name in expected} == expected
    assert set(expected.values()) == set(FAMILIES)


def test_another_primary_outcome_leaves_missed_risk_among_the_headlines() -> None:
    families = Families("source_share.gp", near={"b": []})
    assert families.name_family("b", "source_share.gp") == "primary"
    assert families.name_family("b", "missed_risk_rate") == "headline"


def test_near_outcomes_are_those_of_each_arm() -> None:
    rows = compare({arm: draw("source_share.school", "source_share.gp") for arm in ("b", "c")})
    assert rows.loc[("b", "source_share.school"), "family"] == "near"
    assert rows.loc[("b", "source_share.gp"), "family"] == "other"
    assert rows.loc[("c", "source_share.gp"), "family"] == "near"


def test_a_share_and_its_complement_are_one_test() -> None:
    one = draw("self_resolved_share")["self_resolved_share"]
    alone = compare({"b": {"self_resolved_share": one}})
    both = compare({"b": {"self_resolved_share": one, "protected_share": [-value for value in one]}})
    assert set(alone["tests"]) == set(both["tests"]) == {1}
    other = compare({"b": {"self_resolved_share": one, **draw("protected_share")}})
    assert set(other["tests"]) == {2}


def test_a_figure_in_two_units_is_one_test_and_one_that_never_differs_is_none() -> None:
    weeks = draw("chain_stopped_at.C0")["chain_stopped_at.C0"]
    rows = compare(
        {
            "b": {
                "chain_stopped_at.C0": weeks,
                "weeks_to_protection_median_reached": [52 * value for value in weeks],
                "vacancy_share": [0.0] * SEEDS,
                "caseload_mean": [math.nan] * SEEDS,
            }
        }
    )
    assert set(rows["tests"]) == {1}


def test_arms_that_differ_alike_are_one_test_and_other_arms_are_more() -> None:
    same = draw("vacancy_share")
    assert set(compare({"b": same, "c": same})["tests"]) == {1}
    other = {"vacancy_share": draw("another")["another"]}
    assert set(compare({"b": same, "c": other})["tests"]) == {2}


def test_the_planted_comparison_has_no_two_rows_of_one_family_with_one_figure() -> None:
    """The number of tests is that of the rows that differ in some seed and are no multiple of another."""
    found = comparison(prevalences=(None,))
    runs = found.select_rows(table="runs")
    for family, rows in found.differences.groupby("family", observed=True):
        table = np.array(
            [
                runs.loc[runs["arm"] == row["arm"], row["outcome"]].to_numpy()
                - runs.loc[runs["arm"] == "small", row["outcome"]].to_numpy()
                for row in rows.to_dict("records")
            ]
        )
        assert set(rows["tests"]) == {count_tests(table)}, family
        assert rows["tests"].iloc[0] <= len(rows)


def test_every_interval_has_the_level_of_one_test_of_its_family() -> None:
    rows = comparison().differences
    assert set(rows["family"]) == set(FAMILIES)
    known = rows[rows["p"].notna() & (rows["p"] > 0)]
    assert len(known) > len(rows) / 2
    halves = (known["high"] - known["low"]) / 2
    size = stats.t(known["freedom"]).ppf(1 - known["p"] / 2)  # difference in standard errors
    errors = known["difference"].abs() / size
    expected = stats.t(known["freedom"]).ppf(1 - 0.025 / known["tests"]) * errors
    clear = size > 1e-3
    np.testing.assert_allclose(halves[clear], expected[clear], rtol=1e-4)


def test_a_verdict_is_a_direction_exactly_where_the_interval_excludes_0() -> None:
    rows = comparison().differences
    assert {HIGHER, LOWER, NOT_SHOWN} <= set(rows["verdict"])
    for row in rows.to_dict("records"):
        assert row["verdict"] == read_verdict(row["low"], row["high"])


def read_verdict(low: float, high: float) -> str:
    if math.isnan(low):
        return CANNOT_BE_SAID
    if low > 0:
        return HIGHER
    return LOWER if high < 0 else NOT_SHOWN


numbers = st.floats(-1, 1).map(lambda value: round(value, 3)) | st.just(math.nan)


@given(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=2, max_size=5))
def test_intervals_verdicts_and_p_values_agree_whatever_the_differences(table: list[list[float]]) -> None:
    names = [
        "missed_risk_rate",
        "vacancy_share",
        "caseload_mean",
        "harm_averted_share",
        "source_share.school",
    ]
    rows = compare({"b": dict(zip(names, table, strict=False))})
    for row in rows.to_dict("records"):
        assert row["verdict"] == read_verdict(row["low"], row["high"])
        if row["verdict"] in (HIGHER, LOWER):
            assert row["p"] <= 0.05 / row["tests"] * (1 + 1e-6)
            assert (row["difference"] > 0) == (row["verdict"] == HIGHER)
        if not math.isnan(row["low"]):
            assert row["low"] <= row["difference"] <= row["high"]


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=6), st.floats(0.01, 100), st.booleans())
def test_a_multiple_of_a_row_is_the_same_test(values: list[float], factor: float, negative: bool) -> None:
    row = np.round(values, 3)
    multiple = row * (-factor if negative else factor)
    assert count_tests(np.array([row, multiple])) == count_tests(row[None, :])


@pytest.mark.parametrize("tests", [1, 12])
def test_a_change_of_the_size_that_would_have_been_seen_is_seen_four_times_in_five(tests: int) -> None:
    """At the level of its family: the interval of an outcome among twelve is wider, and so is this size."""
    seeds, spread, repetitions = 20, 10.0, 4_000
    threshold = stats.t(seeds - 1).ppf(1 - 0.025 / tests)
    half = threshold * spread / math.sqrt(seeds)
    row = {"outcome": "weeks_to_protection_median_reached", "low": -half, "high": half,
           "freedom": seeds - 1.0, "tests": tests}  # fmt: skip
    size = float(format_smallest_shown(row).removesuffix(" weeks"))
    drawn = np.random.default_rng(1).normal(size, spread, (repetitions, seeds))
    errors = drawn.std(axis=1, ddof=1) / math.sqrt(seeds)
    seen = np.abs(drawn.mean(axis=1)) > threshold * errors
    assert seen.mean() == pytest.approx(0.8, abs=0.04)
