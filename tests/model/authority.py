"""A tiny authority with its whole history in the table of events; each run is made once per session and shared."""

from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.testing import assert_frame_equal

from cpsim.agents.roster import release_model
from cpsim.model import ChildProtectionModel
from cpsim.results import RunResult
from cpsim.scenario.read import from_mapping, load
from cpsim.scenario.schema import Scenario
from cpsim.simulation import run
from cpsim.world import World, draw_world, world_key

TABLES = ("weekly", "spells", "agencies", "ties", "events")

TINY = ("population.children=2000", "clock.warm_up_years=1", "clock.years=4")
"""One year of warm-up, so that the table of events, which goes back one year before week 0, has all events."""

WEEKS = (1 + 4 + 1) * 52

FRONT_DOOR_SHUT = (
    "front_door.referral_threshold=20",
    "front_door.assessment_threshold=20",
    "front_door.screening_noise=0",
    "front_door.same_source_weight=0",
    "front_door.other_source_weight=0",
)
"""No contact is ever accepted as a referral, so children's social care has no effect on any child."""


@cache
def scenario(*settings: str) -> Scenario:
    """Return the scenario of the tiny authority with further settings, such as "sharing.duty_effect=0"."""
    return load("small", [*TINY, *settings])


def replace_sections(base: Scenario, **sections: Any) -> Scenario:
    """Return a copy of a scenario in which the given settings replace those of `base`, section by section."""
    tree = base.model_dump(mode="python", exclude={"extends"})
    for name, section in sections.items():
        tree[name] = {**tree[name], **section} if isinstance(section, dict) else section
    return from_mapping(tree, [])


_worlds: dict[str, World] = {}


def get_world(settings: Scenario, seed: int = 1) -> World:
    """Return the drawn world of a scenario; runs with equal world settings share one world."""
    key = world_key(settings, seed)
    if key not in _worlds:
        _worlds[key] = draw_world(settings, seed)
    return _worlds[key]


def run_scenario(settings: Scenario, seed: int = 1) -> RunResult:
    """Run a scenario on its shared world."""
    return run(settings, seed, world=get_world(settings, seed))


@cache
def tiny_result(*settings: str, seed: int = 1) -> RunResult:
    """Return the result of the tiny authority with further settings, run once per session; do not change it."""
    return run_scenario(scenario(*settings), seed)


def build_model(settings: Scenario, seed: int = 1, **kwargs: Any) -> ChildProtectionModel:
    return ChildProtectionModel(settings, seed=seed, world=get_world(settings, seed), **kwargs)


def run_to_end(model: ChildProtectionModel) -> RunResult:
    """Step a model to its end and return the result."""
    while model.running:
        model.step()
    result = model.result()
    release_model(model)
    return result


def assert_same(one: RunResult, other: RunResult) -> None:
    """Assert that all tables and outcomes of two results are equal, to the last bit."""
    for name in TABLES:
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True, obj=name)
    assert one.summary_to_json() == other.summary_to_json()


def select_events(result: RunResult, *names: str) -> pd.DataFrame:
    """Return the events of these stages."""
    return result.events[result.events["stage"].isin(names)]


def signature(events: pd.DataFrame, *columns: str) -> set[tuple[Any, ...]]:
    """Return events as a set of rows, for comparing two histories."""
    return set(events[list(columns)].itertuples(index=False, name=None))


def iterate_arrays(part: Any, path: str = "world") -> Iterable[tuple[str, NDArray[np.generic]]]:
    """Yield every array in a dataclass and its parts, with its path."""
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, np.ndarray):
            yield f"{path}.{field.name}", value
        for number, inner in enumerate(value if isinstance(value, tuple) else [value]):
            if hasattr(inner, "__dataclass_fields__"):
                yield from iterate_arrays(inner, f"{path}.{field.name}[{number}]")
