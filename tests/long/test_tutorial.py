"""Every command of the tutorial, the README and the page on comparisons prints what the page shows.

The commands are typed in an empty folder, in the order in which they stand on the page.
"""

from pathlib import Path

import pytest
from tests.docs.pages import COMPARING, README, TUTORIAL
from tools.typed_pages import TypedBlock, find_difference, list_blocks, type_page

pytestmark = pytest.mark.xdist_group("typed pages")

Typed = list[tuple[TypedBlock, str, str]]


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Typed:
    return list(type_page(TUTORIAL, tmp_path_factory.mktemp("tutorial")))


def list_differences(typed: Typed) -> list[str]:
    """List the commands whose output a page shows differently, with the lines that were not printed."""
    return [
        f"$ {command}\n{missing}"
        for block, command, printed in typed
        if block.kind == "text" and (missing := find_difference(block.content, printed))
    ]


def test_the_tutorial_shows_what_its_commands_print(tutorial: Typed) -> None:
    assert list_differences(tutorial) == [], "run: python -m tools.typed_pages docs/tutorial.md"


def test_the_readme_shows_what_the_same_comparison_prints_in_the_tutorial(tutorial: Typed) -> None:
    printed = {command: text for _, command, text in tutorial}
    blocks = list(list_blocks(README))
    (command,) = (block.content for block in blocks if block.kind == "sh")
    (shown,) = (block.content for block in blocks if block.kind == "text")
    assert find_difference(shown, printed[command]) == ""


def test_the_page_on_comparisons_shows_what_its_example_prints(tmp_path: Path) -> None:
    assert list_differences(list(type_page(COMPARING, tmp_path))) == []
