"""`cpsim run` prints a summary, writes a complete folder, and leaves nothing after an error."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.results.synthetic import run_result

from cpsim.cli import main
from cpsim.cli.run import find_compare_line
from cpsim.results import RunResult
from cpsim.scenario.read import load

OnWeek = Callable[[int, int], None]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder; the scenario is in the folder above."""
    (tmp_path / "tiny.yaml").write_text("name: tiny\nclock: {years: 1}\n", encoding="utf-8")
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def recorded_runs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Replace the model by a fast, constant one, and record the scenarios and seeds of its runs."""
    calls: list[Any] = []

    def run(scenario: Any, seed: int, on_week: OnWeek) -> RunResult:
        calls.append((scenario, seed))
        for week in range(3):
            on_week(week + 1, 3)
        result = run_result(years=1, spells=100)
        return RunResult(
            **{**vars(result), "seed": seed, "scenario": result.scenario | {"name": scenario.name}}
        )

    import_module("cpsim.reach")  # it needs the real model
    model = ModuleType("cpsim.simulation")
    model.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cpsim.simulation", model)
    return calls


def cpsim(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["run", "../tiny.yaml", *arguments])


def test_a_run_prints_its_summary_and_the_path_of_its_report(here: Path, recorded_runs: list[Any]) -> None:
    done = cpsim()
    assert done.exit_code == 0, done.output
    assert "Missed risk" in done.stdout
    assert "Assessments" in done.stdout
    last = done.stdout.splitlines()[-1]
    assert last == "Wrote runs/tiny-seed1. Open runs/tiny-seed1/report.html."
    assert (here / "runs/tiny-seed1/report.html").is_file()
    assert (here / "runs/tiny-seed1/figures/cascade.png").is_file()
    assert done.stderr == ""


def test_the_answer_is_printed_before_figures_are_drawn(
    here: Path, recorded_runs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: RunResult, folder: Path) -> None:
        folder.mkdir()
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)
        raise AssertionError("the command went on")

    monkeypatch.setattr("cpsim.plot.figures.save_figures", interrupt)
    done = cpsim("--out", "run")
    assert (done.exit_code, done.stderr) == (130, "Stopped.\n")
    assert "Missed risk" in done.stdout
    assert "Wrote" not in done.stdout
    assert list(here.iterdir()) == []


def test_the_seed_and_the_overrides_reach_the_model(here: Path, recorded_runs: list[Any]) -> None:
    cpsim("--seed", "12", "--set", "clock.years=3", "--no-figures")
    ((scenario, seed),) = recorded_runs
    assert (seed, scenario.clock.years) == (12, 3)
    assert (here / "runs/tiny-seed12").is_dir()


DUTY = """
name: mine
extends: {extends}
timeline:
  - {{date: 2005-09-01, lever: duty, kinds: [school], bound: true, awareness: 0.45}}
"""


@pytest.mark.parametrize(
    ("extends", "options", "command"),
    [
        ("small", (), "cpsim compare small 'my duty.yaml'"),
        ("base.yaml", (), "cpsim compare base.yaml 'my duty.yaml'"),
        ("null", (), "cpsim compare baseline 'my duty.yaml'"),
        ("small", ("clock.years=2",), "cpsim compare small 'my duty.yaml' --set clock.years=2"),
        ("small", ("name=other",), "cpsim compare small 'my duty.yaml'"),
        ("small", ("timeline=[]",), "cpsim compare 'my duty.yaml' scenario.yaml"),
    ],
)
def test_the_comparison_to_type_has_the_names_that_the_user_gave(
    here: Path, extends: str, options: tuple[str, ...], command: str
) -> None:
    (here / "base.yaml").write_text("name: base\n", encoding="utf-8")
    (here / "my duty.yaml").write_text(DUTY.format(extends=extends), encoding="utf-8")
    settings = load("my duty.yaml", options)
    assert str(find_compare_line("my duty.yaml", options, settings)) == command


def test_a_run_with_events_begins_with_the_comparison_to_type(here: Path) -> None:
    (here / "duty.yaml").write_text(DUTY.format(extends="small"), encoding="utf-8")
    tiny = ("population.children=500", "clock.years=1", "clock.warm_up_years=1")
    settings = [part for setting in tiny for part in ("--set", setting)]
    done = CliRunner().invoke(main, ["run", "duty.yaml", *settings])
    assert done.exit_code == 0, done.output
    assert done.stdout.lstrip().startswith("One run cannot show what the events of mine change")
    command = f"cpsim compare small duty.yaml {' '.join(settings)}"
    assert command in done.stdout.replace("\n", "")
    assert command in (here / "runs/mine-seed1/report.html").read_text("utf-8")


def test_a_run_never_overwrites_an_earlier_one(here: Path, recorded_runs: list[Any]) -> None:
    for _ in range(3):
        cpsim("--no-figures")
    assert {path.name for path in (here / "runs").iterdir()} == {"tiny-seed1", "tiny-seed1-2", "tiny-seed1-3"}


def test_two_runs_at_the_same_time_use_different_folders(
    here: Path, recorded_runs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_folder(_: RunResult, folder: Path) -> None:
        folder.mkdir()
        (here / "runs/tiny-seed1").mkdir(exist_ok=True)

    monkeypatch.setattr("cpsim.plot.figures.save_figures", take_folder)
    assert cpsim("--quiet").stdout == "runs/tiny-seed1-2\n"


def test_a_name_unsuitable_for_files_still_gives_a_folder(here: Path, recorded_runs: list[Any]) -> None:
    done = cpsim("--quiet", "--no-figures", "--set", "name=../what if / ünïcode?")
    assert done.stdout == "runs/what-if-ünïcode-seed1\n"


def test_json_output_is_the_summary_file(here: Path, recorded_runs: list[Any]) -> None:
    done = cpsim("--json", "--out", "run", "--no-figures")
    assert done.output == (here / "run/summary.json").read_text("utf-8")
    assert json.loads(done.stdout)["missed_risk_rate"] > 0


def test_without_figures_no_figure_and_no_report_is_written(here: Path, recorded_runs: list[Any]) -> None:
    done = cpsim("--no-figures", "--out", "run")
    assert not (here / "run/figures").exists()
    assert not (here / "run/report.html").exists()
    assert done.stdout.splitlines()[-1] == "Wrote run."


@pytest.mark.parametrize("taken", ["folder", "file"])
def test_an_existing_target_is_refused_before_the_run(
    here: Path, recorded_runs: list[Any], taken: str
) -> None:
    (here / "run").mkdir() if taken == "folder" else (here / "run").touch()
    done = cpsim("--out", "run")
    assert done.exit_code == 2
    assert f"a {taken} of this name exists already" in done.stderr
    assert recorded_runs == []


def test_a_target_below_a_file_is_refused_before_the_run(here: Path, recorded_runs: list[Any]) -> None:
    done = cpsim("--out", "../tiny.yaml/run")
    assert done.exit_code == 2
    assert "Not a directory" in done.stderr
    assert recorded_runs == []


def test_a_full_disk_is_reported_and_leaves_nothing(
    here: Path, recorded_runs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def raise_disk_full(_: RunResult, folder: Path) -> None:
        folder.mkdir()
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("cpsim.plot.figures.save_figures", raise_disk_full)
    done = cpsim("--out", "deep/run")
    assert done.exit_code == 2
    assert "Missed risk" in done.stdout, "the answer is printed before the folder is written"
    assert "Wrote" not in done.stdout
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("seed", ["-1", "seven", "1.5", ""])
def test_an_invalid_seed_is_refused(here: Path, recorded_runs: list[Any], seed: str) -> None:
    done = cpsim("--seed", seed)
    assert done.exit_code == 2
    assert "--seed" in done.stderr
    assert recorded_runs == []


def test_a_scenario_with_errors_is_refused_with_all_of_them(here: Path, recorded_runs: list[Any]) -> None:
    (here / "bad.yaml").write_text("clok: {}\nclock: {years: -1}\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["run", "bad.yaml"])
    assert done.exit_code == 2
    assert "bad.yaml:1:1" in done.stderr
    assert "bad.yaml:2:" in done.stderr
    assert (done.stdout, recorded_runs) == ("", [])


def test_an_override_of_an_unknown_setting_is_refused(here: Path, recorded_runs: list[Any]) -> None:
    done = cpsim("--set", "clock.yeers=3")
    assert done.exit_code == 2
    assert "years" in done.stderr
    assert recorded_runs == []


def test_a_signal_during_a_finaliser_still_stops_the_run(
    here: Path, recorded_runs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class SignalledFinaliser:
        """Python prints and discards exceptions raised in a finaliser."""

        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)

    def run(_scenario: Any, _seed: int, on_week: OnWeek) -> RunResult:
        on_week(1, 3)
        SignalledFinaliser()
        on_week(2, 3)
        raise AssertionError("the run went on")

    monkeypatch.setattr(sys.modules["cpsim.simulation"], "run", run)
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    done = cpsim("--out", "run")
    assert (done.exit_code, done.stderr) == (130, "Stopped.\n")
    assert list(here.iterdir()) == []


def start_run(here: Path, *arguments: str, **streams: Any) -> "subprocess.Popen[str]":
    """Start `cpsim run` on the real model in another process, and wait until it is ready."""
    script = "import sys; from cpsim.cli import main; print('ready', file=sys.stderr, flush=True); main()"
    command = [sys.executable, "-c", script, "run", *arguments]
    run = subprocess.Popen(command, cwd=here, text=True, stderr=subprocess.PIPE, **streams)
    assert run.stderr is not None
    assert run.stderr.readline() == "ready\n"
    return run


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("after", [0.5, 4.0], ids=["at once", "in the weeks"])
def test_a_run_that_is_stopped_leaves_nothing(here: Path, number: signal.Signals, after: float) -> None:
    run = start_run(here, "../tiny.yaml", "--set", "clock.years=40", "--out", "run", stdout=subprocess.PIPE)
    time.sleep(after)
    assert run.poll() is None, run.communicate()
    run.send_signal(number)
    out, error = run.communicate(timeout=5)  # it stops within a second, but a busy machine may need longer
    assert (run.returncode, out, error) == (128 + number, "", "Stopped.\n")
    assert list(here.iterdir()) == []


def test_a_closed_pipe_is_not_an_error(here: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    settings = ("--set", "population.children=500", "--set", "clock.warm_up_years=1", "--no-figures")
    run = start_run(here, "../tiny.yaml", *settings, "--out", "run", stdout=writer)
    os.close(writer)
    assert run.communicate() == (None, "")
    assert run.returncode == 0
    assert (here / "run/summary.json").is_file()
