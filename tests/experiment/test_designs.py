"""Designs cover the varied settings as their definitions require, and a seed always draws the same points."""

import hashlib
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, lognorm, norm, spearmanr, triang

from cpsim.experiment import designs
from cpsim.experiment.definition import Definition
from cpsim.experiment.designs import (
    MissingLibraryError,
    build_points_table,
    draw_unit_points,
    number_of_points,
)

THREE: Mapping[str, Any] = {
    "a": {"from": 0.0, "to": 1.0},
    "b": {"from": -1.0, "to": 3.0},
    "c": {"from": 10.0, "to": 20.0},
}
NUMBERS = dict.fromkeys(THREE, "number")


def experiment(vary: Mapping[str, Any], design: Mapping[str, Any], **more: Any) -> Definition:
    return Definition.model_validate({"vary": dict(vary), "design": dict(design), **more})


def points(vary: Mapping[str, Any], design: Mapping[str, Any], **more: Any) -> pd.DataFrame:
    return build_points_table(experiment(vary, design, **more), kinds=dict.fromkeys(vary, "number"), base={})


def number_slices(column: "pd.Series[float]", low: float, high: float) -> list[int]:
    """Number the slice of each point, sorted; there are as many equal slices as points."""
    places = np.floor((column.to_numpy() - low) / (high - low) * len(column)).astype(int)
    return sorted(np.minimum(places, len(column) - 1))


def hypercube(number: int, seed: int = 1) -> dict[str, Any]:
    return {"kind": "latin_hypercube", "points": number, "seed": seed}


@settings(max_examples=25, deadline=None)
@given(number=st.integers(2, 200), seed=st.integers(0, 2**32 - 1))
def test_every_slice_of_every_setting_contains_one_point_of_a_latin_hypercube(number: int, seed: int) -> None:
    table = points(THREE, hypercube(number, seed))
    for path, (low, high) in {"a": (0, 1), "b": (-1, 3), "c": (10, 20)}.items():
        assert number_slices(table[path], low, high) == list(range(number))


@pytest.mark.parametrize("target", [-0.8, -0.3, 0.4, 0.9])
def test_correlated_settings_have_the_target_rank_correlation_and_the_same_values(target: float) -> None:
    correlation = [{"between": ["a", "b"], "r": target}]
    table = points(THREE, hypercube(500), correlation=correlation)
    assert spearmanr(table["a"], table["b"]).statistic == pytest.approx(target, abs=0.04)
    assert abs(spearmanr(table["a"], table["c"]).statistic) < 0.04
    assert number_slices(table["b"], -1, 3) == list(range(500))


def test_a_grid_has_every_combination_once_and_varies_the_last_setting_fastest() -> None:
    table = points({"a": [1, 2], "b": [3, 4, 5]}, {"kind": "grid"})
    assert table.values.tolist() == [[1, 3], [1, 4], [1, 5], [2, 3], [2, 4], [2, 5]]


@pytest.mark.parametrize(("pairs", "per_base_point"), [(False, 3 + 2), (True, 2 * 3 + 2)])
def test_the_saltelli_scheme_replaces_one_setting_at_a_time_from_a_second_sample(
    pairs: bool, per_base_point: int
) -> None:
    definition = experiment(THREE, {"kind": "sobol", "base_points": 16, "pairs": pairs})
    cube = draw_unit_points(definition).reshape(16, per_base_point, 3)
    first, second = cube[:, 0], cube[:, -1]
    for place in range(3):
        others = [other for other in range(3) if other != place]
        assert np.array_equal(cube[:, 1 + place, place], second[:, place])
        assert np.array_equal(cube[:, 1 + place][:, others], first[:, others])
    assert number_of_points(definition) == 16 * per_base_point


def test_a_morris_trajectory_changes_each_setting_once_and_one_at_a_time() -> None:
    definition = experiment(THREE, {"kind": "morris", "trajectories": 5})
    for trajectory in draw_unit_points(definition).reshape(5, 4, 3):
        changed = [np.flatnonzero(before != after).tolist() for before, after in pairwise(trajectory)]
        assert sorted(changed) == [[0], [1], [2]]
    assert number_of_points(definition) == 5 * 4


def test_one_at_a_time_changes_each_setting_from_the_base() -> None:
    definition = experiment({"a": [0.1, 0.9], "b": {"from": 0, "to": 7}}, {"kind": "one_at_a_time"})
    table = build_points_table(definition, kinds={"a": "number", "b": "integer"}, base={"a": 0.5, "b": 3})
    assert table.values.tolist() == [[0.5, 3], [0.1, 3], [0.9, 3], [0.5, 0], [0.5, 7]]
    assert table["b"].dtype == np.int64


DESIGNS: dict[str, Mapping[str, Any]] = {
    "latin hypercube": hypercube(33),
    "sobol": {"kind": "sobol", "base_points": 8, "pairs": True},
    "morris": {"kind": "morris", "trajectories": 7, "levels": 6},
    "one at a time": {"kind": "one_at_a_time"},
}


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_has_the_expected_number_of_points_and_always_the_same_bytes(name: str) -> None:
    definition = experiment(THREE, DESIGNS[name])
    base = dict.fromkeys(THREE, 0.5)
    one, again = (build_points_table(definition, kinds=NUMBERS, base=base) for _ in range(2))
    assert len(one) == number_of_points(definition)
    assert one.to_csv() == again.to_csv()
    assert one.index.name == "point"
    assert one.index.tolist() == list(range(len(one)))


DRAWN = {"latin hypercube": "d15af8b0675db6f1", "sobol": "d6ce26d13cdb80a7", "morris": "82cc46fe4d631046"}


@pytest.mark.parametrize("name", DRAWN)
def test_the_points_of_a_seed_do_not_change_between_versions(name: str) -> None:
    cube = draw_unit_points(experiment(THREE, DESIGNS[name]))
    assert hashlib.sha256(cube.tobytes()).hexdigest()[:16] == DRAWN[name]


@pytest.mark.parametrize("name", DRAWN)
def test_another_seed_draws_other_points(name: str) -> None:
    other = {**DESIGNS[name], "seed": 2}
    assert not points(THREE, DESIGNS[name]).equals(points(THREE, other))


MARGINS: dict[str, tuple[Mapping[str, Any], Any]] = {
    "uniform": ({"from": 2, "to": 5}, lambda x: (x - 2) / 3),
    "log": ({"from": 0.01, "to": 100, "scale": "log"}, lambda x: (np.log10(x) + 2) / 4),
    "normal": (
        {"distribution": "normal", "mean": 46, "sd": 8, "low": 40, "high": 60},
        lambda x: (norm(46, 8).cdf(x) - norm(46, 8).cdf(40)) / (norm(46, 8).cdf(60) - norm(46, 8).cdf(40)),
    ),
    "lognormal": (
        {"distribution": "lognormal", "median": 3, "sd_log": 0.7, "low": 1e-6, "high": 1e6},
        lognorm(0.7, scale=3).cdf,
    ),
    "triangular": (
        {"distribution": "triangular", "low": 1, "mode": 2, "high": 5},
        triang(0.25, loc=1, scale=4).cdf,
    ),
}


@pytest.mark.parametrize("name", MARGINS)
def test_a_setting_follows_its_distribution_within_its_limits(name: str) -> None:
    varied, cumulative = MARGINS[name]
    column = points({"a": varied}, hypercube(400))["a"]
    assert kstest(column, cumulative).statistic < 1 / 400 + 1e-9  # the largest distance in a Latin hypercube
    limits = [varied.get(limit) for limit in ("from", "to", "low", "high") if limit in varied]
    assert min(limits) <= column.min() <= column.max() <= max(limits)


@pytest.mark.parametrize("name", MARGINS)
def test_quantiles_0_and_1_are_the_limits_of_a_distribution(name: str) -> None:
    varied, _ = MARGINS[name]
    (setting,) = experiment({"a": varied}, hypercube(2)).vary.values()
    low, high = setting.convert_quantiles(np.array([0.0, 1.0]), whole=False)
    assert (low, high) == pytest.approx(setting.limits())  # type: ignore[union-attr]


@settings(max_examples=25, deadline=None)
@given(low=st.integers(-20, 20), width=st.integers(1, 12))
def test_whole_numbers_of_a_range_including_its_limits_are_equally_likely(low: int, width: int) -> None:
    each = 10
    vary = {"a": {"from": low, "to": low + width}}
    definition = experiment(vary, hypercube(each * (width + 1)))
    column = build_points_table(definition, kinds={"a": "integer"}, base={})["a"]
    assert column.dtype == np.int64
    assert column.value_counts().to_dict() == dict.fromkeys(range(low, low + width + 1), each)


def test_values_of_a_list_are_equally_likely_and_may_be_text() -> None:
    vary = {"a": ["area", "authority"], "b": [True, False]}
    table = build_points_table(experiment(vary, hypercube(40)), kinds=dict.fromkeys(vary, "other"), base={})
    assert table["a"].value_counts().to_dict() == {"area": 20, "authority": 20}
    assert table["b"].value_counts().to_dict() == {True: 20, False: 20}


def test_the_design_gives_the_known_sobol_indices_of_the_ishigami_function() -> None:
    """The first-order indices are 0.314, 0.442 and 0; the total indices 0.558, 0.442 and 0.244."""
    from SALib.analyze import sobol

    vary = {path: {"from": -np.pi, "to": np.pi} for path in "xyz"}
    definition = experiment(vary, {"kind": "sobol", "base_points": 1024})
    table = build_points_table(definition, kinds=dict.fromkeys(vary, "number"), base={})
    for path in vary:
        assert kstest(table[path], lambda x: (x + np.pi) / (2 * np.pi)).statistic < 0.01
    outcome = np.sin(table["x"]) + 7 * np.sin(table["y"]) ** 2 + 0.1 * table["z"] ** 4 * np.sin(table["x"])
    problem = designs.build_unit_problem(definition)
    indices = sobol.analyze(problem, outcome.to_numpy(), calc_second_order=False, seed=1)
    assert indices["S1"] == pytest.approx([0.314, 0.442, 0.0], abs=0.04)
    assert indices["ST"] == pytest.approx([0.558, 0.442, 0.244], abs=0.04)


@pytest.mark.parametrize("name", ["sobol", "morris"])
def test_a_missing_library_is_reported_with_the_command_that_installs_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "SALib.sample", None)
    with pytest.raises(MissingLibraryError, match=r"cpsim\[sweep\]"):
        draw_unit_points(experiment(THREE, DESIGNS[name]))
