"""A network file of the user is saved with the run that used it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cpsim.cli import main
from cpsim.model import ChildProtectionModel
from cpsim.network.graphml import write_graphml
from cpsim.results import RunResult
from cpsim.scenario.read import from_mapping

SCENARIO = """
name: our_network
clock: {years: 1, warm_up_years: 8}
population: {children: 2000}
network: {graphml: ours.graphml}
"""


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario without ties between partner organisations, and its network file."""
    folder = tmp_path_factory.mktemp("ours")
    settings: dict[str, Any] = {
        "clock": {"years": 1, "warm_up_years": 8},
        "population": {"children": 2000},
        "network": {"lateral_density": 0.0},
    }
    model = ChildProtectionModel(from_mapping(settings), seed=1)
    write_graphml(model.ties, model.nodes, folder / "ours.graphml")
    (folder / "ours.yaml").write_text(SCENARIO, encoding="utf-8")
    return folder / "ours.yaml"


@pytest.fixture(scope="module")
def first(ours: Path) -> Path:
    folder = ours.parent / "first"
    done = cpsim_run(ours, folder)
    assert done.exit_code == 0, done.output
    return folder


def cpsim_run(scenario: Path, folder: Path) -> Result:
    return CliRunner().invoke(main, ["run", str(scenario), "--out", str(folder), "--json", "--no-figures"])


def test_the_folder_of_a_run_can_be_moved_and_run_again(first: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "posted"
    first.rename(elsewhere)
    again = cpsim_run(elsewhere / "scenario.yaml", tmp_path / "again")
    elsewhere.rename(first)
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout) == json.loads((first / "summary.json").read_text("utf-8"))


def test_the_folder_contains_the_network_file_and_no_path_of_the_machine(ours: Path, first: Path) -> None:
    assert (first / "network.graphml").read_bytes() == (ours.parent / "ours.graphml").read_bytes()
    assert str(ours.parent) not in (first / "scenario.yaml").read_text("utf-8")


def test_a_loaded_result_runs_on_the_network_in_its_folder(first: Path) -> None:
    loaded = RunResult.load(first)
    assert from_mapping(loaded.scenario).network.graphml == str(first / "network.graphml")


def test_provenance_distinguishes_two_networks_with_the_same_file_name(
    ours: Path, first: Path, tmp_path: Path
) -> None:
    text = (ours.parent / "ours.graphml").read_text("utf-8")
    (tmp_path / "ours.graphml").write_text(text + "<!-- redrawn -->\n", "utf-8")
    (tmp_path / "ours.yaml").write_text(SCENARIO, "utf-8")
    assert cpsim_run(tmp_path / "ours.yaml", tmp_path / "other").exit_code == 0
    one, other = (
        json.loads((folder / "provenance.json").read_text("utf-8")) for folder in (first, tmp_path / "other")
    )
    assert one["scenario_sha256"] != other["scenario_sha256"]


def test_a_network_of_other_organisations_is_refused_with_a_suggestion(ours: Path, tmp_path: Path) -> None:
    text = (ours.parent / "ours.graphml").read_text("utf-8")
    (tmp_path / "ours.graphml").write_text(text.replace("school-001", "shool-001"), "utf-8")
    (tmp_path / "ours.yaml").write_text(SCENARIO, "utf-8")
    done = cpsim_run(tmp_path / "ours.yaml", tmp_path / "none")
    assert done.exit_code == 2
    assert "did you mean 'school-001'?" in done.output
    assert not (tmp_path / "none").exists()
