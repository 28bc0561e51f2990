"""What tests of the demo may ask for."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.visualiser.shows import NewTab, Server, tabs

# Mesa's own components break Solara's rules for hooks, harmlessly; the server of the demo says so too.
os.environ.setdefault("SOLARA_CHECK_HOOKS", "off")


@pytest.fixture
def new_tab(browser: Browser, server: Server) -> Iterator[NewTab]:
    """Open tabs on the show; at the end the test fails on what any of them complained of or asked for elsewhere."""
    with tabs(browser, server) as opened:
        yield opened


@pytest.fixture
def classroom(new_tab: NewTab) -> Page:
    """A tab of its own, open at the first week of the show."""
    return new_tab()
