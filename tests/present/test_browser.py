"""The test browser reports errors, requests and accessibility problems."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.browser import PHONE, NewPage, find_violations, measure_overflow, record_faults

PLAIN = "<!doctype html><html lang=en><title>A page</title><main><h1>A page</h1></main>"


@pytest.mark.parametrize(
    ("markup", "problem"),
    [
        ("<p>Nothing to see.</p>", None),
        ("<img alt='' src='http://example.org/seen.png'>", "request to http://example.org/seen.png"),
        ("<script>console.error('too late')</script>", "error: too late"),
        ("<script>missing.call()</script>", "error in a script: missing is not defined"),
    ],
)
def test_script_errors_and_requests_to_other_sites_are_reported(
    browser: Browser, tmp_path: Path, markup: str, problem: str | None
) -> None:
    file = tmp_path / "page.html"
    file.write_text(PLAIN + markup, "utf-8")
    problems: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    record_faults(page, "file:", problems)
    page.goto(file.as_uri())
    context.close()
    assert problems[:1] == ([problem] if problem else [])


def test_accessibility_problems_and_overflow_are_reported(new_page: NewPage, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(f"{PLAIN}<div style='width: 600px; color: #ccc'>faint</div>", "utf-8")
    page = new_page(PHONE)
    page.goto(file.as_uri())
    assert any(violation.startswith("color-contrast") for violation in find_violations(page))
    assert measure_overflow(page) > 0
