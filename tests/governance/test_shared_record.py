"""A shared record shows other agencies' evidence, of the right or the wrong child, and adds contacts."""

from typing import Any

import numpy as np
import pytest
from tests.model.authority import (
    build_model,
    replace_sections,
    run_scenario,
    scenario,
    select_events,
    signature,
)

from cpsim.casework.log import Occurrence
from cpsim.casework.noticing import Concerns
from cpsim.casework.recording import Beliefs, combine_evidence
from cpsim.casework.sharing import share_concerns, sharing_thresholds
from cpsim.casework.state import Casework, Messages
from cpsim.model import ChildProtectionModel
from cpsim.scenario.problems import ScenarioError

SCHOOL, GP, POLICE = 0, 1, 4
CHILD, NEXT_CHILD = 700, 701


def build_scenario(
    *records: dict[str, Any], settings: tuple[str, ...] = ("sharing.consult_chance=0",)
) -> Any:
    """Return a scenario with shared records from the start."""
    plain = {"lever": "shared_record", "false_match": 0.0, "extra_contacts": 0.0}
    return replace_sections(scenario(*settings), timeline=[{**plain, **record} for record in records])


def run_first_week(*records: dict[str, Any]) -> ChildProtectionModel:
    """Return the authority after its first week, with empty files at all agencies."""
    model = build_model(build_scenario(*records), collect=False)
    model.step()
    model.casework.files.evidence[:] = 0.0
    return model


def share_from_school(state: Casework, evidence: float) -> Messages:
    """Return the messages that the school sends after it recorded a concern, with a sharing noise of 0."""
    file = CHILD * state.kinds + SCHOOL
    state.files.evidence[file] = evidence
    state.files.touched[:] = state.week
    concern = Concerns(
        file=np.array([file]),
        child=np.array([CHILD]),
        site=state.files.site[[file]].astype(np.int64),
        evidence=np.array([evidence], np.float32),
        recorded=np.array([True]),
        sharing_noise=np.zeros(1, np.float32),
    )
    return share_concerns(state, concern, Beliefs(np.array([evidence]), np.zeros(1, np.float32)))


def set_evidence(state: Casework, child: int, kind: int, evidence: float) -> None:
    state.files.evidence[child * state.kinds + kind] = evidence


def school_threshold(state: Casework) -> float:
    site = state.files.site[[CHILD * state.kinds + SCHOOL]]
    return float(sharing_thresholds(state, site, state.authority[[CHILD]])[0])


def test_evidence_of_two_agencies_crosses_the_threshold_only_with_a_lookup() -> None:
    for lookup, shared in ((0.0, 0), (1.0, 1)):
        state = run_first_week({"lookup": lookup, "reach": 1.0}).casework
        half = 0.8 * school_threshold(state)
        set_evidence(state, CHILD, GP, half)
        assert len(share_from_school(state, half)) == shared


def test_a_message_after_a_lookup_contains_the_pooled_evidence() -> None:
    state = run_first_week({"lookup": 1.0, "reach": 0.5}).casework
    own = school_threshold(state) - 0.1
    set_evidence(state, CHILD, GP, 2.0)
    set_evidence(state, CHILD, POLICE, 3.0)
    (message,) = share_from_school(state, own)
    overlap = 1 + state.scenario.sharing.signal_correlation * 0.5 * 2
    assert message["evidence"] == pytest.approx((own + 0.5 * (2.0 + 3.0)) / overlap)
    kept_share = state.scenario.sharing.kept_after_sharing
    assert state.files.evidence[CHILD * state.kinds + SCHOOL] == pytest.approx(kept_share * own), (
        "evidence of others is not copied to the school's file"
    )


@pytest.mark.parametrize("correlation", [0.0, 0.3, 1.0])
def test_belief_never_falls_with_the_reach_of_the_lookup(
    correlation: float,
) -> None:
    state = run_first_week().casework
    state.scenario = replace_sections(state.scenario, sharing={"signal_correlation": correlation})
    own, others, holders = (np.array(x) for x in ([0.5, 2.0, 4.0, 1.0], [6.0, 1.0, 0.3, 0.0], [3, 2, 1, 0]))
    belief = [combine_evidence(state, own, reach * others, reach * holders) for reach in np.linspace(0, 1, 6)]
    assert (belief[0] == own).all()
    assert (np.diff(belief, axis=0) >= 0).all()
    assert belief[-1][0] == pytest.approx(max(0.5, 6.5 / (1 + 3 * correlation)))


def test_a_false_match_can_add_or_hide_evidence() -> None:
    """A false match either shares another child's evidence as this child's, or misses this child's evidence."""
    for holds, right, wrong in ((NEXT_CHILD, 0, 1), (CHILD, 1, 0)):
        for false_match, shared in ((0.0, right), (1.0, wrong)):
            state = run_first_week({"lookup": 1.0, "reach": 1.0, "false_match": false_match}).casework
            half = 0.8 * school_threshold(state)
            set_evidence(state, holds, GP, half)
            messages = share_from_school(state, half)
            assert messages["child"].tolist() == [CHILD] * shared


def test_a_lookup_changes_no_tie() -> None:
    state = run_first_week({"lookup": 1.0, "reach": 1.0}).casework
    set_evidence(state, CHILD, GP, 0.5)
    before = state.ties.trust.copy(), state.ties.uses.copy()
    share_from_school(state, 0.5)
    assert state.log.select(Occurrence.LOOKED_UP).value[-1] == pytest.approx(0.5)
    assert (state.ties.trust == before[0]).all()
    assert (state.ties.uses == before[1]).all()


def test_two_records_combine_their_probabilities_and_the_larger_reach_applies() -> None:
    model = run_first_week(
        {"lookup": 0.5, "reach": 0.2, "false_match": 0.1},
        {"kinds": ["school"], "lookup": 0.4, "reach": 1.0, "false_match": 0.1, "extra_contacts": 0.2},
    )
    organisations = model.tables["organisations"]
    school = organisations["kind"] == SCHOOL
    for column, both, one in (("lookup", 0.7, 0.5), ("lookup_reach", 1.0, 0.2), ("false_match", 0.19, 0.1)):
        assert organisations[column][school] == pytest.approx(both)
        assert organisations[column][~school] == pytest.approx(one)
    assert model.tables["teams"]["contact_load"].tolist() == [1.2] + [1.0] * (len(model.tables["teams"]) - 1)


def test_a_pilot_changes_only_its_own_authority() -> None:
    pilot = {"lever": "shared_record", "authorities": ["authority-02"], "extra_contacts": 0.2}
    model = build_model(replace_sections(scenario("authorities.count=3"), timeline=[pilot]), collect=False)
    model.timeline.apply_levers(0)
    organisations, teams = model.tables["organisations"], model.tables["teams"]
    assert ((organisations["lookup"] > 0) == (organisations["authority"] == 1)).all()
    loaded = np.flatnonzero(teams["contact_load"] != 1)
    assert teams["authority"][loaded].tolist() == [1]


def test_additional_contacts_raise_the_hours_demanded_in_proportion() -> None:
    hours = []
    for extra in (0.0, 0.2, 0.4):
        model = build_model(build_scenario({"lookup": 0.0, "extra_contacts": extra}), collect=False)
        model.step()
        hours.append(model.tables["teams"]["hours_demanded"].sum())
    assert hours[2] - hours[0] == pytest.approx(2 * (hours[1] - hours[0]))
    assert hours[1] > hours[0]


def test_additional_contacts_reduce_referrals() -> None:
    calm, flood = (
        run_scenario(build_scenario({"lookup": 0.0, "extra_contacts": extra})).weekly for extra in (0.0, 1.0)
    )
    assert flood["referrals"].sum() < calm["referrals"].sum()


def test_lookups_lead_to_more_sharing_and_false_matches_to_other_sharing() -> None:
    def shared(**settings: Any) -> set[tuple[Any, ...]]:
        result = run_scenario(build_scenario({"reach": 1.0, **settings}))
        return signature(select_events(result, "shared"), "week", "child", "agency")

    alone, right, wrong = shared(lookup=0.0), shared(lookup=1.0), shared(lookup=1.0, false_match=1.0)
    assert len(right - alone) > len(alone - right)
    assert right - wrong
    assert wrong - right


@pytest.mark.parametrize(
    ("nonsense", "message"),
    [({"kinds": ["scool"]}, "school"), ({"lookup": 1.5}, "lookup"), ({"kinds": []}, "kinds")],
)
def test_invalid_shared_record_settings_are_refused(nonsense: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        build_scenario(nonsense)
