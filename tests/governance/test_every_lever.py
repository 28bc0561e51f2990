"""What holds of every lever: neutral it changes nothing, it turns only what it declares, and it does something."""

import numpy as np
import pytest
from tests.governance.examples import EXAMPLES, FROM, SETTINGS, event
from tests.model.authority import (
    assert_same,
    changed,
    finished,
    model_of,
    outcome,
    run_of,
    scenario,
)

from cpsim.agents.dials import DIALS
from cpsim.governance.lever import Lever
from cpsim.scenario.clock import run_week_of
from cpsim.scenario.events import load_levers
from cpsim.scenario.schema import Scenario

OURS = sorted(name for name, lever in load_levers().items() if lever.__module__.startswith("cpsim."))


def lever_of(name: str) -> type[Lever]:
    lever = load_levers()[name]
    assert issubclass(lever, Lever)
    return lever


def under(name: str, neutral: bool = False) -> Scenario:
    settings = lever_of(name).neutral if neutral else {}
    return changed(scenario(*SETTINGS.get(name, ())), timeline=[event(name, **settings)])


def test_every_lever_has_an_example() -> None:
    assert sorted(EXAMPLES) == OURS


@pytest.mark.parametrize("name", OURS)
def test_a_lever_says_what_it_is(name: str) -> None:
    lever = lever_of(name)
    known = {dial.name for dial in DIALS}
    assert lever.model_fields["lever"].annotation.__args__ == (name,)
    assert lever.dials
    assert set(lever.dials) <= known
    assert lever.mechanism.startswith("M")
    assert set(lever.neutral) <= set(lever.model_fields)
    assert lever.__doc__


@pytest.mark.parametrize("name", OURS)
def test_a_neutral_lever_changes_not_one_child(name: str) -> None:
    assert_same(run_of(under(name, neutral=True)), outcome(*SETTINGS.get(name, ())))


@pytest.mark.parametrize("name", OURS)
def test_a_lever_turns_only_the_dials_that_it_declares_and_no_dial_before_its_time(name: str) -> None:
    """A spy on all columns: up to its first week nothing differs; then only its own dials do, until casework reacts."""
    settings = under(name)
    lever = settings.timeline[0]
    assert isinstance(lever, Lever)
    first = lever.first_week(settings.clock)
    turned, usual = model_of(settings), model_of(scenario(*SETTINGS.get(name, ())))
    moved: set[str] = set()
    while turned.week < first:
        turned.step()
        usual.step()
    for dial in DIALS:
        columns = turned.tables[dial.table][dial.column], usual.tables[dial.table][dial.column]
        assert np.array_equal(*columns), f"{dial.name} moved early"
    for week in range(first, run_week_of(FROM, settings.clock) + 60):
        turned.timeline.apply_levers(week)
        usual.timeline.apply_levers(week)
        for dial in DIALS:
            if not np.array_equal(
                turned.tables[dial.table][dial.column], usual.tables[dial.table][dial.column]
            ):
                moved.add(dial.name)
    assert moved <= set(lever.dials)
    assert moved, "no dial has moved"


@pytest.mark.parametrize("name", OURS)
def test_a_fork_before_a_lever_ends_like_a_run_under_it(name: str) -> None:
    settings = under(name)
    model = model_of(scenario(*SETTINGS.get(name, ())))
    while model.week < settings.timeline[0].first_week(settings.clock):
        model.step()
    assert_same(finished(model.fork(settings)), run_of(settings))
