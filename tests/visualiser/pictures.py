"""Take the pictures of docs/demo.md from the running demo: `python -m tests.visualiser.pictures`; needs Chromium."""

import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from tests.visualiser.shows import look_at, press, reach, serving

IMAGES = Path(__file__).parents[2] / "docs" / "images"
WINDOW = {"width": 1720, "height": 968}


def alone(page: Page) -> None:
    """A scandal in the third judged year, eighteen months on."""
    for year in (0, 52, 104):
        press(page, "Step a year")
        reach(page, year)
    press(page, "Scandal")
    press(page, "Step a year")
    reach(page, 156)


def beside(page: Page) -> None:
    """A merger on the right alone, a year on."""
    press(page, "Step a year")
    reach(page, 0)
    press(page, "right")
    press(page, "Merge departments")
    press(page, "Step a year")
    reach(page, 52)


PICTURES: dict[str, tuple[tuple[str, ...], Callable[[Page], None]]] = {
    "demo": (("small",), alone),
    "demo_side_by_side": (("small", "small"), beside),
}


def main() -> None:
    """Take them all."""
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for name, (scenarios, play) in PICTURES.items():
            with serving(*scenarios, settings=()) as server:
                page = browser.new_page(viewport=WINDOW)
                look_at(page, server)
                play(page)
                page.mouse.move(0, 0)
                page.wait_for_timeout(2_000)
                page.screenshot(path=IMAGES / f"{name}.png")
                page.context.close()


if __name__ == "__main__":
    main()
