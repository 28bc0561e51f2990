"""Ctrl-C and SIGTERM stop a sweep at once, save its finished runs, and print how to continue."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
from tests.sweeps.sweeps import LONG, has_saved_runs, start_sweep, write_experiment

from cpsim.sweeps.loaded import load_sweep

# Each test starts workers of its own and limits the seconds that they take, so only one runs at a time.
pytestmark = pytest.mark.xdist_group("workers that are stopped")


def list_children(process: int) -> set[int]:
    """List the child processes of a process, as recorded by Linux under `/proc`."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:  # the process has ended in the meantime
            continue
        if parent == process:
            found.add(int(status.parent.name))
    return found


def wait_until_gone(processes: set[int]) -> bool:
    for _ in range(50):
        if not any(Path(f"/proc/{process}").exists() for process in processes):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_stopped_sweep_has_saved_its_finished_runs(tmp_path: Path, number: signal.Signals) -> None:
    file, out = write_experiment(tmp_path, LONG), tmp_path / "out"
    running = start_sweep(file, out, "--workers", "2")
    while not has_saved_runs(out) and running.poll() is None:
        time.sleep(0.05)
    workers = list_children(running.pid)
    assert len(workers) >= 2
    time.sleep(0.5)
    if number is signal.SIGINT:
        os.killpg(running.pid, number)  # a terminal sends the signal to every process of the group
    else:
        running.send_signal(number)
    stopped_at = time.monotonic()
    output, errors = running.communicate(timeout=20)
    seconds = time.monotonic() - stopped_at
    assert (running.returncode, output) == (128 + number, "")
    done = re.fullmatch(
        rf"Stopped\. (\d+) of 4,000 runs are saved in {out}; repeat the command to continue\.\n", errors
    )
    assert done, errors
    assert int(done[1]) == len(load_sweep(out)) > 0
    assert wait_until_gone(workers)
    assert seconds < 2, f"it took {seconds:.1f} s"


def test_a_sweep_can_be_stopped_immediately_after_its_start(tmp_path: Path) -> None:
    file, out = write_experiment(tmp_path, LONG), tmp_path / "out"
    running = start_sweep(file, out, "--workers", "2")
    while not (out / "sweep.json").exists() and running.poll() is None:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)
    output, errors = running.communicate(timeout=20)
    assert (running.returncode, output) == (130, "")
    assert re.fullmatch(r"Stopped.*\n", errors), errors


def test_the_workers_of_a_killed_sweep_end_too(tmp_path: Path) -> None:
    out = tmp_path / "out"
    running = start_sweep(write_experiment(tmp_path, LONG), out, "--workers", "2")
    while not has_saved_runs(out) and running.poll() is None:
        time.sleep(0.05)
    workers = list_children(running.pid)
    assert len(workers) >= 2
    running.kill()
    running.communicate(timeout=20)
    assert wait_until_gone(workers)
