"""A shared record shows what others hold, of the right child or the wrong one, and the front door has more to read."""

from typing import Any

import numpy as np
import pytest
from tests.model.authority import changed, model_of, run_of, scenario, signature, stage

from cpsim.casework.log import Occurrence
from cpsim.casework.noticing import Concerns
from cpsim.casework.recording import Beliefs, combine_evidence
from cpsim.casework.sharing import share_concerns, sharing_thresholds
from cpsim.casework.state import Casework, Messages
from cpsim.model import ChildProtectionModel
from cpsim.scenario.problems import ScenarioError

SCHOOL, GP, POLICE = 0, 1, 4
HERE, BORN_NEXT = 700, 701


def under(*records: dict[str, Any], settings: tuple[str, ...] = ("sharing.consult_chance=0",)) -> Any:
    """A scenario with records that are shared from the beginning."""
    plain = {"lever": "shared_record", "false_match": 0.0, "extra_contacts": 0.0}
    return changed(scenario(*settings), timeline=[{**plain, **record} for record in records])


def begun(*records: dict[str, Any]) -> ChildProtectionModel:
    """The authority after its first week, with nothing on any agency's file."""
    model = model_of(under(*records), collect=False)
    model.step()
    model.casework.files.evidence[:] = 0.0
    return model


def told_by_the_school(state: Casework, evidence: float) -> Messages:
    """What the school sends that has just written down something about the child; its courage is middling."""
    file = HERE * state.kinds + SCHOOL
    state.files.evidence[file] = evidence
    state.files.touched[:] = state.week
    concern = Concerns(
        file=np.array([file]),
        child=np.array([HERE]),
        site=state.files.site[[file]].astype(np.int64),
        evidence=np.array([evidence], np.float32),
        recorded=np.array([True]),
        sharing_noise=np.zeros(1, np.float32),
    )
    return share_concerns(state, concern, Beliefs(np.array([evidence]), np.zeros(1, np.float32)))


def hold(state: Casework, child: int, kind: int, evidence: float) -> None:
    state.files.evidence[child * state.kinds + kind] = evidence


def threshold_of_the_school(state: Casework) -> float:
    return float(
        sharing_thresholds(state)[state.files.site[HERE * state.kinds + SCHOOL], state.authority[HERE]]
    )


def test_two_halves_of_a_jigsaw_are_seen_together_by_whoever_looks() -> None:
    for lookup, told in ((0.0, 0), (1.0, 1)):
        state = begun({"lookup": lookup, "reach": 1.0}).casework
        half = 0.8 * threshold_of_the_school(state)
        hold(state, HERE, GP, half)
        assert len(told_by_the_school(state, half)) == told


def test_what_is_told_after_a_look_is_what_the_files_together_say() -> None:
    state = begun({"lookup": 1.0, "reach": 0.5}).casework
    own = threshold_of_the_school(state) - 0.1
    hold(state, HERE, GP, 2.0)
    hold(state, HERE, POLICE, 3.0)
    (message,) = told_by_the_school(state, own)
    overlap = 1 + state.scenario.sharing.signal_correlation * 0.5 * 2
    assert message["evidence"] == pytest.approx((own + 0.5 * (2.0 + 3.0)) / overlap)
    kept = state.scenario.sharing.kept_after_sharing
    assert state.files.evidence[HERE * state.kinds + SCHOOL] == pytest.approx(kept * own), (
        "only its own is its file"
    )


@pytest.mark.parametrize("correlation", [0.0, 0.3, 1.0])
def test_the_further_a_look_reaches_the_more_is_believed_and_never_less_than_before(
    correlation: float,
) -> None:
    state = begun().casework
    state.scenario = changed(state.scenario, sharing={"signal_correlation": correlation})
    own, others, holders = (np.array(x) for x in ([0.5, 2.0, 4.0, 1.0], [6.0, 1.0, 0.3, 0.0], [3, 2, 1, 0]))
    believed = [
        combine_evidence(state, own, reach * others, reach * holders) for reach in np.linspace(0, 1, 6)
    ]
    assert (believed[0] == own).all()
    assert (np.diff(believed, axis=0) >= 0).all()
    assert believed[-1][0] == pytest.approx(max(0.5, 6.5 / (1 + 3 * correlation)))


def test_the_wrong_entry_brings_a_false_alarm_and_hides_what_is_known() -> None:
    """The two ways in which a false match does harm: one child's record is told of another, or missed for another's."""
    for holds, right, wrong in ((BORN_NEXT, 0, 1), (HERE, 1, 0)):
        for false_match, told in ((0.0, right), (1.0, wrong)):
            state = begun({"lookup": 1.0, "reach": 1.0, "false_match": false_match}).casework
            half = 0.8 * threshold_of_the_school(state)
            hold(state, holds, GP, half)
            messages = told_by_the_school(state, half)
            assert messages["child"].tolist() == [HERE] * told


def test_a_look_asks_nobody_so_no_tie_wins_or_loses() -> None:
    state = begun({"lookup": 1.0, "reach": 1.0}).casework
    hold(state, HERE, GP, 0.5)
    before = state.ties.trust.copy(), state.ties.uses.copy()
    told_by_the_school(state, 0.5)
    assert state.log.select(Occurrence.LOOKED_UP).value[-1] == pytest.approx(0.5)
    assert (state.ties.trust == before[0]).all()
    assert (state.ties.uses == before[1]).all()


def test_of_two_records_either_may_be_looked_into_and_the_fuller_shows_more() -> None:
    model = begun(
        {"lookup": 0.5, "reach": 0.2, "false_match": 0.1},
        {"kinds": ["school"], "lookup": 0.4, "reach": 1.0, "false_match": 0.1, "extra_contacts": 0.2},
    )
    organisations = model.tables["organisations"]
    school = organisations["kind"] == SCHOOL
    for column, both, one in (("lookup", 0.7, 0.5), ("lookup_reach", 1.0, 0.2), ("false_match", 0.19, 0.1)):
        assert organisations[column][school] == pytest.approx(both)
        assert organisations[column][~school] == pytest.approx(one)
    assert model.tables["teams"]["contact_load"].tolist() == [1.2] + [1.0] * (len(model.tables["teams"]) - 1)


def test_a_pilot_opens_the_record_to_its_own_staff_and_floods_its_own_front_door() -> None:
    pilot = {"lever": "shared_record", "authorities": ["authority-02"], "extra_contacts": 0.2}
    model = model_of(changed(scenario("authorities.count=3"), timeline=[pilot]), collect=False)
    model.timeline.apply_levers(0)
    organisations, teams = model.tables["organisations"], model.tables["teams"]
    assert ((organisations["lookup"] > 0) == (organisations["authority"] == 1)).all()
    flooded = np.flatnonzero(teams["contact_load"] != 1)
    assert teams["authority"][flooded].tolist() == [1]


def test_what_a_record_adds_at_the_front_door_is_taken_from_the_hours_of_assessment() -> None:
    asked = []
    for extra in (0.0, 0.2, 0.4):
        model = model_of(under({"lookup": 0.0, "extra_contacts": extra}), collect=False)
        model.step()
        asked.append(model.tables["teams"]["hours_demanded"].sum())
    assert asked[2] - asked[0] == pytest.approx(2 * (asked[1] - asked[0]))
    assert asked[1] > asked[0]


def test_a_flood_at_the_front_door_shuts_it_further() -> None:
    calm, flood = (run_of(under({"lookup": 0.0, "extra_contacts": extra})).weekly for extra in (0.0, 1.0))
    assert flood["referrals"].sum() < calm["referrals"].sum()


def test_with_a_record_more_is_told_and_where_every_entry_is_wrong_other_children_are_told_of() -> None:
    def told(**settings: Any) -> set[tuple[Any, ...]]:
        result = run_of(under({"reach": 1.0, **settings}))
        return signature(stage(result, "shared"), "week", "child", "agency")

    alone, right, wrong = told(lookup=0.0), told(lookup=1.0), told(lookup=1.0, false_match=1.0)
    assert len(right - alone) > len(alone - right)
    assert right - wrong
    assert wrong - right


@pytest.mark.parametrize(
    ("nonsense", "says"),
    [({"kinds": ["scool"]}, "school"), ({"lookup": 1.5}, "lookup"), ({"kinds": []}, "kinds")],
)
def test_nonsense_is_refused(nonsense: dict[str, Any], says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        under(nonsense)
