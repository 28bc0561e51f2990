"""The example reports of the documentation are well formed, small enough and accessible."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from tests.browser import NewPage
from tests.files import ROOT
from tests.present.pages import TWO_READERS, assert_readable, assert_well_formed
from tools.example_pages import NAMES, write_example

MOST_BYTES = 1_500_000


@pytest.fixture(scope="module")
def get_example(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that builds an example when it is first asked for."""
    return cache(lambda name: write_example(name, tmp_path_factory.mktemp(name), quick=True))


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.xdist_group(f"example {name}")) for name in NAMES]
)
def example(request: pytest.FixtureRequest, get_example: Callable[[str], Path]) -> Path:
    return get_example(request.param)


def test_each_example_is_described_with_the_name_that_builds_it() -> None:
    reports = (ROOT / "docs" / "reports.md").read_text("utf-8")
    assert re.findall(r"^- `(\w+)`: ", reports, re.MULTILINE) == list(NAMES)


def test_an_example_is_well_formed_and_small_enough(example: Path) -> None:
    text = example.read_text("utf-8")
    assert_well_formed(text)
    assert len(text.encode()) < MOST_BYTES


def test_an_example_does_not_contain_paths_or_the_platform_of_the_machine(example: Path) -> None:
    text = example.read_text("utf-8")
    assert re.findall(r"/(?:tmp|home|root|work)/\w+|glibc|Linux", text) == []


def test_an_example_is_accessible(example: Path, new_page: NewPage, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["example"]
    assert_readable(new_page, example, f"example-{name}", TWO_READERS)
