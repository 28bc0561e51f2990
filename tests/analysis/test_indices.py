"""Sobol and Morris indices of functions with known indices, on the points of an experiment's design."""

import sys

import numpy as np
import pandas as pd
import pytest

from cpsim.analysis.indices import morris_convergence, morris_effects, sobol_convergence, sobol_indices
from cpsim.experiment.definition import Definition, Morris, Sobol
from cpsim.experiment.designs import MissingLibraryError, build_points_table, draw_unit_points
from cpsim.experiment.variation import Range

NAMES = ["x1", "x2", "x3"]
ISHIGAMI = {"x1": (0.3139, 0.5576), "x2": (0.4424, 0.4424), "x3": (0.0, 0.2437)}
"""First-order and total index with a = 7 and b = 0.1 (Ishigami and Homma 1990)."""


def ishigami(points: pd.DataFrame) -> pd.DataFrame:
    x1, x2, x3 = (points[name] for name in NAMES)
    values = np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)
    return pd.DataFrame({1: values - 1, 2: values + 1})  # two seeds with this mean


def define_experiment(design: Sobol | Morris, low: float, high: float) -> Definition:
    return Definition(
        design=design, vary={name: Range.model_validate({"from": low, "to": high}) for name in NAMES}
    )


def build_points(definition: Definition) -> pd.DataFrame:
    return build_points_table(definition, kinds=dict.fromkeys(NAMES, "number"), base={})


@pytest.fixture(scope="module")
def outcome() -> pd.DataFrame:
    design = Sobol(kind="sobol", base_points=512)
    return ishigami(build_points(define_experiment(design, -np.pi, np.pi)))


def test_the_indices_of_ishigamis_function_match_the_literature(outcome: pd.DataFrame) -> None:
    found = sobol_indices(outcome, NAMES).set_index("setting")
    for name, (first, total) in ISHIGAMI.items():
        assert found.loc[name, "first"] == pytest.approx(first, abs=0.08)
        assert found.loc[name, "total"] == pytest.approx(total, abs=0.08)
        assert found.loc[name, "total_low"] < total < found.loc[name, "total_high"]


def test_indices_converge_as_points_are_added(outcome: pd.DataFrame) -> None:
    found = sobol_convergence(outcome, NAMES)
    widths = (found["total_high"] - found["total_low"]).groupby(found["base_points"]).max()
    assert widths.index.tolist() == [64, 128, 256, 512]
    assert widths.iloc[-1] < 0.6 * widths.iloc[0]
    last = found[found["base_points"] == 512].reset_index(drop=True)
    pd.testing.assert_frame_equal(last, sobol_indices(outcome, NAMES))


def test_points_for_pairs_of_settings_give_the_same_indices() -> None:
    design = Sobol(kind="sobol", base_points=256, pairs=True)
    found = sobol_indices(ishigami(build_points(define_experiment(design, -np.pi, np.pi))), NAMES, pairs=True)
    assert found["total"].tolist() == pytest.approx([total for _, total in ISHIGAMI.values()], abs=0.12)


def test_a_failed_run_removes_its_base_point_only(outcome: pd.DataFrame) -> None:
    gap = outcome.copy()
    gap.iloc[7, 0] = np.nan
    found = sobol_indices(gap, NAMES)
    assert found["base_points"].tolist() == [511] * 3
    assert found["total"].tolist() == pytest.approx(sobol_indices(outcome, NAMES)["total"].tolist(), abs=0.05)


def test_an_outcome_that_never_changes_has_no_indices() -> None:
    found = sobol_indices(pd.DataFrame({1: np.ones(5 * 16)}), NAMES)
    assert found[["first", "total"]].isna().all(axis=None)


def test_too_few_complete_base_points_are_refused() -> None:
    with pytest.raises(ValueError, match="only 3 blocks of 5 points"):
        sobol_indices(pd.DataFrame({1: np.arange(15.0)}), NAMES)


def test_morris_distinguishes_linear_from_nonlinear_effects() -> None:
    plan = define_experiment(Morris(kind="morris", trajectories=16), 0, 1)
    cells = draw_unit_points(plan)
    points = build_points(plan)
    outcome = pd.DataFrame({1: 3 * points["x1"] + 4 * (points["x2"] - 0.5) ** 2})
    found = morris_effects(outcome, cells, NAMES).set_index("setting")
    assert found.loc["x1", ["mu_star", "mu"]].tolist() == pytest.approx([3, 3])
    assert found.loc["x1", "sigma"] == pytest.approx(0, abs=1e-9)
    assert found.loc["x2", "sigma"] > 0.5
    assert abs(found.loc["x2", "mu"]) < found.loc["x2", "mu_star"]
    assert found.loc["x3", ["mu_star", "sigma"]].tolist() == pytest.approx([0, 0], abs=1e-9)
    assert morris_convergence(outcome, cells, NAMES)["trajectories"].unique().tolist() == [4, 8, 16]


def test_a_failed_run_removes_its_trajectory() -> None:
    plan = define_experiment(Morris(kind="morris", trajectories=8), 0, 1)
    outcome = pd.DataFrame({1: 3 * build_points(plan)["x1"]})
    outcome.iloc[6] = np.nan
    found = morris_effects(outcome, draw_unit_points(plan), NAMES)
    assert found["trajectories"].tolist() == [7] * 3
    assert found.loc[0, "mu_star"] == pytest.approx(3)


def test_without_salib_the_message_says_how_to_install_it(
    outcome: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "SALib.analyze", None)
    monkeypatch.setitem(sys.modules, "SALib.analyze.sobol", None)
    with pytest.raises(MissingLibraryError, match=r"pip install 'cpsim\[sweep\]'"):
        sobol_indices(outcome, NAMES)


@pytest.mark.parametrize("seeds", [(1.0, 0.8333333333333334), (0.1, 0.2, 0.3)])
def test_an_outcome_that_differs_only_between_seeds_has_no_indices(seeds: tuple[float, ...]) -> None:
    found = sobol_indices(pd.DataFrame([seeds] * (5 * 16)), NAMES)
    assert found[["first", "total"]].isna().all(axis=None)
    cells = draw_unit_points(define_experiment(Morris(kind="morris", trajectories=8), 0, 1))
    effects = morris_effects(pd.DataFrame([seeds] * len(cells)), cells, NAMES)
    assert (effects[["mu_star", "mu", "sigma"]] == 0).all(axis=None)
