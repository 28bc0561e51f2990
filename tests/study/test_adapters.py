"""Other tools may choose the settings, but what they get to see is what a run says of itself."""

import pickle
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import differential_evolution

from cpsim.model import run
from cpsim.scenario import ScenarioError
from cpsim.study import adapters, outcomes, worlds
from cpsim.study.adapters import AsFunction, Objective, points_at, salib_problem, varied_settings
from cpsim.study.designs import unit_points
from cpsim.study.engine import here
from cpsim.study.experiment import Experiment, load_experiment
from cpsim.study.loaded import load_sweep
from cpsim.study.runs import scenario_of
from cpsim.study.sweep import sweep

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
outcomes: [missed_risk_rate, referrals_per_10k_year, referral_ppv, utilisation_mean, missed_by_cause.C3]
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
def function(experiment: Experiment) -> AsFunction:
    return AsFunction(experiment)


def shown_on_the_page(first_line: str) -> str:
    """The lines of the page that begin so; no test of the page runs them, since they need another package."""
    (block,) = re.findall(rf"```py\n({first_line}\n.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return str(block)


def test_another_tool_is_told_what_varies_in_plain_values(tmp_path: Path) -> None:
    experiment = read(
        tmp_path,
        "base: small\nvary:\n"
        "  sharing.duty_effect: {from: 0, to: 0.7}\n"
        "  clock.years: {from: 1, to: 3}\n"
        "  network.trust_start: [0.2, 0.6]\n"
        "  harm.spell_median_weeks: {distribution: lognormal, median: 30, sd_log: 0.4, low: 10, high: 100}\n"
        "design: {kind: latin_hypercube, points: 2}\n",
    )
    assert varied_settings(experiment) == (
        ("sharing__duty_effect", "sharing.duty_effect", "real", (0.0, 0.7)),
        ("clock__years", "clock.years", "integer", (1, 3)),
        ("network__trust_start", "network.trust_start", "category", (0.2, 0.6)),
        ("harm__spell_median_weeks", "harm.spell_median_weeks", "real", (10.0, 100.0)),
    )
    assert [type(end) for end in varied_settings(experiment)[1].limits] == [int, int]


def test_a_setting_of_an_event_gets_a_name_that_any_tool_can_take(tmp_path: Path) -> None:
    text = "base: small\nvary: {'timeline[0].awareness': [0.5, 0.9]}\narms: {bound: {timeline: "
    text += "[{date: 2006-04-03, lever: duty, kinds: [gp], bound: true, awareness: 0.5}]}}"
    ((name, path, _, _),) = varied_settings(read(tmp_path, text))
    assert name.isidentifier()
    assert path == "timeline[0].awareness"


def test_the_unit_cube_is_that_of_the_experiments_own_design(experiment: Experiment) -> None:
    own = points_at(experiment, unit_points(experiment.definition))
    pd.testing.assert_frame_equal(own, experiment.points)


def test_a_function_says_of_a_point_what_its_runs_say(experiment: Experiment, function: AsFunction) -> None:
    for arm, point in product(experiment.arms, (0, 3)):
        values = {str(path): column[point] for path, column in experiment.points.items()}
        figures = function.by_seed(values, arm)
        for seed in (1, 2):
            summary = run(scenario_of(experiment, arm, point), seed).summary
            alone = {name: outcomes.value(summary, name) for name in experiment.definition.outcomes}
            assert figures.loc[seed].to_dict() == pytest.approx(alone, rel=0, abs=0, nan_ok=True)
        assert function(arm=arm, **values) == pytest.approx(figures.mean().to_dict())


def test_a_duty_is_seen_through_the_door(function: AsFunction) -> None:
    figures = [function(arm=arm, **MIDDLE) for arm in ("as_it_was", "bound")]
    assert figures[0] == function(**MIDDLE)
    assert figures[0] != figures[1]


def test_other_children_are_asked_for_by_their_seeds(experiment: Experiment, function: AsFunction) -> None:
    other = AsFunction(experiment, seeds=[2, 7]).by_seed(MIDDLE)
    assert other.index.tolist() == [2, 7]
    assert other.loc[2].equals(function.by_seed(MIDDLE).loc[2])
    assert not other.loc[7].equals(other.loc[2])


def test_children_are_drawn_once_however_often_a_tool_calls(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    draw = worlds.draw_world
    monkeypatch.setattr(
        worlds, "draw_world", lambda scenario, seed: (drawn.append(seed), draw(scenario, seed))[1]
    )
    AsFunction(experiment, seeds=[1, 2, 3]).at([[0.1, 0.2], [0.8, 0.9]])
    assert drawn == [1, 2, 3]


def test_a_sample_of_salib_saved_as_a_list_is_swept_to_the_same_figures(
    experiment: Experiment, function: AsFunction, tmp_path: Path
) -> None:
    from SALib.sample import latin

    sample = latin.sample(salib_problem(experiment), 3, seed=1)
    points_at(experiment, sample).to_csv(tmp_path / "points.csv", index=False)
    sweep(read(tmp_path, SETTING + "design: {kind: list, file: points.csv}"), tmp_path / "out", here())
    swept = load_sweep(tmp_path / "out")
    for arm in experiment.arms:
        means = swept[swept["arm"] == arm].groupby("point")[list(experiment.definition.outcomes)].mean()
        pd.testing.assert_frame_equal(means, function.at(sample, arm))


def test_a_list_of_points_can_be_called_by_path_but_spans_no_cube(
    tmp_path: Path, function: AsFunction
) -> None:
    (tmp_path / "points.csv").write_text(
        "front_door.referral_threshold,network.trust_start\n2,0.3\n", "utf-8"
    )
    experiment = read(tmp_path, SETTING + "design: {kind: list, file: points.csv}")
    assert AsFunction(experiment)(**MIDDLE) == function(**MIDDLE)
    for door in (varied_settings, salib_problem, lambda given: points_at(given, [[0.5, 0.5]])):
        with pytest.raises(ValueError, match="no vary"):
            door(experiment)


def test_salib_is_not_told_that_settings_are_independent_when_they_are_not(tmp_path: Path) -> None:
    varied = VARY.replace("{kind: sobol, base_points: 2}", "{kind: latin_hypercube, points: 9}")
    pair = "correlation: [{between: [front_door.referral_threshold, network.trust_start], r: 0.4}]"
    with pytest.raises(ValueError, match="independent"):
        salib_problem(read(tmp_path, SETTING + varied + pair))


@pytest.mark.parametrize("points", [[0.5, 0.5], [[0.5]], [[0.5, 1.1]], [[-0.1, 0.5]], [[np.nan, 0.5]]])
def test_what_is_no_point_of_the_cube_is_refused(experiment: Experiment, points: Any) -> None:
    with pytest.raises(ValueError, match=r"expected an array \[points, 2\]|numbers from 0 to 1 only"):
        points_at(experiment, points)


def test_an_objective_is_asked_about_one_point_at_a_time(experiment: Experiment) -> None:
    with pytest.raises(ValueError, match=r"expected an array \[points, 2\]"):
        Objective(experiment, {"missed_risk_rate": 1.0})([[0.5, 0.5], [0.6, 0.6]])


def test_a_tool_that_asks_for_what_is_not_there_is_told(experiment: Experiment, function: AsFunction) -> None:
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
    with pytest.raises(ValueError, match="weight"):
        Objective(experiment, {})
    for seeds in ([], [1, 1]):
        with pytest.raises(ValueError, match="each once"):
            AsFunction(experiment, seeds)


def test_a_function_goes_to_the_workers_of_a_tool(function: AsFunction) -> None:
    again = pickle.loads(pickle.dumps(AsFunction(function.experiment)))  # noqa: S301  our own bytes
    assert again(**MIDDLE) == function(**MIDDLE)


def test_an_objective_weighs_the_outcomes_of_each_seed(experiment: Experiment, function: AsFunction) -> None:
    weights = {"referrals_per_10k_year": 0.01, "missed_risk_rate": 2.0, "utilisation_mean": -1.0}
    score = Objective(experiment, weights, arm="bound")(MIDDLE)
    figures = function.by_seed(MIDDLE, "bound")
    expected = sum(weight * figures[name] for name, weight in weights.items())
    assert score.by_seed.to_dict() == pytest.approx(expected.to_dict())
    assert score.mean == pytest.approx(expected.mean())
    assert score.error == pytest.approx(abs(expected[1] - expected[2]) / 2)
    assert score.outcomes == pytest.approx(figures.mean().to_dict())


def test_an_objective_takes_the_same_point_by_path_and_in_the_cube(experiment: Experiment) -> None:
    objective = Objective(experiment, {"missed_risk_rate": 1.0})
    assert objective(np.array([0.5, 0.5])).outcomes == pytest.approx(objective(MIDDLE).outcomes)


def test_a_single_seed_tells_no_error(experiment: Experiment) -> None:
    score = Objective(experiment, {"missed_risk_rate": 1.0}, seeds=[2])(MIDDLE)
    assert np.isfinite(score.mean)
    assert np.isnan(score.error)


def test_without_a_referral_in_a_seed_there_is_no_mean_where_referrals_are_judged(
    experiment: Experiment,
) -> None:
    shut = {**MIDDLE, "front_door.referral_threshold": 20}
    score = Objective(experiment, {"missed_risk_rate": 1.0, "referral_ppv": -1.0})(shut)
    assert np.isfinite(score.by_seed).tolist() == [False, True]
    assert np.isnan([score.mean, score.error, score.outcomes["referral_ppv"]]).all()
    assert np.isfinite(score.outcomes["missed_risk_rate"])


def test_an_optimiser_finds_the_point_where_a_known_function_is_smallest(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bowl(scenario: Any, seed: int, _: object) -> dict[str, Any]:
        threshold, trust = scenario.front_door.referral_threshold, scenario.network.trust_start
        nothing: dict[str, Any] = dict.fromkeys(
            outcome.split(".")[0] for outcome in experiment.definition.outcomes
        )
        return nothing | {
            "missed_risk_rate": (threshold - 3.5) ** 2 + seed,
            "utilisation_mean": (trust - 0.3) ** 2,
        }

    monkeypatch.setattr(adapters, "_summary", bowl)
    objective = Objective(experiment, {"missed_risk_rate": 1.0, "utilisation_mean": 10.0})
    found = differential_evolution(
        lambda point: objective(point).mean, [(0, 1)] * 2, maxiter=20, popsize=8, polish=False, rng=1
    )
    best = points_at(experiment, [found.x]).iloc[0]
    assert best["front_door.referral_threshold"] == pytest.approx(3.5, abs=0.1)
    assert best["network.trust_start"] == pytest.approx(0.3, abs=0.03)
    assert found.fun == pytest.approx(1.5, abs=0.01)


class Named:
    """A parameter, outcome or policy of a workbench."""

    def __init__(self, name: str, *values: Any, variable_name: str | None = None, **more: Any) -> None:
        assert name.isidentifier()
        self.name, self.path, self.values, self.more = name, variable_name or name, values, more


class Workbench(ModuleType):
    """Calls a function as the EMA Workbench does: keywords by variable name, outcomes looked up in a dictionary."""

    RealParameter = IntegerParameter = CategoricalParameter = ScalarOutcome = Policy = Named

    class Model:
        uncertainties: list[Named]
        levers: list[Named]
        outcomes: list[Named]

        def __init__(self, name: str, function: Callable[..., Mapping[str, float]]) -> None:
            assert name.isalnum()
            self.function = function

    @staticmethod
    def perform_experiments(
        model: Model, scenarios: int, policies: list[Named]
    ) -> tuple[pd.DataFrame, dict[str, list[float]]]:
        rows = []
        for policy, number in product(policies, range(scenarios)):
            place = number / (scenarios - 1)
            chosen = {
                each.path: np.float64(each.values[0] + place * (each.values[1] - each.values[0]))
                for each in model.uncertainties
            }
            rows.append(chosen | {lever.path: policy.more[lever.name] for lever in model.levers})
        answers = [model.function(**row) for row in rows]
        return pd.DataFrame(rows), {
            outcome.name: [answer[outcome.path] for answer in answers] for outcome in model.outcomes
        }


def test_a_workbench_that_calls_the_model_as_the_page_shows_gets_its_figures(
    experiment: Experiment, function: AsFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ema_workbench", Workbench("ema_workbench"))
    namespace: dict[str, Any] = {"experiment": experiment}
    exec(shown_on_the_page("import ema_workbench as ema"), namespace)  # noqa: S102
    tried, found = namespace["experiments"], namespace["outcomes"]
    assert tried["arm"].tolist() == ["as_it_was"] * 5 + ["bound"] * 5
    assert tried["front_door.referral_threshold"].tolist() == [2.0, 2.5, 3.0, 3.5, 4.0] * 2
    assert list(found) == [name.replace(".", "__") for name in experiment.definition.outcomes]
    last = function(**tried.iloc[-1].to_dict())
    assert [values[-1] for values in found.values()] == pytest.approx(list(last.values()), nan_ok=True)


class Asker(ModuleType):
    """Asks and is told, as Optuna does, and keeps what it was told."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.told: list[tuple[dict[str, float], float]] = []
        self.places: Iterator[float] = iter(np.linspace(0, 1, 20))

    def create_study(self) -> "Asker":
        return self

    def ask(self) -> SimpleNamespace:
        point: dict[str, float] = {}

        def suggest_float(name: str, low: float, high: float) -> float:
            point[name] = low + next(self.places) * (high - low)
            return point[name]

        return SimpleNamespace(suggest_float=suggest_float, point=point)

    def tell(self, trial: SimpleNamespace, value: float) -> None:
        self.told.append((trial.point, value))


def test_an_optimiser_that_asks_as_the_page_shows_is_told_the_mean(
    experiment: Experiment, function: AsFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = Asker("optuna")
    monkeypatch.setitem(sys.modules, "optuna", asker)
    objective = Objective(experiment, {"missed_risk_rate": 1.0})
    exec(shown_on_the_page("import optuna"), {"objective": objective})  # noqa: S102
    assert len(asker.told) == 10
    point, value = asker.told[-1]
    assert list(point) == list(MIDDLE)
    assert value == function(**point)["missed_risk_rate"]
