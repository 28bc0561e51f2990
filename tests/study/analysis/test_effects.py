"""Effects of settings are recovered where they are known, and not shown where there is none."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from tests.study.analysis.sweeps import drawn_points, table

from cpsim.study.analysis.effects import main_effects, pairwise_interactions

POINTS = drawn_points(80, ["trust", "duty", "idle"]) * [1, 10, 1]
EACH = pd.Series(POINTS.index, index=POINTS.index)


@pytest.fixture(scope="module")
def misses() -> pd.DataFrame:
    """Trust lowers misses by 0.4 over its range, duty by 0.02 for each of its ten steps, one helps the other."""
    return table(
        POINTS, 4,
        lambda points, draws: (
            0.8 - 0.4 * points["trust"] - 0.02 * points["duty"]
            + 0.06 * (points["trust"] - 0.5) * (points["duty"] - 5) + draws.normal(0, 0.02)
            + draws.normal(0, 0.01, len(points))
        ),
    )  # fmt: skip


def test_main_effects_recover_known_coefficients(misses: pd.DataFrame) -> None:
    found = main_effects(misses, POINTS, EACH).set_index("setting")
    ranges = POINTS.max() - POINTS.min()
    truth = {"trust": -0.4 * ranges["trust"], "duty": -0.02 * ranges["duty"], "idle": 0}
    for setting, effect in truth.items():
        assert found.loc[setting, "low"] <= effect <= found.loc[setting, "high"]
    assert found.index[0] == "trust"
    assert found["verdict"].to_dict() == {"trust": "lowers", "duty": "lowers", "idle": "no difference shown"}


def test_an_interaction_is_how_much_an_effect_differs_between_both_ends_of_another_setting(
    misses: pd.DataFrame,
) -> None:
    found = pairwise_interactions(misses, POINTS, EACH)
    strongest = found.loc[0]
    ranges = POINTS.max() - POINTS.min()
    assert {strongest["setting"], strongest["other"]} == {"trust", "duty"}
    assert strongest["effect"] == pytest.approx(0.06 * ranges["trust"] * ranges["duty"], rel=0.05)
    assert strongest["fit"] > 0.99
    assert found.loc[1:, "verdict"].tolist() == ["no difference shown"] * 2


def test_where_nothing_matters_hardly_anything_is_shown() -> None:
    shown = 0
    for repeat in range(40):
        nothing = pd.DataFrame(np.random.default_rng(repeat).normal(size=(80, 4)), index=POINTS.index)
        shown += (main_effects(nothing, POINTS, EACH)["p_holm"] < 0.05).any()
    assert shown <= 5


def test_children_who_are_unlike_from_seed_to_seed_do_not_blur_an_effect() -> None:
    loud = table(POINTS, 3, lambda points, draws: points["trust"] + 100 * draws.normal())
    found = main_effects(loud, POINTS, EACH).set_index("setting")
    assert found.loc["trust", "verdict"] == "raises"


def test_words_are_compared_with_the_first_of_them() -> None:
    cells = pd.DataFrame(list(product(["alone", "pair", "team"], [True, False])), columns=["who", "bound"])
    height = {"alone": 0.0, "pair": 1.0, "team": 3.0}
    values = table(cells, 3, lambda points, draws: points["who"].map(height) + draws.normal(0, 0.1))
    found = main_effects(values, cells, None).set_index("to")
    assert found.loc["team", ["from", "effect"]].tolist() == ["alone", pytest.approx(3)]
    assert found.loc["pair", "effect"] == pytest.approx(1)
    assert found.loc[False, "verdict"] == "no difference shown"


def test_one_seed_at_points_written_out_shows_nothing_for_sure() -> None:
    cells = pd.DataFrame(list(product([0.2, 0.4], [1, 2, 3])), columns=["trust", "duty"])
    found = main_effects(table(cells, 1, lambda points, _: points["trust"]), cells, None)
    assert found["verdict"].tolist() == ["cannot be said"] * 2
    assert found.loc[0, "effect"] == pytest.approx(0.2)


def test_settings_varied_one_at_a_time_tell_no_interaction() -> None:
    cells = pd.DataFrame({"trust": [0.5, 0, 1, 0.5, 0.5], "duty": [0.5, 0.5, 0.5, 0, 1]})
    with pytest.raises(ValueError, match="cannot tell"):
        pairwise_interactions(table(cells, 3, lambda points, _: points["trust"]), cells, None)


def test_a_point_with_a_failed_run_is_left_out(misses: pd.DataFrame) -> None:
    gap = misses.copy()
    gap.loc[5, 2] = np.nan
    found = main_effects(gap, POINTS, EACH)
    pd.testing.assert_frame_equal(found, main_effects(misses.drop(5), POINTS, EACH))
