"""Practice levers change noticing, recording and attendance at conferences."""

from typing import Any

import numpy as np
import pytest
from pandas.testing import assert_frame_equal
from tests.governance.lever_models import apply_events
from tests.model.authority import (
    FRONT_DOOR_SHUT,
    build_model,
    replace_sections,
    run_scenario,
    scenario,
    select_events,
    signature,
    tiny_result,
)

from cpsim.casework.conference import hold_conferences
from cpsim.scenario.problems import ScenarioError

SCHOOL, GP = 0, 1


def organisations_under(*events: dict[str, Any]) -> Any:
    return apply_events(*events, to_week=0).tables["organisations"]


def recording_events(*gains: float, kinds: tuple[str, ...] = ("school",)) -> list[dict[str, Any]]:
    return [{"lever": "recording_practice", "kinds": kinds, "gain": gain} for gain in gains]


def test_a_gain_is_the_share_of_unrecorded_concerns_that_is_recorded() -> None:
    organisations = organisations_under(*recording_events(0.4))
    school = organisations["kind"] == SCHOOL
    usual, now = organisations["recording"], organisations["recording"] * organisations["recording_factor"]
    assert 1 - now[school] == pytest.approx(0.6 * (1 - usual[school]))
    assert (now[~school] == usual[~school]).all()


def test_several_gains_combine_in_any_order() -> None:
    for gains in ((0.4, 0.5), (0.5, 0.4)):
        organisations = organisations_under(*recording_events(*gains))
        school = organisations["kind"] == SCHOOL
        now = organisations["recording"] * organisations["recording_factor"]
        assert 1 - now[school] == pytest.approx(0.6 * 0.5 * (1 - organisations["recording"][school]))


def test_recording_cannot_exceed_one_and_does_not_change_from_zero() -> None:
    for usual, then in ((1.0, 1.0), (0.0, 0.0)):
        base = scenario(f"agencies.school.recording={usual}")
        model = build_model(replace_sections(base, timeline=recording_events(1.0, 1.0)), collect=False)
        model.timeline.apply_levers(0)
        organisations = model.tables["organisations"]
        now = (organisations["recording"] * organisations["recording_factor"])[
            organisations["kind"] == SCHOOL
        ]
        assert (now == then).all()


def test_better_practice_only_adds_concerns_and_records() -> None:
    """With a front door that refuses everything, agencies get no responses, so practice can only add."""
    before = tiny_result(*FRONT_DOOR_SHUT)
    for event, what in (
        ({"lever": "recording_practice", "gain": 0.5}, "recorded"),
        ({"lever": "attention_practice", "factor": 1.3}, "noticed"),
    ):
        better = run_scenario(replace_sections(scenario(*FRONT_DOOR_SHUT), timeline=[event]))
        those, these = (
            signature(select_events(result, what), "week", "child", "agency") for result in (before, better)
        )
        assert those < these


def test_pooled_evidence_at_conferences_rises_with_attendance() -> None:
    child = np.arange(400, 700)
    on_the_table = []
    for factor in (0.0, 0.5, 1.0, 2.0):
        event = {"lever": "attendance_practice", "factor": factor}
        state = apply_events(event, to_week=0).casework
        state.files.evidence[:] = 2.0
        estimate, _ = hold_conferences(state, child)
        on_the_table.append(float(estimate.sum()))
    assert on_the_table == sorted(on_the_table)
    assert len(set(on_the_table)) == 4


def test_attention_cannot_exceed_one() -> None:
    every, beyond = (
        run_scenario(
            replace_sections(
                scenario("agencies.gp.attention=0.5"),
                timeline=[{"lever": "attention_practice", "kinds": ["gp"], "factor": factor}],
            )
        )
        for factor in (2.0, 3.0)
    )
    assert_frame_equal(every.events, beyond.events, check_exact=True)


def test_factors_of_several_practices_multiply_for_the_kinds_they_name() -> None:
    organisations = organisations_under(
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
    ("nonsense", "message"),
    [
        ({"lever": "recording_practice", "gain": 1.2}, "gain"),
        ({"lever": "attention_practice", "factor": -1.0}, "factor"),
        ({"lever": "attendance_practice", "kinds": ["gpp"]}, "gp"),
    ],
)
def test_invalid_practice_settings_are_refused(nonsense: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        replace_sections(scenario(), timeline=[nonsense])
