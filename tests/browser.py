"""Fixtures and checks for tests in a real browser.

A test fails on any error in the console of a page, and on any request to another server. Without Chromium such tests
are skipped.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

PHONE, DESKTOP = (390, 844), (1280, 900)
SCREENSHOTS = "CPSIM_SCREENSHOTS"
"""Environment variable that names a folder for screenshots of the pages."""

Theme = Literal["light", "dark"]
NewPage = Callable[..., Page]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
_QUIET += ["--disable-background-networking", "--disable-component-update"]
_INSIDE = ("data:", "blob:", "about:")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, one process for each file of tests; its event loop must not outlast the file."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip(f"no Chromium on this machine, under any of the names {', '.join(_NAMES)}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=_QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Return a function that opens empty pages: `new_page(size=PHONE, theme="dark", origin="http://127.0.0.1:8765")`.

    `size` is the width and height in pixels, `theme` the preferred colour scheme, and `origin` the beginning of every
    address that the page may request.
    """
    faults: list[str] = []
    contexts = []

    def open_page(
        size: tuple[int, int] = DESKTOP, theme: Theme = "light", origin: str = "file:", **settings: Any
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=theme, **settings
        )
        contexts.append(context)
        page = context.new_page()
        record_faults(page, origin, faults)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """An empty page of the size of a desktop, in the light theme; it may open files only."""
    return new_page()


def record_faults(page: Page, origin: str, faults: list[str]) -> None:
    """Append every error in the console to `faults`, and every request to another origin, which is blocked."""

    def route_request(route: Route, request: Request) -> None:
        if request.url.startswith((origin, *_INSIDE)):
            route.continue_()
        else:
            faults.append(f"request to {request.url}")
            route.abort()

    def check_socket(url: str) -> None:
        if not url.startswith(origin.replace("http", "ws", 1)):
            faults.append(f"socket to {url}")

    page.context.route("**/*", route_request)
    page.on("websocket", lambda socket: check_socket(socket.url))
    page.on("pageerror", lambda error: faults.append(f"error in a script: {error}"))
    page.on(
        "console",
        lambda message: (
            faults.append(f"{message.type}: {message.text}") if message.type in ("error", "warning") else None
        ),
    )


def find_violations(page: Page) -> list[str]:
    """Return the rules of accessibility that a page breaks according to axe-core, with the first five elements."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {rule['help']} {[node['target'] for node in rule['nodes'][:5]]}" for rule in found
    ]


def measure_overflow(page: Page) -> int:
    """Return by how many pixels a page is wider than its window; more than 0 needs sideways scrolling."""
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return int(width)


def save_screenshot(page: Page, name: str) -> None:
    """Save a screenshot of the whole page as `name`.png if the environment variable names a folder."""
    folder = os.environ.get(SCREENSHOTS)
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
