"""The page of stories tells what the program tells."""

import pytest
from tests.docs.pages import ROOT, experiment


def test_every_story_of_the_page_is_what_its_command_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    stories_page = experiment("stories_page", monkeypatch)
    page = (ROOT / "docs" / "stories.md").read_text("utf-8")
    assert stories_page.filled(page) == page, "run: python experiments/stories_page.py"


def test_every_picture_of_the_page_belongs_to_a_story(monkeypatch: pytest.MonkeyPatch) -> None:
    stories_page = experiment("stories_page", monkeypatch)
    page = (ROOT / "docs" / "stories.md").read_text("utf-8")
    pictures = [picture for _, picture, _ in stories_page.BLOCK.findall(page)]
    assert pictures
    assert all((ROOT / "docs" / picture).is_file() for picture in pictures)
    assert page.count("![") == len(pictures)
