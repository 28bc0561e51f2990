"""The fast engine does what the equations say: for every child, in every week, the same as the textbook twin."""

from functools import cache

import pytest
from tests.model.authority import world_of
from tests.twin.docking import Diverged, Docked, compare_histories, dock
from tests.twin.mutations import FAULTS, broken
from tests.twin.people import Event
from tests.twin.policy import HAPPENS, TURNS
from tests.twin.scenarios import SCENARIOS, scenario

from cpsim.casework.log import OCCURRENCES
from cpsim.scenario.events import levers

RUNS = [*((name, 1) for name in SCENARIOS), ("baseline", 2), ("no noise", 2), ("long careers", 2)]


@cache
def docked(name: str, seed: int) -> Docked:
    settings = scenario(name)
    return dock(settings, world_of(settings, seed))


@pytest.mark.parametrize(("name", "seed"), RUNS)
def test_every_event_of_every_child_is_the_same_in_engine_and_twin(name: str, seed: int) -> None:
    assert len(docked(name, seed).history) > 5_000


def test_everything_that_can_happen_has_been_compared() -> None:
    happened = {event.what for name, seed in RUNS for event in docked(name, seed).history}
    assert happened == set(OCCURRENCES)


def test_every_lever_has_a_twin_and_is_docked() -> None:
    ours = {name for name, lever in levers().items() if lever.__module__.startswith("cpsim.")}
    docked = {event.lever for name in SCENARIOS for event in scenario(name).timeline}
    assert ours <= docked
    assert ours <= {*TURNS, *HAPPENS, "duty"}


@pytest.mark.slow
def test_a_larger_authority_docks_as_well() -> None:
    settings = scenario(
        "long careers", population={"children": 20_000}, clock={"warm_up_years": 1, "years": 1}
    )
    assert len(dock(settings, world_of(settings, 3)).history) > 100_000


def test_a_difference_is_shown_at_the_first_event_at_which_two_histories_part() -> None:
    told = Event(4, 7, "shared", 2, 1.5)
    late = Event(5, 7, "delivered", 2, 1.5)
    with pytest.raises(Diverged, match=r"child 7 part(.|\n)*>\s*week 5: delivered by 2 1.5\s+-"):
        compare_histories([told, late, Event(9, 3, "lost", 1, 0.0)], [told], closest=1.0)


def test_a_value_that_differs_by_more_than_rounding_is_a_difference() -> None:
    with pytest.raises(Diverged, match=r"1.5001"):
        compare_histories([Event(4, 7, "shared", 2, 1.5)], [Event(4, 7, "shared", 2, 1.5001)], closest=1.0)


def test_every_fault_that_verification_puts_into_the_engine_still_has_its_place_there() -> None:
    for fault in FAULTS:
        sound = fault.where.__code__
        with broken(fault):
            assert fault.where.__code__ is not sound
        assert fault.where.__code__ is sound
