"""The scenario that another extends, as a user would type it."""

from pathlib import Path

import pytest

from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.references import find_reference


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a scenario and one that extends it, seen from the folder above."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "base.yaml").write_text("name: base\nextends: small\n", "utf-8")
    (tmp_path / "own" / "reform.yaml").write_text("name: reform\nextends: base.yaml\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_shipped_scenario_is_named_and_a_file_has_its_path(folder: Path) -> None:
    assert find_reference("own/base.yaml") == "small"
    assert find_reference("own/reform.yaml") == str(Path("own", "base.yaml"))
    assert find_reference(str(folder / "own" / "reform.yaml")) == str(folder / "own" / "base.yaml")


def test_a_scenario_that_extends_none_is_compared_with_the_baseline(folder: Path) -> None:
    (folder / "alone.yaml").write_text("name: alone\n", "utf-8")
    assert find_reference("alone.yaml") == "baseline"


def test_a_reference_that_is_missing_is_reported(folder: Path) -> None:
    (folder / "lost.yaml").write_text("name: lost\nextends: gone.yaml\n", "utf-8")
    with pytest.raises(ScenarioError, match=r"gone\.yaml"):
        find_reference("lost.yaml")
