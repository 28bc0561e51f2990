"""Every lever has no effect when neutral, changes only the dials and signals that it declares, and has an effect."""

import numpy as np
import pytest
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
from cpsim.scenario.clock import run_week_of
from cpsim.scenario.events import load_levers
from cpsim.scenario.schema import Scenario

LEVERS = sorted(name for name, lever in load_levers().items() if lever.__module__.startswith("cpsim."))


def get_lever(name: str) -> type[Lever]:
    lever = load_levers()[name]
    assert issubclass(lever, Lever)
    return lever


def build_scenario(name: str, neutral: bool = False) -> Scenario:
    settings = get_lever(name).neutral if neutral else {}
    return replace_sections(scenario(*SETTINGS.get(name, ())), timeline=[event(name, **settings)])


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
    assert_same(run_scenario(build_scenario(name, neutral=True)), tiny_result(*SETTINGS.get(name, ())))


@pytest.mark.parametrize("name", LEVERS)
@pytest.mark.usefixtures("in_debug_mode")
def test_a_lever_changes_only_the_dials_and_signals_that_it_declares_and_none_before_it_begins(
    name: str,
) -> None:
    """Compare them with and without the lever: before its first week, and then while casework stands still."""
    settings = build_scenario(name)
    lever = settings.timeline[0]
    assert isinstance(lever, Lever)
    first = lever.first_week(settings.clock)
    turned, usual = build_model(settings), build_model(scenario(*SETTINGS.get(name, ())))
    moved: set[str] = set()
    while turned.week < first:
        turned.step()
        usual.step()
    for dial in (*DIALS, *SIGNALS):
        columns = turned.tables[dial.table][dial.column], usual.tables[dial.table][dial.column]
        assert np.array_equal(*columns), f"{dial.name} changed early"
    for week in range(first, run_week_of(FROM, settings.clock) + 60):
        turned.timeline.apply_levers(week)
        usual.timeline.apply_levers(week)
        for dial in (*DIALS, *SIGNALS):
            if not np.array_equal(
                turned.tables[dial.table][dial.column], usual.tables[dial.table][dial.column]
            ):
                moved.add(dial.name)
    # The law turns the threshold for sharing after a lever has changed the duty.
    by_law = set(CooperationDuties.dials) if moved & set(CooperationDuties.signals_read) else set()
    assert by_law <= moved, "the duty has changed, but the law has turned no threshold"
    assert moved - by_law <= {*lever.dials, *lever.signals_sent}
    assert moved, "neither a dial nor a signal has moved"


@pytest.mark.parametrize("name", LEVERS)
def test_a_fork_made_before_a_lever_begins_equals_a_run_with_the_lever(name: str) -> None:
    settings = build_scenario(name)
    model = build_model(scenario(*SETTINGS.get(name, ())))
    while model.week < settings.timeline[0].first_week(settings.clock):
        model.step()
    assert_same(run_to_end(model.fork(settings)), run_scenario(settings))
