"""The rules of the ledger for single spells: which spells are missed, and where the chain of concern stopped."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.model.authority import get_world, scenario

from cpsim.casework.log import FinishedLog, Log, Occurrence
from cpsim.casework.state import Status
from cpsim.constants import NEVER
from cpsim.measures.ledger import Snapshots, build_spells_table, find_severe_cutoff
from cpsim.world import World
from cpsim.world.harm import Spells

ONSET = 10
"""Week of onset, counted from week 0; the deadline at 13 weeks is week 23."""
DEADLINE = ONSET + 13
LONG = 200
EVALUATED = 52 * scenario().clock.years
SCHOOL = 0


@dataclass
class Story:
    """One child with one spell of harm and its events; weeks are counted from week 0."""

    end: int = LONG
    onset: int = ONSET
    serious: int | None = None
    ended_by_protection: int | None = None
    turns_18: int = 900
    protected: list[tuple[int, int | None]] = field(default_factory=list)
    happened: list[tuple[int, str]] = field(default_factory=list)
    met: int | None = ONSET
    status_at_deadline: int = Status.CLOSED
    on_file: bool = False
    threshold_crossed: bool = False
    jigsaw: bool = False
    severity: float = 1.5


def _build_world(story: Story) -> World:
    """Build a small world with one spell of harm, of its first child."""
    drawn = get_world(scenario())
    zero = drawn.warm_up
    birth = drawn.children.birth.copy()
    birth[0] = story.turns_18 + zero - 18 * 52
    spell = Spells(
        child=np.array([0], np.int32),
        onset=np.array([story.onset + zero], np.int32),
        end=np.array([story.end + zero], np.int32),
        severity=np.array([story.severity]),
        harm=np.array([True]),
        serious=np.array([NEVER if story.serious is None else story.serious + zero], np.int32),
        resistance=np.array([1.0]),
        serious_mark=np.array([0.5]),
    )
    met = np.array([NEVER if story.met is None else story.met + zero], np.int32)
    return replace(drawn, children=replace(drawn.children, birth=birth), spells=spell, first_contact=met)


def _build_log(story: Story, zero: int) -> Log:
    happened: list[tuple[int, str, float]] = [(week, name, np.nan) for week, name in story.happened]
    for start, until in story.protected:
        happened.append((start, "EFFECTIVE_FROM", np.nan))
        if until is not None:
            happened.append((until, "EFFECTIVE_UNTIL", np.nan))
    for week, name in (
        (story.serious, "SERIOUS_EVENT"),
        (story.ended_by_protection, "HARM_ENDED_BY_PROTECTION"),
    ):
        if week is not None:
            happened.append((week, name, 0.0))
    log = Log()
    for week, name, value in sorted(happened, key=lambda row: row[0]):
        log.add(week + zero, getattr(Occurrence, name), np.array([0]), np.array([SCHOOL]), np.array([value]))
    return log


def evaluate_story(**story: Any) -> "pd.Series[Any]":
    """Compute the row of the table of spells for a spell."""
    spell = Story(**story)
    world = _build_world(spell)
    snapshots = Snapshots(world, 13)
    snapshots.status[0] = spell.status_at_deadline
    snapshots.on_file[0], snapshots.threshold_crossed[0], snapshots.jigsaw[0] = (
        spell.on_file,
        spell.threshold_crossed,
        spell.jigsaw,
    )
    table = build_spells_table(scenario(), world, FinishedLog(_build_log(spell, world.warm_up)), snapshots)
    assert len(table) == 1
    return table.iloc[0]


def compute_result(**story: Any) -> str:
    return str(evaluate_story(**story)["result_13w"])


# Results of a spell.


def test_harm_without_protection_is_missed() -> None:
    assert compute_result() == "missed"


def test_protection_that_starts_before_the_deadline_and_lasts_is_in_time() -> None:
    assert compute_result(protected=[(ONSET + 5, None)]) == "protected"


@pytest.mark.parametrize(("start", "expected"), [(DEADLINE, "protected"), (DEADLINE + 1, "missed")])
def test_protection_can_start_as_late_as_the_week_of_the_deadline(start: int, expected: str) -> None:
    assert compute_result(protected=[(start, None)]) == expected


def test_protection_in_force_at_onset_counts() -> None:
    assert compute_result(protected=[(ONSET - 30, None)]) == "protected"
    assert compute_result(protected=[(ONSET, None)]) == "protected"


def test_protection_that_ended_before_onset_does_not_count() -> None:
    assert compute_result(protected=[(ONSET - 30, ONSET)]) == "missed"


@pytest.mark.parametrize(
    ("until", "expected"), [(DEADLINE - 1, "missed"), (DEADLINE, "protected"), (LONG, "protected")]
)
def test_a_spell_is_missed_if_protection_ends_before_the_deadline_while_harm_continues(
    until: int, expected: str
) -> None:
    assert compute_result(protected=[(ONSET + 2, until)]) == expected


def test_protection_that_resumes_in_time_counts() -> None:
    assert compute_result(protected=[(ONSET + 1, ONSET + 4), (ONSET + 9, None)]) == "protected"


def test_harm_that_ends_by_itself_before_the_deadline_is_not_missed() -> None:
    assert compute_result(end=ONSET + 6) == "self_resolved"
    assert compute_result(end=DEADLINE - 1) == "self_resolved"


def test_a_spell_that_ends_in_the_week_of_the_deadline_is_evaluated_in_that_week() -> None:
    assert compute_result(end=DEADLINE) == "missed"
    assert compute_result(end=DEADLINE, protected=[(ONSET + 3, None)]) == "protected"


def test_a_spell_that_protection_ends_counts_as_protected() -> None:
    assert compute_result(protected=[(ONSET + 3, None)], ended_by_protection=ONSET + 8) == "protected"
    # Care starts and ends harm at home in the same week.
    assert compute_result(protected=[(ONSET + 8, None)], ended_by_protection=ONSET + 8) == "protected"


def test_harm_that_ends_after_protection_was_withdrawn_does_not_count_as_self_resolved() -> None:
    assert compute_result(end=ONSET + 9, protected=[(ONSET + 1, ONSET + 4)]) == "missed"


@pytest.mark.parametrize(
    ("start", "expected"), [(ONSET + 4, "protected"), (ONSET + 5, "missed"), (ONSET + 6, "missed")]
)
def test_protection_that_starts_in_the_week_of_the_serious_event_is_too_late(
    start: int, expected: str
) -> None:
    assert compute_result(serious=ONSET + 5, protected=[(start, None)]) == expected


def test_a_serious_event_is_a_deadline() -> None:
    assert compute_result(serious=ONSET + 5, end=ONSET + 7) == "missed"


def test_a_serious_event_in_the_week_of_onset_is_missed_unless_the_child_was_protected_before() -> None:
    assert compute_result(serious=ONSET) == "missed"
    assert compute_result(serious=ONSET, protected=[(ONSET, None)]) == "missed"
    assert compute_result(serious=ONSET, protected=[(ONSET - 1, None)]) == "protected"


def test_a_serious_event_after_the_deadline_does_not_change_the_result() -> None:
    assert compute_result(serious=DEADLINE + 2, protected=[(DEADLINE, None)]) == "protected"
    assert compute_result(serious=DEADLINE + 2) == "missed"


@pytest.mark.parametrize(
    ("birthday", "expected"), [(DEADLINE - 1, "censored"), (DEADLINE, "missed"), (DEADLINE + 5, "missed")]
)
def test_a_child_who_turns_18_before_the_deadline_is_censored(birthday: int, expected: str) -> None:
    assert compute_result(turns_18=birthday, end=birthday) == expected


def test_a_serious_event_before_the_18th_birthday_is_not_censored() -> None:
    assert compute_result(turns_18=ONSET + 8, end=ONSET + 8, serious=ONSET + 3) == "missed"


def test_each_deadline_is_evaluated_independently() -> None:
    row = evaluate_story(end=ONSET + 40, protected=[(ONSET + 6, ONSET + 20)])
    assert [row[f"result_{weeks}w"] for weeks in (4, 13, 26, 52)] == [
        "missed",
        "protected",
        "missed",
        "missed",
    ]
    row = evaluate_story(end=ONSET + 30)
    assert [row[f"result_{weeks}w"] for weeks in (4, 13, 26, 52)] == [
        "missed",
        "missed",
        "missed",
        "self_resolved",
    ]


@pytest.mark.parametrize(("onset", "rows"), [(-1, 0), (0, 1), (EVALUATED - 1, 1), (EVALUATED, 0)])
def test_only_spells_with_onset_in_the_evaluated_weeks_count(onset: int, rows: int) -> None:
    world = _build_world(Story(onset=onset, end=onset + 60))
    assert len(build_spells_table(scenario(), world, FinishedLog(Log()), Snapshots(world, 13))) == rows


# Where the chain stopped.


def find_stop(*happened: tuple[int, str], **story: Any) -> str:
    row = evaluate_story(happened=list(happened), **story)
    assert row["result_13w"] == "missed"
    assert row["stopped_at_part"][:2] == row["stopped_at"]
    return str(row["stopped_at_part"])


NOTICED, RECORDED, THRESHOLD_CROSSED = (
    (ONSET + 1, "NOTICED"),
    (ONSET + 1, "RECORDED"),
    (ONSET + 2, "THRESHOLD_CROSSED"),
)
SHARED, LOST, DELIVERED = (ONSET + 2, "SHARED"), (ONSET + 2, "LOST"), (ONSET + 3, "DELIVERED")
REFERRED, STARTED, FINISHED = (
    (ONSET + 3, "REFERRED"),
    (ONSET + 4, "INITIAL_STARTED"),
    (ONSET + 5, "INITIAL_FINISHED"),
)
SHARED_CHAIN = (NOTICED, RECORDED, THRESHOLD_CROSSED, SHARED)


def test_a_child_whom_no_practitioner_met_was_lost_for_want_of_an_opportunity() -> None:
    assert find_stop(met=None) == "C0"
    assert find_stop(met=DEADLINE + 1) == "C0"


def test_a_child_who_was_met_without_a_sign_being_noticed() -> None:
    assert find_stop() == "C1a"
    assert find_stop(met=DEADLINE) == "C1a"


def test_a_sign_that_was_noticed_and_not_recorded() -> None:
    assert find_stop(NOTICED) == "C2"


def test_recorded_evidence_that_is_too_weak_even_when_pooled() -> None:
    assert find_stop(NOTICED, RECORDED) == "C1b"
    assert find_stop(on_file=True) == "C1b"


def test_a_jigsaw_that_was_not_assembled() -> None:
    assert find_stop(NOTICED, RECORDED, jigsaw=True) == "C3b"


def test_an_agency_whose_threshold_was_crossed_and_that_made_no_contact() -> None:
    assert find_stop(NOTICED, RECORDED, THRESHOLD_CROSSED) == "C3a"
    assert find_stop(NOTICED, RECORDED, threshold_crossed=True) == "C3a"
    assert find_stop(NOTICED, RECORDED, THRESHOLD_CROSSED, jigsaw=True) == "C3a"


def test_a_message_that_was_lost_or_late() -> None:
    assert find_stop(*SHARED_CHAIN, LOST) == "C4a"
    assert find_stop(*SHARED_CHAIN) == "C4b"
    assert find_stop(*SHARED_CHAIN, (DEADLINE + 1, "DELIVERED")) == "C4b"


def test_a_message_that_was_screened_out() -> None:
    assert find_stop(*SHARED_CHAIN, DELIVERED, (ONSET + 3, "SCREENED_OUT")) == "C5"


def test_the_message_that_got_furthest_decides_where_the_chain_stopped() -> None:
    assert find_stop(*SHARED_CHAIN, LOST, DELIVERED) == "C5"


@pytest.mark.parametrize(
    "status", [Status.WAITING, Status.INITIAL, Status.CORE_WAITING, Status.CORE, Status.ENQUIRY]
)
def test_a_child_who_is_still_in_a_queue_or_in_assessment(status: int) -> None:
    assert find_stop(*SHARED_CHAIN, DELIVERED, REFERRED, status_at_deadline=status) == "C6b"


def test_a_child_who_waits_for_a_conference() -> None:
    assert (
        find_stop(*SHARED_CHAIN, DELIVERED, REFERRED, STARTED, FINISHED, status_at_deadline=Status.CONFERENCE)
        == "C6c"
    )


def test_a_child_who_was_assessed_as_below_the_threshold_or_got_too_little() -> None:
    assert find_stop(*SHARED_CHAIN, DELIVERED, REFERRED, STARTED, FINISHED) == "C7"
    assert (
        find_stop(*SHARED_CHAIN, DELIVERED, REFERRED, STARTED, FINISHED, status_at_deadline=Status.IN_NEED)
        == "C7"
    )


def test_a_plan_that_was_not_effective_in_time() -> None:
    decided = (ONSET + 8, "PLAN_STARTED")
    assert (
        find_stop(
            *SHARED_CHAIN, DELIVERED, REFERRED, STARTED, FINISHED, decided, status_at_deadline=Status.PLAN
        )
        == "C8"
    )


SERVICES_END = pytest.mark.parametrize("service", ["PLAN_ENDED", "IN_NEED_ENDED", "CARE_ENDED"])


@SERVICES_END
def test_a_case_that_was_closed_while_the_child_was_in_harm_stopped_there_whatever_else_happened(
    service: str,
) -> None:
    assert find_stop(*SHARED_CHAIN, DELIVERED, REFERRED, (ONSET + 5, service)) == "C9a"
    assert find_stop((ONSET + 3, service), protected=[(ONSET - 40, ONSET + 3)]) == "C9a"


@SERVICES_END
def test_a_sound_closure_is_not_blamed_for_new_harm(service: str) -> None:
    closed = (ONSET - 5, service)
    assert find_stop(closed) == "C1a"
    assert find_stop(*SHARED_CHAIN, DELIVERED, closed) == "C5", "new harm is coded by its own chain"
    assert evaluate_story(happened=[closed])["new_harm_after_closure"]
    assert not evaluate_story(happened=[(ONSET - 27, service)])["new_harm_after_closure"]
    assert not evaluate_story(happened=[(ONSET + 5, service)])["new_harm_after_closure"]


@SERVICES_END
def test_what_happened_before_a_sound_closure_belongs_to_the_case_that_was_closed(service: str) -> None:
    assert find_stop((ONSET - 9, "INITIAL_FINISHED"), (ONSET - 5, service)) == "C1a"
    assert find_stop((ONSET - 9, "INITIAL_FINISHED")) == "C7"


def test_a_closure_after_the_harm_was_over_is_sound() -> None:
    lost = {"end": ONSET + 9, "protected": [(ONSET + 1, ONSET + 4)]}
    assert find_stop((ONSET, "PLAN_STARTED"), (ONSET + 10, "IN_NEED_ENDED"), **lost) == "C8"


def test_a_service_that_was_replaced_by_a_plan_was_not_closed() -> None:
    ended = (ONSET + 3, "IN_NEED_ENDED")
    assert find_stop(ended, (ONSET + 3, "PLAN_STARTED"), status_at_deadline=Status.PLAN) == "C8"


@pytest.mark.parametrize(("weeks_before", "code"), [(26, "C5"), (27, "C1a")])
def test_events_count_from_26_weeks_before_onset(weeks_before: int, code: str) -> None:
    assert find_stop((ONSET - weeks_before, "DELIVERED")) == code


def test_events_after_the_deadline_do_not_count() -> None:
    assert find_stop((DEADLINE, "DELIVERED")) == "C5"
    assert find_stop((DEADLINE + 1, "DELIVERED")) == "C1a"
    assert find_stop((ONSET + 6, "DELIVERED"), serious=ONSET + 5) == "C1a"


def test_the_chain_of_a_spell_that_was_not_missed_did_not_stop() -> None:
    assert evaluate_story(protected=[(ONSET, None)], happened=[NOTICED])["stopped_at"] is None or pd.isna(
        evaluate_story(protected=[(ONSET, None)], happened=[NOTICED])["stopped_at"]
    )


def test_first_times_are_counted_from_onset_to_the_end_of_the_spell() -> None:
    row = evaluate_story(
        happened=[(ONSET - 3, "NOTICED"), NOTICED, SHARED, DELIVERED, (LONG + 5, "REFERRED")]
    )
    assert row["first_notice"] == ONSET + 1
    assert row["first_share"] == ONSET + 2
    assert row["first_delivery"] == ONSET + 3
    assert pd.isna(row["first_referral"])
    assert pd.isna(row["first_protected"])


def test_a_spell_ended_by_protection_shows_both_ends() -> None:
    row = evaluate_story(protected=[(ONSET + 3, None)], ended_by_protection=ONSET + 8)
    assert (row["end_untreated"], row["end_actual"]) == (LONG, ONSET + 8)
    assert row["first_protected"] == ONSET + 3


# Strict protection, course, severity, and how a spell failed.


def test_a_child_in_need_service_does_not_protect_strictly_where_a_plan_was_called_for() -> None:
    on_plan = {"happened": [(ONSET + 2, "PLAN_STARTED")], "status_at_deadline": Status.PLAN}
    protected = {"protected": [(ONSET + 2, None)]}
    assert evaluate_story(**protected, **on_plan)["protected_strictly"]
    assert not evaluate_story(**protected)["protected_strictly"], "a service only, at a severity of 1.5"
    assert evaluate_story(**protected, severity=1.01)["protected_strictly"], (
        "a service below the threshold for a plan"
    )


def test_strict_protection_must_be_effective_and_last_like_any_other() -> None:
    plan = (ONSET + 2, "PLAN_STARTED")
    assert not evaluate_story(happened=[plan])["protected_strictly"], "a plan in name only"
    ended = [plan, (ONSET + 9, "PLAN_ENDED")]
    assert not evaluate_story(happened=ended, protected=[(ONSET + 2, None)])["protected_strictly"]
    to_care = [*ended, (ONSET + 9, "CARE_STARTED")]
    assert evaluate_story(happened=to_care, protected=[(ONSET + 2, None)])["protected_strictly"]


@pytest.mark.parametrize(("weeks", "course"), [(25, "acute"), (26, "chronic")])
def test_a_spell_that_would_last_half_a_year_is_chronic_even_if_protection_ends_it_sooner(
    weeks: int, course: str
) -> None:
    assert evaluate_story(end=ONSET + weeks)["course"] == course
    protected = {"protected": [(ONSET + 2, None)], "ended_by_protection": ONSET + 6}
    assert evaluate_story(end=ONSET + weeks, **protected)["course"] == course


def test_a_spell_is_severe_above_the_80th_percentile_of_the_drawn_distribution() -> None:
    cutoff = find_severe_cutoff(scenario())
    assert not evaluate_story(severity=cutoff)["severe"]
    assert evaluate_story(severity=cutoff + 1e-9)["severe"]
    drawn = get_world(scenario()).spells.severity
    assert np.quantile(drawn, 0.8) == pytest.approx(cutoff, rel=0.08)


@pytest.mark.parametrize(
    ("story", "failed"),
    [
        ({}, "never_referred"),
        ({"happened": [REFERRED]}, "not_protected"),
        ({"happened": [REFERRED], "protected": [(ONSET + 4, ONSET + 8)]}, "protection_lost"),
        ({"happened": [(DEADLINE + 1, "REFERRED")]}, "never_referred"),
        ({"protected": [(DEADLINE + 1, None)]}, "never_referred"),
    ],
)
def test_how_a_missed_spell_failed(story: dict[str, Any], failed: str) -> None:
    assert evaluate_story(**story)["failed"] == failed


def test_the_kind_of_agency_that_shared_first_is_named() -> None:
    row = evaluate_story(happened=[SHARED, DELIVERED, REFERRED])
    assert (row["shared_by"], row["referred_by"]) == ("school", "school")
    assert pd.isna(evaluate_story()["shared_by"])
