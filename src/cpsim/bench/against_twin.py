"""Measure how much faster the engine is than the textbook twin on the same work (`cpsim bench --against-twin`).

The twin is the same model, written as a textbook on Mesa would write it: every child is an agent, every decision a
loop. It is part of the tests, so only a copy of the repository has it. Both simulate the same drawn world to its end
and record every event. The times count only if the two event histories are equal.
"""

import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from statistics import mean, median
from typing import Any, Protocol, TypeVar, cast

import mesa

from cpsim.agents.roster import release_model
from cpsim.bench.measure import OnStage, make_stage_reporter, resize_baseline, step_until, time_call
from cpsim.formatting import format_count
from cpsim.results import collect_provenance
from cpsim.scenario.clock import evaluated_weeks, total_weeks, warm_up_weeks
from cpsim.scenario.read import from_mapping
from cpsim.scenario.schema import Scenario
from cpsim.simulation import Simulation
from cpsim.world import World, draw_world

Result = TypeVar("Result")

TARGET_RATIO = 100.0
"""Target: how many times as fast as the twin the engine should be."""

UNTIMED_SCENARIO: Mapping[str, Any] = resize_baseline(children=400, years=1, warm_up_years=0)
"""Scenario that both simulate before the first timing, so that one-off costs of the process are not counted."""

ENGINE_RUNS = 5
"""Runs of the engine for each run of the twin. A run of the engine is so short that a brief interruption by the machine
could double its time, so the mean of several runs is used."""

_TESTS = Path(__file__).parents[3] / "tests"
_STAGES_PER_REPEAT = 4


class TwinMissingError(Exception):
    """The twin is missing, because this is an installed package and not a copy of the repository."""


class HistoriesDifferError(Exception):
    """Engine and twin produced different events, so their times cannot be compared."""


class Twin(Protocol):
    """The part of the interface of the textbook twin that is used here."""

    @property
    def history(self) -> Sequence[Any]:
        """All events so far."""

    @property
    def smallest_margin(self) -> float:
        """Smallest distance of any decision from its threshold."""

    def step(self) -> None:
        """Simulate a week."""


class Docking(Protocol):
    """The part of the docking module (`tests/twin/docking.py`) that is used here."""

    TextbookTwin: Callable[[Scenario, World], Twin]
    DivergenceError: type[AssertionError]
    compare: Callable[[Simulation, Twin], None]
    read_history: Callable[[Simulation], Sequence[Any]]
    compare_histories: Callable[[Sequence[Any], Sequence[Any], float], None]


@dataclass(frozen=True)
class TimedPair:
    """The times of engine and twin on the same world, in one repeat.

    Attributes:
        world: seconds to draw the world, which both use.
        engine: seconds in which the engine builds its model on that world and simulates all weeks; mean of
            `ENGINE_RUNS` runs.
        twin: seconds in which the twin does the same, in one run.
        occurrences: number of events compared, all of them equal.
    """

    world: float
    engine: float
    twin: float
    occurrences: int

    @property
    def ratio(self) -> float:
        """Time of the twin divided by the time of the engine."""
        return self.twin / self.engine

    @property
    def ratio_with_world(self) -> float:
        """The same ratio, with the time to draw the world added to both."""
        return (self.world + self.twin) / (self.world + self.engine)


@dataclass(frozen=True)
class SizeResult:
    """All repeats at one size of authority.

    Attributes:
        children: number of children under 18.
        weeks: number of weeks of the run.
        pairs: the times of each repeat.
    """

    children: int
    weeks: int
    pairs: tuple[TimedPair, ...]

    def list_values(self, name: str) -> list[float]:
        """List a value of `TimedPair` for each repeat."""
        return [getattr(pair, name) for pair in self.pairs]

    def to_dict(self) -> dict[str, Any]:
        """Return the medians over the repeats, and the lowest and highest ratios, for JSON."""
        values: dict[str, Any] = {"children": self.children, "weeks": self.weeks}
        values["occurrences"] = self.pairs[0].occurrences
        for name in ("world", "engine", "twin"):
            values[f"{name}_seconds"] = median(self.list_values(name))
        for name in ("ratio", "ratio_with_world"):
            values |= summarise_spread(name, self.list_values(name))
        return values


@dataclass(frozen=True)
class TwinComparison:
    """The measurements of `cpsim bench --against-twin`.

    Attributes:
        setup: what was run and where: warm_up_weeks, evaluated_weeks, seed, repeats, cores, versions, platform.
        sizes: the result for each size of authority, in the order given.
    """

    setup: dict[str, Any]
    sizes: tuple[SizeResult, ...]

    @property
    def largest(self) -> SizeResult:
        """The result at the largest size, whose ratio is the main result."""
        return max(self.sizes, key=lambda size: size.children)

    def to_dict(self) -> dict[str, Any]:
        """Return `twin_ratio` at the largest size with its spread, and all values of each size, for JSON."""
        return (
            summarise_spread("twin_ratio", self.largest.list_values("ratio"))
            | summarise_spread("twin_ratio_with_world", self.largest.list_values("ratio_with_world"))
            | {"twin_ratio_aim": TARGET_RATIO}
            | self.setup
            | {"sizes": [size.to_dict() for size in self.sizes]}
        )


def summarise_spread(name: str, values: Sequence[float]) -> dict[str, float]:
    """Return the median under `name`, and the minimum and maximum under `name`_low and `name`_high.

    >>> summarise_spread("ratio", [2.0, 1.0, 4.0])
    {'ratio': 2.0, 'ratio_low': 1.0, 'ratio_high': 4.0}
    """
    return {name: median(values), f"{name}_low": min(values), f"{name}_high": max(values)}


def compare_speed(
    scenarios: Sequence[Mapping[str, Any]],
    seed: int = 1,
    repeats: int = 3,
    on_stage: OnStage = lambda *_: None,
) -> TwinComparison:
    """Time engine and twin alternately on all scenarios, `repeats` times.

    Args:
        scenarios: settings for each size, for example from `resize_baseline`; all over the same years.
        seed: seed of every world.
        repeats: number of repetitions of each measurement, at least 1.
        on_stage: called with (number of finished stages, number of stages, name of the next stage).

    Raises:
        ScenarioError: a scenario has errors.
        TwinMissingError: this is an installed package and not a copy of the repository.
        HistoriesDifferError: engine and twin produced different events; the message shows the first child affected.
    """
    settings = [from_mapping(scenario) for scenario in scenarios]
    docking = load_docking()
    report = make_stage_reporter(1 + repeats * len(settings) * _STAGES_PER_REPEAT, on_stage)
    report("an untimed run of both")
    _time_pair(from_mapping(UNTIMED_SCENARIO), seed, docking, lambda _: None)
    rounds = [[_time_pair(each, seed, docking, report) for each in settings] for _ in range(repeats)]
    return TwinComparison(
        setup=_describe_setup(settings[0], seed, repeats),
        sizes=tuple(
            SizeResult(each.population.children, total_weeks(each.clock), pairs)
            for each, pairs in zip(settings, zip(*rounds, strict=True), strict=True)
        ),
    )


def load_docking(tests: Path = _TESTS) -> Docking:
    """Import the docking module, which has the twin and compares it with the engine.

    Args:
        tests: the folder `tests` of a copy of the repository.

    Raises:
        TwinMissingError: the folder does not contain the twin.
    """
    if not (tests / "twin" / "docking.py").is_file():
        raise TwinMissingError(
            "the installed package does not contain the textbook twin; run this in a copy of the repository"
        )
    with _import_as_tests(tests):
        return cast("Docking", import_module("tests.twin.docking"))


@contextmanager
def _import_as_tests(folder: Path) -> Iterator[None]:
    """Import the package `tests` from this folder within the block.

    Adding the folder to `sys.path` is not enough, because some installed packages also contain a package `tests`.
    """
    before = sys.modules.get("tests")
    spec = ModuleSpec("tests", loader=None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    sys.modules["tests"] = module_from_spec(spec)
    try:
        yield
    finally:
        del sys.modules["tests"]
        if before is not None:
            sys.modules["tests"] = before


def _describe_setup(settings: Scenario, seed: int, repeats: int) -> dict[str, Any]:
    provenance = collect_provenance(settings.model_dump(mode="python"), seed, datetime.now(UTC), 0.0)
    return {
        "warm_up_weeks": warm_up_weeks(settings.clock),
        "evaluated_weeks": evaluated_weeks(settings.clock),
        "seed": seed,
        "repeats": repeats,
        "cores": os.cpu_count(),
        **{name: provenance[name] for name in ("versions", "platform", "code_sha256", "started")},
    }


def _time_pair(settings: Scenario, seed: int, docking: Docking, report: Callable[[str], None]) -> TimedPair:
    """Draw a world, time engine and twin on it, and check that they produced the same events."""
    children = format_count(settings.population.children, "child", "children")
    report(f"{children}: world")
    world, world_seconds = _time_without_garbage(lambda: draw_world(settings, seed))
    report(f"{children}: engine")
    engine, engine_seconds = _time_engine(settings, world)
    report(f"{children}: twin")
    twin, twin_seconds = _time_without_garbage(lambda: _run_twin(settings, world, docking))
    report(f"{children}: comparison")
    try:
        docking.compare(engine, twin)
        docking.compare_histories(docking.read_history(engine), twin.history, twin.smallest_margin)
    except docking.DivergenceError as difference:
        raise HistoriesDifferError(str(difference)) from None
    finally:
        release_model(cast("mesa.Model", twin))
    return TimedPair(world_seconds, engine_seconds, twin_seconds, len(twin.history))


def _time_engine(settings: Scenario, world: World) -> tuple[Simulation, float]:
    """Run the engine `ENGINE_RUNS` times, and return the last model and the mean time in seconds."""
    seconds = []
    for _ in range(ENGINE_RUNS - 1):
        _, taken = _time_without_garbage(lambda: _run_engine(settings, world))
        seconds.append(taken)
    model, taken = _time_without_garbage(lambda: _run_engine(settings, world))
    return model, mean([*seconds, taken])


def _time_without_garbage(work: Callable[[], Result]) -> tuple[Result, float]:
    """Time a call after a garbage collection, so that the time does not include garbage of earlier work."""
    gc.collect()
    return time_call(work)


def _run_engine(settings: Scenario, world: World) -> Simulation:
    model = Simulation(settings, seed=world.seed, world=world)
    model.casework.log.detail_from = 0  # the twin records every event, so the engine must too
    step_until(model, world.weeks)
    return model


def _run_twin(settings: Scenario, world: World, docking: Docking) -> Twin:
    twin = docking.TextbookTwin(settings, world)
    for _ in range(world.weeks):
        twin.step()
    return twin
