"""Pieces on file: what agencies had recorded about a child, pooled, and the alarms that it would have raised."""

from dataclasses import replace

import numpy as np
import pytest
from tests.model.authority import get_world, scenario

from cpsim.casework.log import FinishedLog, Log, Occurrence
from cpsim.constants import NEVER
from cpsim.measures.chain import TIERS
from cpsim.measures.on_file import Crossings, find_alarms, find_crossings, find_tiers
from cpsim.scenario.schema import Scenario
from cpsim.world import World
from cpsim.world.harm import Spells

ONSET = 100
"""Week of the run."""
SETTINGS = scenario(
    "measures.on_file_threshold=2", "sharing.evidence_fading_per_week=0.1", "sharing.signal_correlation=0.3"
)
School, Gp = 0, 1
Sign = tuple[int, int, float, bool]
"""Week, kind of agency, evidence, and whether it was recorded."""


def build_world() -> World:
    """Build a world with one spell of harm, of its first child, from week 100 on."""
    return replace(
        get_world(scenario()),
        spells=Spells(
            child=np.zeros(1, np.int64),
            onset=np.array([ONSET], np.int32),
            end=np.array([ONSET + 60], np.int32),
            severity=np.ones(1),
            harm=np.ones(1, np.bool_),
            serious=np.full(1, NEVER, np.int32),
            resistance=np.ones(1),
            serious_mark=np.ones(1),
        ),
    )


def find(*signs: Sign, child: int = 0, settings: Scenario = SETTINGS) -> Crossings:
    world = build_world()
    log = Log()
    for week, kind, evidence, recorded in sorted(signs):
        site = np.array([int(np.flatnonzero(world.sites.kind == kind)[0])])
        log.add(week, Occurrence.NOTICED, np.array([child]), site, np.array([evidence]))
        if recorded:
            log.add(week, Occurrence.RECORDED, np.array([child]), site)
    return find_crossings(settings, world, FinishedLog(log), np.array([0]))


def find_tier(*signs: Sign, last: int = ONSET + 9) -> str | None:
    tier = int(find_tiers(find(*signs), np.array([0]), np.array([ONSET]), np.array([last]))[0])
    return [*TIERS, None][tier]


def test_one_file_that_crosses_by_itself_was_known() -> None:
    assert find_tier((ONSET + 3, School, 1.5, True), (ONSET + 4, School, 1.0, True)) == "known"


def test_pieces_on_two_files_that_cross_only_together_were_on_file() -> None:
    pieces = ((ONSET + 3, School, 1.6, True), (ONSET + 3, Gp, 1.2, True))
    assert (1.6 + 1.2) / 1.3 > 2
    assert find_tier(*pieces) == "on_file"
    assert find_tier(pieces[0]) is None


def test_a_sign_that_was_not_written_down_was_noticed_only() -> None:
    assert find_tier((ONSET + 3, School, 1.6, True), (ONSET + 3, Gp, 1.2, False)) == "noticed"
    assert find_tier((ONSET + 3, School, 2.5, False)) == "noticed"


def test_the_pieces_must_be_on_file_while_there_is_time_to_act() -> None:
    sign = (ONSET + 9, School, 2.5, True)
    assert find_tier(sign, last=ONSET + 9) == "known"
    assert find_tier(sign, last=ONSET + 8) is None


def test_nothing_from_later_weeks_is_used() -> None:
    early, late = (ONSET + 3, School, 1.6, True), (ONSET + 12, School, 1.6, True)
    assert find_tier(early, late) is None


def test_records_from_before_the_onset_count_as_far_as_they_have_not_faded() -> None:
    assert find_tier((ONSET - 2, School, 2.5, True)) == "known"
    assert 2.5 * np.exp(-0.3) < 2
    assert find_tier((ONSET - 3, School, 2.5, True)) is None


def test_evidence_counts_for_a_year() -> None:
    slow = scenario("measures.on_file_threshold=2", "sharing.evidence_fading_per_week=0")
    signs = ((ONSET, School, 1.5, True), (ONSET + 51, School, 1.0, True))
    assert find(*signs, settings=slow).known.tolist() == [True]
    assert find(signs[0], (ONSET + 52, School, 1.0, True), settings=slow).known.tolist() == []


def test_a_child_whose_evidence_is_never_enough_is_not_looked_at() -> None:
    assert len(find((ONSET, School, 1.9, True)).week) == 0


def count_alarms(*signs: Sign, child: int = 0) -> tuple[list[int], list[bool]]:
    crossings = find(*signs, child=child)
    alarms = find_alarms(SETTINGS, build_world(), FinishedLog(Log()), crossings)
    return alarms.week.tolist(), alarms.true.tolist()


def test_an_alarm_about_a_child_in_harm_is_true() -> None:
    assert count_alarms((ONSET + 3, School, 2.5, True)) == ([ONSET + 3], [True])
    assert count_alarms((ONSET + 60, School, 2.5, True)) == ([ONSET + 60], [False]), "after the harm"
    assert count_alarms((ONSET + 3, School, 2.5, True), child=1) == ([ONSET + 3], [False])


@pytest.mark.parametrize(("before", "true"), [(26, True), (27, False)])
def test_an_alarm_is_true_if_harm_begins_within_26_weeks(before: int, *, true: bool) -> None:
    assert count_alarms((ONSET - before, School, 2.5, True)) == ([ONSET - before], [true])


def test_the_same_records_raise_a_second_alarm_only_after_half_a_year_of_quiet() -> None:
    first = (ONSET, School, 2.5, True)
    assert count_alarms(first, (ONSET + 26, School, 2.5, True))[0] == [ONSET]
    assert count_alarms(first, (ONSET + 27, School, 2.5, True))[0] == [ONSET, ONSET + 27]
    through = (first, (ONSET + 20, School, 2.5, True), (ONSET + 40, School, 2.5, True))
    assert count_alarms(*through)[0] == [ONSET]


def test_what_was_noticed_and_not_recorded_raises_no_alarm() -> None:
    assert count_alarms((ONSET + 3, School, 2.5, False)) == ([], [])
