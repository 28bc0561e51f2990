"""The example reports in the documentation are well formed, small enough and accessible."""

import re
from pathlib import Path

import pytest
from tests.browser import NewPage
from tests.docs.pages import ROOT, import_script
from tests.present.pages import TWO_READERS, assert_readable, assert_well_formed

EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.html"))
MOST_BYTES = 1_500_000


def format_id(page: Path) -> str:
    return page.stem


def test_each_example_has_a_command_and_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    names = import_script("example_pages", monkeypatch).NAMES
    assert {page.stem for page in EXAMPLES} == set(names)
    reports = (ROOT / "docs" / "reports.md").read_text("utf-8")
    assert {name for name in names if f"](examples/{name}.html)" not in reports} == set()


@pytest.mark.parametrize("page", EXAMPLES, ids=format_id)
def test_an_example_is_well_formed_and_small_enough(page: Path) -> None:
    text = page.read_text("utf-8")
    assert_well_formed(text)
    assert len(text.encode()) < MOST_BYTES


@pytest.mark.parametrize("page", EXAMPLES, ids=format_id)
def test_an_example_does_not_contain_paths_or_the_platform_of_the_machine(page: Path) -> None:
    text = page.read_text("utf-8")
    assert re.findall(r"/(?:tmp|home|root|work)/\w+|glibc|Linux", text) == []


@pytest.mark.parametrize("page", EXAMPLES, ids=format_id)
def test_an_example_is_accessible(page: Path, new_page: NewPage) -> None:
    assert_readable(new_page, page, f"example-{page.stem}", TWO_READERS)
