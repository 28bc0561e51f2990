"""A real browser for tests: pages that fail the test on any error in the console and on any request that leaves them.

Fixtures `browser`, `new_page` and `page` are there for every test. Without Chromium such tests are skipped.
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
"""The variable of the environment that names a folder in which pictures of the pages are kept."""

Ink = Literal["light", "dark"]
NewPage = Callable[..., Page]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
_QUIET += ["--disable-background-networking", "--disable-component-update"]
_INSIDE = ("data:", "blob:", "about:")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file; longer, and its event loop would be in the way of other files' own."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip(f"no Chromium on this machine, under any of the names {', '.join(_NAMES)}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=_QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Open empty pages: `new_page(size=PHONE, ink="dark", origin="http://127.0.0.1:8765")`.

    `size` is width and height in pixels, `ink` what the reader prefers, `origin` how the address of whatever the page
    may ask for begins. When the test ends it fails on what any of the pages has complained of or asked for elsewhere.
    """
    faults: list[str] = []
    contexts = []

    def opened(
        size: tuple[int, int] = DESKTOP, ink: Ink = "light", origin: str = "file:", **settings: Any
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=ink, **settings
        )
        contexts.append(context)
        page = context.new_page()
        watch(page, origin, faults)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """An empty page on a desk, for a reader who prefers dark ink on light paper; it may open files only."""
    return new_page()


def watch(page: Page, origin: str, faults: list[str]) -> None:
    """Note every complaint, and every request to elsewhere, which is not let through."""

    def pass_on(route: Route, request: Request) -> None:
        if request.url.startswith((origin, *_INSIDE)):
            route.continue_()
        else:
            faults.append(f"request to {request.url}")
            route.abort()

    def socket_opened(url: str) -> None:
        if not url.startswith(origin.replace("http", "ws", 1)):
            faults.append(f"socket to {url}")

    page.context.route("**/*", pass_on)
    page.on("websocket", lambda socket: socket_opened(socket.url))
    page.on("pageerror", lambda error: faults.append(f"error in a script: {error}"))
    page.on(
        "console",
        lambda said: (
            faults.append(f"{said.type}: {said.text}") if said.type in ("error", "warning") else None
        ),
    )


def violations(page: Page) -> list[str]:
    """What axe-core finds that people with disabilities would stumble over: a line for each rule that is broken."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {rule['help']} {[node['target'] for node in rule['nodes'][:5]]}" for rule in found
    ]


def runs_over(page: Page) -> int:
    """By how many pixels a page is wider than its window; more than 0 makes a reader scroll sideways."""
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return int(width)


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page as `name`.png where the environment asks for it."""
    folder = os.environ.get(SCREENSHOTS)
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
