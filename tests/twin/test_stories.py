"""What a story tells of a child is what happened to the child of the textbook twin, no more and no less."""

from collections import Counter, defaultdict
from functools import cache

import pytest
from tests.model.authority import world_of
from tests.twin.people import Event
from tests.twin.scenarios import scenario
from tests.twin.twin import TextbookTwin

from cpsim.agents.roster import release
from cpsim.casework.log import OCCURRENCES
from cpsim.model import ChildProtectionModel
from cpsim.results.story import Story
from cpsim.results.story_words import STAGES
from cpsim.study.telling import Focus, tell
from cpsim.study.witness import Witness

LIVED = ("baseline", "three authorities", "shared records", "long careers", "more agencies")
"""Scenarios of the docking tests in which, together, all happens that a story can tell."""

CHILDREN = 8
"""Those of each scenario to whom most kinds of things happen."""


@cache
def lives(name: str) -> list[tuple[Story, list[Event]]]:
    """The stories of some children, each beside what happened to its twin."""
    settings = scenario(name)
    world = world_of(settings)
    twin = TextbookTwin(settings, world)
    engine = ChildProtectionModel(settings, world=world, collect=False)
    engine.casework.log.detail_from = 0
    try:
        for _ in range(world.weeks):
            twin.step()
        events: dict[int, list[Event]] = defaultdict(list)
        for event in twin.history:
            events[event.child].append(event)
        eventful = sorted(events, key=lambda child: -len({event.what for event in events[child]}))[:CHILDREN]
        witness = Witness(engine, *eventful)
        while engine.running:
            engine.step()
        spells = engine.result().spells
        focus = Focus(0, world.weeks - 1, world.warm_up)
        return [(tell(witness, child, focus, spells), events[child]) for child in eventful]
    finally:
        release(engine)
        release(twin)


@pytest.mark.parametrize("name", LIVED)
def test_a_story_tells_exactly_what_happened_to_the_twin(name: str) -> None:
    warm_up = world_of(scenario(name)).warm_up
    for story, events in lives(name):
        ours = Counter(
            (entry.week + warm_up, entry.stage, entry.agency)
            for entry in story.entries
            if entry.stage in OCCURRENCES
        )
        assert ours == Counter((event.week, event.what, event.organisation) for event in events), story


def test_every_stage_that_a_story_can_tell_has_been_told() -> None:
    stages = {entry.stage for name in LIVED for story, _ in lives(name) for entry in story.entries}
    assert stages == set(STAGES)


@pytest.mark.parametrize("name", ["long careers", "more agencies"])
def test_every_sentence_stands_in_the_order_of_the_week_and_has_all_its_numbers(name: str) -> None:
    for story, _ in lives(name):
        weeks = [entry.week for entry in story.entries]
        assert weeks == sorted(weeks)
        words = {word.strip(".,:") for entry in story.entries for word in entry.says.split()}
        assert not words & {"nan", "inf", "None"}
