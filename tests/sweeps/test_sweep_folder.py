"""The folder of a sweep has each run once, whatever happens to the disk, the folder or the definition."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.sweeps.sweeps import (
    AT_ONCE,
    RUNS,
    SMALL,
    Send,
    count_parts,
    make_rows,
    read_experiment,
    read_results,
    write_experiment,
)

from cpsim.blocks.size import BlockSize
from cpsim.experiment.read import load_experiment
from cpsim.parallel.engine import open_in_process_engine
from cpsim.results.errors import LinkRefusedError, OutputError
from cpsim.results.files import compute_digest
from cpsim.sweeps.folder import NotASweepError, open_sweep_folder
from cpsim.sweeps.journal import JOURNAL, Journal
from cpsim.sweeps.loaded import load_definition, load_provenance, load_sweep, read_sweep_file
from cpsim.sweeps.lock import FolderInUseError, lock_folder
from cpsim.sweeps.sweep import Pace, SweepProgress, list_remaining_tasks, sweep
from cpsim.sweeps.sweep_file import DifferentSweepError
from cpsim.sweeps.tasks import ResultRow, SweepTask, TaskAnswer


@pytest.fixture(autouse=True)
def artificial_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cpsim.sweeps.sweep.run_sweep_task", make_rows)


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The results of the small sweep without any interruption."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("cpsim.sweeps.sweep.run_sweep_task", make_rows)
        sweep(read_experiment(), folder / "out", open_in_process_engine())
    return read_results(folder / "out")


def run_sweep(folder: Path, text: str = SMALL, **options: Any) -> SweepProgress:
    return sweep(read_experiment(text), folder / "out", open_in_process_engine(), pace=AT_ONCE, **options)


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


@pytest.fixture
def seed_by_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate each seed by itself, so that a sweep of few small runs has several tasks and parts."""
    monkeypatch.setattr("cpsim.experiment.runs.choose_block_size", lambda *_: BlockSize(1, "a test"))


@pytest.mark.usefixtures("seed_by_seed")
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


@pytest.mark.usefixtures("seed_by_seed")
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
        "parts/.000009-0123456789abcdef.parquet.tmp",
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
        names.add(path.relative_to(tmp_path / "out").parts)
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", record_name)
    run_sweep(tmp_path)
    assert len(names) > len(list_parts(tmp_path))
    assert all(any(part.startswith(".") for part in parts) for parts in names)


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


def repeat_column(rows: pa.Table) -> pa.Table:
    """Add a second column with the name and values of the first."""
    return rows.append_column(rows.column_names[0], rows.column(0))


DAMAGES: dict[str, Callable[[Path], Any]] = {
    "a single bit is wrong": flip_bit,
    "its results were edited": change_results,
    "a run is in it twice": lambda part: pq.write_table(pa.concat_tables([pq.read_table(part)] * 2), part),
    "a column is in it twice": lambda part: pq.write_table(repeat_column(pq.read_table(part)), part),
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
    with pytest.raises(OutputError, match="repeat the command that ran the sweep"):
        load_sweep(tmp_path / "out")
    repaired = run_sweep(tmp_path)
    (message,) = repaired.set_aside
    assert "is set aside and its runs are repeated" in message
    assert len(list((tmp_path / "out" / "set_aside" / "parts").iterdir())) == 1
    assert read_results(tmp_path / "out") == complete
    assert run_sweep(tmp_path).set_aside == ()


@pytest.mark.parametrize("damage", ["a run is in it twice", "it is in the folder twice"])
def test_a_run_that_is_saved_twice_is_reported_with_its_file_even_if_changed_files_are_read(
    tmp_path: Path, damage: str
) -> None:
    run_sweep(tmp_path)
    part = list_parts(tmp_path)[1]
    DAMAGES[damage](part)
    with pytest.raises(OutputError, match=f"a run is in this part (twice|and in parts/{part.name})"):
        load_sweep(tmp_path / "out", anyway=True)


def test_a_damaged_provenance_is_reported_and_its_runs_are_repeated(tmp_path: Path, complete: bytes) -> None:
    run_sweep(tmp_path)
    damaged = sorted((tmp_path / "out" / "provenance").iterdir())[1]
    part = list_parts(tmp_path)[1]
    runs = len(pq.read_table(part))
    flip_bit(damaged)
    for load in (load_sweep, load_provenance):
        with pytest.raises(
            OutputError, match=rf"in its provenance, provenance/{damaged.name}: its content has"
        ):
            load(tmp_path / "out")
    repaired = run_sweep(tmp_path)
    (message,) = repaired.set_aside
    assert message.startswith(f"parts/{part.name} is set aside and its runs are repeated: in its provenance")
    assert repaired.now == runs
    assert read_results(tmp_path / "out") == complete
    assert len(load_provenance(tmp_path / "out")) == RUNS


def test_a_part_that_is_damaged_again_does_not_replace_the_one_set_aside_before(tmp_path: Path) -> None:
    for _ in range(2):
        run_sweep(tmp_path)
        flip_bit(list_parts(tmp_path)[-1])
    run_sweep(tmp_path)
    assert len(list((tmp_path / "out" / "set_aside" / "parts").iterdir())) == 2


@pytest.mark.usefixtures("seed_by_seed")
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
    "other outcomes": ("chain_stopped_at.C3", "chain_stopped_at.C4", "outcomes"),
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
    monkeypatch.setattr("cpsim.sweeps.sweep_file.hash_code", lambda: "0123")
    with pytest.raises(DifferentSweepError, match=r'code.sha256: "\w+"; now "0123"'):
        run_sweep(tmp_path)
    assert run_sweep(tmp_path, anyway=True).complete


def test_anyway_keeps_the_runs_that_are_in_both_definitions(tmp_path: Path) -> None:
    run_sweep(tmp_path)
    more = SMALL.replace("seeds: 3", "seeds: 5").replace("[0.2, 0.6]", "[0.1, 0.2, 0.6]")
    extended = run_sweep(tmp_path, more, anyway=True)
    assert (extended.runs, extended.now) == (2 * 3 * 5, 2 * 3 * 5 - RUNS)
    sweep(read_experiment(more), tmp_path / "fresh" / "out", open_in_process_engine())
    assert read_results(tmp_path / "out") == read_results(tmp_path / "fresh" / "out")
    fewer = run_sweep(tmp_path, anyway=True)
    assert (fewer.runs, fewer.now, fewer.complete) == (RUNS, 0, True)


def test_anyway_with_other_outcomes_repeats_all_runs(tmp_path: Path) -> None:
    run_sweep(tmp_path)
    other = SMALL.replace("chain_stopped_at.C3", "caseload_mean")
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
            FolderInUseError, match=rf"another command is writing into this folder: process {os.getpid()} on"
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


@pytest.mark.usefixtures("artificial_rows")
@pytest.mark.parametrize("name", [JOURNAL, "sweep.json", "runs.parquet", "parts"])
def test_only_ordinary_files_of_a_sweep_are_read(tmp_path: Path, name: str) -> None:
    run_sweep(tmp_path)
    file = list_parts(tmp_path)[0] if name == "parts" else tmp_path / "out" / name
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    if name in ("sweep.json", "runs.parquet"):
        assert len(load_sweep(tmp_path / "out")) == RUNS, "it is made again from the experiment file"
    else:
        with pytest.raises(OutputError, match="this is not an ordinary file"):
            load_sweep(tmp_path / "out")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
@pytest.mark.parametrize("name", ["sweep.json", "runs.parquet", "points.parquet"])
def test_a_sweep_is_continued_although_something_else_stands_in_the_place_of_a_file(
    tmp_path: Path, complete: bytes, name: str, make: Callable[[Path], None]
) -> None:
    run_sweep(tmp_path)
    (tmp_path / "out" / name).unlink()
    make(tmp_path / "out" / name)
    assert any(name in sentence for sentence in run_sweep(tmp_path).set_aside)
    assert read_results(tmp_path / "out") == complete


def test_a_journal_that_cannot_be_read_is_named_although_the_sweep_file_is_missing(tmp_path: Path) -> None:
    run_sweep(tmp_path)
    (tmp_path / "out" / "sweep.json").unlink()
    (tmp_path / "out" / "journal.jsonl").mkdir()
    with pytest.raises(OutputError, match=r"journal\.jsonl: this is a folder"):
        load_sweep(tmp_path / "out")


def test_a_sweep_without_finished_runs_is_an_empty_table(tmp_path: Path) -> None:
    with open_sweep_folder(tmp_path / "out", load_experiment(write_experiment(tmp_path))):
        pass
    assert load_sweep(tmp_path / "out").empty
    assert "missed_risk_rate" in load_sweep(tmp_path / "out").columns
    assert load_provenance(tmp_path / "out").empty


@pytest.mark.usefixtures("seed_by_seed")
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
        assert len(tasks) == 2, "one for each history, with all seeds"
        for task in tasks:
            assert {run.values["timeline[0].awareness"] for run in task.runs} == {0.1, 0.2, 0.3}
            assert len({run.values["network.trust_start"] for run in task.runs}) == 1
        folder.done[:] = True
        folder.done[[0, 5]] = False
        assert sum(len(task.runs) for task in list_remaining_tasks(folder, 1)) == 2


def kill_sweep(folder: Path, text: str = SMALL, after: int = 5) -> None:
    """Leave what a process leaves that is killed when it has saved some runs."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("cpsim.sweeps.folder.SweepFolder.close", lambda folder: folder._journal.close())
        patched.setattr("cpsim.sweeps.sweep.run_sweep_task", partial(send_until_killed, after=after))
        with pytest.raises(KeyboardInterrupt):
            sweep(read_experiment(text), folder / "out", open_in_process_engine())


def send_until_killed(task: SweepTask, send: Send, after: int) -> TaskAnswer:
    """Send the rows of a task one by one, as a worker does; the process is killed during the run after `after`."""
    answer = make_rows(task, lambda _: None)
    for row in answer.rows:
        if row_number(send) == after:
            raise KeyboardInterrupt
        send(replace(answer, rows=(row,)))
    return answer


def row_number(send: Any) -> int:
    """Number of rows that the sweep has received."""
    number: int = send.__self__._folder.rows_in_journal
    return number


@pytest.mark.parametrize("after", [1, 5, RUNS - 1])
def test_a_killed_sweep_has_saved_all_runs_that_ended_and_repeats_only_the_run_under_way(
    tmp_path: Path, complete: bytes, after: int
) -> None:
    kill_sweep(tmp_path, after=after)
    assert count_parts(tmp_path / "out") == 0
    assert len(load_sweep(tmp_path / "out")) == len(load_provenance(tmp_path / "out")) == after
    continued = run_sweep(tmp_path)
    assert (continued.now, continued.complete, continued.set_aside) == (RUNS - after, True, ())
    assert read_results(tmp_path / "out") == complete
    assert not (tmp_path / "out" / JOURNAL).exists()


def test_a_line_that_was_half_written_when_the_process_was_killed_is_a_run_under_way(
    tmp_path: Path, complete: bytes
) -> None:
    kill_sweep(tmp_path)
    journal = tmp_path / "out" / JOURNAL
    journal.write_bytes(journal.read_bytes()[:-20])
    assert len(load_sweep(tmp_path / "out")) == 4
    continued = run_sweep(tmp_path)
    assert (continued.now, continued.set_aside) == (RUNS - 4, ())
    assert read_results(tmp_path / "out") == complete


def test_a_damaged_line_of_the_journal_is_reported_and_only_its_run_is_repeated(
    tmp_path: Path, complete: bytes
) -> None:
    kill_sweep(tmp_path)
    journal = tmp_path / "out" / JOURNAL
    flip_bit(journal)
    with pytest.raises(
        OutputError, match=rf"{journal}: it has 1 damaged line; repeat the command that ran the sweep"
    ):
        load_sweep(tmp_path / "out")
    continued = run_sweep(tmp_path)
    assert continued.now == RUNS - 4
    assert continued.set_aside == (
        "journal.jsonl is set aside, because it has 1 damaged line and 0 runs of another definition; "
        "the runs of damaged lines are repeated",
    )
    assert (tmp_path / "out" / "set_aside" / JOURNAL).exists()
    assert read_results(tmp_path / "out") == complete


@pytest.mark.parametrize("name", ["run_id", "outcomes", "stage", "seconds", "worker"])
def test_a_line_of_the_journal_with_a_value_of_another_type_is_damaged(
    tmp_path: Path, complete: bytes, name: str
) -> None:
    kill_sweep(tmp_path)
    journal = tmp_path / "out" / JOURNAL
    first, *others = journal.read_bytes().splitlines()
    entry = json.dumps(json.loads(first.partition(b" ")[2]) | {name: [None]}).encode()
    journal.write_bytes(b"\n".join([compute_digest(entry).encode() + b" " + entry, *others, b""]))
    with pytest.raises(OutputError, match="it has 1 damaged line"):
        load_sweep(tmp_path / "out")
    run_sweep(tmp_path)
    assert read_results(tmp_path / "out") == complete


def test_a_journal_whose_rows_were_written_as_a_part_just_before_a_kill_gives_no_run_twice(
    tmp_path: Path, complete: bytes
) -> None:
    kill_sweep(tmp_path)
    journal = (tmp_path / "out" / JOURNAL).read_bytes()
    interrupt_sweep(tmp_path)
    (tmp_path / "out" / JOURNAL).write_bytes(journal)
    before = len(load_sweep(tmp_path / "out"))
    assert run_sweep(tmp_path).now == RUNS - before
    assert read_results(tmp_path / "out") == complete


def test_a_disk_that_is_full_in_the_middle_of_a_row_loses_only_this_row(
    tmp_path: Path, complete: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, rows = Journal.append, iter(range(RUNS))

    def write_half(journal: Journal, row: ResultRow, answer: TaskAnswer) -> None:
        append(journal, row, answer)
        if next(rows) == 6:
            os.truncate(journal._path, journal._path.stat().st_size - 9)
            raise_disk_full()

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "append", write_half)
        with pytest.raises(OutputError, match="No space left on device"):
            run_sweep(tmp_path)
    assert len(load_sweep(tmp_path / "out")) == 6
    assert run_sweep(tmp_path).now == RUNS - 6
    assert read_results(tmp_path / "out") == complete


def damage_sweep_file(folder: Path, damage: str) -> None:
    file = folder / "out" / "sweep.json"
    if damage == "missing":
        file.unlink()
    elif damage == "a value was changed":
        file.write_text(file.read_text("utf-8").replace("0.6", "0.7"), "utf-8")
    else:
        flip_bit(file)


@pytest.mark.parametrize("damage", ["missing", "a bit is wrong", "a value was changed"])
def test_a_missing_or_damaged_sweep_file_is_written_again_from_the_experiment_and_keeps_all_runs(
    tmp_path: Path, damage: str
) -> None:
    run_sweep(tmp_path)
    before, content = read_results(tmp_path / "out"), (tmp_path / "out" / "sweep.json").read_bytes()
    damage_sweep_file(tmp_path, damage)
    again = run_sweep(tmp_path)
    (message,) = again.set_aside
    assert message.startswith("sweep.json ")
    assert message.endswith("it is written again from the experiment file")
    assert (again.now, again.complete) == (0, True)
    assert (tmp_path / "out" / "sweep.json").read_bytes() == content
    assert read_results(tmp_path / "out") == before
    assert (tmp_path / "out" / "set_aside" / "sweep.json").exists() == (damage != "missing")


@pytest.mark.parametrize("damage", ["missing", "a bit is wrong"])
def test_a_sweep_without_its_file_can_be_loaded_by_the_copy_of_the_experiment_in_the_folder(
    tmp_path: Path, damage: str
) -> None:
    kill_sweep(tmp_path)
    before, content = load_sweep(tmp_path / "out"), read_sweep_file(tmp_path / "out")
    damage_sweep_file(tmp_path, damage)
    pd.testing.assert_frame_equal(load_sweep(tmp_path / "out"), before)
    assert read_sweep_file(tmp_path / "out") == content
    shutil.rmtree(tmp_path / "out" / "experiment")
    with pytest.raises(
        OutputError, match=r"sweep\.json .*; repeat the command that ran the sweep, which writes it"
    ):
        load_sweep(tmp_path / "out")


def test_the_runs_of_a_sweep_without_its_file_must_be_runs_of_the_experiment(tmp_path: Path) -> None:
    run_sweep(tmp_path)
    damage_sweep_file(tmp_path, "missing")
    other = SMALL.replace("seeds: 3", "seeds: [1, 2]")
    with pytest.raises(
        DifferentSweepError, match=r"sweep\.json is missing, and of 12 saved runs 4 belong to"
    ):
        run_sweep(tmp_path, other)
    assert not (tmp_path / "out" / "sweep.json").exists()
    assert run_sweep(tmp_path, other, anyway=True).now == 0


LAYERS = {
    "town.yaml": "extends: layers/staff.yaml\npopulation: {children: 200}\n",
    "layers/staff.yaml": "extends: small\nworkforce: {vacancy_start: 0.2}\n",
    "points.csv": "network.trust_start\n0.2\n0.6\n",
}
LISTED = "base: ./town.yaml\ndesign: {kind: list, file: points.csv}\nyears: 1\noutcomes: [missed_risk_rate]\n"


def test_the_folder_has_a_copy_of_all_files_of_the_experiment_from_which_it_can_be_continued(
    tmp_path: Path,
) -> None:
    for name, text in LAYERS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    sweep(write_experiment(tmp_path, LISTED), tmp_path / "out", open_in_process_engine())
    before = read_results(tmp_path / "out")
    copy = tmp_path / "out" / "experiment"
    assert {name: (copy / name).read_text("utf-8") for name in LAYERS} == LAYERS
    (tmp_path / "out" / "sweep.json").unlink()
    for name in LAYERS:
        (tmp_path / name).unlink()
    assert read_results(tmp_path / "out") == before
    again = sweep(copy / "small.yaml", tmp_path / "out", open_in_process_engine())
    assert (again.now, again.complete) == (0, True)
    assert read_results(tmp_path / "out") == before


@pytest.mark.usefixtures("seed_by_seed")
def test_a_flipped_bit_in_any_file_is_reported_or_has_no_effect(tmp_path: Path, complete: bytes) -> None:
    run_sweep(tmp_path)
    out, damaged = tmp_path / "out", tmp_path / "damaged"
    files = [path for path in out.rglob("*") if path.is_file() and path.name != ".lock"]
    assert len(files) >= 11
    for file in files:
        shutil.copytree(out, damaged)
        flip_bit(damaged / file.relative_to(out))
        found = read_results_or_error(damaged)
        assert found == complete or file.name.encode() in found, found
        repaired = sweep(read_experiment(), damaged, open_in_process_engine())
        assert repaired.complete
        assert len(repaired.set_aside) == (file.name != "manifest.json"), file
        assert read_results(damaged) == complete, file
        shutil.rmtree(damaged)


def read_results_or_error(folder: Path) -> bytes:
    try:
        return read_results(folder)
    except OutputError as error:
        return str(error).encode()


@pytest.mark.parametrize("name", [".", "parts", "sweep.json", "runs.parquet", ".lock", "notes.txt"])
def test_a_folder_that_is_a_link_or_has_one_in_it_is_refused(tmp_path: Path, name: str) -> None:
    interrupt_sweep(tmp_path)
    out = tmp_path / "out"
    link = out if name == "." else out / name
    elsewhere = tmp_path / "elsewhere"
    link.rename(elsewhere) if link.exists() else elsewhere.write_text("mine", "utf-8")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    link.symlink_to(elsewhere)
    with pytest.raises(LinkRefusedError, match=f"^{link}: this is a link"):
        run_sweep(tmp_path)
    link.unlink()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
