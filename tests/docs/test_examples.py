"""The Python examples in the documentation run; the blocks of a page build on each other."""

import re
from pathlib import Path

import pytest
from tests.docs.pages import PAGES, ROOT

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def select_pages_with_python(pages: list[Path]) -> list[Path]:
    return [page for page in pages if BLOCK.search(page.read_text("utf-8"))]


@pytest.mark.parametrize(
    "page", select_pages_with_python(PAGES), ids=lambda page: str(page.relative_to(ROOT))
)
def test_every_example_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = page.read_text("utf-8")
    namespace: dict[str, object] = {"__name__": "example"}
    for block in BLOCK.finditer(text):
        # Empty lines before the block make errors name the line of the page.
        line = text.count("\n", 0, block.start(1))
        exec(compile("\n" * line + block[1], str(page), "exec"), namespace)  # noqa: S102
