"""The story of one child under two systems, which covers the simulated weeks and does not change the models."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import solara
from ipyvue import VueTemplate
from tests.live.rooms import open_classroom, step_weeks, tiny_scenario

from cpsim.browser.child_panel import build_stories, tabulate_chronology
from cpsim.browser.side_by_side import SideBySide
from cpsim.casework.log import Occurrence
from cpsim.live.children import DiscordantSpell, RunningComparison
from cpsim.live.session import Classroom
from cpsim.results.story import Stories

LOOSER = [{"date": "2005-04-01", "lever": "thresholds", "kinds": ["front_door"], "shift": -1.5}]
WEEKS = 120


@pytest.fixture(scope="module")
def classroom() -> Iterator[Classroom]:
    """A classroom after some weeks, with a lower threshold at the front door on the right."""
    classroom = open_classroom(tiny_scenario("as it is"), tiny_scenario("looser", timeline=LOOSER))
    step_weeks(classroom, WEEKS)
    yield classroom
    classroom.close()


@pytest.fixture(scope="module")
def spell(classroom: Classroom) -> DiscordantSpell:
    """A spell of harm of a child whom only one system protected."""
    comparison = RunningComparison(*(system.viewer.verdicts for system in classroom.systems)).catch_up()
    return (*comparison.right, *comparison.left)[0]


@pytest.fixture(scope="module")
def stories(classroom: Classroom, spell: DiscordantSpell) -> Stories:
    return build_stories(classroom, spell)


def test_each_story_has_the_result_of_its_list(stories: Stories, spell: DiscordantSpell) -> None:
    spells = [next(one for one in story.spells if one.onset == spell.onset) for story in stories]
    assert {one.result for one in spells} == {"protected", "missed"}
    assert [story.scenario for story in stories] == ["as it is", "looser"]


def test_a_story_covers_only_weeks_that_have_been_simulated(classroom: Classroom, stories: Stories) -> None:
    for story in stories:
        assert story.last < classroom.week
        assert all(story.first <= entry.week <= story.last for entry in story.entries)


def test_building_a_story_does_not_change_the_models(classroom: Classroom, spell: DiscordantSpell) -> None:
    before = [system.model.casework.records.status.copy() for system in classroom.systems]
    weeks = [system.model.week for system in classroom.systems]
    build_stories(classroom, spell)
    for system, status, week in zip(classroom.systems, before, weeks, strict=True):
        assert system.model.week == week
        np.testing.assert_array_equal(system.model.casework.records.status, status)


def test_a_story_includes_what_happened_after_the_opening(spell: DiscordantSpell) -> None:
    """Messages of the story are those of the systems of the class."""
    classroom = open_classroom(tiny_scenario("as it is"), tiny_scenario("looser", timeline=LOOSER))
    step_weeks(classroom, WEEKS)
    stories = build_stories(classroom, spell)
    logs = [system.model.casework.log for system in classroom.systems]
    for story, log in zip(stories, logs, strict=True):
        delivered = log.select(Occurrence.DELIVERED)
        weeks = delivered.week[delivered.child == spell.child] - classroom.systems[0].model.world.warm_up
        arrived = [message.arrived for message in story.messages if message.fate == "delivered"]
        assert set(arrived) <= set(weeks.tolist())
    classroom.close()


def test_the_first_row_with_other_events_is_marked_as_the_divergence(stories: Stories) -> None:
    chronology = tabulate_chronology(stories)
    marked = [number for number, row in enumerate(chronology) if row["diverges"]]
    assert len(marked) == 1
    assert all(row["alike"] for row in chronology[: marked[0]])
    assert all(len(row["cells"]) == 2 for row in chronology)
    text = " ".join(cell for row in chronology for cell in row["cells"])
    for story in stories:
        assert all(entry.sentence in text for entry in story.entries)


def test_the_same_story_twice_does_not_diverge(stories: Stories) -> None:
    twice = Stories((stories[0], replace(stories[0])))
    assert not any(row["diverges"] for row in tabulate_chronology(twice))
    assert all(row["same"] for row in tabulate_chronology(twice))


def test_a_click_on_a_child_opens_its_panel_and_escape_closes_it(
    classroom: Classroom, spell: DiscordantSpell
) -> None:
    _, rendered = solara.render(solara.AppLayout(children=[SideBySide(classroom)]), handle_error=False)
    (lists,) = rendered.find(VueTemplate).widgets
    assert spell.child in [one["child"] for side in lists.lists for one in side]
    lists.vue_pick(spell.child)
    _, panel = rendered.find(VueTemplate).widgets
    assert panel.child == spell.child
    panel.vue_shut(None)
    assert len(rendered.find(VueTemplate).widgets) == 1
    rendered.close()
