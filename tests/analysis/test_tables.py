"""The tidy table of a sweep, read from its columns alone."""

from functools import partial

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from tests.analysis.sweeps import build_runs, draw_chance, draw_points

from cpsim.analysis.tables import (
    difference_table,
    label_draws,
    list_outcomes,
    list_settings,
    outcome_table,
    select_points,
)
from cpsim.experiment.definition import Design, Grid, LatinHypercube, Morris, OneAtATime, Sobol

POINTS = draw_points(6, ["network.trust_start", "sharing.duty_effect"]).assign(fixed=1.0)


def test_another_setting_outcome_or_arm_of_a_synthetic_sweep_shifts_no_other_number() -> None:
    few, more = (draw_points(6, [*others, "trust"]) for others in ([], ["duty"]))
    old, new = (partial(draw_chance, arm_number=number, children=1.0, own=0.1) for number in (1, 2))
    small = build_runs(few, 2, {"old": {"misses": old}})
    large = build_runs(more, 2, {"old": {"alarms": old, "misses": old}, "new": {"misses": new}})
    shared = large.loc[large["arm"] == "old", ["trust", "misses"]].reset_index(drop=True)
    assert_frame_equal(shared, small[["trust", "misses"]], check_exact=True)
    assert large["misses"].nunique() == len(large), "arms and seeds have chance of their own"


@pytest.fixture
def runs() -> pd.DataFrame:
    old = {
        "missed_risk_rate": lambda points, _: points.index * 1.0,
        "chain_stopped_at.C3": lambda *_: 0.2,
    }
    new = {
        "missed_risk_rate": lambda points, _: points.index * 3.0,
        "chain_stopped_at.C3": lambda *_: 0.1,
    }
    return build_runs(POINTS, 2, {"old": old, "new": new})


def test_columns_are_outcomes_settings_or_facts_about_the_run(runs: pd.DataFrame) -> None:
    assert list_outcomes(runs) == ["missed_risk_rate", "chain_stopped_at.C3"]
    assert list_settings(runs) == ["network.trust_start", "sharing.duty_effect"]
    pd.testing.assert_frame_equal(select_points(runs, ["fixed"]), POINTS[["fixed"]])


def test_a_difference_is_taken_between_runs_of_the_same_point_and_seed(runs: pd.DataFrame) -> None:
    assert difference_table(runs, "new", "old", "missed_risk_rate")[2].tolist() == [0, 2, 4, 6, 8, 10]


def test_outcomes_of_a_failed_run_are_not_used(runs: pd.DataFrame) -> None:
    runs.loc[0, "status"] = "failed"
    assert outcome_table(runs, "old", "missed_risk_rate").isna().sum().sum() == 1


@pytest.mark.parametrize(
    ("design", "draws"),
    [
        (LatinHypercube(kind="latin_hypercube", points=10), list(range(10))),
        (Sobol(kind="sobol", base_points=2), [0] * 5 + [1] * 5),
        (Sobol(kind="sobol", base_points=2, pairs=True), [0] * 8 + [1] * 2),
        (Morris(kind="morris", trajectories=2), [0] * 4 + [1] * 4 + [2] * 2),
        (Grid(), None),
        (OneAtATime(kind="one_at_a_time"), None),
    ],
)
def test_points_that_a_design_places_around_one_draw_share_its_label(
    design: Design, draws: list[int] | None
) -> None:
    found = label_draws(design, draw_points(10, ["a", "b", "c"]))
    assert (found if found is None else found.tolist()) == draws
