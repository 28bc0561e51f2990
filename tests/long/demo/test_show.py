"""The demo in a real browser: playing, changing rules and downloading, without requests to other servers."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Error, Page, expect
from tests.browser import find_violations, save_screenshot
from tests.long.demo.sessions import Tab
from tests.long.demo.shows import (
    VUETIFY_RULE,
    Server,
    download,
    expect_slider,
    move_slider,
    pause,
    play,
    press,
    read_week,
    run_server,
    step,
    wait_for_release,
    wait_for_week,
)

from cpsim.cli import main
from cpsim.results import RunResult
from cpsim.scenario.read import load

CONCERN, ATTENTION = "Concern needed before acting", "Attention to signs"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A show of a tiny authority, which must not have printed any error at the end."""
    with run_server("small") as server:
        yield server
        assert server.output == ""


def test_a_class_plays_pauses_and_steps(classroom: Page) -> None:
    assert read_week(classroom) == -52
    step(classroom)
    assert read_week(classroom) == -51
    play(classroom)
    wait_for_week(classroom, -48)
    pause(classroom)
    stopped = read_week(classroom)
    classroom.wait_for_timeout(700)
    assert read_week(classroom) == stopped
    press(classroom, "Step a year")
    wait_for_week(classroom, stopped + 52)
    save_screenshot(classroom, "show")


def test_a_slider_acts_in_the_next_week_and_shows_the_value_in_force(classroom: Page, tmp_path: Path) -> None:
    move_slider(classroom, CONCERN, "ArrowLeft " * 5, "−0.5, sooner")
    step(classroom)
    move_slider(classroom, CONCERN, "ArrowRight " * 2, "−0.3, sooner")
    step(classroom)
    events = load(download(classroom, "Download scenario", tmp_path)).timeline
    assert [(event.shift, event.until) for event in events] == [(-0.5, events[1].date), (-0.3, None)]


def test_a_slider_can_be_moved_for_schools_only(classroom: Page, tmp_path: Path) -> None:
    classroom.get_by_role("button", name=re.compile("Apply to")).click()
    classroom.get_by_role("option", name="School", exact=True).click()
    move_slider(classroom, ATTENTION, "ArrowRight ArrowRight", "110%")
    (event,) = load(download(classroom, "Download scenario", tmp_path)).timeline
    assert (event.kinds, event.factor) == (("school",), 1.1)


def test_the_button_of_a_lasting_event_ends_it(classroom: Page, tmp_path: Path) -> None:
    press(classroom, "Leave the database on")
    step(classroom)
    press(classroom, "Switch the database off")
    classroom.get_by_role("button", name="Leave the database on", exact=True).wait_for()
    (event,) = load(download(classroom, "Download scenario", tmp_path)).timeline
    assert event.institution == "tracking_system"
    assert event.until is not None


def test_the_downloaded_scenario_repeats_what_the_class_has_seen(classroom: Page, tmp_path: Path) -> None:
    move_slider(classroom, CONCERN, "ArrowLeft " * 4, "−0.4, sooner")
    step(classroom)
    press(classroom, "Merge departments")
    step(classroom)
    move_slider(classroom, "Staff hours in social care", "End", "+50%")
    press(classroom, "Duty on schools")
    for end in (0, 52, 104, 156):
        press(classroom, "Step a year")
        wait_for_week(classroom, min(end - 4, 152))
    classroom.get_by_role("button", name="Download summary").wait_for()
    assert "the run has finished" in classroom.locator(".cpsim-part").inner_text()
    scenario = download(classroom, "Download scenario", tmp_path)
    shown = download(classroom, "Download summary", tmp_path)
    again = CliRunner().invoke(
        main, ["run", str(scenario), "--seed", "1", "--out", str(tmp_path / "run"), "--no-figures"]
    )
    assert again.exit_code == 0, again.output
    assert (tmp_path / "run" / "summary.json").read_bytes() == shown.read_bytes()
    assert len(RunResult.load(tmp_path / "run").scenario["timeline"]) >= 5


def test_reset_starts_again_with_the_chosen_seed(classroom: Page) -> None:
    move_slider(classroom, CONCERN, "ArrowLeft " * 4, "−0.4, sooner")
    step(classroom)
    classroom.get_by_role("button", name=re.compile("Seed .used from the next reset")).click()
    classroom.get_by_role("option", name="2", exact=True).click()
    press(classroom, "Reset")
    expect(classroom.locator(".v-toolbar__title")).to_have_text(re.compile("seed 2"))
    wait_for_week(classroom, -52)
    assert read_week(classroom) == -52
    expect_slider(classroom, CONCERN, "no change")


def test_a_reset_during_play_stops_at_the_first_week(classroom: Page) -> None:
    play(classroom)
    wait_for_week(classroom, -48)
    press(classroom, "Reset")
    classroom.get_by_role("button", name="▶", exact=True).wait_for()
    classroom.wait_for_timeout(1_000)
    assert read_week(classroom) == -52
    step(classroom)


def test_tabs_do_not_affect_each_other(classroom: Page, new_tab: Callable[[], Page]) -> None:
    other = new_tab()
    press(classroom, "Scandal")
    play(classroom)
    wait_for_week(classroom, -40)
    pause(classroom)
    assert read_week(other) == -52
    expect(other.get_by_role("button", name="Scandal", exact=True)).to_be_visible()
    step(other)
    assert read_week(other) == -51


def test_the_page_can_be_used_by_keyboard_only(classroom: Page) -> None:
    reached: list[str] = []
    for _ in range(40):
        classroom.keyboard.press("Tab")
        reached.append(
            classroom.evaluate("document.activeElement.innerText || document.activeElement.ariaLabel || ''")
        )
        if reached[-1].strip() == "Step":
            break
    assert "▶" in [name.strip() for name in reached]
    classroom.keyboard.press("Enter")
    wait_for_week(classroom, -51)


def test_space_plays_and_pauses_and_a_full_stop_steps(classroom: Page) -> None:
    classroom.keyboard.press("Space")
    wait_for_week(classroom, -50)
    classroom.keyboard.press("Space")
    classroom.get_by_role("button", name="▶", exact=True).wait_for()
    classroom.wait_for_timeout(600)
    stopped = read_week(classroom)
    classroom.keyboard.press(".")
    wait_for_week(classroom, stopped + 1)


def test_the_page_has_no_accessibility_errors(classroom: Page) -> None:
    assert [rule for rule in find_violations(classroom) if VUETIFY_RULE not in rule] == []


def test_a_classroom_whose_browser_crashes_is_released_and_the_server_continues(
    new_tab: Callable[[], Page], server: Server
) -> None:
    crashing = new_tab()
    play(crashing)
    wait_for_week(crashing, -48)
    with pytest.raises(Error):
        crashing.goto("chrome://crash")
    assert wait_for_release(server)
    step(new_tab())


def test_a_tab_closed_during_play_is_released(new_tab: Callable[[], Page], server: Server) -> None:
    closing = new_tab()
    play(closing)
    wait_for_week(closing, -48)
    closing.context.close()
    assert wait_for_release(server)


def test_ten_tabs_in_turn_and_five_at_once_leave_nothing(server: Server) -> None:
    assert wait_for_release(server)
    for number in range(10):
        tab = Tab(server.address)
        before = tab.read_week()
        tab.step()
        assert tab.read_week() == before + 1
        if number % 5:
            tab.close()
        else:
            tab.lose()
    assert wait_for_release(server)
    tabs = [Tab(server.address) for _ in range(5)]
    for tab in tabs:
        tab.step()
    held = server.count_held()
    assert (held["sessions"], held["classrooms"]) == (5, 5)
    for tab in tabs:
        tab.close()
    assert wait_for_release(server)
    assert server.count_held()["classrooms"] == 0
