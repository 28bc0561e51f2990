"""Fixtures for tests of the demo."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.long.demo.shows import NewTab, Server, open_tabs


@pytest.fixture
def new_tab(browser: Browser, server: Server) -> Iterator[NewTab]:
    """Open tabs on the show; the test fails on any error in a tab or any request to another server."""
    with open_tabs(browser, server) as opened:
        yield opened


@pytest.fixture
def classroom(new_tab: NewTab) -> Page:
    """A new tab at the first week of the show."""
    return new_tab()
