"""A tiny authority with all its history in the table of events, run once a session for each way of running it."""

from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.testing import assert_frame_equal

from cpsim.agents.roster import release
from cpsim.model import ChildProtectionModel, run
from cpsim.results import RunResult
from cpsim.scenario.read import from_mapping, load
from cpsim.scenario.schema import Scenario
from cpsim.world import World, draw_world, world_key

TABLES = ("weekly", "spells", "agencies", "ties", "events")

TINY = ("population.children=2000", "clock.warm_up_years=1", "clock.years=4")
"""A single year of history, so that the table of events, which goes back no further, holds all that ever happened."""

WEEKS = (1 + 4 + 1) * 52

FRONT_DOOR_SHUT = (
    "front_door.referral_threshold=20",
    "front_door.assessment_threshold=20",
    "front_door.screening_noise=0",
    "front_door.same_source_weight=0",
    "front_door.other_source_weight=0",
)
"""No word is ever grave enough, so nothing that social care does can reach back to a child."""


@cache
def scenario(*settings: str) -> Scenario:
    """The tiny authority under further settings, such as "sharing.duty_effect=0"."""
    return load("small", [*TINY, *settings])


def changed(base: Scenario, **sections: Any) -> Scenario:
    """A scenario in which whole sections are laid over those of `base`."""
    tree = base.model_dump(mode="python", exclude={"extends"})
    for name, section in sections.items():
        tree[name] = {**tree[name], **section} if isinstance(section, dict) else section
    return from_mapping(tree, [])


_worlds: dict[str, World] = {}


def world_of(settings: Scenario, seed: int = 1) -> World:
    """The drawn world of a scenario, shared by all runs that may share it."""
    key = world_key(settings, seed)
    if key not in _worlds:
        _worlds[key] = draw_world(settings, seed)
    return _worlds[key]


def run_of(settings: Scenario, seed: int = 1) -> RunResult:
    """A fresh run on a shared world."""
    return run(settings, seed, world=world_of(settings, seed))


@cache
def outcome(*settings: str, seed: int = 1) -> RunResult:
    """The run of the tiny authority under further settings, made once a session; nobody may change it."""
    return run_of(scenario(*settings), seed)


def model_of(settings: Scenario, seed: int = 1, **kwargs: Any) -> ChildProtectionModel:
    return ChildProtectionModel(settings, seed=seed, world=world_of(settings, seed), **kwargs)


def finished(model: ChildProtectionModel) -> RunResult:
    """Step a model to its end."""
    while model.running:
        model.step()
    result = model.result()
    release(model)
    return result


def assert_same(one: RunResult, other: RunResult) -> None:
    """Every table, every figure, to the last bit."""
    for name in TABLES:
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True, obj=name)
    assert one.summary_json() == other.summary_json()


def stage(result: RunResult, *names: str) -> pd.DataFrame:
    """The events of these stages."""
    return result.events[result.events["stage"].isin(names)]


def signature(events: pd.DataFrame, *columns: str) -> set[tuple[Any, ...]]:
    """Events as a set, for asking what is in one history and not in another."""
    return set(events[list(columns)].itertuples(index=False, name=None))


def arrays_of(part: Any, path: str = "world") -> Iterable[tuple[str, NDArray[np.generic]]]:
    """Every array inside a dataclass, with its path."""
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, np.ndarray):
            yield f"{path}.{field.name}", value
        elif hasattr(value, "__dataclass_fields__"):
            yield from arrays_of(value, f"{path}.{field.name}")
