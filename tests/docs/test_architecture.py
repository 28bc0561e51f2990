"""The page of the architecture matches the program: its drawing is up to date, and the files that it names exist."""

import re

import pytest
from tests.docs.pages import import_script
from tests.files import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`([\w.]+/[\w./]*)`", PAGE)))


def test_the_drawing_shows_the_rooms_and_the_week_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    architecture = import_script("architecture", monkeypatch)
    assert architecture.DRAWING.read_text("utf-8") == architecture.draw(), "run: python tools/architecture.py"


@pytest.mark.parametrize("name", NAMED)
def test_every_file_that_the_page_names_exists(name: str) -> None:
    assert (ROOT / "src" / "cpsim" / name).exists() or (ROOT / name).exists(), name
