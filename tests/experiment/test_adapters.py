"""Other tools may choose the settings, but the outcomes that they receive are those of a normal run."""

import pickle
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import differential_evolution

from cpsim.experiment import adapters, outcomes
from cpsim.experiment.adapters import (
    ExperimentFunction,
    Objective,
    build_salib_problem,
    convert_unit_points,
    list_varied_settings,
)
from cpsim.experiment.designs import draw_unit_points
from cpsim.experiment.read import Experiment, load_experiment
from cpsim.experiment.runs import build_run_scenario
from cpsim.parallel import worlds
from cpsim.parallel.engine import open_in_process_engine
from cpsim.scenario import ScenarioError
from cpsim.simulation import run
from cpsim.sweeps.loaded import load_sweep
from cpsim.sweeps.sweep import sweep

SETTING = """\
base: small
arms:
  as_it_was: {population: {children: 300}, clock: {warm_up_years: 1}}
  bound:
    population: {children: 300}
    clock: {warm_up_years: 1}
    timeline: [{date: 2005-04-04, lever: duty, kinds: [school, gp], bound: true, awareness: 0.9}]
years: 1
seeds: 2
outcomes: [missed_risk_rate, referrals_per_10k_year, referral_ppv, utilisation_mean, chain_stopped_at.C3]
"""
VARY = """\
vary:
  front_door.referral_threshold: {from: 2, to: 4}
  network.trust_start: {distribution: normal, mean: 0.4, sd: 0.1, low: 0.1, high: 0.7}
design: {kind: sobol, base_points: 2}
"""
MIDDLE = {"front_door.referral_threshold": 3.0, "network.trust_start": 0.4}
PAGE = Path(__file__).parents[2] / "docs" / "adapters.md"


def read(folder: Path, text: str) -> Experiment:
    (folder / "experiment.yaml").write_text(text, "utf-8")
    return load_experiment(folder / "experiment.yaml")


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    return read(tmp_path_factory.mktemp("experiment"), SETTING + VARY)


@pytest.fixture(scope="module")
def function(experiment: Experiment) -> ExperimentFunction:
    return ExperimentFunction(experiment)


def read_example(first_line: str) -> str:
    """Read the example of the page with this first line; it needs another package, so no test of the page runs it."""
    (block,) = re.findall(rf"```py\n({first_line}\n.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return str(block)


def test_varied_settings_are_listed_as_plain_values(tmp_path: Path) -> None:
    experiment = read(
        tmp_path,
        "base: small\nvary:\n"
        "  sharing.duty_effect: {from: 0, to: 0.7}\n"
        "  clock.years: {from: 1, to: 3}\n"
        "  network.trust_start: [0.2, 0.6]\n"
        "  harm.spell_median_weeks: {distribution: lognormal, median: 30, sd_log: 0.4, low: 10, high: 100}\n"
        "design: {kind: latin_hypercube, points: 2}\n",
    )
    assert list_varied_settings(experiment) == (
        ("sharing__duty_effect", "sharing.duty_effect", "real", (0.0, 0.7)),
        ("clock__years", "clock.years", "integer", (1, 3)),
        ("network__trust_start", "network.trust_start", "category", (0.2, 0.6)),
        ("harm__spell_median_weeks", "harm.spell_median_weeks", "real", (10.0, 100.0)),
    )
    assert [type(limit) for limit in list_varied_settings(experiment)[1].limits] == [int, int]


def test_a_setting_of_an_event_has_a_name_that_is_a_python_identifier(tmp_path: Path) -> None:
    text = "base: small\nvary: {'timeline[0].awareness': [0.5, 0.9]}\narms: {bound: {timeline: "
    text += "[{date: 2006-04-03, lever: duty, kinds: [gp], bound: true, awareness: 0.5}]}}"
    ((name, path, _, _),) = list_varied_settings(read(tmp_path, text))
    assert name.isidentifier()
    assert path == "timeline[0].awareness"


def test_unit_points_are_converted_as_in_the_design_of_the_experiment(experiment: Experiment) -> None:
    own = convert_unit_points(experiment, draw_unit_points(experiment.definition))
    pd.testing.assert_frame_equal(own, experiment.points)


def test_a_function_returns_the_outcomes_of_separate_runs(
    experiment: Experiment, function: ExperimentFunction
) -> None:
    for arm, point in product(experiment.arms, (0, 3)):
        values = {str(path): column[point] for path, column in experiment.points.items()}
        by_seed = function.evaluate_by_seed(values, arm)
        for seed in (1, 2):
            summary = run(build_run_scenario(experiment, arm, point), seed).summary
            separate = {name: outcomes.read_outcome(summary, name) for name in experiment.definition.outcomes}
            assert by_seed.loc[seed].to_dict() == pytest.approx(separate, rel=0, abs=0, nan_ok=True)
        assert function(arm=arm, **values) == pytest.approx(by_seed.mean().to_dict())


def test_a_duty_changes_the_outcomes_of_the_function(function: ExperimentFunction) -> None:
    as_it_was, bound = (function(arm=arm, **MIDDLE) for arm in ("as_it_was", "bound"))
    assert as_it_was == function(**MIDDLE)
    assert as_it_was != bound


def test_other_seeds_give_other_children(experiment: Experiment, function: ExperimentFunction) -> None:
    other = ExperimentFunction(experiment, seeds=[2, 7]).evaluate_by_seed(MIDDLE)
    assert other.index.tolist() == [2, 7]
    assert other.loc[2].equals(function.evaluate_by_seed(MIDDLE).loc[2])
    assert not other.loc[7].equals(other.loc[2])


def test_children_are_drawn_only_once_for_many_calls(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    draw = worlds.draw_world
    monkeypatch.setattr(
        worlds, "draw_world", lambda scenario, seed: (drawn.append(seed), draw(scenario, seed))[1]
    )
    ExperimentFunction(experiment, seeds=[1, 2, 3]).evaluate_at([[0.1, 0.2], [0.8, 0.9]])
    assert drawn == [1, 2, 3]


def test_a_salib_sample_has_the_same_outcomes_in_a_sweep(
    experiment: Experiment, function: ExperimentFunction, tmp_path: Path
) -> None:
    from SALib.sample import latin

    sample = latin.sample(build_salib_problem(experiment), 3, seed=1)
    convert_unit_points(experiment, sample).to_csv(tmp_path / "points.csv", index=False)
    sweep(
        read(tmp_path, SETTING + "design: {kind: list, file: points.csv}"),
        tmp_path / "out",
        open_in_process_engine(),
    )
    runs = load_sweep(tmp_path / "out")
    for arm in experiment.arms:
        means = runs[runs["arm"] == arm].groupby("point")[list(experiment.definition.outcomes)].mean()
        pd.testing.assert_frame_equal(means, function.evaluate_at(sample, arm))


def test_a_list_of_points_can_be_called_by_path_but_has_no_unit_cube(
    tmp_path: Path, function: ExperimentFunction
) -> None:
    (tmp_path / "points.csv").write_text(
        "front_door.referral_threshold,network.trust_start\n2,0.3\n", "utf-8"
    )
    experiment = read(tmp_path, SETTING + "design: {kind: list, file: points.csv}")
    assert ExperimentFunction(experiment)(**MIDDLE) == function(**MIDDLE)
    for adapter in (
        list_varied_settings,
        build_salib_problem,
        lambda given: convert_unit_points(given, [[0.5, 0.5]]),
    ):
        with pytest.raises(ValueError, match="no vary"):
            adapter(experiment)


def test_correlated_settings_are_refused_for_salib(tmp_path: Path) -> None:
    varied = VARY.replace("{kind: sobol, base_points: 2}", "{kind: latin_hypercube, points: 9}")
    pair = "correlation: [{between: [front_door.referral_threshold, network.trust_start], r: 0.4}]"
    with pytest.raises(ValueError, match="independent"):
        build_salib_problem(read(tmp_path, SETTING + varied + pair))


@pytest.mark.parametrize(
    "points",
    [[0.5, 0.5], [[0.5]], [[0.5, 1.1]], [[-0.1, 0.5]], [[np.nan, 0.5]], [[None, 0.5]],
     [["0.5", 0.5]], [[0.5], [0.5, 0.5]], [[np.longdouble("1e4000"), 0.5]], [[0.5j, 0.5]], [[10**400, 0.5]], None],
)  # fmt: skip
def test_points_outside_the_unit_cube_are_refused(experiment: Experiment, points: Any) -> None:
    with pytest.raises(
        ValueError, match=r"expected unit points of shape \(points, 2\)|with numbers from 0 to 1 only"
    ):
        convert_unit_points(experiment, points)


def test_an_objective_takes_a_single_point(experiment: Experiment) -> None:
    with pytest.raises(ValueError, match=r"expected unit points of shape \(points, 2\)"):
        Objective(experiment, {"missed_risk_rate": 1.0})([[0.5, 0.5], [0.6, 0.6]])


def test_unknown_arms_settings_outcomes_and_seeds_are_refused_with_a_hint(
    experiment: Experiment, function: ExperimentFunction
) -> None:
    with pytest.raises(ValueError, match="did you mean 'bound'"):
        function(arm="bond", **MIDDLE)
    with pytest.raises(ValueError, match=r"expected a value for each of .*network\.trust_start"):
        function(**{"front_door.referral_threshold": 3.0})
    with pytest.raises(ValueError, match=r"not for .*sharing"):
        function(**MIDDLE, **{"sharing.duty_effect": 0.1})
    with pytest.raises(ScenarioError, match=r"network\.trust_start"):
        function(**{**MIDDLE, "network.trust_start": 1.4})
    with pytest.raises(ValueError, match="did you mean 'missed_risk_rate'"):
        Objective(experiment, {"missed_risk_rat": 1.0})


@pytest.mark.parametrize("arm", [5, [1], {"bound": 1}], ids=repr)
def test_an_arm_is_chosen_by_its_name(function: ExperimentFunction, arm: Any) -> None:
    with pytest.raises(ValueError, match=r"there is no arm .*; allowed: "):
        function.evaluate_by_seed(MIDDLE, arm)


@pytest.mark.parametrize("values", [None, 5, {5: 0.5}, "network.trust_start"], ids=repr)
def test_values_are_given_by_path(function: ExperimentFunction, values: Any) -> None:
    with pytest.raises(ValueError, match=r"expected a value for each of .*network\.trust_start, not for "):
        function.evaluate_by_seed(values)


@pytest.mark.parametrize(
    "weight", [None, "1", np.nan, np.inf, 10**400, [1.0]], ids=lambda weight: str(weight)[:9]
)
def test_the_weight_of_an_outcome_is_a_finite_number(experiment: Experiment, weight: Any) -> None:
    with pytest.raises(ValueError, match="expected a finite number as the weight of missed_risk_rate"):
        Objective(experiment, {"missed_risk_rate": weight})


def test_an_objective_needs_weights_by_outcome(experiment: Experiment) -> None:
    for weights in (None, {}, ["missed_risk_rate"]):
        with pytest.raises(ValueError, match="expected a weight for at least one outcome"):
            Objective(experiment, weights)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="5 is not an outcome of this experiment; allowed: "):
        Objective(experiment, {5: 1.0})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="weight"):
        Objective(experiment, {})
    for seeds, message in (([], "from 1 to 100000 seeds"), ([1, 1], "the seed 1 is given twice")):
        with pytest.raises(ValueError, match=message):
            ExperimentFunction(experiment, seeds)


def test_a_function_can_be_pickled_for_the_workers_of_a_tool(function: ExperimentFunction) -> None:
    unpickled = pickle.loads(pickle.dumps(ExperimentFunction(function.experiment)))  # noqa: S301  our own bytes
    assert unpickled(**MIDDLE) == function(**MIDDLE)


def test_an_objective_is_the_weighted_sum_of_the_outcomes_of_each_seed(
    experiment: Experiment, function: ExperimentFunction
) -> None:
    weights = {"referrals_per_10k_year": 0.01, "missed_risk_rate": 2.0, "utilisation_mean": -1.0}
    score = Objective(experiment, weights, arm="bound")(MIDDLE)
    by_seed = function.evaluate_by_seed(MIDDLE, "bound")
    expected = sum(weight * by_seed[name] for name, weight in weights.items())
    assert score.by_seed.to_dict() == pytest.approx(expected.to_dict())
    assert score.mean == pytest.approx(expected.mean())
    assert score.error == pytest.approx(abs(expected[1] - expected[2]) / 2)
    assert score.outcomes == pytest.approx(by_seed.mean().to_dict())


def test_an_objective_takes_a_point_by_path_or_in_the_unit_cube(experiment: Experiment) -> None:
    objective = Objective(experiment, {"missed_risk_rate": 1.0})
    assert objective(np.array([0.5, 0.5])).outcomes == pytest.approx(objective(MIDDLE).outcomes)


def test_a_single_seed_has_no_standard_error(experiment: Experiment) -> None:
    score = Objective(experiment, {"missed_risk_rate": 1.0}, seeds=[2])(MIDDLE)
    assert np.isfinite(score.mean)
    assert np.isnan(score.error)


def test_an_outcome_of_referrals_has_no_mean_if_a_seed_has_no_referral(
    experiment: Experiment,
) -> None:
    shut = {**MIDDLE, "front_door.referral_threshold": 20}
    score = Objective(experiment, {"missed_risk_rate": 1.0, "referral_ppv": -1.0})(shut)
    assert np.isfinite(score.by_seed).tolist() == [False, True]
    assert np.isnan([score.mean, score.error, score.outcomes["referral_ppv"]]).all()
    assert np.isfinite(score.outcomes["missed_risk_rate"])


def test_an_optimiser_finds_the_minimum_of_a_known_function(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bowl(scenario: Any, seeds: Sequence[int], _: object) -> list[dict[str, Any]]:
        threshold, trust = scenario.front_door.referral_threshold, scenario.network.trust_start
        undefined: dict[str, Any] = dict.fromkeys(
            outcome.split(".")[0] for outcome in experiment.definition.outcomes
        )
        return [
            undefined
            | {
                "missed_risk_rate": (threshold - 3.5) ** 2 + seed,
                "utilisation_mean": (trust - 0.3) ** 2,
            }
            for seed in seeds
        ]

    monkeypatch.setattr(adapters, "_run_summaries", bowl)
    objective = Objective(experiment, {"missed_risk_rate": 1.0, "utilisation_mean": 10.0})
    found = differential_evolution(
        lambda point: objective(point).mean, [(0, 1)] * 2, maxiter=20, popsize=8, polish=False, rng=1
    )
    best = convert_unit_points(experiment, [found.x]).iloc[0]
    assert best["front_door.referral_threshold"] == pytest.approx(3.5, abs=0.1)
    assert best["network.trust_start"] == pytest.approx(0.3, abs=0.03)
    assert found.fun == pytest.approx(1.5, abs=0.01)


class FakeParameter:
    """A parameter, outcome or policy of the workbench."""

    def __init__(self, name: str, *values: Any, variable_name: str | None = None, **more: Any) -> None:
        assert name.isidentifier()
        self.name, self.path, self.values, self.more = name, variable_name or name, values, more


class FakeWorkbench(ModuleType):
    """Calls a function as the EMA Workbench does: keywords by variable name, outcomes read from a dictionary."""

    RealParameter = IntegerParameter = CategoricalParameter = ScalarOutcome = Policy = FakeParameter

    class Model:
        uncertainties: list[FakeParameter]
        levers: list[FakeParameter]
        outcomes: list[FakeParameter]

        def __init__(self, name: str, function: Callable[..., Mapping[str, float]]) -> None:
            assert name.isalnum()
            self.function = function

    @staticmethod
    def perform_experiments(
        model: Model, scenarios: int, policies: list[FakeParameter]
    ) -> tuple[pd.DataFrame, dict[str, list[float]]]:
        rows = []
        for policy, number in product(policies, range(scenarios)):
            position = number / (scenarios - 1)
            chosen = {
                each.path: np.float64(each.values[0] + position * (each.values[1] - each.values[0]))
                for each in model.uncertainties
            }
            rows.append(chosen | {lever.path: policy.more[lever.name] for lever in model.levers})
        results = [model.function(**row) for row in rows]
        return pd.DataFrame(rows), {
            outcome.name: [result[outcome.path] for result in results] for outcome in model.outcomes
        }


def test_the_example_for_the_ema_workbench_returns_the_outcomes_of_the_function(
    experiment: Experiment, function: ExperimentFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ema_workbench", FakeWorkbench("ema_workbench"))
    namespace: dict[str, Any] = {"experiment": experiment}
    exec(read_example("import ema_workbench as ema"), namespace)  # noqa: S102
    experiments, found = namespace["experiments"], namespace["outcomes"]
    assert experiments["arm"].tolist() == ["as_it_was"] * 5 + ["bound"] * 5
    assert experiments["front_door.referral_threshold"].tolist() == [2.0, 2.5, 3.0, 3.5, 4.0] * 2
    assert list(found) == [name.replace(".", "__") for name in experiment.definition.outcomes]
    last = function(**experiments.iloc[-1].to_dict())
    assert [values[-1] for values in found.values()] == pytest.approx(list(last.values()), nan_ok=True)


class FakeOptuna(ModuleType):
    """Proposes points as Optuna does, and records the values that it receives."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.results: list[tuple[dict[str, float], float]] = []
        self.positions: Iterator[float] = iter(np.linspace(0, 1, 20))

    def create_study(self) -> "FakeOptuna":
        return self

    def ask(self) -> SimpleNamespace:
        point: dict[str, float] = {}

        def suggest_float(name: str, low: float, high: float) -> float:
            point[name] = low + next(self.positions) * (high - low)
            return point[name]

        return SimpleNamespace(suggest_float=suggest_float, point=point)

    def tell(self, trial: SimpleNamespace, value: float) -> None:
        self.results.append((trial.point, value))


def test_the_example_for_optuna_reports_the_means_of_the_objective(
    experiment: Experiment, function: ExperimentFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    optuna = FakeOptuna("optuna")
    monkeypatch.setitem(sys.modules, "optuna", optuna)
    objective = Objective(experiment, {"missed_risk_rate": 1.0})
    exec(read_example("import optuna"), {"objective": objective})  # noqa: S102
    assert len(optuna.results) == 10
    point, value = optuna.results[-1]
    assert list(point) == list(MIDDLE)
    assert value == function(**point)["missed_risk_rate"]
