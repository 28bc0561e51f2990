"""A child's case moves only along the table of transitions, and debug mode refuses any other move."""

import numpy as np
import pytest
from tests.model.authority import assert_same, build_model, run_to_end, scenario

from cpsim.casework.state import STATUSES, Casework, Status
from cpsim.casework.transitions import TRANSITIONS, IllegalTransitionError, TransitionChecks
from cpsim.model import ChildProtectionModel
from cpsim.simulation import PLAN

OPEN_DOOR = ("front_door.referral_threshold=1", "front_door.assessment_threshold=1")

LONG_QUEUES = (
    *OPEN_DOOR,
    "workforce.long_term_posts_per_10k=3",
    "assessment.initial_days_median=20",
    "assessment.longest_initial_weeks=30",
)
"""Children turn 18 while they wait for a core assessment."""

MANY_POSTS = (
    *OPEN_DOOR,
    "workforce.long_term_posts_per_10k=150",
    "workforce.assessment_posts_per_10k=80",
    "assessment.need_threshold_after_enquiry=0",
    "assessment.core_threshold=0",
)

MANY_PLANS = (
    *MANY_POSTS,
    "assessment.s47_threshold=0",
    "assessment.conference_threshold=0",
    "assessment.enquiry_weeks=10",
    "conference.wait_weeks=10",
    "conference.plan_threshold=0",
    "protection.plan_closure_threshold=0",
)
"""Children turn 18 during an enquiry, before a conference or on a plan."""

LONG_CORE_ASSESSMENTS = (
    *MANY_POSTS,
    "assessment.s47_threshold=2",
    "assessment.core_weeks_median=40",
    "assessment.longest_core_weeks=52",
)
"""Children turn 18 during a core assessment."""


def run_in_debug_mode(*settings: str) -> TransitionChecks:
    """Run the tiny authority in debug mode and return its checks."""
    model = build_model(scenario(*settings), collect=False, debug=True)
    while model.running:
        model.step()
    assert model.casework.transition_checks is not None
    return model.casework.transition_checks


def stop_in_week_three() -> tuple[ChildProtectionModel, Casework]:
    """Return a model in debug mode after three weeks, and its casework, with no case open."""
    model = build_model(scenario(), collect=False, debug=True)
    for _ in range(3):
        model.step()
    model.casework.records.status[:] = Status.CLOSED
    return model, model.casework


def test_the_cases_of_a_run_make_every_transition_of_the_table_and_no_other() -> None:
    observed: set[tuple[int, int]] = set()
    for settings in ((), LONG_QUEUES, MANY_PLANS, LONG_CORE_ASSESSMENTS):
        observed |= run_in_debug_mode(*settings).observed
    table = {(row.before, row.after) for row in TRANSITIONS}
    missing = [(STATUSES[before], STATUSES[after]) for before, after in sorted(table - observed)]
    assert not missing, f"no case made these transitions: {missing}"
    assert observed <= table, "a case moved outside the table"


def test_each_transition_is_listed_once_with_a_step_of_the_week() -> None:
    pairs = [(row.before, row.after) for row in TRANSITIONS]
    assert len(set(pairs)) == len(pairs), "a transition is listed twice"
    assert {row.step for row in TRANSITIONS} <= {step.name for step in PLAN}


def test_every_status_but_closed_is_reached_and_every_status_but_adult_is_left() -> None:
    statuses = set(range(len(STATUSES)))
    assert {row.after for row in TRANSITIONS} == statuses
    assert {row.before for row in TRANSITIONS} == statuses - {Status.ADULT}


def test_debug_mode_refuses_a_transition_that_is_not_in_the_table() -> None:
    _, state = stop_in_week_three()
    with pytest.raises(
        IllegalTransitionError, match=r"week 2: children 4, 9 cannot move from 'closed' to 'care'"
    ):
        state.move(np.array([4, 9]), Status.CARE)
    assert (state.records.status[[4, 9]] == Status.CLOSED).all(), "the refused move must change nothing"


def test_the_error_names_only_the_children_who_may_not_move_and_is_short() -> None:
    _, state = stop_in_week_three()
    state.records.status[:10] = Status.CONFERENCE
    with pytest.raises(IllegalTransitionError, match=r"children 10, 11, 12, 13, 14 and 25 more cannot"):
        state.move(np.arange(40), Status.PLAN)


def test_without_debug_mode_a_move_is_not_checked() -> None:
    model = build_model(scenario(), collect=False, debug=False)
    assert model.casework.transition_checks is None
    model.casework.move(np.array([4, 9]), Status.CARE)
    assert (model.casework.records.status[[4, 9]] == Status.CARE).all()


@pytest.mark.parametrize(("value", "checked"), [("1", True), ("0", False), ("", False), (None, False)])
def test_an_environment_variable_switches_debug_mode_on(
    value: str | None, checked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv("CPSIM_DEBUG", raising=False)
    else:
        monkeypatch.setenv("CPSIM_DEBUG", value)
    model = build_model(scenario(), collect=False)
    assert (model.casework.transition_checks is not None) == checked


def test_debug_mode_changes_no_result() -> None:
    checked, unchecked = (build_model(scenario(), collect=False, debug=debug) for debug in (True, False))
    assert_same(run_to_end(checked), run_to_end(unchecked))
