"""A cluster of two workers gives the same results as a single process, even if it loses a worker."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest
from tests.sweeps.sweeps import (
    AT_ONCE,
    LONG,
    SMALL,
    count_parts,
    has_saved_runs,
    read_results,
    start_sweep,
    write_experiment,
)

from cpsim.parallel.engine import EngineError, open_dask_engine, open_in_process_engine
from cpsim.sweeps.sweep import sweep


def start_process(name: str, *options: str) -> "subprocess.Popen[bytes]":
    script = f"from distributed.cli.dask_{name} import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", script, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


class Cluster:
    """A scheduler and workers with some threads each, as separate processes on the loopback interface."""

    def __init__(self, folder: Path, threads: tuple[int, ...]) -> None:
        self.file = folder / "scheduler.json"
        scheduler_options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.scheduler = start_process("scheduler", *scheduler_options, "--scheduler-file", str(self.file))
        while not (self.file.exists() and self.file.read_text()):  # it is created before it is written
            assert self.scheduler.poll() is None
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text())["address"]
        worker_options = ("--no-nanny", "--no-dashboard", "--local-directory", str(folder))
        self.workers = [
            start_process("worker", self.address, "--nthreads", str(number), *worker_options)
            for number in threads
        ]

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Start a cluster of two workers, or of those with the number of threads in `request.param`."""
    running = Cluster(tmp_path, getattr(request, "param", (1, 2)))
    yield running
    running.end()


def test_a_cluster_gives_the_same_results_even_if_it_loses_a_worker(tmp_path: Path, cluster: Cluster) -> None:
    text = SMALL.replace("seeds: 3", "seeds: 6")
    file = write_experiment(tmp_path, text)
    sweep(file, tmp_path / "one_process", open_in_process_engine(), pace=AT_ONCE)
    # Without --quiet, progress is printed every half minute, which a slow machine may need.
    options = ("--engine", "dask", "--scheduler", cluster.address, "--quiet")
    running = start_sweep(file, tmp_path / "out", *options)
    while not has_saved_runs(tmp_path / "out") and running.poll() is None:
        time.sleep(0.05)
    cluster.workers[0].kill()
    output, errors = running.communicate(timeout=120)
    assert (running.returncode, output, errors) == (0, f"{tmp_path / 'out'}\n", "")
    assert read_results(tmp_path / "out") == read_results(tmp_path / "one_process")


def test_a_sweep_whose_cluster_disappears_has_saved_the_finished_runs(
    tmp_path: Path, cluster: Cluster
) -> None:
    file = write_experiment(tmp_path, LONG)
    running = start_sweep(file, tmp_path / "out", "--engine", "dask", "--scheduler-file", str(cluster.file))
    while not has_saved_runs(tmp_path / "out") and running.poll() is None:
        time.sleep(0.05)
    cluster.end()
    _, errors = running.communicate(timeout=120)
    assert running.returncode == 1
    assert errors.splitlines()[-1].endswith(
        "once the cause is removed, the same command continues the sweep."
    )
    assert "Traceback" not in errors


def test_a_result_that_is_sent_during_a_task_arrives_before_the_task_ends(
    tmp_path: Path, cluster: Cluster
) -> None:
    def send_and_wait(send: Callable[[str], None]) -> str:
        send("the row of a run")
        while not (tmp_path / "continue").exists():
            time.sleep(0.01)
        return "all rows"

    received: SimpleQueue[str] = SimpleQueue()
    with open_dask_engine(cluster.address) as engine:
        future = engine.executor.submit(send_and_wait, engine.open_channel(received.put))
        assert received.get(timeout=60) == "the row of a run"
        assert not future.done()
        (tmp_path / "continue").touch()
        assert future.result(timeout=60) == "all rows"


@pytest.mark.parametrize("cluster", [()], indirect=True, ids=["no workers"])
def test_a_sweep_without_workers_ends_and_keeps_what_is_saved(tmp_path: Path, cluster: Cluster) -> None:
    file, out = write_experiment(tmp_path), tmp_path / "out"
    sweep(file, out, open_in_process_engine(), pace=AT_ONCE, stop=lambda: count_parts(out) > 0)
    saved = read_results(out)
    options = ("--engine", "dask", "--scheduler-file", str(cluster.file), "--wait-minutes", "0.02")
    output, errors = (running := start_sweep(file, out, *options)).communicate(timeout=120)
    assert (running.returncode, output) == (1, "")
    assert errors.splitlines()[0] == "Error: the cluster has had no worker for 0.02 minutes"
    assert "Traceback" not in errors
    assert read_results(out) == saved


def test_a_missing_scheduler_is_reported(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no Dask scheduler answers at"):
        sweep(write_experiment(tmp_path), tmp_path / "out", open_dask_engine("tcp://127.0.0.1:9"))
