"""A lesson in a real browser: prompts, stops, actions, results, and the story of one child."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser import find_violations, save_screenshot
from tests.long.demo.shows import (
    VUETIFY_RULE,
    NewTab,
    Server,
    open_tabs,
    play,
    press,
    read_week,
    run_server,
    step_to,
    wait_for_week,
)

from cpsim.lessons.lesson import load_lesson


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_server("--lesson", "duty") as server:
        yield server


@pytest.fixture
def lesson(new_tab: NewTab) -> Page:
    """A tab at the first prompt of the lesson."""
    return new_tab()


def expect_stopped(page: Page) -> None:
    expect(page.get_by_test_id("lesson-until")).to_contain_text("Play has stopped")


def test_buttons_and_a_presenters_keys_move_between_prompts(lesson: Page) -> None:
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


def test_play_stops_at_the_week_of_a_prompt_and_both_sides_are_alike_until_then(lesson: Page) -> None:
    assert read_week(lesson) == 0
    press(lesson, "Step")
    lesson.wait_for_timeout(300)
    assert read_week(lesson) == 0, "the first prompt does not play"
    press(lesson, "Next")
    step_to(lesson, 1)
    play(lesson)
    wait_for_week(lesson, 52)
    expect_stopped(lesson)
    assert read_week(lesson) == read_week(lesson, 1) == 52
    expect(lesson.get_by_test_id("protected-left")).to_have_text("0")
    expect(lesson.get_by_test_id("protected-right")).to_have_text("0")
    expect(lesson.get_by_test_id("children-sum")).to_contain_text("evaluated on both sides")
    expect(lesson.get_by_role("button", name="▶", exact=True)).to_be_enabled()
    press(lesson, "Next")
    expect(lesson.get_by_test_id("lesson-prompt")).to_contain_text("Press “Duty on schools”")
    lesson.wait_for_timeout(500)
    assert read_week(lesson) == 52, "it does not play on by itself"
    press(lesson, "right")
    press(lesson, "Duty on schools")
    step_to(lesson, 53)
    save_screenshot(lesson, "lesson")


def test_reset_starts_the_lesson_again(lesson: Page) -> None:
    press(lesson, "Next")
    step_to(lesson, 1)
    play(lesson)
    wait_for_week(lesson, 3)
    press(lesson, "Reset")
    expect(lesson.get_by_test_id("lesson-where")).to_contain_text("Step 1 of")
    lesson.wait_for_function("+document.querySelector('canvas[data-testid=network-0]')?.dataset.frame === 0")
    press(lesson, "Next")
    step_to(lesson, 1)
    play(lesson)
    wait_for_week(lesson, 52)
    expect_stopped(lesson)


def test_a_button_shows_the_results_of_all_towns(lesson: Page) -> None:
    duty = load_lesson("duty")
    number = [prompt.shows_results for prompt in duty.prompts].index(True)
    for prompt in duty.prompts[1 : number + 1]:
        lesson.keyboard.press("PageDown")
        expect(lesson.get_by_test_id("lesson-prompt")).to_contain_text(prompt.title)
    results = lesson.get_by_test_id("lesson-results")
    expect(results).to_be_hidden()
    press(lesson, "Show the results")
    for claim in duty.claims:
        expect(results.get_by_text(duty.format_claim(claim))).to_be_visible()
    lesson.keyboard.press("Escape")
    expect(results).to_be_hidden()


def test_a_lesson_has_no_accessibility_errors(lesson: Page) -> None:
    assert [rule for rule in find_violations(lesson) if VUETIFY_RULE not in rule] == []


LOOSER = """
extends: small
name: looser
timeline:
  - {date: 2005-04-01, lever: thresholds, kinds: [front_door], shift: -1.5}
"""


def test_a_click_on_a_child_shows_its_story_in_both_systems(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "looser.yaml"
    file.write_text(LOOSER, "utf-8")
    with run_server("small", str(file)) as server, open_tabs(browser, server) as new_tab:
        page = new_tab()
        for wanted in (0, 52):
            press(page, "Step a year")
            wait_for_week(page, wanted)
        child = page.get_by_test_id("children").get_by_role("button").first
        number = child.get_attribute("data-child")
        child.click()
        panel = page.get_by_role("dialog", name=f"The story of child {number}")
        expect(panel.get_by_test_id("child-story")).to_contain_text("From here the two stories differ")
        for name in ("small", "looser"):
            expect(panel.get_by_role("columnheader", name=name)).to_be_visible()
        assert [rule for rule in find_violations(page) if VUETIFY_RULE not in rule] == []
        save_screenshot(page, "child")
        page.keyboard.press("Escape")
        expect(panel).to_be_hidden()
        expect(child).to_be_focused()
