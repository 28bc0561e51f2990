"""The browser of the tests notices what it is there to notice."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests import browser as watched

PLAIN = "<!doctype html><html lang=en><title>A page</title><main><h1>A page</h1></main>"


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ("<p>Nothing to see.</p>", None),
        ("<img alt='' src='http://example.org/seen.png'>", "request to http://example.org/seen.png"),
        ("<script>console.error('too late')</script>", "error: too late"),
        ("<script>nobody.home()</script>", "error in a script: nobody is not defined"),
    ],
)
def test_a_page_that_complains_or_looks_elsewhere_is_noticed(
    browser: Browser, tmp_path: Path, markup: str, fault: str | None
) -> None:
    file = tmp_path / "page.html"
    file.write_text(PLAIN + markup, "utf-8")
    faults: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    watched.watch(page, "file:", faults)
    page.goto(file.as_uri())
    context.close()
    assert faults[:1] == ([fault] if fault else [])


def test_what_people_would_stumble_over_is_noticed(new_page: watched.NewPage, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(f"{PLAIN}<div style='width: 600px; color: #ccc'>faint</div>", "utf-8")
    page = new_page(watched.PHONE)
    page.goto(file.as_uri())
    assert any(said.startswith("color-contrast") for said in watched.violations(page))
    assert watched.runs_over(page) > 0
