"""The timeline of a child shows the entries of its story, for every rule of `cpsim story --find`."""

from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from tests.plot.figure_text import read_figure_text
from tests.stories.stories import find_stories, find_story

from cpsim.plot import save, style, timeline, to_svg
from cpsim.results.story import Story
from cpsim.stories.selection import RULES

NOT_FOUND = {"too-late", "closed-in-harm"}
"""Rules that match no child in a run small enough for a test."""


def count_marks(figure: Figure, marker: str) -> int:
    """Count the points with this marker in the lanes."""
    return sum(line.get_marker() == marker for line in figure.axes[0].lines)


@pytest.mark.parametrize("word", [word for word in RULES if word not in NOT_FOUND])
def test_a_child_found_by_any_rule_can_be_drawn(word: str) -> None:
    stories = find_stories(word, side_by_side=RULES[word].of_two)
    figure = timeline(*stories)
    text = read_figure_text(figure)
    assert f"Child {stories[0].child}" in text
    assert "synthetic" in text
    assert "no predictions about any real child or council" in text
    assert to_svg(figure).startswith("<svg")


@pytest.mark.parametrize("word", ["lost-in-transit", "queued", "assessed-below-threshold"])
def test_every_sign_and_every_message_has_its_mark(word: str) -> None:
    story = find_story(word)
    figure = timeline(story)
    stages = [entry.stage for entry in story.entries]
    assert count_marks(figure, "o") == stages.count("noticed")
    assert count_marks(figure, "|") == stages.count("passed_by")
    assert count_marks(figure, "D") == len(story.messages)
    assert count_marks(figure, "x") == sum(message.fate != "delivered" for message in story.messages)
    assert count_marks(figure, "v") == stages.count("screened_out")


def test_every_agency_has_a_lane_with_its_name() -> None:
    story = find_story("missed")
    text = read_figure_text(timeline(story))
    assert all(name in text for name in set(story.files["agency"]))


def test_two_scenarios_are_named_and_the_week_in_which_they_diverge_is_marked_in_both() -> None:
    both = find_stories("newly-missed", side_by_side=True)
    figure = timeline(*both)
    text = read_figure_text(figure)
    assert all(f"{story.scenario}:" in text for story in both)
    assert text.count("the stories diverge") == 2


def test_equal_stories_give_identical_files(tmp_path: Path) -> None:
    for name in ("one.svg", "other.svg"):
        save(timeline(find_story("jigsaw")), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "$x^2$ & co", "n" * 300, "المدينة", "🦊 fox"])
def test_a_scenario_of_any_name_is_drawn_and_printed_safely(name: str) -> None:
    story: Story = replace(find_story("missed"), scenario=name)
    assert "<script>" not in to_svg(timeline(story))
    assert name[:20] in story.text(200)


def test_a_timeline_without_stories_is_refused() -> None:
    with pytest.raises(ValueError, match="give at least one"):
        timeline()


def test_a_story_without_pooled_evidence_has_no_panel_for_it() -> None:
    story = replace(find_story("missed"), jigsaw=None)
    assert len(timeline(story).axes) == 1
    assert len(timeline(find_story("missed")).axes) == 2


def test_the_figure_is_as_wide_as_its_stories(tmp_path: Path) -> None:
    one, two = timeline(find_story("missed")), timeline(*find_stories("newly-missed", side_by_side=True))
    assert two.get_size_inches()[0] > 1.5 * one.get_size_inches()[0]
    with style.use_style():
        assert one.get_size_inches()[0] < 15
