"""PRIM finds a known box, and none where there is none."""

import numpy as np
import pandas as pd
import pytest
from tests.analysis.sweeps import draw_points

from cpsim.analysis.prim import find_box

POINTS = draw_points(400, ["trust", "vacancies", "idle"])
KNOWN = (POINTS["trust"] < 0.35) & (POINTS["vacancies"] > 0.6)


def test_a_known_box_is_found_with_its_limits() -> None:
    found = find_box(POINTS, KNOWN)
    limits = found.limits.set_index("setting")
    assert set(limits.index) == {"trust", "vacancies"}
    assert limits.loc["trust"].tolist()[:2] == [-np.inf, pytest.approx(0.35, abs=0.02)]
    assert limits.loc["vacancies"].tolist()[:2] == [pytest.approx(0.6, abs=0.03), np.inf]
    assert found.coverage > 0.95
    assert found.density > 0.95
    assert (limits["quasi_p"] < 0.001).all()
    assert found.by_chance == 0.01
    assert found.is_better_than_chance


def test_a_box_is_found_despite_chance() -> None:
    draws = np.random.default_rng(5)
    noisy = pd.Series(np.where(KNOWN, draws.random(400) < 0.85, draws.random(400) < 0.1))
    found = find_box(POINTS, noisy)
    assert set(found.limits["setting"]) == {"trust", "vacancies"}
    assert found.density > 2 * found.base
    assert found.is_better_than_chance


def test_without_any_condition_few_boxes_are_better_than_chance() -> None:
    cells = POINTS.iloc[:100]
    shown = sum(
        find_box(cells, pd.Series(np.random.default_rng(repeat).random(100) < 0.3)).is_better_than_chance
        for repeat in range(12)
    )
    assert shown <= 2


def test_the_trajectory_begins_with_all_cases_and_each_peel_leaves_fewer() -> None:
    trajectory = find_box(POINTS, KNOWN).trajectory
    assert trajectory.loc[0, ["cases", "coverage", "density"]].tolist() == [
        400,
        1,
        pytest.approx(KNOWN.mean()),
    ]
    assert (trajectory["cases"].diff().dropna() < 0).all()
    assert trajectory["cases"].min() >= 20


def test_words_and_booleans_can_be_conditions() -> None:
    cells = POINTS.assign(who=np.resize(["alone", "pair", "team"], 400), bound=np.resize([True, False], 400))
    found = find_box(cells, (cells["who"] == "pair") & cells["bound"])
    limits = found.limits.set_index("setting")
    assert set(limits.index) == {"who = pair", "bound"}
    assert (limits["low"] > 0).all()
    assert (found.coverage, found.density) == (1, 1)


def test_a_grid_of_few_values_is_peeled_value_by_value() -> None:
    cells = pd.DataFrame({"trust": np.resize([0.2, 0.4, 0.6], 90), "duty": np.repeat([0.0, 0.5, 1.0], 30)})
    found = find_box(cells, (cells["trust"] > 0.3) & (cells["duty"] > 0.7))
    limits = found.limits.set_index("setting")
    assert limits["low"].to_dict() == pytest.approx({"trust": 0.3, "duty": 0.75})
    assert (found.coverage, found.density) == (1, 1)


@pytest.mark.parametrize("everywhere", [True, False])
def test_interest_in_all_or_no_cases_is_refused(everywhere: bool) -> None:
    with pytest.raises(ValueError, match="none or all"):
        find_box(POINTS, pd.Series(everywhere, index=POINTS.index))
