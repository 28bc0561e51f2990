"""The engine produces the same events as the textbook twin in all other scenarios, and in a larger authority."""

import pytest
from tests.model.authority import build_model, get_world
from tests.twin.docking import dock
from tests.twin.runs import DEFAULT_RUNS, RUNS, assert_same_events, dock_each
from tests.twin.scenarios import build_scenario

from cpsim.casework.log import OCCURRENCES


@dock_each(sorted(set(RUNS) - set(DEFAULT_RUNS)))
@pytest.mark.usefixtures("in_debug_mode")
def test_every_event_of_every_child_is_the_same_in_engine_and_twin(name: str, seed: int) -> None:
    """Meanwhile the stages of the engine access only what they declare."""
    assert_same_events(name, seed)


def test_the_compared_histories_contain_every_occurrence() -> None:
    """The engine alone gives them, since it agrees with the twin; no further run is made once all are found."""
    missing = set(OCCURRENCES)
    for name, seed in sorted(RUNS, key=DEFAULT_RUNS.__contains__, reverse=True):
        if missing:
            missing -= list_occurrences(name, seed)
    assert missing == set()


def list_occurrences(name: str, seed: int) -> set[str]:
    settings = build_scenario(name)
    model = build_model(settings, seed, collect=False)
    model.casework.log.detail_from = 0
    while model.running:
        model.step()
    events = model.columns().events
    return {occurrence for code, occurrence in enumerate(OCCURRENCES) if len(events.select(code).week)}


def test_engine_and_twin_agree_about_a_larger_authority() -> None:
    settings = build_scenario(
        "long careers", population={"children": 10_000}, clock={"warm_up_years": 1, "years": 1}
    )
    assert len(dock(settings, get_world(settings, 3)).history) > 50_000
