"""`cpsim analyse` writes a page, tables and figures to the folder of a sweep, or reports why it cannot."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from tests.analysis.studies import ARMS, build_manifest, study

from cpsim.cli import main
from cpsim.experiment.definition import LatinHypercube, Sobol
from cpsim.parallel.engine import open_in_process_engine

DRAWN = LatinHypercube(kind="latin_hypercube", points=24)
EXPERIMENT = """
name: duty
base: small
arms:
  as_it_was: {population: {children: 500}, clock: {warm_up_years: 1}}
  trusting: {population: {children: 500}, clock: {warm_up_years: 1}, network: {trust_start: 0.9}}
seeds: 2
years: 1
"""


def run_analyse(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["analyse", *arguments])


def load_synthetic_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every folder have a synthetic sweep."""
    made = study(DRAWN)
    monkeypatch.setattr("cpsim.analysis.analyse.load_study", lambda _, **__: made)
    monkeypatch.setattr("cpsim.sweeps.loaded.read_sweep_file", lambda _, **__: build_manifest(made))


@pytest.fixture
def sweep(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of a synthetic sweep."""
    load_synthetic_sweep(monkeypatch)
    return tmp_path


class Analysed(NamedTuple):
    """A synthetic sweep that has been analysed: its folder, and what the command printed."""

    folder: Path
    result: Result


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Analysed:
    folder = tmp_path_factory.mktemp("analysed")
    with pytest.MonkeyPatch.context() as patched:
        load_synthetic_sweep(patched)
        return Analysed(folder, run_analyse(str(folder)))


def test_a_page_with_its_tables_and_figures_is_written(analysed: Analysed) -> None:
    sweep, result = analysed
    assert result.exit_code == 0, result.output
    page = sweep / "analysis" / "analysis.md"
    question, answer, seeds, *_ = result.output.splitlines()
    assert question == "Does a duty help when trust is low?"
    assert answer.startswith(
        "Averaged over the points, no difference in missed risk was shown between the arms"
    )
    assert seeds.startswith("This rests on 4 seeds, which are few")
    assert result.output.endswith(f"\n\nWrote {page}. Open {sweep / 'report.html'}.\n")
    assert "What does each arm change?" in (sweep / "report.html").read_text("utf-8")
    tables = {file.stem for file in page.parent.glob("*.csv")}
    assert tables == {
        "differences", "differences_by_point", "seeds", "effects", "interactions", "conditions", "conditions_way",
        "pareto", "regret",
    }  # fmt: skip
    text = page.read_text("utf-8")
    figures = {file.stem for file in page.parent.glob("*.png")}
    assert figures == {"differences", "seeds", "effects", "conditions", "pareto", "regret"}
    assert all(f"({name}.png)" in text for name in figures)
    assert pd.read_csv(page.parent / "pareto.csv")["arm"].tolist() == list(ARMS)


def test_outdated_files_are_removed_and_the_researchers_own_files_are_kept(
    sweep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"notes.csv": "my notes", "figure.png": "my figure", "sobol.csv": "my indices"}
    (sweep / "analysis").mkdir()
    for name, text in own.items():
        (sweep / "analysis" / name).write_text(text, "utf-8")
    made = study(DRAWN)
    for points, has_effects in ((made.runs["point"].nunique(), True), (1, False)):
        some = replace(made, runs=made.runs[made.runs["point"] < points])
        monkeypatch.setattr("cpsim.analysis.analyse.load_study", lambda _, some=some, **__: some)
        assert run_analyse(str(sweep), "--quiet").output == f"{sweep / 'analysis' / 'analysis.md'}\n"
        assert [(sweep / "analysis" / f"effects.{end}").exists() for end in ("csv", "png")] == [
            has_effects
        ] * 2
        assert {name: (sweep / "analysis" / name).read_text("utf-8") for name in own} == own


def test_a_report_of_the_researcher_is_not_replaced(sweep: Path) -> None:
    (sweep / "report.html").write_text("my report", "utf-8")
    result = run_analyse(str(sweep))
    assert result.exit_code == 2
    assert result.output.startswith(f"Error: {sweep / 'report.html'}: cpsim did not write this file")
    assert [path.read_text("utf-8") for path in sweep.rglob("*")] == ["my report"]


@pytest.mark.parametrize("name", ["analysis", "report.html", "analysis/notes.csv", "."])
def test_a_link_is_refused_and_what_it_leads_to_is_unchanged(sweep: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for file in ("differences.csv", "photo.png"):
        (elsewhere / file).write_text("of another study", "utf-8")
    folder, link = tmp_path / "sweep", tmp_path / "sweep" / name
    if name == ".":
        folder.symlink_to(elsewhere, target_is_directory=True)
    else:
        link.parent.mkdir(parents=True)
        link.symlink_to(elsewhere if name == "analysis" else elsewhere / "photo.png")
    result = run_analyse(str(folder))
    assert result.exit_code == 2
    assert result.output.startswith(f"Error: {link}: this is a link")
    assert result.output.count("\n") == 1
    assert {path.name: path.read_text("utf-8") for path in elsewhere.iterdir()} == {
        "differences.csv": "of another study", "photo.png": "of another study",
    }  # fmt: skip


def test_the_same_sweep_gives_identical_files(sweep: Path, analysed: Analysed) -> None:
    run_analyse(str(sweep))
    first, second = (
        {file.name: file.read_bytes() for file in (folder / "analysis").iterdir()}
        for folder in (analysed.folder, sweep)
    )
    assert first == second


def test_a_sweep_without_a_finished_run_is_refused(sweep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = study(DRAWN)
    failed = replace(made, runs=made.runs.assign(status="failed"))
    monkeypatch.setattr("cpsim.analysis.analyse.load_study", lambda _, **__: failed)
    result = run_analyse(str(sweep))
    assert result.exit_code == 2
    assert "no run has finished" in result.output
    assert not (sweep / "analysis").exists()


def test_a_folder_that_is_not_a_sweep_is_refused(tmp_path: Path) -> None:
    result = run_analyse(str(tmp_path))
    assert result.exit_code == 2
    assert "not the folder of a sweep" in result.output


def test_without_salib_the_message_says_how_to_install_it(
    sweep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sobol = study(Sobol(kind="sobol", base_points=8))
    monkeypatch.setattr("cpsim.analysis.analyse.load_study", lambda _, **__: sobol)
    monkeypatch.setitem(sys.modules, "SALib.analyze.sobol", None)
    result = run_analyse(str(sweep))
    assert result.exit_code == 2
    assert "pip install 'cpsim[sweep]'" in result.output


def test_a_sweep_that_was_run_can_be_analysed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cpsim.parallel.engine.open_local_engine", lambda _: open_in_process_engine())
    (tmp_path / "duty.yaml").write_text(EXPERIMENT, "utf-8")
    folder = str(tmp_path / "sweep")
    command = ["sweep", str(tmp_path / "duty.yaml"), "--out", folder, "--quiet"]
    ran = CliRunner().invoke(main, command)
    assert ran.exit_code == 0, ran.output
    result = run_analyse(folder)
    assert result.exit_code == 0, result.output
    text = (tmp_path / "sweep" / "analysis" / "analysis.md").read_text("utf-8")
    assert "4 of 4 runs: 2 arms (as_it_was, trusting), 1 point (a grid), 2 seeds." in text
    assert "No setting varies" in text
    assert "trust_start" in (tmp_path / "sweep" / "report.html").read_text("utf-8")
    again = CliRunner().invoke(main, command)
    assert again.exit_code == 0, again.output
