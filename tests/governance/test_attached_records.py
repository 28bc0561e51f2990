"""With attached records, the front door decides on the pooled evidence of several agencies."""

from typing import Any

import numpy as np
import pytest
from tests.governance.lever_models import apply_events
from tests.model.authority import build_model, replace_sections, run_scenario, scenario, tiny_result

from cpsim.casework.log import Occurrence
from cpsim.casework.screening import Screening, screen
from cpsim.casework.state import MESSAGE, Casework, build_rows
from cpsim.scenario.problems import ScenarioError

SCHOOL = 0
CHILD = 700

CLOSED_FRONT_DOOR = (
    "front_door.referral_threshold=20",
    "front_door.assessment_threshold=20",
    "front_door.screening_noise=0",
)


def build_front_door(share_shown: float, *settings: str) -> Casework:
    """Return casework before its first week, with empty files and a front door that sees a share of the records."""
    event = {"lever": "attached_records", "share_shown": share_shown, "extra_contacts": 0.0}
    model = build_model(replace_sections(scenario(*settings), timeline=[event]), collect=False)
    model.timeline.apply_levers(0)
    model.casework.files.evidence[:] = 0.0
    return model.casework


def screen_message(state: Casework, evidence: float, *, request: bool = False) -> Screening:
    """Screen a message from the school about a child with no evidence on the front door's file."""
    child = np.array([CHILD])
    site = state.files.site[child * state.kinds + SCHOOL]
    message = build_rows(
        MESSAGE,
        child,
        kind=SCHOOL,
        site=site,
        evidence=evidence,
        request=request,
        authority=state.authority[child],
        due=state.week,
    )
    return screen(state, message)


def credibility(state: Casework) -> float:
    """Weight that the front door gives to messages from the school, log-odds."""
    return float(state.organisations["credibility"][state.files.site[CHILD * state.kinds + SCHOOL]])


def score_message(state: Casework, evidence: float, *, request: bool = False) -> float:
    """Return the score of the message at a front door that refuses it, without the credibility of the sender."""
    screen_message(state, evidence, request=request)
    score = float(state.log.select(Occurrence.SCREENED_OUT).value[-1])
    return score if request else score - credibility(state)


def set_evidence(state: Casework, **evidence: float) -> None:
    """Set the evidence on the child's file at some kinds of agency, log-odds."""
    for kind, held in evidence.items():
        state.files.evidence[CHILD * state.kinds + list(state.scenario.agencies).index(kind)] = held


@pytest.mark.parametrize("share_shown", [0.0, 0.5, 1.0])
def test_the_front_door_reads_a_share_of_the_other_agencies_records_with_the_message(
    share_shown: float,
) -> None:
    state = build_front_door(share_shown, *CLOSED_FRONT_DOOR)
    set_evidence(state, school=5.0, gp=2.0, police=1.0)
    overlap = 1 + state.scenario.sharing.signal_correlation * share_shown * 2
    assert score_message(state, 1.5) == pytest.approx((1.5 + share_shown * (2.0 + 1.0)) / overlap, rel=1e-6)
    assert state.records.belief[CHILD] == pytest.approx(1.5), "attached records are not copied to the file"


def test_the_score_of_a_message_never_falls_with_the_share_of_records_shown() -> None:
    for others in ({"gp": 3.0, "pct": 2.0}, {"gp": 0.3, "pct": 0.3, "police": 0.3}):
        scores = []
        for share_shown in (0.0, 0.3, 0.6, 1.0):
            state = build_front_door(share_shown, *CLOSED_FRONT_DOOR)
            set_evidence(state, **others)
            scores.append(score_message(state, 1.5))
        assert scores == sorted(scores)
        assert scores[0] == pytest.approx(1.5)


def test_a_request_for_help_is_scored_without_attached_records() -> None:
    state = build_front_door(1.0, *CLOSED_FRONT_DOOR)
    set_evidence(state, gp=4.0)
    assert score_message(state, 1.0, request=True) == pytest.approx(1.0)


def test_records_on_a_child_without_harm_can_cause_an_unnecessary_referral() -> None:
    """The front door cannot tell which record is right, so records can also lead to assessments without need."""
    for share_shown, referred in ((0.0, 0), (1.0, 1)):
        settings = (
            "front_door.screening_noise=0",
            "front_door.referral_threshold=2",
            "front_door.sibling_chance=0",
        )
        state = build_front_door(share_shown, *settings)
        assert state.harm.severity[CHILD] == 0
        set_evidence(state, gp=3.0, police=3.0)
        assert screen_message(state, 1.5 - credibility(state)).referrals == referred


def test_two_levers_add_their_reading_time_and_the_larger_share_shown_applies() -> None:
    def event(share_shown: float) -> dict[str, Any]:
        return {"lever": "attached_records", "share_shown": share_shown, "extra_contacts": 0.2}

    teams = apply_events(event(0.6), event(0.4), to_week=0).tables["teams"]
    assert teams["records_shown"][0] == 0.6
    assert teams["contact_load"][0] == pytest.approx(1.2 * 1.2)
    assert (teams["records_shown"][1:] == 0).all()


def test_more_contacts_become_referrals_with_attached_records() -> None:
    seen = run_scenario(
        replace_sections(
            scenario(), timeline=[{"lever": "attached_records", "share_shown": 1.0, "extra_contacts": 0.0}]
        )
    )
    assert seen.summary["contacts_per_referral"] < tiny_result().summary["contacts_per_referral"]  # type: ignore[operator]


def test_a_share_shown_above_one_is_refused() -> None:
    with pytest.raises(ScenarioError, match="share_shown"):
        build_front_door(1.5)
