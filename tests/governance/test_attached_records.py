"""Where all files lie beside a message, the front door decides on what the agencies know together."""

from typing import Any

import numpy as np
import pytest
from tests.governance.boards import governed
from tests.model.authority import changed, model_of, outcome, run_of, scenario

from cpsim.casework.log import Occurrence
from cpsim.casework.screening import Screening, screen
from cpsim.casework.state import MESSAGE, Casework, build_rows
from cpsim.scenario.problems import ScenarioError

SCHOOL = 0
HERE = 700

SHUT = (
    "front_door.referral_threshold=20",
    "front_door.assessment_threshold=20",
    "front_door.screening_noise=0",
)


def front_door(sight: float, *settings: str) -> Casework:
    """Casework before its first week, with nothing on any file, behind a front door that sees so much of them."""
    basket = {"lever": "attached_records", "share_shown": sight, "extra_contacts": 0.0}
    model = model_of(changed(scenario(*settings), timeline=[basket]), collect=False)
    model.timeline.apply_levers(0)
    model.casework.files.evidence[:] = 0.0
    return model.casework


def screened(state: Casework, evidence: float, *, request: bool = False) -> Screening:
    """The school's message about a child of whom the front door holds nothing is screened."""
    child = np.array([HERE])
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
    """Weight of the school's word."""
    return float(state.organisations["credibility"][state.files.site[HERE * state.kinds + SCHOOL]])


def score_of(state: Casework, evidence: float, *, request: bool = False) -> float:
    """What a shut front door makes of the message, beside the weight of the sender's word."""
    screened(state, evidence, request=request)
    score = float(state.log.select(Occurrence.SCREENED_OUT).value[-1])
    return score if request else score - credibility(state)


def hold(state: Casework, **evidence: float) -> None:
    for kind, held in evidence.items():
        state.files.evidence[HERE * state.kinds + list(state.scenario.agencies).index(kind)] = held


@pytest.mark.parametrize("sight", [0.0, 0.5, 1.0])
def test_the_front_door_reads_its_share_of_the_other_agencies_files_beside_the_message(sight: float) -> None:
    state = front_door(sight, *SHUT)
    hold(state, school=5.0, gp=2.0, police=1.0)
    overlap = 1 + state.scenario.sharing.signal_correlation * sight * 2
    assert score_of(state, 1.5) == pytest.approx((1.5 + sight * (2.0 + 1.0)) / overlap, rel=1e-6)
    assert state.records.belief[HERE] == pytest.approx(1.5), "what was read is not copied to the file"


def test_the_more_it_sees_the_graver_a_message_looks_and_never_less_grave() -> None:
    for others in ({"gp": 3.0, "pct": 2.0}, {"gp": 0.3, "pct": 0.3, "police": 0.3}):
        scores = []
        for sight in (0.0, 0.3, 0.6, 1.0):
            state = front_door(sight, *SHUT)
            hold(state, **others)
            scores.append(score_of(state, 1.5))
        assert scores == sorted(scores)
        assert scores[0] == pytest.approx(1.5)


def test_a_family_that_asks_for_help_is_answered_without_a_look_at_the_files() -> None:
    state = front_door(1.0, *SHUT)
    hold(state, gp=4.0)
    assert score_of(state, 1.0, request=True) == pytest.approx(1.0)


def test_files_on_a_child_without_harm_make_a_needless_referral() -> None:
    """The front door cannot see which file is right: what helps one child troubles another's family."""
    for sight, referred in ((0.0, 0), (1.0, 1)):
        settings = (
            "front_door.screening_noise=0",
            "front_door.referral_threshold=2",
            "front_door.sibling_chance=0",
        )
        state = front_door(sight, *settings)
        assert state.harm.severity[HERE] == 0
        hold(state, gp=3.0, police=3.0)
        assert screened(state, 1.5 - credibility(state)).referrals == referred


def test_reading_takes_hours_and_of_two_baskets_the_fuller_is_read() -> None:
    def basket(sight: float) -> dict[str, Any]:
        return {"lever": "attached_records", "share_shown": sight, "extra_contacts": 0.2}

    teams = governed(basket(0.6), basket(0.4), to_week=0).tables["teams"]
    assert teams["records_shown"][0] == 0.6
    assert teams["contact_load"][0] == pytest.approx(1.2 * 1.2)
    assert (teams["records_shown"][1:] == 0).all()


def test_with_the_files_beside_the_messages_more_contacts_become_referrals() -> None:
    seen = run_of(
        changed(
            scenario(), timeline=[{"lever": "attached_records", "share_shown": 1.0, "extra_contacts": 0.0}]
        )
    )
    assert seen.summary["contacts_per_referral"] < outcome().summary["contacts_per_referral"]  # type: ignore[operator]


def test_more_than_all_files_cannot_be_seen() -> None:
    with pytest.raises(ScenarioError, match="share_shown"):
        front_door(1.5)
