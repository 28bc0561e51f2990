"""Regret across plausible worlds, computed by hand."""

import numpy as np
import pandas as pd
import pytest
from tests.analysis.sweeps import build_runs, draw_points

from cpsim.analysis.regret import regret, regret_by_world

MISSES = "missed_risk_rate"
WORLDS = draw_points(4, ["network.trust_start"])
OLD, BOUND, ASKED = [0.5, 0.4, 0.6, 0.3], [0.3, 0.5, 0.3, 0.3], [0.4, 0.4, 0.5, 0.5]


def build_sweep(seeds: int, spread: float = 0.0) -> pd.DataFrame:
    def fixed(values: list[float]) -> dict[str, object]:
        return {MISSES: lambda _, draw: np.array(values) + spread * draw("children").normal()}

    return build_runs(WORLDS, seeds, {"old": fixed(OLD), "bound": fixed(BOUND), "asked": fixed(ASKED)})


def test_regret_is_the_distance_from_the_best_arm_at_the_same_point() -> None:
    found = regret_by_world(build_sweep(2), MISSES)
    expected = {"old": [0.2, 0, 0.3, 0], "bound": [0, 0.1, 0, 0], "asked": [0.1, 0, 0.2, 0.2]}
    for arm, values in expected.items():
        assert found[arm].tolist() == pytest.approx(values)


def test_maximum_and_mean_regret_and_how_often_an_arm_is_best() -> None:
    found = regret(build_sweep(2), MISSES)
    assert found["arm"].tolist() == ["bound", "asked", "old"]
    assert found["max"].tolist() == pytest.approx([0.1, 0.2, 0.3])
    assert found["mean"].tolist() == pytest.approx([0.025, 0.125, 0.125])
    assert found["best"].tolist() == [0.75, 0.25, 0.5]
    assert found["worlds"].tolist() == [4] * 3


def test_differences_between_children_do_not_affect_regret() -> None:
    found = regret(build_sweep(6, spread=0.2), MISSES).set_index("arm")
    assert found.loc["bound", ["max_low", "max", "max_high"]].tolist() == pytest.approx([0.1] * 3)


def test_more_protection_is_not_regretted() -> None:
    runs = build_sweep(2).rename(columns={MISSES: "protected_share"})
    assert regret_by_world(runs, "protected_share").loc[0].to_dict() == pytest.approx(
        {"old": 0, "bound": 0.2, "asked": 0.1}
    )


def test_one_seed_gives_regret_without_intervals() -> None:
    found = regret(build_sweep(1), MISSES)
    assert found["max"].notna().all()
    assert found[["max_low", "best_high"]].isna().all(axis=None)


def test_a_point_with_a_failed_run_is_left_out() -> None:
    runs = build_sweep(2)
    runs.loc[(runs["arm"] == "old") & (runs["point"] == 2) & (runs["seed"] == 1), "status"] = "failed"
    assert regret_by_world(runs, MISSES).index.tolist() == [0, 1, 3]


@pytest.mark.parametrize(("arm", "seeds"), [("old", [1, 2]), ("asked", [1])])
def test_seeds_that_an_arm_has_not_run_yet_are_left_out(arm: str, seeds: list[int]) -> None:
    runs = build_sweep(3)
    stopped = runs[(runs["arm"] != arm) | runs["seed"].isin(seeds)]
    expected = regret(runs[runs["seed"].isin(seeds)], MISSES)
    pd.testing.assert_frame_equal(regret(stopped, MISSES), expected)


def test_arms_without_a_common_seed_have_no_regret() -> None:
    runs = build_sweep(2)
    assert regret(runs[(runs["arm"] == "old") == (runs["seed"] == 1)], MISSES).empty


def test_without_a_complete_point_there_is_no_regret() -> None:
    assert regret(build_sweep(2).assign(status="failed"), MISSES).empty


def test_an_outcome_without_a_better_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="no known better direction"):
        regret(build_sweep(2).rename(columns={MISSES: "in_care_per_10k"}), "in_care_per_10k")
