"""A class before a real browser: it plays, turns, clicks and takes home, and nothing of it leaves the machine."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Error, Page, expect
from tests.browser import picture, violations
from tests.visualiser.shows import (
    SLIP_OF_VUETIFY,
    Server,
    downloaded,
    let_go,
    move,
    pause,
    play,
    press,
    reach,
    serving,
    stands_at,
    step,
    week,
)

from cpsim.cli import main
from cpsim.results import RunResult
from cpsim.scenario.read import load

WORRY, ATTENTION = "Worry needed before acting", "Attention to signs"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One show of a tiny authority, which has nothing to complain of when all is over."""
    with serving("small") as server:
        yield server
        assert server.said == ""


def test_a_class_plays_pauses_and_steps(classroom: Page) -> None:
    assert week(classroom) == -52
    step(classroom)
    assert week(classroom) == -51
    play(classroom)
    reach(classroom, -48)
    pause(classroom)
    stopped = week(classroom)
    classroom.wait_for_timeout(700)
    assert week(classroom) == stopped
    press(classroom, "Step a year")
    reach(classroom, stopped + 52)
    picture(classroom, "show")


def test_a_slider_acts_at_once_and_shows_what_acts(classroom: Page, tmp_path: Path) -> None:
    move(classroom, WORRY, "ArrowLeft " * 5, "-0.5, sooner")
    step(classroom)
    move(classroom, WORRY, "ArrowRight " * 2, "-0.3, sooner")
    step(classroom)
    events = load(downloaded(classroom, "Download scenario", tmp_path)).timeline
    assert [(event.shift, event.until) for event in events] == [(-0.5, events[1].date), (-0.3, None)]


def test_a_slider_can_be_moved_for_schools_alone(classroom: Page, tmp_path: Path) -> None:
    classroom.get_by_role("button", name=re.compile("Whom it concerns")).click()
    classroom.get_by_role("option", name="School", exact=True).click()
    move(classroom, ATTENTION, "ArrowRight ArrowRight", "110 %")
    (event,) = load(downloaded(classroom, "Download scenario", tmp_path)).timeline
    assert (event.kinds, event.factor) == (("school",), 1.1)


def test_a_button_that_holds_says_how_to_end_it(classroom: Page, tmp_path: Path) -> None:
    press(classroom, "Leave the database on")
    step(classroom)
    press(classroom, "Switch the database off")
    classroom.get_by_role("button", name="Leave the database on", exact=True).wait_for()
    (event,) = load(downloaded(classroom, "Download scenario", tmp_path)).timeline
    assert event.institution == "tracking_system"
    assert event.until is not None


def test_the_file_taken_home_repeats_what_the_class_has_seen(classroom: Page, tmp_path: Path) -> None:
    move(classroom, WORRY, "ArrowLeft " * 4, "-0.4, sooner")
    step(classroom)
    press(classroom, "Merge departments")
    step(classroom)
    move(classroom, "Staff hours in social care", "End", "+50 %")
    press(classroom, "Duty on schools")
    for end in (0, 52, 104, 156):
        press(classroom, "Step a year")
        reach(classroom, min(end - 4, 152))
    classroom.get_by_role("button", name="Download summary").wait_for()
    assert "the run is over" in classroom.locator(".cpsim-part").inner_text()
    scenario = downloaded(classroom, "Download scenario", tmp_path)
    shown = downloaded(classroom, "Download summary", tmp_path)
    again = CliRunner().invoke(
        main, ["run", str(scenario), "--seed", "1", "--out", str(tmp_path / "run"), "--no-figures"]
    )
    assert again.exit_code == 0, again.output
    assert (tmp_path / "run" / "summary.json").read_bytes() == shown.read_bytes()
    assert len(RunResult.load(tmp_path / "run").scenario["timeline"]) >= 5


def test_reset_begins_anew_and_another_seed_has_other_children(classroom: Page) -> None:
    move(classroom, WORRY, "ArrowLeft " * 4, "-0.4, sooner")
    step(classroom)
    classroom.get_by_role("button", name=re.compile("Seed from the next reset on")).click()
    classroom.get_by_role("option", name="2", exact=True).click()
    press(classroom, "Reset")
    expect(classroom.locator(".v-toolbar__title")).to_have_text(re.compile("seed 2"))
    reach(classroom, -52)
    assert week(classroom) == -52
    stands_at(classroom, WORRY, "as given")


def test_a_reset_while_it_plays_begins_at_the_first_week_and_rests_there(classroom: Page) -> None:
    play(classroom)
    reach(classroom, -48)
    press(classroom, "Reset")
    classroom.get_by_role("button", name="▶", exact=True).wait_for()
    classroom.wait_for_timeout(1_000)
    assert week(classroom) == -52
    step(classroom)


def test_tabs_do_not_disturb_each_other(classroom: Page, new_tab: Callable[[], Page]) -> None:
    other = new_tab()
    press(classroom, "Scandal")
    play(classroom)
    reach(classroom, -40)
    pause(classroom)
    assert week(other) == -52
    expect(other.get_by_role("button", name="Scandal", exact=True)).to_be_visible()
    step(other)
    assert week(other) == -51


def test_the_page_is_played_by_keyboard_alone(classroom: Page) -> None:
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
    reach(classroom, -51)


def test_space_plays_and_pauses_and_a_full_stop_steps(classroom: Page) -> None:
    classroom.keyboard.press("Space")
    reach(classroom, -50)
    classroom.keyboard.press("Space")
    classroom.get_by_role("button", name="▶", exact=True).wait_for()
    classroom.wait_for_timeout(600)
    stopped = week(classroom)
    classroom.keyboard.press(".")
    reach(classroom, stopped + 1)


def test_nobody_is_kept_out_by_the_way_the_page_is_made(classroom: Page) -> None:
    assert [rule for rule in violations(classroom) if SLIP_OF_VUETIFY not in rule] == []


def test_a_class_whose_browser_dies_while_it_plays_is_let_go_and_the_server_goes_on(
    new_tab: Callable[[], Page], server: Server
) -> None:
    dying = new_tab()
    play(dying)
    reach(dying, -48)
    with pytest.raises(Error):
        dying.goto("chrome://crash")
    assert let_go(server)
    step(new_tab())


def test_a_tab_that_is_closed_while_it_plays_is_let_go(new_tab: Callable[[], Page], server: Server) -> None:
    leaving = new_tab()
    play(leaving)
    reach(leaving, -48)
    leaving.context.close()
    assert let_go(server)
