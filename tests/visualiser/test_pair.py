"""Two systems on the same children: clicks go left, right or to both, and differences come of clicks alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.browser import picture
from tests.visualiser.shows import (
    Server,
    downloaded,
    move,
    press,
    reach,
    serving,
    stands_at,
    step,
    week,
)

from cpsim.scenario.read import load

WORRY = "Worry needed before acting"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One show of the same tiny authority twice."""
    with serving("small", "small") as server:
        yield server
        assert server.said == ""


def differences(page: Page) -> int:
    """In how much the plots of the two systems differ."""
    return int(page.locator("canvas[data-testid=plots]").get_attribute("data-apart") or "nothing")


def test_the_same_scenario_twice_shows_no_difference_until_somebody_clicks(classroom: Page) -> None:
    press(classroom, "Step a year")
    reach(classroom, 0)
    classroom.wait_for_function("+document.querySelector('canvas[data-testid=plots]').dataset.frame === 0")
    assert differences(classroom) == 0
    press(classroom, "right")
    press(classroom, "Merge departments")
    step(classroom)
    classroom.wait_for_function("+document.querySelector('canvas[data-testid=plots]').dataset.apart > 0")
    assert week(classroom, side=0) == week(classroom, side=1)
    picture(classroom, "side_by_side")


def test_a_slider_moved_on_one_side_stays_on_that_side(classroom: Page, tmp_path: Path) -> None:
    press(classroom, "left")
    move(classroom, WORRY, "ArrowRight " * 3, "+0.3, later")
    press(classroom, "right")
    stands_at(classroom, WORRY, "as given")
    press(classroom, "both")
    stands_at(classroom, WORRY, "mostly +0.3, later")
    left, right = (
        load(downloaded(classroom, f"Download scenario ({side})", tmp_path)) for side in ("left", "right")
    )
    assert [event.lever for event in left.timeline] == ["thresholds"]
    assert right.timeline == ()


def test_a_click_for_both_reaches_both(classroom: Page, tmp_path: Path) -> None:
    press(classroom, "Scandal")
    for side in ("left", "right"):
        (event,) = load(downloaded(classroom, f"Download scenario ({side})", tmp_path)).timeline
        assert event.lever == "scandal"
