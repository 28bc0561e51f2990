"""`cpsim sweep` and `cpsim table` print a sentence, a path, JSON or CSV."""

import json
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from tests.sweeps.sweeps import RUNS, SMALL, Send, make_rows, write_experiment

from cpsim.cli import main
from cpsim.cli._progress import format_duration, show_run_progress
from cpsim.parallel.engine import open_in_process_engine
from cpsim.sweeps.loaded import load_provenance, load_sweep
from cpsim.sweeps.lock import lock_folder
from cpsim.sweeps.sweep import SweepProgress
from cpsim.sweeps.tasks import SweepTask, TaskAnswer


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An experiment in the working folder; its runs return invented results."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cpsim.sweeps.sweep.run_sweep_task", make_rows)
    monkeypatch.setattr("cpsim.parallel.engine.open_local_engine", lambda _: open_in_process_engine())
    return write_experiment(tmp_path)


def run_sweep(*options: str) -> Result:
    return CliRunner().invoke(main, ["sweep", "small.yaml", *options])


def test_a_sweep_reports_its_saved_runs_and_a_second_call_repeats_none(file: Path) -> None:
    for _ in range(2):
        done = run_sweep()
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout == (
            f"{RUNS} of {RUNS} runs are saved in sweeps/small.\nFor the answer: cpsim analyse sweeps/small\n"
        )
    assert len(list(Path("sweeps/small/parts").iterdir())) == 1


def test_quiet_prints_the_folder_and_json_all_counts(file: Path) -> None:
    assert run_sweep("--quiet", "--out", "there").stdout == "there\n"
    counts = json.loads(run_sweep("--json", "--out", "there").stdout)
    assert (counts["folder"], counts["runs"], counts["done"], counts["now"]) == ("there", RUNS, RUNS, 0)
    assert (counts["failed"], counts["complete"], counts["stopped"], counts["set_aside"]) == (
        0,
        True,
        None,
        [],
    )


def test_an_exhausted_time_budget_is_reported(file: Path) -> None:
    write_experiment(file.parent, SMALL.replace("seeds: 3", "seeds: 50") + "budget: {minutes: 0.0000001}")
    done = run_sweep()
    assert done.exit_code == 0
    assert done.stdout.endswith("The time budget is used up; repeat the command to continue.\n")


def test_a_changed_definition_or_a_folder_in_use_ends_with_2(file: Path) -> None:
    run_sweep()
    write_experiment(file.parent, SMALL.replace("seeds: 3", "seeds: 4"))
    refused = run_sweep()
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "seeds: [1, 2, 3]; now [1, 2, 3, 4]" in refused.stderr
    with lock_folder(Path("sweeps/small")):
        assert run_sweep("--anyway").exit_code == 2
    assert run_sweep("--anyway").stdout.startswith("16 of 16 runs are saved in sweeps/small.\n")


def test_a_damaged_part_is_reported(file: Path) -> None:
    run_sweep()
    (part,) = Path("sweeps/small/parts").iterdir()
    part.write_bytes(b"")
    mended = run_sweep()
    assert mended.stderr == (
        f"parts/{part.name} is set aside and its runs are repeated: its content has changed since it was written\n"
    )


def test_a_damaged_sweep_file_is_reported_and_written_again(file: Path) -> None:
    run_sweep()
    Path("sweeps/small/sweep.json").write_text("{", "utf-8")
    mended = run_sweep()
    assert mended.exit_code == 0
    assert mended.stdout.startswith(f"{RUNS} of {RUNS} runs are saved in sweeps/small.\n")
    assert mended.stderr.startswith("sweep.json cannot be read (")
    assert mended.stderr.endswith("; it is written again from the experiment file\n")


def test_a_link_for_a_folder_ends_with_2(file: Path) -> None:
    run_sweep()
    Path("latest").symlink_to("sweeps/small", target_is_directory=True)
    refused = run_sweep("--out", "latest")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("Error: latest: this is a link")
    assert refused.stderr.count("\n") == 1


def test_after_an_error_the_message_counts_the_runs_that_are_saved(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def run_one_task(task: SweepTask, send: Send) -> TaskAnswer:
        calls.append(task)
        if len(calls) > 1:
            raise MemoryError
        return make_rows(task, send)

    monkeypatch.setattr("cpsim.sweeps.sweep.run_sweep_task", run_one_task)
    failed = run_sweep()
    assert (failed.exit_code, failed.stdout) == (1, "")
    saved = len(load_sweep("sweeps/small"))
    assert 0 < saved < RUNS
    assert failed.stderr.endswith(
        f"\nRuns saved in sweeps/small: {saved}; once the cause is removed, the same command continues the sweep.\n"
    )


def test_a_folder_that_cannot_be_written_ends_with_1(file: Path) -> None:
    Path("sweeps").touch()
    done = run_sweep()
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("--engine", "dask"), "needs either --scheduler or --scheduler-file"),
        (("--scheduler", "tcp://127.0.0.1:1"), "needs either --scheduler or --scheduler-file"),
        (
            ("--engine", "dask", "--scheduler", "tcp://127.0.0.1:1", "--scheduler-file", "scheduler.json"),
            "needs either --scheduler or --scheduler-file",
        ),
        (("--engine", "slurm", "--scheduler-file", "scheduler.json"), "other engines need neither"),
        (("--jobs", "2"), "--jobs and --job-hours need --engine slurm"),
        (("--job-hours", "2"), "--jobs and --job-hours need --engine slurm"),
        (("--wait-minutes", "2"), "--wait-minutes needs --engine dask or --engine slurm"),
        (("--engine", "slurm", "--job-hours", "nan"), "nan is not a number"),
        (("--engine", "slurm", "--job-hours", "0"), "0.0 is not in the range"),
        (
            ("--engine", "dask", "--scheduler-file", "absent.json"),
            "absent.json: cannot be read: No such file",
        ),
        (
            ("--engine", "dask", "--scheduler-file", "small.yaml"),
            "small.yaml: not a file that `dask scheduler",
        ),
    ],
)
def test_options_of_clusters_that_do_not_fit_end_with_2(
    file: Path, options: tuple[str, ...], error: str
) -> None:
    refused = run_sweep(*options)
    assert refused.exit_code == 2
    assert error in " ".join(refused.stderr.split())
    assert not Path("sweeps").exists()


def test_the_printed_table_equals_the_loaded_one(file: Path) -> None:
    run_sweep()
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
    assert CliRunner().invoke(main, ["table", "."]).exit_code == 2


def test_progress_shows_the_rate_the_time_left_and_the_failures(capsys: pytest.CaptureFixture[str]) -> None:
    now = SweepProgress(Path("out"), runs=600, done=140, failed=2, now=120, seconds=60)
    with pytest.MonkeyPatch.context() as patched, show_run_progress(shown=True) as show:
        patched.setattr("cpsim.cli._progress._SECONDS_BETWEEN_LINES", 0)
        show(now)
    assert capsys.readouterr().err == "140 of 600 runs, 2.0 per second, 4 minutes left, 2 failed\n"
    with show_run_progress(shown=False) as show:
        show(now)
    assert capsys.readouterr().err == ""


def test_durations_are_formatted_in_a_suitable_unit() -> None:
    assert [format_duration(seconds) for seconds in (30, 600, 7200, 864000)] == [
        "30 seconds",
        "10 minutes",
        "2.0 hours",
        "10.0 days",
    ]
