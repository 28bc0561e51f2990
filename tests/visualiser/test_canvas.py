"""The pictures in a real browser: they are sharp, tell what they show, and answer mouse and keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.browser import violations
from tests.visualiser.shows import SLIP_OF_VUETIFY, NewTab, Server, press, serving, step, week


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A tiny authority beside itself: two systems under the same rules."""
    with serving("small", "small") as server:
        yield server


@pytest.fixture
def tab(new_tab: NewTab) -> Page:
    return new_tab()


def place_of(page: Page, title: str) -> tuple[float, float]:
    """Where a place stands in the left network, in pixels of the page."""
    x, y = page.evaluate(
        """title => {
            const drawn = document.querySelector('.cpsim-network').__vue__, node = drawn.net.titles.indexOf(title);
            const box = drawn.$refs.box.getBoundingClientRect();
            return [box.left + drawn.X[node], box.top + drawn.Y[node]];
        }""",
        title,
    )
    return x, y


def told(page: Page, name: str, canvas: str = "network-0") -> str:
    """What a canvas says of what it has drawn."""
    return page.get_by_test_id(canvas).get_attribute(f"data-{name}") or ""


def inked(page: Page, canvas: str) -> int:
    """Pixels of a canvas that are not empty."""
    return int(
        page.get_by_test_id(canvas).evaluate(
            """canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
                .reduce((sum, part, i) => sum + (i % 4 === 3 && part > 0), 0)"""
        )
    )


def test_networks_and_plots_are_drawn_and_drawn_anew_when_a_week_has_passed(tab: Page) -> None:
    assert inked(tab, "network-0") > 2000
    assert inked(tab, "plots") > 2000
    before = int(told(tab, "drawn"))
    step(tab)
    assert int(told(tab, "drawn")) > before
    assert int(told(tab, "pulses")) >= int(told(tab, "crosses"))
    assert week(tab, 0) == week(tab, 1) == int(told(tab, "frame", "plots"))


def test_the_same_rules_twice_show_no_difference_anywhere(tab: Page) -> None:
    press(tab, "Step a year")
    tab.wait_for_function(
        "() => +document.querySelector('canvas[data-testid=network-1]').dataset.frame >= 0", timeout=60_000
    )
    assert told(tab, "apart", "plots") == "0"
    assert told(tab, "apart", "network-0") == told(tab, "apart", "network-1") == "0"
    assert told(tab, "missed", "network-0") == told(tab, "missed", "network-1")


def test_whoever_points_at_a_place_reads_its_name_and_numbers(tab: Page) -> None:
    tab.mouse.move(*place_of(tab, "Police"))
    tip = tab.locator(".cpsim-tip").first
    expect(tip).to_contain_text("Police (police-001)")
    expect(tip).to_contain_text("children with a live file")
    tab.mouse.move(400, 90)
    expect(tip).to_be_hidden()


def test_a_click_on_a_place_opens_its_panel_and_a_partner_in_it_the_next(tab: Page) -> None:
    tab.mouse.click(*place_of(tab, "Police"))
    panel = tab.get_by_test_id("organisation")
    expect(panel.get_by_role("heading", name="Police")).to_be_visible()
    expect(panel).to_contain_text("Worry at which it tells social care")
    expect(panel).to_contain_text("Whom it turns to")
    assert [fault for fault in violations(tab) if SLIP_OF_VUETIFY not in fault] == []
    panel.get_by_role("button", name="Front door").click()
    expect(panel.get_by_role("heading", name="Front door")).to_be_visible()
    expect(panel).to_contain_text("Who turns to it")
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_be_hidden()


def test_the_keyboard_goes_from_place_to_place_opens_one_and_comes_back(tab: Page) -> None:
    network = tab.get_by_role("listbox", name="Network of").first
    network.focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowRight")
    chosen = network.get_attribute("aria-activedescendant")
    assert tab.locator(f"#{chosen}").inner_text() == "School 3"
    tab.keyboard.press("ArrowDown")
    chosen = network.get_attribute("aria-activedescendant")
    assert not tab.locator(f"#{chosen}").inner_text().startswith("School")
    tab.keyboard.press("Home")
    tab.keyboard.press("Enter")
    panel = tab.get_by_test_id("organisation")
    expect(panel.get_by_role("heading", name="School 1")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(network).to_be_focused()


def test_one_crosshair_goes_through_all_plots_by_mouse_and_by_key(tab: Page) -> None:
    for _ in range(3):
        step(tab)
    plots = tab.get_by_role("slider", name="Week under the crosshair")
    plots.scroll_into_view_if_needed()
    box = plots.bounding_box()
    assert box is not None
    tab.mouse.move(box["x"] + 50, box["y"] + 80)
    tab.wait_for_function(
        "() => document.querySelector('canvas[data-testid=plots]').dataset.crosshair !== ''"
    )
    tab.mouse.move(5, 5)
    plots.focus()
    tab.keyboard.press("Home")
    first = int(told(tab, "crosshair", "plots"))
    tab.keyboard.press("ArrowRight")
    assert int(told(tab, "crosshair", "plots")) == first + 1
    words = plots.get_attribute("aria-valuetext") or ""
    assert "Cases of a social worker" in words
    assert " | " in words


def test_pictures_are_sharp_on_a_fine_screen_and_follow_the_window(new_tab: NewTab) -> None:
    tab = new_tab(device_scale_factor=2)
    for size in ((1280, 800), (1000, 700)):
        tab.set_viewport_size({"width": size[0], "height": size[1]})
        for canvas in ("network-0", "plots"):
            tab.wait_for_function(
                """name => {
                    const canvas = document.querySelector(`canvas[data-testid=${name}]`);
                    const { width, height, clientWidth, clientHeight } = canvas;
                    return Math.abs(width - 2 * clientWidth) <= 2 && Math.abs(height - 2 * clientHeight) <= 2;
                }""",
                arg=canvas,
            )
    assert inked(tab, "network-0") > 2000


def test_who_wants_no_motion_sees_where_messages_were_lost_and_nothing_move(new_tab: NewTab) -> None:
    tab = new_tab(reduced_motion="reduce")
    step(tab)
    tab.wait_for_timeout(300)
    assert tab.evaluate("() => document.querySelector('.cpsim-network').__vue__.running") == 0
    assert int(told(tab, "pulses")) >= 0
