"""A cluster of two workers gives the same bytes as no workers at all, also when one of them is lost on the way."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.study.sweeps import AT_ONCE, RUNS, SMALL, command, saved, table, written

from cpsim.study.engine import EngineFailed, dask, here
from cpsim.study.sweep import sweep


def begun(name: str, *options: str) -> "subprocess.Popen[bytes]":
    script = f"from distributed.cli.dask_{name} import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", script, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


class Cluster:
    """A scheduler and two workers, each a process of its own, on loopback."""

    def __init__(self, folder: Path) -> None:
        file = folder / "scheduler.json"
        of_scheduler = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.scheduler = begun("scheduler", *of_scheduler, "--scheduler-file", str(file))
        while not file.exists():
            assert self.scheduler.poll() is None
            time.sleep(0.05)
        of_worker = ("--no-nanny", "--no-dashboard", "--local-directory", str(folder))
        self.workers = [
            begun("worker", "--scheduler-file", str(file), "--nthreads", threads, *of_worker)
            for threads in ("1", "2")
        ]
        self.address = json.loads(file.read_text())["address"]

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    running = Cluster(tmp_path)
    yield running
    running.end()


def test_a_cluster_changes_no_byte_even_if_it_loses_a_worker(tmp_path: Path, cluster: Cluster) -> None:
    text = SMALL.replace("seeds: 3", "seeds: 6")
    file = written(tmp_path, text)
    sweep(file, tmp_path / "alone", here(), pace=AT_ONCE)
    running = command(file, tmp_path / "out", "--engine", "dask", "--scheduler", cluster.address)
    while not saved(tmp_path / "out") and running.poll() is None:
        time.sleep(0.05)
    cluster.workers[0].kill()
    said, told = running.communicate(timeout=120)
    assert (running.returncode, told) == (0, "")
    assert said == f"{2 * RUNS} of {2 * RUNS} runs are saved in {tmp_path / 'out'}.\n"
    assert table(tmp_path / "out") == table(tmp_path / "alone")


def test_a_cluster_that_goes_away_ends_the_sweep_with_what_is_done(tmp_path: Path, cluster: Cluster) -> None:
    file = written(tmp_path, SMALL.replace("seeds: 3", "seeds: 1000"))
    running = command(file, tmp_path / "out", "--engine", "dask", "--scheduler", cluster.address)
    while not saved(tmp_path / "out") and running.poll() is None:
        time.sleep(0.05)
    cluster.end()
    _, told = running.communicate(timeout=120)
    assert running.returncode == 1
    assert told.splitlines()[-1].endswith("is safe; the same command continues.")
    assert "Traceback" not in told


def test_a_cluster_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="no Dask scheduler answers at"):
        sweep(written(tmp_path), tmp_path / "out", dask("tcp://127.0.0.1:9"))
