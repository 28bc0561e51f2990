"""A lesson before a real browser: prompts, a stop, a click for all to see, and the story of one child."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser import picture, violations
from tests.visualiser.shows import (
    SLIP_OF_VUETIFY,
    NewTab,
    Server,
    play,
    press,
    reach,
    serving,
    step_on,
    tabs,
    week,
)

from cpsim.visualiser.lessons import load_lesson


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("--lesson", "duty") as server:
        yield server


@pytest.fixture
def lesson(new_tab: NewTab) -> Page:
    """A tab at the first prompt."""
    return new_tab()


def stands_still(page: Page) -> None:
    expect(page.get_by_test_id("lesson-until")).to_contain_text("Play stands still")


def test_prompts_go_on_and_back_by_button_and_by_presenter(lesson: Page) -> None:
    titles = [prompt.title for prompt in load_lesson("duty").prompts]
    prompt = lesson.get_by_test_id("lesson-prompt")
    expect(prompt).to_contain_text(titles[0])
    press(lesson, "Next")
    expect(prompt).to_contain_text(titles[1])
    lesson.keyboard.press("PageDown")
    expect(prompt).to_contain_text(titles[2])
    lesson.keyboard.press("PageUp")
    expect(prompt).to_contain_text(titles[1])
    press(lesson, "Back")
    expect(prompt).to_contain_text(titles[0])
    expect(lesson.get_by_role("button", name="Back", exact=True)).to_be_disabled()
    expect(lesson.get_by_test_id("lesson-clock")).to_contain_text("left of 5 min")


def test_play_stands_still_at_the_week_of_a_prompt_and_the_two_sides_are_one_until_then(lesson: Page) -> None:
    assert week(lesson) == 0
    press(lesson, "Step")
    lesson.wait_for_timeout(300)
    assert week(lesson) == 0, "the first prompt rests"
    press(lesson, "Next")
    step_on(lesson, 1)
    play(lesson)
    reach(lesson, 52)
    stands_still(lesson)
    assert week(lesson) == week(lesson, 1) == 52
    expect(lesson.get_by_test_id("caught-left")).to_have_text("0")
    expect(lesson.get_by_test_id("caught-right")).to_have_text("0")
    expect(lesson.get_by_test_id("children-sum")).to_contain_text("judged on both sides")
    expect(lesson.get_by_role("button", name="▶", exact=True)).to_be_enabled()
    press(lesson, "Next")
    expect(lesson.get_by_test_id("lesson-prompt")).to_contain_text("Press “Duty on schools”")
    lesson.wait_for_timeout(500)
    assert week(lesson) == 52, "it does not play on by itself"
    press(lesson, "right")
    press(lesson, "Duty on schools")
    step_on(lesson, 53)
    picture(lesson, "lesson")


def test_reset_begins_the_lesson_anew(lesson: Page) -> None:
    press(lesson, "Next")
    step_on(lesson, 1)
    play(lesson)
    reach(lesson, 3)
    press(lesson, "Reset")
    expect(lesson.get_by_test_id("lesson-where")).to_contain_text("Step 1 of")
    lesson.wait_for_function("+document.querySelector('canvas[data-testid=network-0]')?.dataset.frame === 0")
    press(lesson, "Next")
    step_on(lesson, 1)
    play(lesson)
    reach(lesson, 52)
    stands_still(lesson)


def test_the_figures_of_all_towns_fill_the_screen_when_they_are_asked_for(lesson: Page) -> None:
    told = load_lesson("duty")
    number = [prompt.shows_figures for prompt in told.prompts].index(True)
    for prompt in told.prompts[1 : number + 1]:
        lesson.keyboard.press("PageDown")
        expect(lesson.get_by_test_id("lesson-prompt")).to_contain_text(prompt.title)
    figures = lesson.get_by_test_id("lesson-figures")
    expect(figures).to_be_hidden()
    press(lesson, "Show the figures")
    for claim in told.claims:
        expect(figures.get_by_text(told.sentence(claim))).to_be_visible()
    lesson.keyboard.press("Escape")
    expect(figures).to_be_hidden()


def test_nobody_stumbles_over_a_lesson(lesson: Page) -> None:
    assert [fault for fault in violations(lesson) if SLIP_OF_VUETIFY not in fault] == []


LOOSER = """
extends: small
name: looser
timeline:
  - {date: 2005-04-01, lever: thresholds, kinds: [front_door], shift: -1.5}
"""


def test_a_child_that_is_clicked_tells_its_story_on_both_sides(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "looser.yaml"
    file.write_text(LOOSER, "utf-8")
    with serving("small", str(file)) as server, tabs(browser, server) as new_tab:
        page = new_tab()
        for wanted in (0, 52):
            press(page, "Step a year")
            reach(page, wanted)
        child = page.get_by_test_id("children").get_by_role("button").first
        number = child.get_attribute("data-child")
        child.click()
        panel = page.get_by_role("dialog", name=f"The story of child {number}")
        expect(panel.get_by_test_id("child-story")).to_contain_text("Here the lives part")
        for name in ("small", "looser"):
            expect(panel.get_by_role("columnheader", name=name)).to_be_visible()
        assert [fault for fault in violations(page) if SLIP_OF_VUETIFY not in fault] == []
        picture(page, "child")
        page.keyboard.press("Escape")
        expect(panel).to_be_hidden()
        expect(child).to_be_focused()
