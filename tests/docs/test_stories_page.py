"""The page of stories matches the output of the program."""

import pytest
from tests.docs.pages import ROOT, import_script


def test_every_story_on_the_page_is_the_output_of_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    stories_page = import_script("stories_page", monkeypatch)
    page = (ROOT / "docs" / "stories.md").read_text("utf-8")
    assert stories_page.fill_page(page) == page, "run: python tools/stories_page.py"


def test_every_figure_on_the_page_belongs_to_a_story(monkeypatch: pytest.MonkeyPatch) -> None:
    stories_page = import_script("stories_page", monkeypatch)
    page = (ROOT / "docs" / "stories.md").read_text("utf-8")
    figures = [figure for _, figure, _ in stories_page.BLOCK.findall(page)]
    assert figures
    assert all((ROOT / "docs" / figure).is_file() for figure in figures)
    assert page.count("![") == len(figures)
