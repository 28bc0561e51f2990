"""Every lever has no effect when neutral, changes only the dials and signals that it declares, and has an effect."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.governance.examples import EXAMPLES, FROM, SETTINGS, event
from tests.model.authority import (
    assert_same,
    build_model,
    replace_sections,
    run_scenario,
    run_to_end,
    scenario,
    tiny_result,
)

from cpsim.agents.dials import DIALS
from cpsim.agents.signals import SIGNALS
from cpsim.governance.duties import CooperationDuties
from cpsim.governance.lever import Lever
from cpsim.model import ChildProtectionModel
from cpsim.scenario.clock import run_week_of
from cpsim.scenario.events import load_levers
from cpsim.scenario.schema import Scenario

LEVERS = sorted(name for name, lever in load_levers().items() if lever.__module__.startswith("cpsim."))


def get_lever(name: str) -> type[Lever]:
    lever = load_levers()[name]
    assert issubclass(lever, Lever)
    return lever


TWO_YEARS = ("clock.years=2",)
"""A year before the levers begin and one after it; what follows changes nothing in what is tested."""


def list_settings(name: str) -> tuple[str, ...]:
    return (*TWO_YEARS, *SETTINGS.get(name, ()))


def build_scenario(name: str, neutral: bool = False) -> Scenario:
    settings = get_lever(name).neutral if neutral else {}
    return replace_sections(scenario(*list_settings(name)), timeline=[event(name, **settings)])


def find_first_week(settings: Scenario) -> int:
    """Find the first week of the only lever."""
    (lever,) = settings.timeline
    return int(lever.first_week(settings.clock))  # type: ignore[union-attr]


def build_model_before(settings: Scenario, week: int) -> ChildProtectionModel:
    """Build a model and step it until just before a week."""
    model = build_model(settings)
    while model.week < week:
        model.step()
    return model


@cache
def get_model_without_levers(settings: tuple[str, ...], week: int) -> ChildProtectionModel:
    """Return the model without any lever just before a week, for forks of it; it must not be stepped."""
    return build_model_before(scenario(*settings), week)


Values = dict[str, NDArray[Any]]


def copy_values(model: ChildProtectionModel) -> Values:
    """Copy the columns of all dials and signals."""
    return {entry.name: model.tables[entry.table][entry.column].copy() for entry in (*DIALS, *SIGNALS)}


def list_values(model: ChildProtectionModel) -> list[Values]:
    """List the dials and signals just before a week and then weekly, while casework stands still."""
    values = [copy_values(model)]
    for week in range(model.week, run_week_of(FROM, model.settings.clock) + 60):
        model.timeline.apply_levers(week)
        values.append(copy_values(model))
    return values


@cache
def list_values_without_levers(settings: tuple[str, ...], week: int) -> list[Values]:
    return list_values(build_model_before(scenario(*settings), week))


def find_moved(values: Values, usual: Values) -> set[str]:
    return {name for name in usual if not np.array_equal(values[name], usual[name])}


def test_every_lever_has_an_example() -> None:
    assert sorted(EXAMPLES) == LEVERS


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_declares_its_name_dials_and_mechanism(name: str) -> None:
    lever = get_lever(name)
    assert lever.model_fields["lever"].annotation.__args__ == (name,)
    assert lever.dials or lever.signals_sent
    assert set(lever.dials) <= {dial.name for dial in DIALS}
    assert set(lever.signals_sent) <= {signal.name for signal in SIGNALS}
    assert lever.mechanism.startswith("M")
    assert set(lever.neutral) <= set(lever.model_fields)
    assert lever.__doc__


@pytest.mark.parametrize("name", LEVERS)
def test_a_neutral_lever_changes_nothing(name: str) -> None:
    assert_same(run_scenario(build_scenario(name, neutral=True)), tiny_result(*list_settings(name)))


@pytest.mark.parametrize("name", LEVERS)
@pytest.mark.usefixtures("in_debug_mode")
def test_a_lever_changes_only_the_dials_and_signals_that_it_declares_and_none_before_it_begins(
    name: str,
) -> None:
    """Compare them with and without the lever: before its first week, and then while casework stands still."""
    settings = build_scenario(name)
    lever, first = get_lever(name), find_first_week(settings)
    before, *after = list_values(build_model_before(settings, first))
    usual_before, *usual_after = list_values_without_levers(list_settings(name), first)
    assert not find_moved(before, usual_before), "a dial or signal changed early"
    moved: set[str] = set()
    for values, usual in zip(after, usual_after, strict=True):
        moved |= find_moved(values, usual)
    # The law turns the threshold for sharing after a lever has changed the duty.
    by_law = set(CooperationDuties.dials) if moved & set(CooperationDuties.signals_read) else set()
    assert by_law <= moved, "the duty has changed, but the law has turned no threshold"
    assert moved - by_law <= {*lever.dials, *lever.signals_sent}
    assert moved, "neither a dial nor a signal has moved"


@pytest.mark.parametrize("name", LEVERS)
def test_a_fork_made_before_a_lever_begins_equals_a_run_with_the_lever(name: str) -> None:
    settings = build_scenario(name)
    model = get_model_without_levers(list_settings(name), find_first_week(settings))
    assert_same(run_to_end(model.fork(settings)), run_scenario(settings))
