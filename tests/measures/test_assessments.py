"""Assessments of families: what social care found, and what was true of the family at the time."""

from dataclasses import replace

import numpy as np
import pytest
from tests.model.authority import get_world, scenario

from cpsim.casework.log import FinishedLog, Log, Occurrence
from cpsim.constants import NEVER
from cpsim.measures.assessments import FINDINGS, Assessments, find_assessments
from cpsim.measures.conditions import STATES
from cpsim.world import World
from cpsim.world.harm import OTHER_NEEDS, Needs, Spells

CONTACT, STARTED, ENDED = 100, 102, 104
"""Weeks of the run."""
Event = tuple[int, str]
INITIAL: tuple[Event, ...] = (
    (CONTACT, "REFERRED"),
    (STARTED, "INITIAL_STARTED"),
    (ENDED, "INITIAL_FINISHED"),
)
NO_ACTION: tuple[Event, ...] = (*INITIAL, (ENDED, "NO_FURTHER_ACTION"))
SERVICE: tuple[Event, ...] = (*INITIAL, (ENDED, "IN_NEED_STARTED"))


def build_family(
    spells: list[tuple[int, int, float]] | None = None, need: tuple[str, int, int] | None = None
) -> World:
    """Build a world in which only the first child has spells (start, end, severity) and a need (reason, start, end)."""
    drawn, spells = get_world(scenario()), spells or []
    start, end, severity = (np.array([spell[column] for spell in spells]) for column in range(3))
    n = len(spells)
    of_need = [] if need is None else [need]
    return replace(
        drawn,
        spells=Spells(
            child=np.zeros(n, np.int64),
            onset=start.astype(np.int32),
            end=end.astype(np.int32),
            severity=severity.astype(np.float64),
            harm=severity >= 1,
            serious=np.full(n, NEVER, np.int32),
            resistance=np.ones(n),
            serious_mark=np.full(n, 0.5),
        ),
        needs=Needs(
            child=np.zeros(len(of_need), np.int64),
            start=np.array([each[1] for each in of_need], np.int32),
            end=np.array([each[2] for each in of_need], np.int32),
            reason=np.array([OTHER_NEEDS.index(each[0]) for each in of_need], np.int8),
            apparent_severity=np.full(len(of_need), 0.3),
            requests_help=np.zeros(len(of_need), np.bool_),
        ),
    )


def assess(world: World, *happened: Event, child: int = 0) -> Assessments:
    """Find the assessments of a family about whose child something happened in some weeks of the run."""
    return assess_children(world, {child: happened})


def assess_children(world: World, happened: dict[int, tuple[Event, ...]]) -> Assessments:
    log = Log()
    events = sorted((week, name, child) for child, each in happened.items() for week, name in each)
    for week, name, child in events:
        log.add(week, getattr(Occurrence, name), np.array([child]))
    return find_assessments(scenario().measures, world, FinishedLog(log))


def describe(assessed: Assessments) -> tuple[str, str]:
    """Return what was found and what was true, of the only assessment."""
    assert len(assessed.family) == 1
    return list(FINDINGS)[assessed.found[0]], list(STATES)[assessed.true[0]]


def test_a_section_17_assessment_of_a_disabled_childs_family_is_no_false_alarm() -> None:
    world = build_family(need=("disability", 0, 900))
    assert describe(assess(world, *SERVICE)) == ("in_need", "in_need")
    assert describe(assess(world, *NO_ACTION)) == ("not_in_need", "in_need"), "even if it is not recognised"


def test_a_family_with_neither_need_nor_harm_was_assessed_for_nothing_that_the_model_knows() -> None:
    assert describe(assess(build_family(), *NO_ACTION)) == ("not_in_need", "neither")


@pytest.mark.parametrize(
    ("severity", "state"), [(1.4, "in_harm"), (0.99, "in_need"), (0.7, "in_need"), (0.69, "additional_needs")]
)
def test_severity_decides_between_harm_need_and_additional_needs(severity: float, state: str) -> None:
    world = build_family([(CONTACT - 2, ENDED + 30, severity)])
    assert describe(assess(world, *NO_ACTION)) == ("not_in_need", state)


@pytest.mark.parametrize(
    ("start", "end", "state"),
    [
        (CONTACT - 40, CONTACT - 13, "neither"),
        (CONTACT - 40, CONTACT - 12, "in_harm"),
        (ENDED, ENDED + 5, "in_harm"),
        (ENDED + 1, ENDED + 5, "likely_harm"),
        (ENDED + 26, ENDED + 40, "likely_harm"),
        (ENDED + 27, ENDED + 40, "neither"),
    ],
)
def test_harm_counts_from_13_weeks_before_the_contact_to_the_end_and_as_likely_for_26_weeks_more(
    start: int, end: int, state: str
) -> None:
    assert describe(assess(build_family([(start, end, 1.5)]), *NO_ACTION)) == ("not_in_need", state)


def test_the_gravest_state_of_the_family_counts_whichever_child_was_assessed() -> None:
    world = build_family([(CONTACT - 2, ENDED + 30, 1.5)])
    sibling = int(np.flatnonzero(world.children.family == world.children.family[0])[-1])
    assert describe(assess(world, *NO_ACTION, child=sibling)) == ("not_in_need", "in_harm")


def test_siblings_who_were_referred_in_one_week_are_one_assessment_with_the_gravest_finding() -> None:
    drawn = build_family()
    siblings = find_siblings(drawn)
    later = ((CONTACT, "REFERRED"), (STARTED + 3, "INITIAL_STARTED"), (ENDED + 5, "INITIAL_FINISHED"))
    assessed = assess_children(
        drawn, {siblings[0]: NO_ACTION, siblings[1]: (*later, (ENDED + 5, "IN_NEED_STARTED"))}
    )
    assert describe(assessed) == ("in_need", "neither")
    assert (assessed.children[0], assessed.start[0], assessed.end[0]) == (2, STARTED, ENDED + 5)


def test_another_contact_is_another_assessment() -> None:
    again = tuple((week + 40, name) for week, name in NO_ACTION)
    assessed = assess(build_family(), *NO_ACTION, *again)
    assert assessed.contact.tolist() == [CONTACT, CONTACT + 40]


def test_an_enquiry_that_leads_to_a_conference_found_harm() -> None:
    enquiry = ((ENDED + 1, "CORE_STARTED"), (ENDED + 1, "ENQUIRY_STARTED"))
    finished = ((ENDED + 3, "CORE_FINISHED"), (ENDED + 3, "ENQUIRY_FINISHED"))
    conference = (ENDED + 5, "CONFERENCE")
    assessed = assess(build_family(), *INITIAL, *enquiry, *finished, conference)
    assert describe(assessed) == ("harm", "neither")
    assert assessed.enquiry.tolist() == [True]
    assert assessed.end.tolist() == [ENDED + 3]


def test_an_enquiry_about_a_child_with_a_service_is_an_assessment_of_its_own() -> None:
    enquiry = ((ENDED + 21, "CORE_STARTED"), (ENDED + 21, "ENQUIRY_STARTED"))
    finished = (
        (ENDED + 23, "CORE_FINISHED"),
        (ENDED + 23, "ENQUIRY_FINISHED"),
        (ENDED + 23, "NO_FURTHER_ACTION"),
    )
    assessed = assess(build_family(), *SERVICE, (ENDED + 20, "DELIVERED"), *enquiry, *finished)
    assert [list(FINDINGS)[found] for found in assessed.found] == ["in_need", "not_in_need"]
    assert assessed.contact.tolist() == [CONTACT, ENDED + 20]
    assert assessed.enquiry.tolist() == [False, True]


def test_an_assessment_that_has_not_ended_is_not_counted() -> None:
    assert len(assess(build_family(), *INITIAL[:2]).family) == 0
    assert len(assess(build_family()).family) == 0


def find_siblings(world: World) -> list[int]:
    """Find two children of one family."""
    _, first, number = np.unique(world.children.family, return_index=True, return_counts=True)
    row = int(first[number > 1][0])
    return np.flatnonzero(world.children.family == world.children.family[row])[:2].tolist()
