"""The engine produces the same events as the textbook twin, for every child in every week."""

import pytest
from tests.twin.agents import Event
from tests.twin.docking import DivergenceError, compare_histories
from tests.twin.mutations import FAULTS, inject_fault
from tests.twin.policy import DIAL_CHANGES, ONE_OFF_CHANGES
from tests.twin.runs import DEFAULT_RUNS, assert_same_events, dock_each
from tests.twin.scenarios import SCENARIOS, build_scenario

from cpsim.scenario.events import load_levers


@dock_each(DEFAULT_RUNS)
@pytest.mark.usefixtures("in_debug_mode")
def test_every_event_of_every_child_is_the_same_in_engine_and_twin(name: str, seed: int) -> None:
    """Meanwhile the stages of the engine access only what they declare."""
    assert_same_events(name, seed)


def test_the_twin_implements_every_lever_and_a_scenario_uses_it() -> None:
    levers = {name for name, lever in load_levers().items() if lever.__module__.startswith("cpsim.")}
    used = {event.lever for name in SCENARIOS for event in build_scenario(name).timeline}
    assert levers <= used
    assert levers <= {*DIAL_CHANGES, *ONE_OFF_CHANGES, "duty"}


def test_the_report_shows_the_first_event_that_differs() -> None:
    shared = Event(4, 7, "shared", 2, 1.5)
    delivered = Event(5, 7, "delivered", 2, 1.5)
    with pytest.raises(DivergenceError, match=r"child 7 differ(.|\n)*>\s*week 5: delivered by 2 1.5\s+-"):
        compare_histories([shared, delivered, Event(9, 3, "lost", 1, 0.0)], [shared], smallest_margin=1.0)


def test_a_value_that_differs_by_more_than_the_tolerance_is_a_difference() -> None:
    with pytest.raises(DivergenceError, match=r"1.5001"):
        compare_histories(
            [Event(4, 7, "shared", 2, 1.5)], [Event(4, 7, "shared", 2, 1.5001)], smallest_margin=1.0
        )


def test_every_deliberate_fault_can_still_be_put_into_the_engine() -> None:
    for fault in FAULTS:
        correct = fault.function.__code__
        with inject_fault(fault):
            assert fault.function.__code__ is not correct
        assert fault.function.__code__ is correct
