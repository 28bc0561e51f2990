"""`cpsim bench --against-twin`: how much faster the engine is than the textbook twin, on the same work.

The twin is the same model, written as a textbook on Mesa would write it: every child an agent, every decision a loop.
It belongs to the tests, and comes with a copy of the repository only. Both live the same drawn world to its end and
write down everything that happens; what they have written is compared before any time of theirs counts.
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

from cpsim.agents.roster import release
from cpsim.model import ChildProtectionModel
from cpsim.results import provenance
from cpsim.scenario.clock import evaluated_weeks, warm_up_weeks, weeks_of
from cpsim.scenario.read import from_mapping
from cpsim.scenario.schema import Scenario
from cpsim.study.bench import OnStage, authority, live_until, stages, timed
from cpsim.world import World, draw_world

Result = TypeVar("Result")

AIM = 100.0
"""How many times as fast as the twin the engine is meant to be."""

UNTIMED: Mapping[str, Any] = authority(children=400, years=1, warm_up_years=0)
"""What both live through first, so that neither pays for what a process does only once."""

ENGINE_RUNS = 5
"""How often the engine lives the world for each time of the twin: it is done so soon that a moment in which the machine
does something else would double its time. The mean counts, since the twin has to bear such moments too."""

_TESTS = Path(__file__).parents[3] / "tests"
_STAGES_OF_A_REPEAT = 4


class NoTwin(Exception):
    """The twin is not there: this is an installed package, not a copy of the repository."""


class NotTheSame(Exception):
    """Engine and twin lived through different histories, so that their times say nothing."""


class Twin(Protocol):
    """What is used of the textbook twin."""

    @property
    def history(self) -> Sequence[Any]:
        """Everything that has happened."""

    @property
    def closest(self) -> float:
        """How near the closest of its decisions came to the other side."""

    def step(self) -> None:
        """Live a week."""


class Docking(Protocol):
    """What is used of the module that docks the twin to the engine."""

    TextbookTwin: Callable[[Scenario, World], Twin]
    Diverged: type[AssertionError]
    compare: Callable[[ChildProtectionModel, Twin], None]
    history_of: Callable[[ChildProtectionModel], Sequence[Any]]
    compare_histories: Callable[[Sequence[Any], Sequence[Any], float], None]


@dataclass(frozen=True)
class Pair:
    """One repeat: the same children, lived by the engine and then by the twin.

    Attributes:
        world: seconds to draw the world, which both use.
        engine: seconds in which the engine builds its model on that world and lives all weeks; mean of `ENGINE_RUNS`.
        twin: seconds in which the twin does the same, once.
        happenings: how many happenings were compared, and equal.
    """

    world: float
    engine: float
    twin: float
    happenings: int

    @property
    def ratio(self) -> float:
        """Seconds of the twin for each second of the engine."""
        return self.twin / self.engine

    @property
    def ratio_with_world(self) -> float:
        """The same, had each drawn the world itself."""
        return (self.world + self.twin) / (self.world + self.engine)


@dataclass(frozen=True)
class Size:
    """All repeats at one size of authority."""

    children: int
    weeks: int
    pairs: tuple[Pair, ...]

    def of(self, name: str) -> list[float]:
        """A figure of `Pair`, repeat by repeat."""
        return [getattr(pair, name) for pair in self.pairs]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers: medians over the repeats, and lowest and highest of the ratios."""
        figures: dict[str, Any] = {"children": self.children, "weeks": self.weeks}
        figures["happenings"] = self.pairs[0].happenings
        for name in ("world", "engine", "twin"):
            figures[f"{name}_seconds"] = median(self.of(name))
        for name in ("ratio", "ratio_with_world"):
            figures |= with_spread(name, self.of(name))
        return figures


@dataclass(frozen=True)
class AgainstTwin:
    """What was measured.

    Attributes:
        about: what ran where: warm_up_weeks, judged_weeks, seed, repeats, cores, versions, platform.
        sizes: one for each size of authority, in the order asked for.
    """

    about: dict[str, Any]
    sizes: tuple[Size, ...]

    @property
    def largest(self) -> Size:
        """The size at which the ratio counts."""
        return max(self.sizes, key=lambda size: size.children)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers: `twin_ratio` at the largest size, with its spread, and all figures of each size."""
        return (
            with_spread("twin_ratio", self.largest.of("ratio"))
            | with_spread("twin_ratio_with_world", self.largest.of("ratio_with_world"))
            | {"twin_ratio_aim": AIM}
            | self.about
            | {"sizes": [size.to_dict() for size in self.sizes]}
        )


def with_spread(name: str, values: Sequence[float]) -> dict[str, float]:
    """The median under `name`, the lowest and the highest under `name`_low and `name`_high."""
    return {name: median(values), f"{name}_low": min(values), f"{name}_high": max(values)}


def compare_speed(
    scenarios: Sequence[Mapping[str, Any]],
    seed: int = 1,
    repeats: int = 3,
    on_stage: OnStage = lambda *_: None,
) -> AgainstTwin:
    """Measure engine and twin in turn: all scenarios once, then all again, `repeats` times.

    Args:
        scenarios: mappings of plain values, as `authority` gives: one for each size, over the same years.
        seed: seed of every world.
        repeats: how often each pair is measured; at least 1.
        on_stage: called with (stages done, stages in all, what is measured next).

    Raises:
        ScenarioError: a scenario is wrong.
        NoTwin: there is no copy of the repository around this package.
        NotTheSame: engine and twin part; the message shows the first child whose histories do.
    """
    settings = [from_mapping(scenario) for scenario in scenarios]
    docking = load_docking()
    tell = stages(1 + repeats * len(settings) * _STAGES_OF_A_REPEAT, on_stage)
    tell("nothing yet: both get under way")
    _pair(from_mapping(UNTIMED), seed, docking, lambda _: None)
    rounds = [[_pair(each, seed, docking, tell) for each in settings] for _ in range(repeats)]
    return AgainstTwin(
        about=_about(settings[0], seed, repeats),
        sizes=tuple(
            Size(each.population.children, weeks_of(each.clock), pairs)
            for each, pairs in zip(settings, zip(*rounds, strict=True), strict=True)
        ),
    )


def load_docking(tests: Path = _TESTS) -> Docking:
    """Import the twin, and what compares it with the engine, from a folder `tests`.

    Raises:
        NoTwin: the folder holds no twin.
    """
    if not (tests / "twin" / "docking.py").is_file():
        raise NoTwin("the textbook twin comes with a copy of the repository, not with the installed package")
    with _known_as_tests(tests):
        return cast("Docking", import_module("tests.twin.docking"))


@contextmanager
def _known_as_tests(folder: Path) -> Iterator[None]:
    """Let the package `tests` be this folder for a while.

    A folder on `sys.path` would not do: some installed packages bring a `tests` of their own, which would win.
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


def _about(settings: Scenario, seed: int, repeats: int) -> dict[str, Any]:
    made_by = provenance(settings.model_dump(mode="python"), seed, datetime.now(UTC), 0.0)
    return {
        "warm_up_weeks": warm_up_weeks(settings.clock),
        "judged_weeks": evaluated_weeks(settings.clock),
        "seed": seed,
        "repeats": repeats,
        "cores": os.cpu_count(),
        **{name: made_by[name] for name in ("versions", "platform", "code_sha256", "started")},
    }


def _pair(settings: Scenario, seed: int, docking: Docking, tell: Callable[[str], None]) -> Pair:
    """Draw a world, let engine and twin live it, and see that they lived the same."""
    children = f"{settings.population.children:,} children"
    tell(f"{children}: world")
    world, drawing = _timed_cleanly(lambda: draw_world(settings, seed))
    tell(f"{children}: engine")
    engine, engines = _engine_time(settings, world)
    tell(f"{children}: twin")
    twin, twins = _timed_cleanly(lambda: _live_in_twin(settings, world, docking))
    tell(f"{children}: comparing")
    try:
        docking.compare(engine, twin)
        docking.compare_histories(docking.history_of(engine), twin.history, twin.closest)
    except docking.Diverged as parted:
        raise NotTheSame(str(parted)) from None
    finally:
        release(engine)
        release(cast("mesa.Model", twin))
    return Pair(drawing, engines, twins, len(twin.history))


def _engine_time(settings: Scenario, world: World) -> tuple[ChildProtectionModel, float]:
    """A model that has lived the world, and the mean seconds of that and some more just like it."""
    seconds = []
    for _ in range(ENGINE_RUNS - 1):
        model, taken = _timed_cleanly(lambda: _live_in_engine(settings, world))
        release(model)
        seconds.append(taken)
    model, taken = _timed_cleanly(lambda: _live_in_engine(settings, world))
    return model, mean([*seconds, taken])


def _timed_cleanly(work: Callable[[], Result]) -> tuple[Result, float]:
    """Time work on a swept floor: it pays for its own garbage, not for that of whoever worked before."""
    gc.collect()
    return timed(work)


def _live_in_engine(settings: Scenario, world: World) -> ChildProtectionModel:
    model = ChildProtectionModel(settings, seed=world.seed, world=world, collect=False)
    model.casework.log.detail_from = 0  # the twin writes everything down, so the engine has to
    live_until(model, world.weeks)
    return model


def _live_in_twin(settings: Scenario, world: World, docking: Docking) -> Twin:
    twin = docking.TextbookTwin(settings, world)
    for _ in range(world.weeks):
        twin.step()
    return twin
