"""`cpsim sweep` and `cpsim table`: one line for a person, one word or JSON for a script, a table for a spreadsheet."""

import json
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from tests.study.sweeps import RUNS, SMALL, invented, written

from cpsim.cli import main
from cpsim.cli._progress import duration, runs_with_time_left
from cpsim.study.engine import here
from cpsim.study.loaded import load_provenance, load_sweep
from cpsim.study.lock import alone
from cpsim.study.sweep import Tally


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An experiment in the working folder, and workers that invent their results."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cpsim.study.sweep.work", invented)
    monkeypatch.setattr("cpsim.study.engine.local", lambda _: here())
    return written(tmp_path)


def swept(*options: str) -> Result:
    return CliRunner().invoke(main, ["sweep", "small.yaml", *options])


def test_a_sweep_says_how_many_runs_are_where_and_the_same_command_does_none_again(file: Path) -> None:
    for _ in range(2):
        done = swept()
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout == f"{RUNS} of {RUNS} runs are saved in sweeps/small.\n"
    assert len(list(Path("sweeps/small/parts").iterdir())) == 1


def test_a_script_gets_the_folder_or_all_counts(file: Path) -> None:
    assert swept("--quiet", "--out", "there").stdout == "there\n"
    counts = json.loads(swept("--json", "--out", "there").stdout)
    assert (counts["folder"], counts["runs"], counts["done"], counts["now"]) == ("there", RUNS, RUNS, 0)
    assert (counts["failed"], counts["complete"], counts["stopped"], counts["set_aside"]) == (
        0,
        True,
        None,
        [],
    )


def test_a_budget_that_is_used_up_is_said(file: Path) -> None:
    written(file.parent, SMALL.replace("seeds: 3", "seeds: 50") + "budget: {minutes: 0.0000001}")
    done = swept()
    assert done.exit_code == 0
    assert done.stdout.endswith("The budget of minutes is used up; the same command continues.\n")


def test_another_definition_and_a_folder_in_use_end_with_2(file: Path) -> None:
    swept()
    written(file.parent, SMALL.replace("seeds: 3", "seeds: 4"))
    refused = swept()
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "seeds: [1, 2, 3]; now [1, 2, 3, 4]" in refused.stderr
    with alone(Path("sweeps/small")):
        assert swept("--anyway").exit_code == 2
    assert swept("--anyway").stdout == "16 of 16 runs are saved in sweeps/small.\n"


def test_a_part_that_is_damaged_is_told(file: Path) -> None:
    swept()
    (part,) = Path("sweeps/small/parts").iterdir()
    part.write_bytes(b"")
    mended = swept()
    assert mended.stderr == (
        f"parts/{part.name} is set aside and its runs are done again: its content has changed since it was written\n"
    )


def test_a_folder_that_cannot_be_written_ends_with_1_and_says_what_is_safe(file: Path) -> None:
    Path("sweeps").touch()
    done = swept()
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("options", [("--engine", "dask"), ("--scheduler", "tcp://127.0.0.1:1")])
def test_a_cluster_needs_its_engine_and_its_address(file: Path, options: tuple[str, ...]) -> None:
    assert "belong together" in swept(*options).stderr


def test_a_spreadsheet_gets_the_table_as_it_is_loaded(file: Path) -> None:
    swept()
    printed = CliRunner().invoke(main, ["table", "sweeps/small"])
    loaded = load_sweep("sweeps/small")
    again = pd.read_csv(
        StringIO(printed.stdout), dtype=dict.fromkeys(loaded.select_dtypes("number"), "float64")
    )
    assert again.columns.tolist() == loaded.columns.tolist()
    assert again["missed_risk_rate"].tolist() == loaded["missed_risk_rate"].tolist()
    made = CliRunner().invoke(main, ["table", "sweeps/small", "--provenance"])
    assert (
        pd.read_csv(StringIO(made.stdout))["worker"].tolist()
        == load_provenance("sweeps/small")["worker"].tolist()
    )
    assert CliRunner().invoke(main, ["table", "."]).exit_code == 1


def test_progress_tells_the_rate_the_time_left_and_the_failures(capsys: pytest.CaptureFixture[str]) -> None:
    now = Tally(Path("out"), runs=600, done=140, failed=2, now=120, seconds=60)
    with pytest.MonkeyPatch.context() as patched, runs_with_time_left(shown=True) as show:
        patched.setattr("cpsim.cli._progress._SECONDS_BETWEEN_LINES", 0)
        show(now)
    assert capsys.readouterr().err == "140 of 600 runs, 2.0 a second, 4 minutes left, 2 failed\n"
    with runs_with_time_left(shown=False) as show:
        show(now)
    assert capsys.readouterr().err == ""


def test_lengths_of_time_come_in_the_unit_that_suits_them() -> None:
    assert [duration(seconds) for seconds in (30, 600, 7200, 864000)] == [
        "30 seconds",
        "10 minutes",
        "2.0 hours",
        "10.0 days",
    ]
