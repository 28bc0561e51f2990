"""Regret across the worlds that could be, worked by hand."""

import numpy as np
import pandas as pd
import pytest
from tests.study.analysis.sweeps import drawn_points, tidy

from cpsim.study.analysis.regret import regret, regret_by_world

MISSES = "missed_risk_rate"
WORLDS = drawn_points(4, ["network.trust_start"])
OLD, BOUND, ASKED = [0.5, 0.4, 0.6, 0.3], [0.3, 0.5, 0.3, 0.3], [0.4, 0.4, 0.5, 0.5]


def sweep(seeds: int, wobble: float = 0.0) -> pd.DataFrame:
    def fixed(values: list[float]) -> dict[str, object]:
        return {MISSES: lambda _, draws: np.array(values) + wobble * draws.normal()}

    return tidy(WORLDS, seeds, {"old": fixed(OLD), "bound": fixed(BOUND), "asked": fixed(ASKED)})


def test_regret_is_what_the_best_arm_of_that_world_would_have_saved() -> None:
    found = regret_by_world(sweep(2), MISSES)
    expected = {"old": [0.2, 0, 0.3, 0], "bound": [0, 0.1, 0, 0], "asked": [0.1, 0, 0.2, 0.2]}
    for arm, values in expected.items():
        assert found[arm].tolist() == pytest.approx(values)


def test_the_largest_and_the_mean_regret_and_how_often_an_arm_is_best() -> None:
    found = regret(sweep(2), MISSES)
    assert found["arm"].tolist() == ["bound", "asked", "old"]
    assert found["max"].tolist() == pytest.approx([0.1, 0.2, 0.3])
    assert found["mean"].tolist() == pytest.approx([0.025, 0.125, 0.125])
    assert found["best"].tolist() == [0.75, 0.25, 0.5]
    assert found["worlds"].tolist() == [4] * 3


def test_children_whom_all_arms_share_do_not_blur_regret() -> None:
    found = regret(sweep(6, wobble=0.2), MISSES).set_index("arm")
    assert found.loc["bound", ["max_low", "max", "max_high"]].tolist() == pytest.approx([0.1] * 3)


def test_more_protection_is_not_regretted() -> None:
    runs = sweep(2).rename(columns={MISSES: "protected_share"})
    assert regret_by_world(runs, "protected_share").loc[0].to_dict() == pytest.approx(
        {"old": 0, "bound": 0.2, "asked": 0.1}
    )


def test_one_seed_gives_regret_without_intervals() -> None:
    found = regret(sweep(1), MISSES)
    assert found["max"].notna().all()
    assert found[["max_low", "best_high"]].isna().all(axis=None)


def test_a_world_in_which_a_run_failed_is_left_out() -> None:
    runs = sweep(2)
    runs.loc[(runs["arm"] == "old") & (runs["point"] == 2) & (runs["seed"] == 1), "status"] = "failed"
    assert regret_by_world(runs, MISSES).index.tolist() == [0, 1, 3]


def test_where_no_world_is_whole_there_is_no_regret() -> None:
    assert regret(sweep(2).assign(status="failed"), MISSES).empty


def test_what_has_no_better_direction_is_not_regretted() -> None:
    with pytest.raises(ValueError, match="which way"):
        regret(sweep(2).rename(columns={MISSES: "in_care_per_10k"}), "in_care_per_10k")
