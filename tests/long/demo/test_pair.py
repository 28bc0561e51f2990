"""Two systems on the same children: a click applies to one or both, and only clicks make a difference."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.browser import save_screenshot
from tests.long.demo.shows import (
    Server,
    download,
    expect_slider,
    move_slider,
    press,
    read_week,
    run_server,
    step,
    wait_for_week,
)

from cpsim.scenario.read import load

CONCERN = "Concern needed before acting"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A show of the same tiny authority twice."""
    with run_server("small", "small") as server:
        yield server
        assert server.output == ""


def count_differences(page: Page) -> int:
    """Return the number of values in which the plots of the two systems differ."""
    return int(page.locator("canvas[data-testid=plots]").get_attribute("data-differences") or "nothing")


def test_the_same_scenario_twice_shows_no_difference_until_the_first_click(classroom: Page) -> None:
    press(classroom, "Step a year")
    wait_for_week(classroom, 0)
    classroom.wait_for_function("+document.querySelector('canvas[data-testid=plots]').dataset.frame === 0")
    assert count_differences(classroom) == 0
    press(classroom, "right")
    press(classroom, "Merge departments")
    step(classroom)
    classroom.wait_for_function(
        "+document.querySelector('canvas[data-testid=plots]').dataset.differences > 0"
    )
    assert read_week(classroom, side=0) == read_week(classroom, side=1)
    save_screenshot(classroom, "side_by_side")


def test_a_slider_moved_on_one_side_stays_on_that_side(classroom: Page, tmp_path: Path) -> None:
    press(classroom, "left")
    move_slider(classroom, CONCERN, "ArrowRight " * 3, "+0.3, later")
    press(classroom, "right")
    expect_slider(classroom, CONCERN, "no change")
    press(classroom, "both")
    expect_slider(classroom, CONCERN, "mostly +0.3, later")
    left, right = (
        load(download(classroom, f"Download scenario ({side})", tmp_path)) for side in ("left", "right")
    )
    assert [event.lever for event in left.timeline] == ["thresholds"]
    assert right.timeline == ()


def test_a_click_for_both_reaches_both(classroom: Page, tmp_path: Path) -> None:
    press(classroom, "Scandal")
    for side in ("left", "right"):
        (event,) = load(download(classroom, f"Download scenario ({side})", tmp_path)).timeline
        assert event.lever == "scandal"
