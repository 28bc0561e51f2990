"""What tests of the demo may ask for."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.browser import watch
from tests.visualiser.shows import SLIP_OF_SOLARA, Server, look_at

# Mesa's own components break Solara's rules for hooks, harmlessly; the server of the demo says so too.
os.environ.setdefault("SOLARA_CHECK_HOOKS", "off")


@pytest.fixture
def new_tab(browser: Browser, server: Server) -> Iterator[Callable[[], Page]]:
    """Open tabs on the show; at the end the test fails on what any of them complained of or asked for elsewhere."""
    faults: list[str] = []
    contexts = []

    def opened() -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        contexts.append(context)
        page = context.new_page()
        watch(page, server.address, faults)
        look_at(page, server)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [fault for fault in faults if SLIP_OF_SOLARA not in fault] == []


@pytest.fixture
def classroom(new_tab: Callable[[], Page]) -> Page:
    """A tab of its own, open at the first week of the show."""
    return new_tab()
