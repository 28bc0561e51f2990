"""A child's timeline draws what the story tells, for every child that can be looked for."""

from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from tests.plot.words import words
from tests.study.stories import alone, told

from cpsim.plot import save, style, svg, timeline
from cpsim.results.story import Story
from cpsim.study.finding import RULES

NOBODY = {"too-late"}
"""Found in no run that is small enough for a test."""


def marks(figure: Figure, marker: str) -> int:
    """How many points of a kind stand in the lanes."""
    return sum(line.get_marker() == marker for line in figure.axes[0].lines)


@pytest.mark.parametrize("word", [word for word in RULES if word not in NOBODY])
def test_whoever_can_be_looked_for_can_be_drawn(word: str) -> None:
    stories = told(word, beside=RULES[word].of_two)
    figure = timeline(*stories)
    text = words(figure)
    assert f"Child {stories[0].child}" in text
    assert "invented" in text
    assert "no real child and no real council" in text
    assert svg(figure).startswith("<svg")


@pytest.mark.parametrize("word", ["lost-in-transit", "queued", "misjudged"])
def test_every_sign_and_every_message_has_its_mark(word: str) -> None:
    story = alone(word)
    figure = timeline(story)
    stages = [entry.stage for entry in story.entries]
    assert marks(figure, "o") == stages.count("noticed")
    assert marks(figure, "|") == stages.count("passed_by")
    assert marks(figure, "D") == len(story.messages)
    assert marks(figure, "x") == sum(message.fate != "delivered" for message in story.messages)
    assert marks(figure, "v") == stages.count("screened_out")


def test_every_agency_has_a_lane_with_its_name() -> None:
    story = alone("missed")
    text = words(timeline(story))
    assert all(name in text for name in set(story.files["agency"]))


def test_side_by_side_both_scenarios_are_named_and_the_parting_is_marked_in_both() -> None:
    both = told("lost", beside=True)
    figure = timeline(*both)
    text = words(figure)
    assert all(f"{story.scenario}:" in text for story in both)
    assert text.count("the lives part") == 2


def test_equal_stories_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("one.svg", "other.svg"):
        save(timeline(alone("jigsaw")), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "$x^2$ & co", "n" * 300, "المدينة", "🦊 fox"])
def test_a_scenario_of_any_name_is_drawn_and_printed_harmlessly(name: str) -> None:
    story: Story = replace(alone("missed"), scenario=name)
    assert "<script>" not in svg(timeline(story))
    assert name[:20] in story.text(200)


def test_a_timeline_without_a_story_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        timeline()


def test_a_child_under_whom_the_pieces_were_never_looked_at_has_no_panel_of_pieces() -> None:
    story = replace(alone("missed"), jigsaw=None)
    assert len(timeline(story).axes) == 1
    assert len(timeline(alone("missed")).axes) == 2


def test_the_figure_is_as_wide_as_its_stories(tmp_path: Path) -> None:
    one, two = timeline(alone("missed")), timeline(*told("lost", beside=True))
    assert two.get_size_inches()[0] > 1.5 * one.get_size_inches()[0]
    with style.styled():
        assert one.get_size_inches()[0] < 15
