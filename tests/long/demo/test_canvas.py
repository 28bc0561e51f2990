"""Network and plots in a real browser: they are sharp, accessible, and respond to mouse and keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.browser import find_violations
from tests.long.demo.shows import VUETIFY_RULE, NewTab, Server, press, read_week, run_server, step


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A show of a tiny authority twice: two systems under the same rules."""
    with run_server("small", "small") as server:
        yield server


@pytest.fixture
def tab(new_tab: NewTab) -> Page:
    return new_tab()


def find_node(page: Page, title: str) -> tuple[float, float]:
    """Return the position of a node in the left network, in pixels of the page."""
    x, y = page.evaluate(
        """title => {
            const network = document.querySelector('.cpsim-network').__vue__, node = network.net.titles.indexOf(title);
            const box = network.$refs.box.getBoundingClientRect();
            return [box.left + network.X[node], box.top + network.Y[node]];
        }""",
        title,
    )
    return x, y


def read_data(page: Page, name: str, canvas: str = "network-0") -> str:
    """Return a data attribute of a canvas."""
    return page.get_by_test_id(canvas).get_attribute(f"data-{name}") or ""


def count_pixels(page: Page, canvas: str) -> int:
    """Count the pixels of a canvas that are not empty."""
    return int(
        page.get_by_test_id(canvas).evaluate(
            """canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
                .reduce((sum, part, i) => sum + (i % 4 === 3 && part > 0), 0)"""
        )
    )


def test_networks_and_plots_are_drawn_again_after_each_week(tab: Page) -> None:
    assert count_pixels(tab, "network-0") > 2000
    assert count_pixels(tab, "plots") > 2000
    before = int(read_data(tab, "drawn"))
    step(tab)
    assert int(read_data(tab, "drawn")) > before
    assert int(read_data(tab, "pulses")) >= int(read_data(tab, "crosses"))
    assert read_week(tab, 0) == read_week(tab, 1) == int(read_data(tab, "frame", "plots"))


def test_the_same_rules_twice_show_no_difference_anywhere(tab: Page) -> None:
    press(tab, "Step a year")
    tab.wait_for_function(
        "() => +document.querySelector('canvas[data-testid=network-1]').dataset.frame >= 0", timeout=60_000
    )
    assert read_data(tab, "differences", "plots") == "0"
    assert read_data(tab, "differences", "network-0") == read_data(tab, "differences", "network-1") == "0"
    assert read_data(tab, "missed", "network-0") == read_data(tab, "missed", "network-1")


def test_pointing_at_a_node_shows_its_name_and_numbers(tab: Page) -> None:
    tab.mouse.move(*find_node(tab, "Police"))
    tip = tab.locator(".cpsim-tip").first
    expect(tip).to_contain_text("Police (police-001)")
    expect(tip).to_contain_text("children with a live file")
    tab.mouse.move(400, 90)
    expect(tip).to_be_hidden()


def test_a_click_on_a_node_opens_its_panel_and_a_click_on_a_partner_opens_that_of_the_partner(
    tab: Page,
) -> None:
    tab.mouse.click(*find_node(tab, "Police"))
    panel = tab.get_by_test_id("organisation")
    expect(panel.get_by_role("heading", name="Police")).to_be_visible()
    expect(panel).to_contain_text("Threshold for sharing with social care")
    expect(panel).to_contain_text("Partners that it contacts")
    assert [rule for rule in find_violations(tab) if VUETIFY_RULE not in rule] == []
    panel.get_by_role("button", name="Front door").click()
    expect(panel.get_by_role("heading", name="Front door")).to_be_visible()
    expect(panel).to_contain_text("Partners that contact it")
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_be_hidden()


def test_the_keyboard_moves_between_nodes_opens_a_panel_and_returns(tab: Page) -> None:
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


def test_all_plots_share_a_crosshair_that_mouse_and_keyboard_can_move(tab: Page) -> None:
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
    first = int(read_data(tab, "crosshair", "plots"))
    tab.keyboard.press("ArrowRight")
    assert int(read_data(tab, "crosshair", "plots")) == first + 1
    text = plots.get_attribute("aria-valuetext") or ""
    assert "Cases per social worker" in text
    assert " | " in text


def test_network_and_plots_are_sharp_on_a_high_resolution_screen_and_follow_the_window(
    new_tab: NewTab,
) -> None:
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
    assert count_pixels(tab, "network-0") > 2000


def test_with_reduced_motion_nothing_moves_and_lost_messages_are_shown(new_tab: NewTab) -> None:
    tab = new_tab(reduced_motion="reduce")
    step(tab)
    tab.wait_for_timeout(300)
    assert tab.evaluate("() => document.querySelector('.cpsim-network').__vue__.running") == 0
    assert int(read_data(tab, "pulses")) >= 0
