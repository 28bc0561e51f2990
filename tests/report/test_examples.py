"""The example reports in the documentation are what the program makes: sound, small enough, and there to be read."""

import re
from pathlib import Path

import pytest
from tests.browser import NewPage
from tests.docs.pages import ROOT, experiment
from tests.report.pages import TWO_READERS, readable, sound

EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.html"))
SMALL_ENOUGH = 1_500_000


def named(page: Path) -> str:
    return page.stem


def test_each_example_has_its_command_and_its_link(monkeypatch: pytest.MonkeyPatch) -> None:
    names = experiment("example_pages", monkeypatch).NAMES
    assert {page.stem for page in EXAMPLES} == set(names)
    reports = (ROOT / "docs" / "reports.md").read_text("utf-8")
    assert {name for name in names if f"](examples/{name}.html)" not in reports} == set()


@pytest.mark.parametrize("page", EXAMPLES, ids=named)
def test_an_example_is_sound_and_small_enough(page: Path) -> None:
    text = page.read_text("utf-8")
    sound(text)
    assert len(text.encode()) < SMALL_ENOUGH


@pytest.mark.parametrize("page", EXAMPLES, ids=named)
def test_an_example_tells_nothing_of_the_machine_that_made_it(page: Path) -> None:
    text = page.read_text("utf-8")
    assert re.findall(r"/(?:tmp|home|root|work)/\w+|glibc|Linux", text) == []


@pytest.mark.parametrize("page", EXAMPLES, ids=named)
def test_everybody_can_read_an_example(page: Path, new_page: NewPage) -> None:
    readable(new_page, page, f"example-{page.stem}", TWO_READERS)
