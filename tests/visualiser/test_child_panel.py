"""One child under two systems: its story is told as far as both have been lived, and nobody is disturbed by it."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import solara
from ipyvue import VueTemplate
from tests.visualiser.rooms import live, room_of, tiny

from cpsim.results.story import Stories
from cpsim.visualiser.child_panel import rows, told_so_far
from cpsim.visualiser.children import Comparing, Parted
from cpsim.visualiser.classroom import Classroom
from cpsim.visualiser.side_by_side import SideBySide

LOOSER = [{"date": "2005-04-01", "lever": "thresholds", "kinds": ["front_door"], "shift": -1.5}]
WEEKS = 120


@pytest.fixture(scope="module")
def room() -> Iterator[Classroom]:
    """A front door as it is beside one that believes more, some way on."""
    room = room_of(tiny("as it is"), tiny("looser", timeline=LOOSER))
    live(room, WEEKS)
    yield room
    room.close()


@pytest.fixture(scope="module")
def parted(room: Classroom) -> Parted:
    """A child whom one of them caught alone."""
    both = Comparing(*(system.onlooker.verdicts for system in room.systems)).catch_up()
    return (*both.right, *both.left)[0]


@pytest.fixture(scope="module")
def stories(room: Classroom, parted: Parted) -> Stories:
    return told_so_far(room, parted)


def test_the_story_ends_as_each_list_says(stories: Stories, parted: Parted) -> None:
    spells = [next(spell for spell in story.spells if spell.onset == parted.onset) for story in stories]
    assert {spell.result for spell in spells} == {"protected", "missed"}
    assert [story.scenario for story in stories] == ["as it is", "looser"]


def test_nothing_is_told_that_has_not_been_lived_yet(room: Classroom, stories: Stories) -> None:
    for story in stories:
        assert story.last < room.week
        assert all(story.first <= entry.week <= story.last for entry in story.entries)


def test_telling_a_story_disturbs_nobody(room: Classroom, parted: Parted) -> None:
    before = [system.model.casework.records.status.copy() for system in room.systems]
    weeks = [system.model.week for system in room.systems]
    told_so_far(room, parted)
    for system, status, week in zip(room.systems, before, weeks, strict=True):
        assert system.model.week == week
        np.testing.assert_array_equal(system.model.casework.records.status, status)


def test_a_story_tells_what_happened_to_the_class_and_not_to_its_past_alone(parted: Parted) -> None:
    """What the class has clicked belongs to the story."""
    room = room_of(tiny("as it is"), tiny("looser", timeline=LOOSER))
    live(room, WEEKS)
    told = told_so_far(room, parted)
    logs = [system.model.casework.log for system in room.systems]
    for story, log in zip(told, logs, strict=True):
        delivered = log.of(6)
        weeks = delivered.week[delivered.child == parted.child] - room.systems[0].model.world.warm_up
        arrived = [message.arrived for message in story.messages if message.fate == "delivered"]
        assert set(arrived) <= set(weeks.tolist())
    room.close()


def test_rows_stand_in_order_and_the_first_that_differs_is_where_the_lives_part(stories: Stories) -> None:
    chronology = rows(stories)
    parts = [number for number, row in enumerate(chronology) if row["parts"]]
    assert len(parts) == 1
    assert all(row["alike"] for row in chronology[: parts[0]])
    assert all(len(row["cells"]) == 2 for row in chronology)
    said = " ".join(cell for row in chronology for cell in row["cells"])
    for story in stories:
        assert all(entry.says in said for entry in story.entries)


def test_the_same_story_twice_parts_nowhere(stories: Stories) -> None:
    twice = Stories((stories[0], replace(stories[0])))
    assert not any(row["parts"] for row in rows(twice))
    assert all(row["same"] for row in rows(twice))


def test_a_child_that_is_clicked_opens_its_panel_and_escape_closes_it(
    room: Classroom, parted: Parted
) -> None:
    _, rendered = solara.render(solara.AppLayout(children=[SideBySide(room)]), handle_error=False)
    (lists,) = rendered.find(VueTemplate).widgets
    assert parted.child in [one["child"] for side in lists.caught for one in side]
    lists.vue_pick(parted.child)
    _, panel = rendered.find(VueTemplate).widgets
    assert panel.child == parted.child
    panel.vue_shut(None)
    assert len(rendered.find(VueTemplate).widgets) == 1
    rendered.close()
