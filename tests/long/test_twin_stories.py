"""A child's story contains exactly the events of the same child in the textbook twin."""

from collections import Counter, defaultdict
from functools import cache

import pytest
from tests.model.authority import get_world
from tests.twin.agents import Event
from tests.twin.scenarios import build_scenario
from tests.twin.twin import TextbookTwin

from cpsim.agents.roster import release_model
from cpsim.casework.log import OCCURRENCES
from cpsim.present.story_sentences import STAGES
from cpsim.results.story import Story
from cpsim.simulation import Simulation
from cpsim.stories.narrator import Focus, build_story
from cpsim.stories.observer import Observer

SCENARIOS = ("baseline", "three authorities", "shared records", "long careers", "more agencies")
"""Scenarios that together contain every stage of a story."""

CHILDREN = 32
"""Number of children in each scenario: those with the most different events."""


@cache
def build_stories(name: str) -> list[tuple[Story, list[Event]]]:
    """Build the stories of some children, each with the events of the child in the twin."""
    settings = build_scenario(name)
    world = get_world(settings)
    twin = TextbookTwin(settings, world)
    engine = Simulation(settings, world=world)
    engine.casework.log.detail_from = 0
    try:
        for _ in range(world.weeks):
            twin.step()
        events: dict[int, list[Event]] = defaultdict(list)
        for event in twin.history:
            events[event.child].append(event)
        numbers = {child: len({event.occurrence for event in history}) for child, history in events.items()}
        eventful = sorted(events, key=lambda child: -numbers[child])[:CHILDREN]
        observer = Observer(engine, *eventful)
        while engine.running:
            engine.step()
        spells = engine.result().spells
        focus = Focus(0, world.weeks - 1, world.warm_up)
        return [(build_story(observer, child, focus, spells), events[child]) for child in eventful]
    finally:
        release_model(twin)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_story_contains_exactly_the_events_of_the_twin(name: str) -> None:
    warm_up = get_world(build_scenario(name)).warm_up
    for story, events in build_stories(name):
        ours = Counter(
            (entry.week + warm_up, entry.stage, entry.agency)
            for entry in story.entries
            if entry.stage in OCCURRENCES
        )
        assert ours == Counter((event.week, event.occurrence, event.organisation) for event in events), story


def test_the_compared_stories_contain_every_stage() -> None:
    stages = {
        entry.stage for name in SCENARIOS for story, _ in build_stories(name) for entry in story.entries
    }
    assert stages == set(STAGES)


@pytest.mark.parametrize("name", ["long careers", "more agencies"])
def test_the_sentences_of_a_story_are_in_order_and_have_all_their_numbers(name: str) -> None:
    for story, _ in build_stories(name):
        weeks = [entry.week for entry in story.entries]
        assert weeks == sorted(weeks)
        words = {word.strip(".,:") for entry in story.entries for word in entry.sentence.split()}
        assert not words & {"nan", "inf", "None"}
