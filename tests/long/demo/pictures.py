"""Take the screenshots of docs/demo.md: `python -m tests.long.demo.pictures`; needs Chromium."""

import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from tests.long.demo.shows import open_page, press, run_server, wait_for_week
from tools.images import reduce_colours

IMAGES = Path(__file__).parents[3] / "docs" / "images"
WINDOW = {"width": 1720, "height": 968}


def play_scandal(page: Page) -> None:
    """Play to one year after a scandal in the third evaluated year."""
    for year in (0, 52, 104):
        press(page, "Step a year")
        wait_for_week(page, year)
    press(page, "Scandal")
    press(page, "Step a year")
    wait_for_week(page, 156)


def play_merger(page: Page) -> None:
    """Play to one year after a merger on the right side only."""
    press(page, "Step a year")
    wait_for_week(page, 0)
    press(page, "right")
    press(page, "Merge departments")
    press(page, "Step a year")
    wait_for_week(page, 52)


SCREENSHOTS: dict[str, tuple[tuple[str, ...], Callable[[Page], None]]] = {
    "demo": (("small",), play_scandal),
    "demo_side_by_side": (("small", "small"), play_merger),
}


def main() -> None:
    """Take all screenshots."""
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for name, (scenarios, play) in SCREENSHOTS.items():
            with run_server(*scenarios, settings=()) as server:
                page = browser.new_page(viewport=WINDOW)
                open_page(page, server)
                play(page)
                page.mouse.move(0, 0)
                page.wait_for_timeout(2_000)
                page.screenshot(path=IMAGES / f"{name}.png")
                reduce_colours(IMAGES / f"{name}.png")
                page.context.close()


if __name__ == "__main__":
    main()
