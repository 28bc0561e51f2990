"""`cpsim compare` prints a summary, writes a complete folder, and leaves nothing after an error."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cpsim.cli import main
from cpsim.parallel.engine import open_in_process_engine
from cpsim.results import Comparison

TINY = """\
extends: small
name: tiny
population: {children: 1500}
clock: {years: 1, warm_up_years: 1}
"""
DUTY = (
    f"{TINY}timeline: [{{date: 2005-04-01, lever: duty, kinds: [school, gp], bound: true, awareness: 0.9}}]\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with two scenarios; all runs are done in this process."""
    (tmp_path / "tiny.yaml").write_text(TINY, "utf-8")
    (tmp_path / "duty.yaml").write_text(DUTY.replace("name: tiny", "name: a duty"), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cpsim.parallel.engine.open_local_engine", lambda _: open_in_process_engine())
    return tmp_path


def cpsim(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["compare", *arguments])


QUICK = ("tiny.yaml", "duty.yaml", "--seeds", "2", "--no-prevalence", "--no-figures")


def test_a_comparison_prints_a_summary_and_writes_a_folder(folder: Path) -> None:
    done = cpsim(*QUICK)
    assert done.exit_code == 0, done.output
    assert "duty against tiny: 2 seeds, 1 year from April 2005" in done.stdout
    for heading in ("Missed risk", "Harm", "Assessments", "Workload", "Money"):
        assert heading in done.stdout
    assert done.stdout.splitlines()[-1] == "Wrote comparisons/duty-against-tiny."
    assert done.stderr.startswith("4 runs: about ")
    found = Comparison.load("comparisons/duty-against-tiny")
    assert (found.arms, found.seeds, found.prevalences) == (("tiny", "duty"), (1, 2), (None,))
    assert cpsim(*QUICK, "--quiet").output == "comparisons/duty-against-tiny-2\n"


def test_figures_are_written_unless_they_are_left_out(folder: Path) -> None:
    done = cpsim(*QUICK[:-1], "--out", "with")
    assert done.stdout.splitlines()[-1] == "Wrote with. Open with/report.html."
    cpsim(*QUICK, "--out", "without")
    assert (folder / "with" / "figures" / "differences.svg").is_file()
    assert "duty against tiny" in (folder / "with" / "report.html").read_text("utf-8")
    assert {file.name for file in (folder / "without").iterdir()}.isdisjoint({"figures", "report.html"})


def test_json_output_is_the_file_of_the_comparison(folder: Path) -> None:
    done = cpsim(*QUICK, "--json", "--out", "found")
    assert done.output == (folder / "found" / "comparison.json").read_text("utf-8")
    assert json.loads(done.stdout)["arms"] == ["tiny", "duty"]


def test_settings_seeds_and_prevalences_reach_every_run(folder: Path) -> None:
    options = ("--seeds", "1", "--prevalence", "3", "--set", "sharing.share_noise=0.7", "--out", "found")
    done = cpsim(*QUICK[:2], *options, "--quiet", "--no-figures")
    assert (done.exit_code, done.output) == (0, "found\n")
    found = Comparison.load("found")
    assert [found.scenarios[arm]["sharing"]["share_noise"] for arm in found.arms] == [0.7, 0.7]
    assert (found.seeds, found.prevalences) == ((1,), (None, 0.03))
    assert len(found.runs) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tiny.yaml",), "at least two scenarios"),
        (("tiny.yaml", "nothing"), "no scenario 'nothing'"),
        (("tiny.yaml", "small"), "evaluate different years: clock.years is 1 in tiny and 5 in small"),
        (("tiny.yaml", "duty.yaml", "--set", "population.childrens=3"), "did you mean 'children'?"),
        (("tiny.yaml", "duty.yaml", "--seeds", "0"), "the number of seeds must be a whole number"),
        (("tiny.yaml", "duty.yaml", "--prevalence", "some"), "percentages separated by commas"),
        (("tiny.yaml", "duty.yaml", "--prevalence", "0"), "between 0 and 1"),
        (("tiny.yaml", "duty.yaml", "--prevalence", "99"), "no onset rate"),
        (("tiny.yaml", "duty.yaml", "--out", "."), "exists already"),
    ],
)
def test_invalid_input_is_reported_before_any_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.setattr("cpsim.comparison.compare.run_tasks", pytest.fail)
    done = cpsim(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert not (folder / "comparisons").exists()


def test_a_network_file_that_does_not_fit_is_invalid_input(folder: Path) -> None:
    (folder / "mine.graphml").write_text("<graphml/>", "utf-8")
    done = cpsim(*QUICK, "--set", "network.graphml=mine.graphml")
    assert done.exit_code == 2
    assert "mine.graphml" in done.stderr
    assert not (folder / "comparisons").exists()


def test_a_run_that_fails_ends_with_1_and_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("half a child")

    monkeypatch.setattr("cpsim.comparison.tasks.simulate_arms", broken)
    done = cpsim(*QUICK)
    assert done.exit_code == 1
    assert "seed 1: half a child" in done.stderr
    assert not (folder / "comparisons").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_comparison_that_is_stopped_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    for name, text in (("tiny.yaml", TINY), ("duty.yaml", DUTY)):
        (tmp_path / name).write_text(text, "utf-8")
    script = "from cpsim.cli import main; main()"
    running = subprocess.Popen(
        [sys.executable, "-c", script, "compare", "tiny.yaml", "duty.yaml", "--seeds", "5000", "--workers", "2"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd=tmp_path,
    )  # fmt: skip
    assert running.stderr is not None
    assert "40,000 runs" in running.stderr.readline()
    time.sleep(2)
    if number is signal.SIGINT:
        os.killpg(running.pid, number)  # a terminal signals every process of the group
    else:
        running.send_signal(number)
    output, errors = running.communicate(timeout=20)
    assert (running.returncode, output, errors) == (128 + number, "", "Stopped.\n")
    assert {path.name for path in tmp_path.iterdir()} == {"tiny.yaml", "duty.yaml"}
    assert has_ended(running.pid)


def has_ended(group: int) -> bool:
    """Whether no process of the group is left; waits up to five seconds."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False
