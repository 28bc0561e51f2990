"""Arms are compared on the same children."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.analysis.sweeps import Formula, build_runs, draw_chance, draw_points

from cpsim.analysis.pairs import differences_by_point, differences_over_all

POINTS = draw_points(12, ["network.trust_start"])
EACH = pd.Series(POINTS.index, index=POINTS.index)
MISSES = "missed_risk_rate"
ALARMS = "assessed_neither_per_10k_year"


def misses(better: float, arm_number: int, spread: float = 0.01) -> Formula:
    """Children differ far more between seeds than an arm changes; another number of the arm has other chance."""

    return lambda points, draw: 0.5 - better + draw_chance(points, draw, arm_number, 0.2, spread)


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    return build_runs(
        POINTS,
        8,
        {
            "as_it_was": {MISSES: misses(0, 1), ALARMS: misses(0, 4)},
            "bound": {MISSES: misses(0.03, 2), ALARMS: misses(0, 5)},
            "asked": {MISSES: misses(0, 3), ALARMS: misses(0, 4)},
        },
    )


def test_pairing_shows_effects_that_differences_between_children_would_hide(runs: pd.DataFrame) -> None:
    found = differences_over_all(runs, [MISSES, ALARMS], EACH).set_index(["outcome", "arm"])
    assert found.loc[(MISSES, "bound"), "verdict"] == "lower"
    assert found.loc[(MISSES, "bound"), "difference"] == pytest.approx(-0.03, abs=0.005)
    assert found.loc[(MISSES, "asked"), "verdict"] == "no difference shown"
    assert found.loc[(ALARMS, "bound"), "verdict"] == "no difference shown"
    assert found.loc[(ALARMS, "asked"), ["difference", "p"]].tolist() == [0, 1]


def test_differences_at_a_point_agree_with_a_paired_t_test(runs: pd.DataFrame) -> None:
    found = differences_by_point(runs, MISSES)
    at = runs[runs["point"] == 3].pivot(index="seed", columns="arm", values=MISSES)
    expected = stats.ttest_rel(at["bound"], at["as_it_was"])
    row = found[(found["arm"] == "bound") & (found["point"] == 3)].iloc[0]
    assert len(found) == 2 * len(POINTS)
    assert (found["tests"] == len(found)).all()
    interval = expected.confidence_interval(1 - 0.05 / len(found))
    assert row[["p", "low", "high"]].tolist() == pytest.approx([expected.pvalue, interval.low, interval.high])


def test_the_verdict_reads_the_interval_of_its_family(runs: pd.DataFrame) -> None:
    found = differences_by_point(runs, MISSES)
    shown = (found["low"] > 0) | (found["high"] < 0)
    assert shown.any()
    assert not shown.all()
    assert ((found["verdict"] != "no difference shown") == shown).all()
    alone = found["p"] < 0.05
    assert (alone & ~shown).any(), "with so many points, some differences are shown only by their own test"


def test_a_share_and_its_complement_are_one_test(runs: pd.DataFrame) -> None:
    alone = differences_over_all(runs, [MISSES], EACH)
    both = differences_over_all(
        runs.assign(protected_share=1 - runs[MISSES]), [MISSES, "protected_share"], EACH
    )
    assert alone["tests"].tolist() == [2, 2], "two arms"
    assert both["tests"].tolist() == [2] * 4
    assert both["low"].tolist()[:2] == pytest.approx(alone["low"].tolist())
    more = differences_over_all(runs, [MISSES, ALARMS], EACH)
    assert more["tests"].tolist() == [3] * 4, "asked does not differ in alarms, so there is nothing to test"
    assert (more["low"][:2] < alone["low"]).all(), "the more tests, the wider the intervals"


def test_another_arm_can_be_the_reference(runs: pd.DataFrame) -> None:
    found = differences_over_all(runs, [MISSES], EACH, reference="bound").set_index("arm")
    assert set(found.index) == {"as_it_was", "asked"}
    assert found["verdict"].unique().tolist() == ["higher"]


def test_a_failed_run_is_left_out_with_its_pair(runs: pd.DataFrame) -> None:
    gap = runs.copy()
    failed = (gap["arm"] == "bound") & (gap["point"] == 3) & (gap["seed"] == 2)
    gap.loc[failed, "status"] = "failed"  # its outcomes do not matter
    by_point = differences_by_point(gap, MISSES)
    row = by_point[(by_point["arm"] == "bound") & (by_point["point"] == 3)].iloc[0]
    assert row["seeds"] == 7
    over_all = differences_over_all(gap, [MISSES], EACH).set_index("arm")
    assert over_all["points"].to_dict() == {"bound": 11, "asked": 12}


def test_one_seed_at_listed_points_gives_a_difference_without_an_interval(runs: pd.DataFrame) -> None:
    found = differences_over_all(runs[runs["seed"] == 1], [MISSES], None)
    assert found["difference"].notna().all()
    assert found[["low", "high", "p", "smallest_shown"]].isna().all(axis=None)
    assert found["verdict"].unique().tolist() == ["cannot be said"]


def test_an_outcome_that_no_run_has_gives_no_difference(runs: pd.DataFrame) -> None:
    found = differences_over_all(runs.assign(**{MISSES: np.nan}), [MISSES], EACH)
    assert found["difference"].isna().all()
    assert found["verdict"].unique().tolist() == ["cannot be said"]


def build_strangers() -> pd.DataFrame:
    """Build the runs of two towns with other children: the second misses 0.1 more, and chance is not shared."""
    chance = np.random.default_rng(5)
    seeds, points = range(1, 13), range(4)
    level = {"here": chance.normal(0.5, 0.05, 12), "there": chance.normal(0.6, 0.05, 12)}
    rows = [
        {
            "arm": arm,
            "point": point,
            "seed": seed,
            "status": "done",
            MISSES: level[arm][seed - 1] + 0.01 * point,
        }
        for arm in level
        for point in points
        for seed in seeds
    ]
    return pd.DataFrame(rows).astype({"arm": "category"})


def test_arms_with_other_children_get_the_interval_of_independent_samples() -> None:
    runs = build_strangers()
    here, there = (
        runs[runs["arm"] == arm].groupby("seed")[MISSES].mean().to_numpy() for arm in ("here", "there")
    )
    expected = stats.ttest_ind(there, here, equal_var=False)
    (row,) = differences_over_all(runs, [MISSES], None, unpaired=["there"]).to_dict("records")
    assert row["difference"] == pytest.approx(there.mean() - here.mean())
    assert (row["low"], row["high"]) == pytest.approx(tuple(expected.confidence_interval()))
    assert row["p"] == pytest.approx(expected.pvalue)
    assert not row["paired"]
    by_point = differences_by_point(runs, MISSES, unpaired=["there"])
    assert by_point["difference"].tolist() == pytest.approx([row["difference"]] * 4)
    assert by_point["tests"].unique().tolist() == [1], (
        "the points differ by a constant, so they repeat one test"
    )
    assert by_point["low"].tolist() == pytest.approx([row["low"]] * 4)
    assert differences_over_all(runs, [MISSES], None)["paired"].all()
