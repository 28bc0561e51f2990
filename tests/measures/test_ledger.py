"""The ledger's rules on spells made by hand: what counts as missed, and at which step a child was lost."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.model.authority import scenario, world_of

from cpsim.casework.log import FinishedLog, Log, Occurrence
from cpsim.casework.state import Status
from cpsim.constants import NEVER
from cpsim.measures.ledger import Snapshots, build_spells_table
from cpsim.world import World
from cpsim.world.harm import Spells

ONSET = 10
"""Week of onset, counted from week 0; the deadline at 13 weeks is week 23."""
DEADLINE = ONSET + 13
LONG = 200
JUDGED = 52 * scenario().clock.years
SCHOOL = 0


@dataclass
class Story:
    """One child, one spell of harm, and what happened; weeks are counted from week 0."""

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


def _world(story: Story) -> World:
    """The tiny authority with one spell of harm, of its first child."""
    drawn = world_of(scenario())
    zero = drawn.warm_up
    birth = drawn.children.birth.copy()
    birth[0] = story.turns_18 + zero - 18 * 52
    spell = Spells(
        child=np.array([0], np.int32),
        onset=np.array([story.onset + zero], np.int32),
        end=np.array([story.end + zero], np.int32),
        severity=np.array([1.5]),
        harm=np.array([True]),
        serious=np.array([NEVER if story.serious is None else story.serious + zero], np.int32),
        resistance=np.array([1.0]),
        serious_mark=np.array([0.5]),
    )
    met = np.array([NEVER if story.met is None else story.met + zero], np.int32)
    return replace(drawn, children=replace(drawn.children, birth=birth), spells=spell, first_contact=met)


def _log(story: Story, zero: int) -> Log:
    happened: list[tuple[int, str, float]] = [(week, what, np.nan) for week, what in story.happened]
    for start, until in story.protected:
        happened.append((start, "EFFECTIVE_FROM", np.nan))
        if until is not None:
            happened.append((until, "EFFECTIVE_UNTIL", np.nan))
    for week, what in (
        (story.serious, "SERIOUS_EVENT"),
        (story.ended_by_protection, "HARM_ENDED_BY_PROTECTION"),
    ):
        if week is not None:
            happened.append((week, what, 0.0))
    log = Log()
    for week, what, value in sorted(happened, key=lambda row: row[0]):
        log.add(week + zero, getattr(Occurrence, what), np.array([0]), np.array([SCHOOL]), np.array([value]))
    return log


def verdict(**says: Any) -> "pd.Series[Any]":
    """The row of the table of spells for a story."""
    story = Story(**says)
    world = _world(story)
    noted = Snapshots(world)
    noted.status[0] = story.status_at_deadline
    noted.on_file[0], noted.threshold_crossed[0], noted.jigsaw[0] = (
        story.on_file,
        story.threshold_crossed,
        story.jigsaw,
    )
    table = build_spells_table(world, FinishedLog(_log(story, world.warm_up)), noted)
    assert len(table) == 1
    return table.iloc[0]


def result(**says: Any) -> str:
    return str(verdict(**says)["result_13w"])


# What became of the spell.


def test_harm_that_nobody_protects_from_is_missed() -> None:
    assert result() == "missed"


def test_protection_that_starts_before_the_deadline_and_lasts_is_in_time() -> None:
    assert result(protected=[(ONSET + 5, None)]) == "protected"


@pytest.mark.parametrize(("start", "became"), [(DEADLINE, "protected"), (DEADLINE + 1, "missed")])
def test_the_week_of_the_deadline_is_the_last_in_time(start: int, became: str) -> None:
    assert result(protected=[(start, None)]) == became


def test_protection_in_force_at_onset_counts() -> None:
    assert result(protected=[(ONSET - 30, None)]) == "protected"
    assert result(protected=[(ONSET, None)]) == "protected"


def test_protection_that_was_over_before_onset_does_not_count() -> None:
    assert result(protected=[(ONSET - 30, ONSET)]) == "missed"


@pytest.mark.parametrize(
    ("until", "became"), [(DEADLINE - 1, "missed"), (DEADLINE, "protected"), (LONG, "protected")]
)
def test_protection_withdrawn_before_the_deadline_while_harm_goes_on_is_a_miss(
    until: int, became: str
) -> None:
    assert result(protected=[(ONSET + 2, until)]) == became


def test_protection_that_comes_back_in_time_counts() -> None:
    assert result(protected=[(ONSET + 1, ONSET + 4), (ONSET + 9, None)]) == "protected"


def test_harm_that_ends_by_itself_before_the_deadline_is_no_miss() -> None:
    assert result(end=ONSET + 6) == "self_resolved"
    assert result(end=DEADLINE - 1) == "self_resolved"


def test_a_spell_that_ends_in_the_week_of_the_deadline_is_judged_there() -> None:
    assert result(end=DEADLINE) == "missed"
    assert result(end=DEADLINE, protected=[(ONSET + 3, None)]) == "protected"


def test_harm_that_protection_ends_is_protected() -> None:
    assert result(protected=[(ONSET + 3, None)], ended_by_protection=ONSET + 8) == "protected"
    # Care begins and ends harm at home in one and the same week.
    assert result(protected=[(ONSET + 8, None)], ended_by_protection=ONSET + 8) == "protected"


def test_harm_that_resolves_after_a_protection_was_withdrawn_is_not_called_self_resolved() -> None:
    assert result(end=ONSET + 9, protected=[(ONSET + 1, ONSET + 4)]) == "missed"


@pytest.mark.parametrize(
    ("start", "became"), [(ONSET + 4, "protected"), (ONSET + 5, "missed"), (ONSET + 6, "missed")]
)
def test_protection_that_starts_in_the_week_of_the_serious_event_is_too_late(start: int, became: str) -> None:
    assert result(serious=ONSET + 5, protected=[(start, None)]) == became


def test_a_serious_event_ends_the_time_that_there_was() -> None:
    assert result(serious=ONSET + 5, end=ONSET + 7) == "missed"


def test_a_serious_event_in_the_very_week_of_onset_is_missed_unless_protection_was_there_before() -> None:
    assert result(serious=ONSET) == "missed"
    assert result(serious=ONSET, protected=[(ONSET, None)]) == "missed"
    assert result(serious=ONSET, protected=[(ONSET - 1, None)]) == "protected"


def test_a_serious_event_after_the_deadline_is_none_of_its_business() -> None:
    assert result(serious=DEADLINE + 2, protected=[(DEADLINE, None)]) == "protected"
    assert result(serious=DEADLINE + 2) == "missed"


@pytest.mark.parametrize(
    ("birthday", "became"), [(DEADLINE - 1, "censored"), (DEADLINE, "missed"), (DEADLINE + 5, "missed")]
)
def test_who_turns_eighteen_before_the_deadline_is_censored(birthday: int, became: str) -> None:
    assert result(turns_18=birthday, end=birthday) == became


def test_a_serious_event_before_the_birthday_is_not_censored_away() -> None:
    assert result(turns_18=ONSET + 8, end=ONSET + 8, serious=ONSET + 3) == "missed"


def test_each_deadline_judges_for_itself() -> None:
    row = verdict(end=ONSET + 40, protected=[(ONSET + 6, ONSET + 20)])
    assert [row[f"result_{weeks}w"] for weeks in (4, 13, 26, 52)] == [
        "missed",
        "protected",
        "missed",
        "missed",
    ]
    row = verdict(end=ONSET + 30)
    assert [row[f"result_{weeks}w"] for weeks in (4, 13, 26, 52)] == [
        "missed",
        "missed",
        "missed",
        "self_resolved",
    ]


@pytest.mark.parametrize(("onset", "judged"), [(-1, 0), (0, 1), (JUDGED - 1, 1), (JUDGED, 0)])
def test_only_onsets_in_the_judged_weeks_count(onset: int, judged: int) -> None:
    world = _world(Story(onset=onset, end=onset + 60))
    assert len(build_spells_table(world, FinishedLog(Log()), Snapshots(world))) == judged


# Where it was lost.


def cause(*happened: tuple[int, str], **says: Any) -> str:
    row = verdict(happened=list(happened), **says)
    assert row["result_13w"] == "missed"
    assert row["cause_part"][:2] == row["cause"]
    return str(row["cause_part"])


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
TOLD = (NOTICED, RECORDED, THRESHOLD_CROSSED, SHARED)


def test_whom_nobody_met_there_was_no_opportunity_to_help() -> None:
    assert cause(met=None) == "C0"
    assert cause(met=DEADLINE + 1) == "C0"


def test_who_was_met_and_never_noticed() -> None:
    assert cause() == "C1a"
    assert cause(met=DEADLINE) == "C1a"


def test_what_was_noticed_and_not_written_down() -> None:
    assert cause(NOTICED) == "C2"


def test_what_was_written_down_and_too_weak_even_together() -> None:
    assert cause(NOTICED, RECORDED) == "C1b"
    assert cause(on_file=True) == "C1b"


def test_the_jigsaw_that_nobody_assembled() -> None:
    assert cause(NOTICED, RECORDED, jigsaw=True) == "C3b"


def test_an_agency_that_was_worried_enough_and_told_nobody() -> None:
    assert cause(NOTICED, RECORDED, THRESHOLD_CROSSED) == "C3a"
    assert cause(NOTICED, RECORDED, threshold_crossed=True) == "C3a"
    assert cause(NOTICED, RECORDED, THRESHOLD_CROSSED, jigsaw=True) == "C3a"


def test_a_message_that_was_lost_and_one_that_came_late() -> None:
    assert cause(*TOLD, LOST) == "C4a"
    assert cause(*TOLD) == "C4b"
    assert cause(*TOLD, (DEADLINE + 1, "DELIVERED")) == "C4b"


def test_a_message_that_was_screened_out() -> None:
    assert cause(*TOLD, DELIVERED, (ONSET + 3, "SCREENED_OUT")) == "C5"


def test_one_message_lost_and_another_read_is_the_one_that_got_furthest() -> None:
    assert cause(*TOLD, LOST, DELIVERED) == "C5"


@pytest.mark.parametrize(
    "status", [Status.WAITING, Status.INITIAL, Status.CORE_WAITING, Status.CORE, Status.ENQUIRY]
)
def test_who_is_still_in_a_queue_or_under_assessment(status: int) -> None:
    assert cause(*TOLD, DELIVERED, REFERRED, status_at_deadline=status) == "C6b"


def test_who_waits_for_a_conference() -> None:
    assert cause(*TOLD, DELIVERED, REFERRED, STARTED, FINISHED, status_at_deadline=Status.CONFERENCE) == "C6c"


def test_who_was_assessed_and_found_below_the_bar_or_given_too_little() -> None:
    assert cause(*TOLD, DELIVERED, REFERRED, STARTED, FINISHED) == "C7"
    assert cause(*TOLD, DELIVERED, REFERRED, STARTED, FINISHED, status_at_deadline=Status.IN_NEED) == "C7"


def test_a_decision_that_came_to_nothing_in_time() -> None:
    decided = (ONSET + 8, "PLAN_STARTED")
    assert (
        cause(*TOLD, DELIVERED, REFERRED, STARTED, FINISHED, decided, status_at_deadline=Status.PLAN) == "C8"
    )


@pytest.mark.parametrize("service", ["PLAN_ENDED", "IN_NEED_ENDED", "CARE_ENDED"])
def test_a_service_that_was_closed_too_early_comes_before_every_other_cause(service: str) -> None:
    assert cause(*TOLD, DELIVERED, REFERRED, (ONSET - 5, service)) == "C9"
    assert cause((ONSET + 3, service), protected=[(ONSET - 40, ONSET + 3)]) == "C9"


def test_a_service_that_gave_way_to_another_was_not_closed() -> None:
    ended = (ONSET + 3, "IN_NEED_ENDED")
    assert cause(ended, (ONSET + 3, "PLAN_STARTED"), status_at_deadline=Status.PLAN) == "C8"


@pytest.mark.parametrize(("weeks_before", "code"), [(26, "C5"), (27, "C1a")])
def test_a_chain_of_concern_is_alive_for_half_a_year_before_onset(weeks_before: int, code: str) -> None:
    assert cause((ONSET - weeks_before, "DELIVERED")) == code


def test_what_happens_after_the_deadline_explains_nothing() -> None:
    assert cause((DEADLINE, "DELIVERED")) == "C5"
    assert cause((DEADLINE + 1, "DELIVERED")) == "C1a"
    assert cause((ONSET + 6, "DELIVERED"), serious=ONSET + 5) == "C1a"


def test_a_spell_that_was_not_missed_has_no_cause() -> None:
    assert verdict(protected=[(ONSET, None)], happened=[NOTICED])["cause"] is None or pd.isna(
        verdict(protected=[(ONSET, None)], happened=[NOTICED])["cause"]
    )


def test_first_times_are_told_from_onset_to_the_end_of_the_spell() -> None:
    row = verdict(happened=[(ONSET - 3, "NOTICED"), NOTICED, SHARED, DELIVERED, (LONG + 5, "REFERRED")])
    assert row["first_notice"] == ONSET + 1
    assert row["first_share"] == ONSET + 2
    assert row["first_delivery"] == ONSET + 3
    assert pd.isna(row["first_referral"])
    assert pd.isna(row["first_protected"])


def test_a_spell_ended_by_protection_shows_both_ends() -> None:
    row = verdict(protected=[(ONSET + 3, None)], ended_by_protection=ONSET + 8)
    assert (row["end_untreated"], row["end_actual"]) == (LONG, ONSET + 8)
    assert row["first_protected"] == ONSET + 3
