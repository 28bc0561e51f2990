"""Better practice lets more be noticed, written down and brought to conferences; what it is worth is another matter."""

from typing import Any

import numpy as np
import pytest
from pandas.testing import assert_frame_equal
from tests.governance.boards import governed
from tests.model.authority import (
    FRONT_DOOR_SHUT,
    changed,
    model_of,
    outcome,
    run_of,
    scenario,
    signature,
    stage,
)

from cpsim.casework.conference import hold_conferences
from cpsim.scenario.problems import ScenarioError

SCHOOL, GP = 0, 1


def always(*events: dict[str, Any]) -> Any:
    return governed(*events, to_week=0).tables["organisations"]


def recording(*gains: float, kinds: tuple[str, ...] = ("school",)) -> list[dict[str, Any]]:
    return [{"lever": "recording_practice", "kinds": kinds, "gain": gain} for gain in gains]


def test_a_gain_is_the_share_of_what_was_left_out_that_comes_to_be_written_down() -> None:
    organisations = always(*recording(0.4))
    school = organisations["kind"] == SCHOOL
    habit, now = organisations["recording"], organisations["recording"] * organisations["recording_factor"]
    assert 1 - now[school] == pytest.approx(0.6 * (1 - habit[school]))
    assert (now[~school] == habit[~school]).all()


def test_each_practice_begins_with_what_the_others_leave_out_in_whatever_order() -> None:
    for gains in ((0.4, 0.5), (0.5, 0.4)):
        organisations = always(*recording(*gains))
        school = organisations["kind"] == SCHOOL
        now = organisations["recording"] * organisations["recording_factor"]
        assert 1 - now[school] == pytest.approx(0.6 * 0.5 * (1 - organisations["recording"][school]))


def test_nobody_can_write_down_more_than_all_and_where_nothing_is_written_there_is_nothing_to_improve() -> (
    None
):
    for habit, then in ((1.0, 1.0), (0.0, 0.0)):
        base = scenario(f"agencies.school.recording={habit}")
        model = model_of(changed(base, timeline=recording(1.0, 1.0)), collect=False)
        model.timeline.apply_levers(0)
        organisations = model.tables["organisations"]
        now = (organisations["recording"] * organisations["recording_factor"])[
            organisations["kind"] == SCHOOL
        ]
        assert (now == then).all()


def test_what_is_written_down_or_noticed_without_better_practice_is_so_with_it_too() -> None:
    """Behind a shut front door nothing comes back to the agencies, so practice can only add."""
    before = outcome(*FRONT_DOOR_SHUT)
    for event, what in (
        ({"lever": "recording_practice", "gain": 0.5}, "recorded"),
        ({"lever": "attention_practice", "factor": 1.3}, "noticed"),
    ):
        better = run_of(changed(scenario(*FRONT_DOOR_SHUT), timeline=[event]))
        those, these = (
            signature(stage(result, what), "week", "child", "agency") for result in (before, better)
        )
        assert those < these


def test_the_more_often_agencies_come_to_conferences_the_more_lies_on_the_table() -> None:
    child = np.arange(400, 700)
    on_the_table = []
    for factor in (0.0, 0.5, 1.0, 2.0):
        event = {"lever": "attendance_practice", "factor": factor}
        state = governed(event, to_week=0).casework
        state.files.evidence[:] = 2.0
        estimate, _ = hold_conferences(state, child)
        on_the_table.append(float(estimate.sum()))
    assert on_the_table == sorted(on_the_table)
    assert len(set(on_the_table)) == 4


def test_nobody_attends_to_more_than_all_signs() -> None:
    every, beyond = (
        run_of(
            changed(
                scenario("agencies.gp.attention=0.5"),
                timeline=[{"lever": "attention_practice", "kinds": ["gp"], "factor": factor}],
            )
        )
        for factor in (2.0, 3.0)
    )
    assert_frame_equal(every.events, beyond.events, check_exact=True)


def test_factors_of_several_practices_multiply_for_the_kinds_they_name() -> None:
    organisations = always(
        {"lever": "attention_practice", "factor": 1.2},
        {"lever": "attention_practice", "kinds": ["gp"], "factor": 0.5},
        {"lever": "attendance_practice", "kinds": ["gp"], "factor": 3.0},
    )
    gp = organisations["kind"] == GP
    assert organisations["attention_factor"][gp] == pytest.approx(0.6)
    assert organisations["attention_factor"][~gp] == pytest.approx(1.2)
    assert organisations["attendance_factor"][gp] == pytest.approx(3.0)
    assert organisations["attendance_factor"][~gp] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("nonsense", "says"),
    [
        ({"lever": "recording_practice", "gain": 1.2}, "gain"),
        ({"lever": "attention_practice", "factor": -1.0}, "factor"),
        ({"lever": "attendance_practice", "kinds": ["gpp"]}, "gp"),
    ],
)
def test_nonsense_is_refused(nonsense: dict[str, Any], says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        changed(scenario(), timeline=[nonsense])
