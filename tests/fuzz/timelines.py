"""Timelines of every lever and institution, with settings at, between and just outside their limits."""

import math
import os
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin
from unittest import mock

import annotated_types
from hypothesis import strategies as st
from pydantic.fields import FieldInfo
from tests.fuzz.documented import check_problems
from tests.fuzz.target import Fault, Target
from tests.model.extremes import TOWN, find_faulty_numbers, run_carefully

from cpsim.constants import FRONT_DOOR, SOCIAL_CARE
from cpsim.results import RunResult
from cpsim.scenario.events import load_levers
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.read import from_mapping
from cpsim.scenario.sections import KNOWN_KINDS
from cpsim.stages.checks import DEBUG_VARIABLE

START = date(2005, 4, 1)
AUTHORITIES = ("authority-01", "authority-02", "authority-03")

kinds = st.sampled_from([*KNOWN_KINDS, "youth_justice", FRONT_DOOR, SOCIAL_CARE])
dates = st.one_of(
    st.integers(-52, 104).map(lambda week: START + timedelta(weeks=week)),
    st.integers(-400, 800).map(lambda day: START + timedelta(days=day)),
    st.sampled_from([date.min, date(1899, 12, 31), START, date(2100, 1, 1), date.max]),
)
choices = st.one_of(
    st.lists(st.sampled_from(AUTHORITIES), min_size=1, max_size=3, unique=True),
    st.dictionaries(
        st.sampled_from(["lot", "most_deprived", "least_resourced"]), st.integers(0, 4), max_size=2
    ),
    st.sampled_from([["authority-09"], [], "best"]),
)


def draw_numbers(field: FieldInfo, number: type) -> st.SearchStrategy[Any]:
    """Draw numbers for a setting: its limits, what is between them, and what is just outside."""
    low = next(rule.ge for rule in field.metadata if isinstance(rule, annotated_types.Ge))
    high = next(rule.le for rule in field.metadata if isinstance(rule, annotated_types.Le))
    assert isinstance(low, int | float)
    assert isinstance(high, int | float)
    if number is int:
        return st.one_of(
            st.sampled_from([low, high]), st.integers(int(low), int(high)), st.just(int(high) + 1)
        )
    tiny = st.sampled_from([math.nextafter(low, high), math.nextafter(high, low), 0.0, 1e-300])
    within = tiny.filter(lambda value: low <= value <= high)
    outside = st.sampled_from([math.nextafter(high, math.inf), math.nextafter(low, -math.inf)])
    return st.one_of(
        st.sampled_from([low, high]), st.floats(low, high), within, st.floats(low, high), outside
    )


def draw_setting(field: FieldInfo) -> st.SearchStrategy[Any]:
    """Draw values for a setting of a lever, by its type.

    Raises:
        TypeError: there is no rule for this type.
    """
    types = [kind for kind in get_args(field.annotation) if kind is not NoneType]
    kind: Any = (
        types[0] if len(types) == 1 and get_origin(field.annotation) is not tuple else field.annotation
    )
    if get_origin(field.annotation) is Literal:
        return st.sampled_from(get_args(field.annotation))
    if kind is bool:
        return st.booleans()
    if kind in (int, float):
        return draw_numbers(field, kind)
    if kind is str:
        return st.sampled_from([*AUTHORITIES, "best", *KNOWN_KINDS])
    if get_origin(kind) is tuple:
        return st.lists(kinds, min_size=1, max_size=4, unique=True)
    raise TypeError(f"no values for a setting of type {field.annotation}")


def draw_event(lever: str) -> st.SearchStrategy[dict[str, Any]]:
    """Draw the settings of a lever: those that it needs, and any of the others."""
    shared = {
        "date": dates,
        "until": dates,
        "authorities": choices,
        "institution": st.sampled_from(["a trust", " "]),
    }
    model = load_levers()[lever]
    own = {name: draw_setting(model.model_fields[name]) for name in model.list_own_settings()}
    needed = {name: values for name, values in own.items() if model.model_fields[name].is_required()}
    return st.fixed_dictionaries(
        {"lever": st.just(lever), **needed},
        optional={**shared, **{name: values for name, values in own.items() if name not in needed}},
    )


institutions = st.fixed_dictionaries(
    {"lever": st.sampled_from(sorted(load_institutions()))}, optional={"date": dates, "authorities": choices}
)
events = st.sampled_from(sorted(load_levers())).flatmap(draw_event)
inspection = st.just({"date": START, "lever": "inspection", "every_weeks": 4})


@dataclass(frozen=True)
class GivenTimeline:
    """A timeline of one to three authorities.

    Attributes:
        authorities: number of authorities.
        events: the events.
        seed: seed of the run.
        checked: whether the run checks what stages and levers declare, and is saved and loaded.
    """

    authorities: int
    events: list[dict[str, Any]]
    seed: int
    checked: bool


def _sort(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(events, key=lambda event: event.get("date", date.min))


def run_timeline(given: GivenTimeline, folder: Path) -> bool:
    """Run a timeline in a tiny authority; every number of the result is finite, or documented as undefined."""
    settings = TOWN | {
        "clock": {"years": 1, "warm_up_years": 1, "start": START},
        "authorities": {"count": given.authorities},
        "agencies": {"youth_justice": {}},
        "timeline": given.events,
    }
    try:
        scenario = from_mapping(settings)
    except ScenarioError as error:
        check_problems(error)
        return False
    with mock.patch.dict(os.environ, {DEBUG_VARIABLE: str(int(given.checked))}):
        result = run_carefully(scenario, given.seed)
    if faulty := list(find_faulty_numbers(result)):
        raise Fault(f"numbers that are infinite, or missing without being documented as undefined: {faulty}")
    if given.checked:
        loaded = RunResult.load(result.save(folder / "run"))
        if loaded.summary != result.summary or not loaded.weekly.equals(result.weekly):
            raise Fault("a run that is saved and loaded differs")
    return True


TIMELINE = Target(
    "timeline",
    "levers and institutions with settings at, between and outside their limits, run on a tiny authority",
    st.builds(
        GivenTimeline,
        st.integers(1, 3),
        st.one_of(
            st.lists(events, min_size=1, max_size=1),
            st.lists(events | inspection | institutions, min_size=1, max_size=5).map(_sort),
        ),
        st.integers(0, 20),
        st.booleans(),
    ),
    run_timeline,
    examples=40,
    few=25,
)
