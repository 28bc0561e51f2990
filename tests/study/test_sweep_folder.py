"""A sweep's folder holds what was run, each run once, whatever happens to disk, folder and definition meanwhile."""

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
from tests.study.sweeps import AT_ONCE, RUNS, SMALL, invented, saved, table, written

from cpsim.results.folder import OutputError
from cpsim.study.engine import here
from cpsim.study.experiment import load_experiment
from cpsim.study.folder import NoSweep, OtherSweep, held
from cpsim.study.loaded import load_definition, load_provenance, load_sweep
from cpsim.study.lock import InUse, alone
from cpsim.study.sweep import Pace, Tally, sweep, tasks_left


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cpsim.study.sweep.work", invented)


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    """The table of the small sweep when nothing happens to it."""
    sweep(written(tmp_path), tmp_path / "undisturbed", here())
    return table(tmp_path / "undisturbed")


def swept(folder: Path, text: str = SMALL, **options: Any) -> Tally:
    return sweep(written(folder, text), folder / "out", here(), pace=AT_ONCE, **options)


def parts(folder: Path) -> list[Path]:
    return sorted((folder / "out" / "parts").iterdir())


def interrupted(folder: Path, after: int = 5) -> Tally:
    """A sweep that somebody stops when some runs are done."""
    done = []

    def stop() -> bool:
        done.append(True)
        return len(done) >= after

    return swept(folder, stop=stop)


def full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


STEPS_OF_WRITING = ["os.fsync", "pathlib.Path.write_bytes", "pathlib.Path.replace"]


@pytest.mark.parametrize("step", STEPS_OF_WRITING)
@pytest.mark.parametrize("works", [0, 1, 4, 9, 14])
def test_a_disk_that_fills_up_loses_what_was_not_written_and_nothing_else(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch, step: str, works: int
) -> None:
    with monkeypatch.context() as patched:
        owner, name = step.rsplit(".", 1)
        module = {"os": os, "pathlib.Path": Path}[owner]
        real: Callable[..., Any] = getattr(module, name)
        calls = iter(range(1000))
        patched.setattr(step, lambda *given: real(*given) if next(calls) < works else full())
        with pytest.raises(OutputError, match="No space left on device"):
            swept(tmp_path)
    assert not list((tmp_path / "out").rglob("*.tmp"))
    assert swept(tmp_path).complete
    assert table(tmp_path / "out") == whole


def test_a_stopped_sweep_has_saved_what_is_done_and_goes_on_with_the_rest(
    tmp_path: Path, whole: bytes
) -> None:
    stopped = interrupted(tmp_path)
    assert (stopped.stopped, stopped.complete) == ("asked", False)
    assert 0 < len(load_sweep(tmp_path / "out")) == stopped.done < RUNS
    finished = swept(tmp_path)
    assert (finished.now, finished.complete) == (RUNS - stopped.done, True)
    assert [int(part.name[:6]) for part in parts(tmp_path)] == list(range(len(parts(tmp_path))))
    assert table(tmp_path / "out") == whole


def test_a_sweep_whose_minutes_are_used_up_stops_and_goes_on_with_new_ones(
    tmp_path: Path, whole: bytes
) -> None:
    while not (done := swept(tmp_path, SMALL + "budget: {minutes: 0.000001}")).complete:
        assert (done.stopped, done.now > 0) == ("budget", True)
    assert table(tmp_path / "out") == whole


def test_what_a_crash_leaves_lying_about_is_swept_away(tmp_path: Path, whole: bytes) -> None:
    interrupted(tmp_path)
    for name in (
        "parts/.000009-x.parquet.tmp",
        "provenance/000009-0123456789abcdef.parquet",
        ".sweep.json.tmp",
    ):
        (tmp_path / "out" / name).write_bytes(b"half a f")
    (tmp_path / "out" / "runs.parquet").unlink()
    assert swept(tmp_path).complete
    assert table(tmp_path / "out") == whole
    assert not list((tmp_path / "out").rglob("*.tmp"))


def test_no_file_has_its_name_before_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, names = Path.write_bytes, set()

    def noted(path: Path, content: bytes) -> int:
        names.add(path.name)
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", noted)
    swept(tmp_path)
    assert len(names) > len(parts(tmp_path))
    assert all(name.startswith(".") for name in names)


def flipped(part: Path) -> None:
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)


def improved(part: Path) -> None:
    """Still a sound Parquet file, but not with the figures that were found."""
    rows = pq.read_table(part)
    place = rows.column_names.index("missed_risk_rate")
    better = pa.array([0.0] * len(rows), pa.float64())
    pq.write_table(rows.set_column(place, "missed_risk_rate", better), part)


HURTS: dict[str, Callable[[Path], Any]] = {
    "a single bit is wrong": flipped,
    "somebody likes other figures": improved,
    "it is cut off": lambda part: part.write_bytes(part.read_bytes()[:-10]),
    "it is empty": lambda part: part.write_bytes(b""),
    "it stands there twice": lambda part: part.with_name(f"000099{part.name[6:]}").write_bytes(
        part.read_bytes()
    ),
}


@pytest.mark.parametrize("hurt", HURTS)
def test_a_damaged_part_is_told_and_its_runs_are_done_again(tmp_path: Path, whole: bytes, hurt: str) -> None:
    swept(tmp_path)
    HURTS[hurt](parts(tmp_path)[1])
    with pytest.raises(OutputError, match="the command that ran the sweep"):
        load_sweep(tmp_path / "out")
    mended = swept(tmp_path)
    (told,) = mended.set_aside
    assert "is set aside and its runs are done again" in told
    assert len(list((tmp_path / "out" / "set_aside").iterdir())) == 1
    assert table(tmp_path / "out") == whole
    assert swept(tmp_path).set_aside == ()


def test_a_part_that_somebody_removes_is_done_again(tmp_path: Path, whole: bytes) -> None:
    swept(tmp_path)
    parts(tmp_path)[2].unlink()
    assert len(load_sweep(tmp_path / "out")) < RUNS
    assert swept(tmp_path).complete
    assert table(tmp_path / "out") == whole


CHANGES = {
    "another seed": ("seeds: 3", "seeds: [1, 2, 9]", "seeds: [1, 2, 3]; now [1, 2, 9]"),
    "another value": ("0.6", "0.7", "vary.network.trust_start: [0.2, 0.6]; now [0.2, 0.7]"),
    "another arm": ("bound: true", "bound: false", "arms.bound.timeline[0].bound: true; now false"),
    "other figures": ("missed_by_cause.C3", "missed_by_cause.C4", "outcomes"),
    "another horizon": ("\nyears: 1", "\nyears: 2", "arms.as_it_was.clock.years: 1; now 2"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_definition_is_refused_with_the_difference(tmp_path: Path, whole: bytes, change: str) -> None:
    interrupted(tmp_path)
    old, new, difference = CHANGES[change]
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*") if path.is_file()}
    with pytest.raises(OtherSweep) as refused:
        swept(tmp_path, SMALL.replace(old, new))
    assert difference in str(refused.value)
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*") if path.is_file()} == before
    assert swept(tmp_path).complete
    assert table(tmp_path / "out") == whole


def test_another_version_of_the_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(tmp_path)
    monkeypatch.setattr("cpsim.study.folder.code_sha256", lambda: "0123")
    with pytest.raises(OtherSweep, match=r'code.sha256: "\w+"; now "0123"'):
        swept(tmp_path)
    assert swept(tmp_path, anyway=True).complete


def test_who_insists_keeps_the_runs_that_both_definitions_have(tmp_path: Path) -> None:
    swept(tmp_path)
    more = SMALL.replace("seeds: 3", "seeds: 5").replace("[0.2, 0.6]", "[0.1, 0.2, 0.6]")
    extended = swept(tmp_path, more, anyway=True)
    assert (extended.runs, extended.now) == (2 * 3 * 5, 2 * 3 * 5 - RUNS)
    sweep(written(tmp_path / "fresh", more), tmp_path / "fresh" / "out", here())
    assert table(tmp_path / "out") == table(tmp_path / "fresh" / "out")
    fewer = swept(tmp_path, anyway=True)
    assert (fewer.runs, fewer.now, fewer.complete) == (RUNS, 0, True)


def test_who_insists_on_other_figures_has_all_runs_done_again(tmp_path: Path) -> None:
    swept(tmp_path)
    other = SMALL.replace("missed_by_cause.C3", "caseload_mean")
    again = swept(tmp_path, other, anyway=True)
    assert (again.now, again.complete) == (RUNS, True)
    assert all("has no column caseload_mean" in told for told in again.set_aside)
    assert load_sweep(tmp_path / "out")["caseload_mean"].notna().all()


def test_a_new_name_question_or_budget_changes_no_run(tmp_path: Path, whole: bytes) -> None:
    interrupted(tmp_path)
    assert swept(tmp_path, f"name: renamed\nquestion: Why?\n{SMALL}budget: {{minutes: 99}}").complete
    assert table(tmp_path / "out") == whole
    assert load_definition(tmp_path / "out").question == "Why?"


def test_two_sweeps_into_one_folder_are_refused(tmp_path: Path) -> None:
    def meanwhile(_: Tally) -> None:
        with pytest.raises(InUse, match=rf"another sweep writes into this folder: process {os.getpid()} on"):
            swept(tmp_path)

    assert swept(tmp_path, on_progress=meanwhile).complete


def test_a_dead_process_holds_no_folder(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from cpsim.study.lock import alone\n"
        "with alone(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(InUse, match=f"process {holder.pid} on"), alone(tmp_path):
        pass
    holder.kill()
    holder.communicate()
    with alone(tmp_path):
        pass


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.doc").touch()
    with pytest.raises(NoSweep, match="something else"):
        swept(tmp_path)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.doc"]


@pytest.mark.parametrize("load", [load_sweep, load_provenance, load_definition])
def test_what_is_no_sweep_cannot_be_loaded(tmp_path: Path, load: Callable[[Path], Any]) -> None:
    with pytest.raises(OutputError, match="not the folder of a sweep"):
        load(tmp_path)
    (tmp_path / "sweep.json").write_text("{}", "utf-8")
    with pytest.raises(OutputError, match="not the folder of a sweep"):
        load(tmp_path)


def test_a_sweep_that_has_only_begun_is_an_empty_table(tmp_path: Path) -> None:
    with held(tmp_path / "out", load_experiment(written(tmp_path))):
        pass
    assert load_sweep(tmp_path / "out").empty
    assert "missed_risk_rate" in load_sweep(tmp_path / "out").columns
    assert load_provenance(tmp_path / "out").empty


def test_results_are_written_when_enough_has_come_in_and_not_kept(tmp_path: Path) -> None:
    many = SMALL.replace("seeds: 3", "seeds: 300")
    sweep(written(tmp_path, many), tmp_path / "out", here(), pace=Pace(rows=100))
    assert saved(tmp_path / "out") == 1200 // 100
    slow = Pace(rows=10, soonest=1, latest=60, share=0.02)
    assert [slow.is_due(1, waited, taken) for waited, taken in [(0.9, 0), (1.1, 0), (1.1, 100), (61, 1e6)]] == [
        False, True, False, True,
    ]  # fmt: skip


def test_runs_that_part_late_are_one_task_and_every_run_is_in_one(tmp_path: Path) -> None:
    text = SMALL.replace("vary: {", "vary: {'timeline[0].awareness': [0.1, 0.2, 0.3], ").replace(
        "  as_it_was: {population: {children: 200}, clock: {warm_up_years: 1}}\n", ""
    )
    with held(tmp_path / "out", load_experiment(written(tmp_path, text))) as folder:
        tasks = list(tasks_left(folder, 1))
        assert sorted(run.run_id for task in tasks for run in task.runs) == sorted(folder.runs["run_id"])
        assert len(tasks) == 3 * 2
        for task in tasks:
            assert {run.values["timeline[0].awareness"] for run in task.runs} == {0.1, 0.2, 0.3}
            assert len({run.values["network.trust_start"] for run in task.runs}) == 1
        folder.done[:] = True
        folder.done[[0, 5]] = False
        assert sum(len(task.runs) for task in tasks_left(folder, 1)) == 2
