"""Known effects of settings are recovered, and no effect is shown where there is none."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from tests.analysis.sweeps import build_table, draw_chance, draw_points

from cpsim.analysis.effects import main_effects, pairwise_interactions

POINTS = draw_points(80, ["trust", "duty", "idle"]) * [1, 10, 1]
EACH = pd.Series(POINTS.index, index=POINTS.index)


@pytest.fixture(scope="module")
def misses() -> pd.DataFrame:
    """Trust lowers misses by 0.4 over its range, duty by 0.02 for each of its ten steps, and the two interact."""
    return build_table(
        POINTS, 4,
        lambda points, draw: (
            0.8 - 0.4 * points["trust"] - 0.02 * points["duty"]
            + 0.06 * (points["trust"] - 0.5) * (points["duty"] - 5)
            + draw_chance(points, draw, 1, 0.02, 0.01)
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


def test_an_interaction_is_the_difference_of_an_effect_between_the_ends_of_another_setting(
    misses: pd.DataFrame,
) -> None:
    found = pairwise_interactions(misses, POINTS, EACH)
    strongest = found.loc[0]
    ranges = POINTS.max() - POINTS.min()
    assert {strongest["setting"], strongest["other"]} == {"trust", "duty"}
    assert strongest["effect"] == pytest.approx(0.06 * ranges["trust"] * ranges["duty"], rel=0.05)
    assert strongest["fit"] > 0.99
    assert found.loc[1:, "verdict"].tolist() == ["no difference shown"] * 2


def test_without_any_effect_few_effects_are_shown() -> None:
    shown = 0
    for repeat in range(40):
        nothing = pd.DataFrame(np.random.default_rng(repeat).normal(size=(80, 4)), index=POINTS.index)
        shown += (main_effects(nothing, POINTS, EACH)["verdict"] != "no difference shown").any()
    assert shown <= 5


def test_the_intervals_of_all_settings_are_one_family(misses: pd.DataFrame) -> None:
    together = main_effects(misses, POINTS, EACH).set_index("setting")
    assert together["tests"].unique().tolist() == [3]
    shown = (together["low"] > 0) | (together["high"] < 0)
    assert (together["verdict"].isin(["raises", "lowers"]) == shown).all()
    assert (together["smallest_shown"] > (together["high"] - together["low"]) / 2).all()


def test_a_listed_setting_that_never_moves_the_outcome_is_no_test() -> None:
    cells = pd.DataFrame(list(product([0.2, 0.4], [1, 2, 3])), columns=["trust", "idle"])
    values = build_table(cells, 4, lambda points, draw: points["trust"] * draw("own").normal(1, 0.1))
    assert main_effects(values, cells, None)["tests"].unique().tolist() == [1]


def test_differences_between_children_of_different_seeds_do_not_hide_an_effect() -> None:
    noisy = build_table(POINTS, 3, lambda points, draw: points["trust"] + 100 * draw("children").normal())
    found = main_effects(noisy, POINTS, EACH).set_index("setting")
    assert found.loc["trust", "verdict"] == "raises"


def test_words_are_compared_with_the_first_word() -> None:
    cells = pd.DataFrame(list(product(["alone", "pair", "team"], [True, False])), columns=["who", "bound"])
    height = {"alone": 0.0, "pair": 1.0, "team": 3.0}
    values = build_table(
        cells, 3, lambda points, draw: points["who"].map(height) + draw("children").normal(0, 0.1)
    )
    found = main_effects(values, cells, None).set_index("to")
    assert found.loc["team", ["from", "effect"]].tolist() == ["alone", pytest.approx(3)]
    assert found.loc["pair", "effect"] == pytest.approx(1)
    assert found.loc[False, "verdict"] == "no difference shown"


def test_one_seed_at_listed_points_shows_no_effect() -> None:
    cells = pd.DataFrame(list(product([0.2, 0.4], [1, 2, 3])), columns=["trust", "duty"])
    found = main_effects(build_table(cells, 1, lambda points, _: points["trust"]), cells, None)
    assert found["verdict"].tolist() == ["cannot be said"] * 2
    assert found.loc[0, "effect"] == pytest.approx(0.2)


def test_settings_varied_one_at_a_time_show_no_interaction() -> None:
    cells = pd.DataFrame({"trust": [0.5, 0, 1, 0.5, 0.5], "duty": [0.5, 0.5, 0.5, 0, 1]})
    with pytest.raises(ValueError, match="cannot separate"):
        pairwise_interactions(build_table(cells, 3, lambda points, _: points["trust"]), cells, None)


def test_a_point_with_a_failed_run_is_left_out(misses: pd.DataFrame) -> None:
    gap = misses.copy()
    gap.loc[5, 2] = np.nan
    found = main_effects(gap, POINTS, EACH)
    pd.testing.assert_frame_equal(found, main_effects(misses.drop(5), POINTS, EACH))


@pytest.mark.parametrize("seeds", [(1.0, 0.8333333333333334), (0.1, 0.2, 0.3), (7.0,)])
def test_where_no_setting_moves_the_outcome_there_is_nothing_to_explain(seeds: tuple[float, ...]) -> None:
    """Each seed has the same value at all points, so the means differ by rounding at most."""
    constant = pd.DataFrame([seeds] * 80, index=POINTS.index)
    for found in (main_effects(constant, POINTS, EACH), pairwise_interactions(constant, POINTS, EACH)):
        assert found["fit"].isna().all()
        assert (found["effect"] == 0).all()
        assert not found["verdict"].isin(["raises", "lowers"]).any()
