"""Settings that are given in Python: values of any kind, under any name."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st
from tests.fuzz.documented import check_problems, check_text
from tests.fuzz.target import Fault, Target
from tests.fuzz.values import Rare, leaves, make_values, nest, numbers, texts

import cpsim
from cpsim.experiment.adapters import ExperimentFunction, Objective, convert_unit_points
from cpsim.experiment.read import Experiment
from cpsim.scenario.events import load_levers
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.read import from_mapping, load, resolve_scenario
from cpsim.scenario.schema import Scenario

BASE = {
    "extends": "small",
    "authorities": {"count": 2},
    "timeline": [{"lever": "duty", "kinds": ["gp", "school"], "bound": True}],
}


def _list_paths(settings: Any, path: str = "") -> list[str]:
    """List the paths of all settings, and of the groups and lists that they are in."""
    if isinstance(settings, dict):
        below = [(f"{path}.{name}" if path else name, value) for name, value in settings.items()]
    elif isinstance(settings, list | tuple):
        below = [(f"{path}[{index}]", value) for index, value in enumerate(settings)]
    else:
        below = []
    return [
        *([path] if path else []),
        *(found for name, value in below for found in _list_paths(value, name)),
    ]


PATHS = sorted(_list_paths(from_mapping(BASE).model_dump()))
NAMES = sorted(
    {step for path in PATHS for step in path.replace("]", "").replace("[", ".").split(".")} | {*load_levers()}
)

keys = st.one_of(
    st.sampled_from(NAMES), texts, st.integers(), st.none(), st.booleans(), st.floats(),
    st.just(("clock", "years")), st.just(b"clock"), st.just(dt.date(2005, 4, 1)),
)  # fmt: skip
any_values = nest(keys)
paths = st.one_of(
    st.sampled_from(PATHS),
    st.sampled_from(PATHS).flatmap(lambda path: texts.map(lambda text: f"{path}.{text}")),
    st.lists(st.sampled_from([*NAMES, "[0]", "[1]", "[99]", "[-1]", "", " "]) | texts, max_size=4).map(
        lambda steps: ".".join(steps).replace(".[", "[")
    ),
    keys,
)
sections = st.sampled_from(sorted(Scenario.model_fields))
events = st.fixed_dictionaries(
    {"lever": st.sampled_from(sorted(load_levers())) | any_values},
    optional=dict.fromkeys(("date", "until", "kinds", "authorities", "share"), any_values),
)
settings = st.one_of(
    st.dictionaries(sections, any_values, max_size=2),
    st.dictionaries(sections, st.dictionaries(st.sampled_from(NAMES), any_values, max_size=3), max_size=2),
    st.fixed_dictionaries({"timeline": st.lists(events, max_size=2)}),
    st.just(BASE),
    any_values,
)
overrides = st.one_of(
    st.dictionaries(paths, any_values, max_size=3),
    st.lists(st.builds("{}={}".format, paths, texts | numbers) | any_values, max_size=3),
    any_values,
)


@dataclass(frozen=True)
class PythonSettings:
    """A scenario and overrides as a caller gives them; a `Rare` value stands for another."""

    scenario: Any
    overrides: Any


def resolve_settings(given: PythonSettings, folder: Path) -> bool:
    """Make a scenario of settings; one that is accepted is the same when it is made of its own settings."""
    del folder
    scenario, changes = make_values(given.scenario), make_values(given.overrides)
    try:
        resolved = resolve_scenario(scenario, changes)
    except ScenarioError as error:
        check_problems(error)
        resolved = None
    if (
        isinstance(scenario, dict)
        and not _holds_rare(given.scenario)
        and repr(scenario) != repr(given.scenario)
    ):
        raise Fault("the mapping of the caller has changed")
    if resolved is None:
        return False
    if from_mapping(resolved.model_dump()) != resolved:
        raise Fault("a scenario that is made of its own settings differs")
    return True


def _holds_rare(value: Any) -> bool:
    """Whether a value is rare or holds one; such a value is another each time that it is made."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return isinstance(value, Rare) or any(map(_holds_rare, inner))


def load_name(given: PythonSettings, folder: Path) -> bool:
    """Load a scenario by a name or path of any kind, with overrides."""
    del folder
    name = make_values(given.scenario)
    try:
        load(name, make_values(given.overrides))
    except ScenarioError as error:
        check_problems(error)
        return False
    except TypeError as error:
        if isinstance(name, str | Path):
            raise
        check_text(str(error))
        return False
    return True


EXPERIMENT = """\
base: small
arms:
  as_it_was: {population: {children: 200}, clock: {warm_up_years: 0}}
  bound: {population: {children: 200}, clock: {warm_up_years: 0}, timeline: [{lever: duty, kinds: [gp], bound: true}]}
vary: {network.trust_start: {from: 0.2, to: 0.6}, duties.gp.bound: [true, false]}
design: {kind: latin_hypercube, points: 2}
years: 1
outcomes: [missed_risk_rate, assessed_neither_per_10k_year]
"""


@cache
def load_tiny_experiment() -> Experiment:
    """Load an experiment with two varied settings, whose runs take little time."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "experiment.yaml")
        file.write_text(EXPERIMENT, "utf-8")
        return cpsim.load_experiment(file)


@dataclass(frozen=True)
class AdapterCall:
    """Arguments of an adapter to another tool; a `Rare` value stands for another."""

    adapter: str
    values: Any
    arm: Any = None
    weights: Any = None


def call_adapter(given: AdapterCall, folder: Path) -> bool:
    """Call an adapter with values for the varied settings, or with points of the unit cube."""
    del folder
    experiment, values, arm = load_tiny_experiment(), make_values(given.values), make_values(given.arm)
    weights = make_values(given.weights)
    adapters: dict[str, Any] = {
        "unit points": lambda: convert_unit_points(experiment, values),
        "by seed": lambda: ExperimentFunction(experiment).evaluate_by_seed(values, arm),
        "at points": lambda: ExperimentFunction(experiment).evaluate_at(values, arm),
        "objective": lambda: Objective(experiment, weights, arm=arm)(values),
    }
    try:
        adapters[given.adapter]()
    except ScenarioError as error:
        check_problems(error)
        return False
    except ValueError as error:
        check_text(str(error))
        return False
    return True


_arms = st.sampled_from([None, "bound"])
_values = st.fixed_dictionaries({"network.trust_start": st.floats(0, 1), "duties.gp.bound": st.booleans()})
_odd_values = (
    st.fixed_dictionaries({"network.trust_start": numbers | leaves, "duties.gp.bound": leaves}) | any_values
)
_point = st.lists(st.floats(0, 1), min_size=2, max_size=2)
_odd_points = (
    st.lists(st.lists(st.floats(0, 1) | leaves, min_size=1, max_size=3) | any_values, max_size=3) | any_values
)
_weights = st.just({"missed_risk_rate": 1.0})
_odd_weights = st.dictionaries(st.just("missed_risk_rate") | keys, numbers | leaves, max_size=2) | any_values

PYTHON_SETTINGS = Target(
    "python_settings",
    "mappings and overrides with values of any kind",
    st.builds(PythonSettings, settings, overrides),
    resolve_settings,
    examples=400,
    few=100,
)
PYTHON_NAMES = Target(
    "python_names",
    "names and paths of any kind, with overrides",
    st.builds(PythonSettings, st.just("small") | any_values, overrides),
    load_name,
    examples=200,
    few=40,
)
ADAPTERS = Target(
    "adapters",
    "values, points, arms and weights of any kind, for adapters to other tools",
    st.one_of(
        st.builds(AdapterCall, st.just("unit points"), _odd_points | st.lists(_point, max_size=3)),
        st.builds(AdapterCall, st.just("by seed"), _odd_values | _values, _arms | leaves),
        st.builds(AdapterCall, st.just("by seed"), _values, _arms),
        st.builds(AdapterCall, st.just("at points"), _odd_points | _point.map(lambda point: [point]), _arms),
        st.builds(AdapterCall, st.just("objective"), _point | _odd_points | _odd_values, _arms, _weights),
        st.builds(AdapterCall, st.just("objective"), _point | _values, _arms | leaves, _odd_weights),
    ),
    call_adapter,
    examples=100,
    few=25,
    prepare=load_tiny_experiment,
)
