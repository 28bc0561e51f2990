"""The folder of a sweep has each run once, whatever happens to the disk, the folder or the definition."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.sweeps.sweeps import AT_ONCE, RUNS, SMALL, count_parts, make_rows, read_results, write_experiment

from cpsim.experiment.read import load_experiment
from cpsim.parallel.engine import open_in_process_engine
from cpsim.results.folder import OutputError
from cpsim.sweeps.folder import DifferentSweepError, NotASweepError, open_sweep_folder
from cpsim.sweeps.loaded import load_definition, load_provenance, load_sweep
from cpsim.sweeps.lock import FolderInUseError, lock_folder
from cpsim.sweeps.sweep import Pace, SweepProgress, list_remaining_tasks, sweep


@pytest.fixture(autouse=True)
def artificial_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cpsim.sweeps.sweep.run_sweep_task", make_rows)


@pytest.fixture
def complete(tmp_path: Path) -> bytes:
    """The results of the small sweep without any interruption."""
    sweep(write_experiment(tmp_path), tmp_path / "undisturbed", open_in_process_engine())
    return read_results(tmp_path / "undisturbed")


def run_sweep(folder: Path, text: str = SMALL, **options: Any) -> SweepProgress:
    return sweep(
        write_experiment(folder, text), folder / "out", open_in_process_engine(), pace=AT_ONCE, **options
    )


def list_parts(folder: Path) -> list[Path]:
    return sorted((folder / "out" / "parts").iterdir())


def interrupt_sweep(folder: Path, after: int = 5) -> SweepProgress:
    """Run a sweep that is stopped after some runs."""
    calls = []

    def stop() -> bool:
        calls.append(True)
        return len(calls) >= after

    return run_sweep(folder, stop=stop)


def raise_disk_full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


STEPS_OF_WRITING = ["os.fsync", "pathlib.Path.write_bytes", "pathlib.Path.replace"]


@pytest.mark.parametrize("step", STEPS_OF_WRITING)
@pytest.mark.parametrize("calls", [0, 1, 4, 9, 14])
def test_a_full_disk_loses_only_the_runs_that_were_not_written(
    tmp_path: Path, complete: bytes, monkeypatch: pytest.MonkeyPatch, step: str, calls: int
) -> None:
    with monkeypatch.context() as patched:
        owner, name = step.rsplit(".", 1)
        module = {"os": os, "pathlib.Path": Path}[owner]
        real: Callable[..., Any] = getattr(module, name)
        count = iter(range(1000))
        patched.setattr(step, lambda *given: real(*given) if next(count) < calls else raise_disk_full())
        with pytest.raises(OutputError, match="No space left on device"):
            run_sweep(tmp_path)
    assert not list((tmp_path / "out").rglob("*.tmp"))
    assert run_sweep(tmp_path).complete
    assert read_results(tmp_path / "out") == complete


def test_a_stopped_sweep_has_saved_its_finished_runs_and_continues_with_the_rest(
    tmp_path: Path, complete: bytes
) -> None:
    stopped = interrupt_sweep(tmp_path)
    assert (stopped.stopped, stopped.complete) == ("asked", False)
    assert 0 < len(load_sweep(tmp_path / "out")) == stopped.done < RUNS
    finished = run_sweep(tmp_path)
    assert (finished.now, finished.complete) == (RUNS - stopped.done, True)
    assert [int(part.name[:6]) for part in list_parts(tmp_path)] == list(range(len(list_parts(tmp_path))))
    assert read_results(tmp_path / "out") == complete


def test_a_sweep_stops_when_its_budget_is_used_up_and_can_be_continued(
    tmp_path: Path, complete: bytes
) -> None:
    while not (done := run_sweep(tmp_path, SMALL + "budget: {minutes: 0.000001}")).complete:
        assert (done.stopped, done.now > 0) == ("budget", True)
    assert read_results(tmp_path / "out") == complete


def test_temporary_files_of_a_crash_are_removed(tmp_path: Path, complete: bytes) -> None:
    interrupt_sweep(tmp_path)
    for name in (
        "parts/.000009-x.parquet.tmp",
        "provenance/000009-0123456789abcdef.parquet",
        ".sweep.json.tmp",
    ):
        (tmp_path / "out" / name).write_bytes(b"half a f")
    (tmp_path / "out" / "runs.parquet").unlink()
    assert run_sweep(tmp_path).complete
    assert read_results(tmp_path / "out") == complete
    assert not list((tmp_path / "out").rglob("*.tmp"))


def test_no_file_has_its_final_name_before_it_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, names = Path.write_bytes, set()

    def record_name(path: Path, content: bytes) -> int:
        names.add(path.name)
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", record_name)
    run_sweep(tmp_path)
    assert len(names) > len(list_parts(tmp_path))
    assert all(name.startswith(".") for name in names)


def flip_bit(part: Path) -> None:
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)


def change_results(part: Path) -> None:
    """Change the results but leave the file valid Parquet."""
    rows = pq.read_table(part)
    place = rows.column_names.index("missed_risk_rate")
    zeros = pa.array([0.0] * len(rows), pa.float64())
    pq.write_table(rows.set_column(place, "missed_risk_rate", zeros), part)


DAMAGES: dict[str, Callable[[Path], Any]] = {
    "a single bit is wrong": flip_bit,
    "its results were edited": change_results,
    "it is cut off": lambda part: part.write_bytes(part.read_bytes()[:-10]),
    "it is empty": lambda part: part.write_bytes(b""),
    "it is in the folder twice": lambda part: part.with_name(f"000099{part.name[6:]}").write_bytes(
        part.read_bytes()
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_part_is_reported_and_its_runs_are_repeated(
    tmp_path: Path, complete: bytes, damage: str
) -> None:
    run_sweep(tmp_path)
    DAMAGES[damage](list_parts(tmp_path)[1])
    with pytest.raises(OutputError, match="the command that ran the sweep"):
        load_sweep(tmp_path / "out")
    repaired = run_sweep(tmp_path)
    (message,) = repaired.set_aside
    assert "is set aside and its runs are repeated" in message
    assert len(list((tmp_path / "out" / "set_aside").iterdir())) == 1
    assert read_results(tmp_path / "out") == complete
    assert run_sweep(tmp_path).set_aside == ()


def test_the_runs_of_a_deleted_part_are_repeated(tmp_path: Path, complete: bytes) -> None:
    run_sweep(tmp_path)
    list_parts(tmp_path)[2].unlink()
    assert len(load_sweep(tmp_path / "out")) < RUNS
    assert run_sweep(tmp_path).complete
    assert read_results(tmp_path / "out") == complete


CHANGES = {
    "another seed": ("seeds: 3", "seeds: [1, 2, 9]", "seeds: [1, 2, 3]; now [1, 2, 9]"),
    "another value": ("0.6", "0.7", "vary.network.trust_start: [0.2, 0.6]; now [0.2, 0.7]"),
    "another arm": ("bound: true", "bound: false", "arms.bound.timeline[0].bound: true; now false"),
    "other outcomes": ("missed_by_cause.C3", "missed_by_cause.C4", "outcomes"),
    "another horizon": ("\nyears: 1", "\nyears: 2", "arms.as_it_was.clock.years: 1; now 2"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_definition_is_refused_and_the_difference_is_shown(
    tmp_path: Path, complete: bytes, change: str
) -> None:
    interrupt_sweep(tmp_path)
    old, new, difference = CHANGES[change]
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*") if path.is_file()}
    with pytest.raises(DifferentSweepError) as refused:
        run_sweep(tmp_path, SMALL.replace(old, new))
    assert difference in str(refused.value)
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*") if path.is_file()} == before
    assert run_sweep(tmp_path).complete
    assert read_results(tmp_path / "out") == complete


def test_another_version_of_the_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_sweep(tmp_path)
    monkeypatch.setattr("cpsim.sweeps.folder.hash_code", lambda: "0123")
    with pytest.raises(DifferentSweepError, match=r'code.sha256: "\w+"; now "0123"'):
        run_sweep(tmp_path)
    assert run_sweep(tmp_path, anyway=True).complete


def test_anyway_keeps_the_runs_that_are_in_both_definitions(tmp_path: Path) -> None:
    run_sweep(tmp_path)
    more = SMALL.replace("seeds: 3", "seeds: 5").replace("[0.2, 0.6]", "[0.1, 0.2, 0.6]")
    extended = run_sweep(tmp_path, more, anyway=True)
    assert (extended.runs, extended.now) == (2 * 3 * 5, 2 * 3 * 5 - RUNS)
    sweep(write_experiment(tmp_path / "fresh", more), tmp_path / "fresh" / "out", open_in_process_engine())
    assert read_results(tmp_path / "out") == read_results(tmp_path / "fresh" / "out")
    fewer = run_sweep(tmp_path, anyway=True)
    assert (fewer.runs, fewer.now, fewer.complete) == (RUNS, 0, True)


def test_anyway_with_other_outcomes_repeats_all_runs(tmp_path: Path) -> None:
    run_sweep(tmp_path)
    other = SMALL.replace("missed_by_cause.C3", "caseload_mean")
    again = run_sweep(tmp_path, other, anyway=True)
    assert (again.now, again.complete) == (RUNS, True)
    assert all("has no column caseload_mean" in message for message in again.set_aside)
    assert load_sweep(tmp_path / "out")["caseload_mean"].notna().all()


def test_a_sweep_can_be_continued_with_a_new_name_question_or_budget(tmp_path: Path, complete: bytes) -> None:
    interrupt_sweep(tmp_path)
    assert run_sweep(tmp_path, f"name: renamed\nquestion: Why?\n{SMALL}budget: {{minutes: 99}}").complete
    assert read_results(tmp_path / "out") == complete
    assert load_definition(tmp_path / "out").question == "Why?"


def test_two_sweeps_into_one_folder_are_refused(tmp_path: Path) -> None:
    def start_second_sweep(_: SweepProgress) -> None:
        with pytest.raises(
            FolderInUseError, match=rf"another sweep is writing into this folder: process {os.getpid()} on"
        ):
            run_sweep(tmp_path)

    assert run_sweep(tmp_path, on_progress=start_second_sweep).complete


def test_the_lock_is_released_when_its_process_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from cpsim.sweeps.lock import lock_folder\n"
        "with lock_folder(Path(sys.argv[1])): print('locked', flush=True); time.sleep(600)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "locked\n"
    with pytest.raises(FolderInUseError, match=f"process {holder.pid} on"), lock_folder(tmp_path):
        pass
    holder.kill()
    holder.communicate()
    with lock_folder(tmp_path):
        pass


def test_a_folder_with_other_files_is_refused_and_not_changed(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.doc").touch()
    with pytest.raises(NotASweepError, match="something other than a sweep"):
        run_sweep(tmp_path)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.doc"]


@pytest.mark.parametrize("load", [load_sweep, load_provenance, load_definition])
def test_a_folder_without_a_sweep_cannot_be_loaded(tmp_path: Path, load: Callable[[Path], Any]) -> None:
    with pytest.raises(OutputError, match="not the folder of a sweep"):
        load(tmp_path)
    (tmp_path / "sweep.json").write_text("{}", "utf-8")
    with pytest.raises(OutputError, match="not the folder of a sweep"):
        load(tmp_path)


def test_a_sweep_without_finished_runs_is_an_empty_table(tmp_path: Path) -> None:
    with open_sweep_folder(tmp_path / "out", load_experiment(write_experiment(tmp_path))):
        pass
    assert load_sweep(tmp_path / "out").empty
    assert "missed_risk_rate" in load_sweep(tmp_path / "out").columns
    assert load_provenance(tmp_path / "out").empty


def test_a_part_is_written_as_soon_as_enough_rows_are_waiting(tmp_path: Path) -> None:
    many = SMALL.replace("seeds: 3", "seeds: 300")
    sweep(write_experiment(tmp_path, many), tmp_path / "out", open_in_process_engine(), pace=Pace(rows=100))
    assert count_parts(tmp_path / "out") == 1200 // 100
    slow = Pace(rows=10, soonest=1, latest=60, share=0.02)
    assert [slow.is_due(1, waited, taken) for waited, taken in [(0.9, 0), (1.1, 0), (1.1, 100), (61, 1e6)]] == [
        False, True, False, True,
    ]  # fmt: skip


def test_runs_that_share_a_history_are_one_task_and_every_run_is_in_one_task(tmp_path: Path) -> None:
    text = SMALL.replace("vary: {", "vary: {'timeline[0].awareness': [0.1, 0.2, 0.3], ").replace(
        "  as_it_was: {population: {children: 200}, clock: {warm_up_years: 1}}\n", ""
    )
    with open_sweep_folder(tmp_path / "out", load_experiment(write_experiment(tmp_path, text))) as folder:
        tasks = list(list_remaining_tasks(folder, 1))
        assert sorted(run.run_id for task in tasks for run in task.runs) == sorted(folder.runs["run_id"])
        assert len(tasks) == 3 * 2
        for task in tasks:
            assert {run.values["timeline[0].awareness"] for run in task.runs} == {0.1, 0.2, 0.3}
            assert len({run.values["network.trust_start"] for run in task.runs}) == 1
        folder.done[:] = True
        folder.done[[0, 5]] = False
        assert sum(len(task.runs) for task in list_remaining_tasks(folder, 1)) == 2
