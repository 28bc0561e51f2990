"""Ctrl-C and a polite kill end a sweep at once, save what is done, and say how it goes on."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
from tests.study.sweeps import SMALL, command, saved, written

from cpsim.study.loaded import load_sweep

LONG = SMALL.replace("seeds: 3", "seeds: 1000")


def workers_of(process: int) -> set[int]:
    """Processes below this one, by Linux' own books."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        if parent == process:
            found.add(int(status.parent.name))
    return found


def gone(processes: set[int]) -> bool:
    for _ in range(50):
        if not any(Path(f"/proc/{process}").exists() for process in processes):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_sweep_that_is_stopped_has_saved_what_is_done(tmp_path: Path, number: signal.Signals) -> None:
    file, out = written(tmp_path, LONG), tmp_path / "out"
    running = command(file, out, "--workers", "2")
    while not saved(out) and running.poll() is None:
        time.sleep(0.05)
    workers = workers_of(running.pid)
    assert len(workers) >= 2
    time.sleep(0.5)
    if number is signal.SIGINT:
        os.killpg(running.pid, number)  # a terminal tells every process of the group
    else:
        running.send_signal(number)
    asked = time.monotonic()
    said, told = running.communicate(timeout=20)
    seconds = time.monotonic() - asked
    assert (running.returncode, said) == (128 + number, "")
    done = re.fullmatch(
        rf"Stopped\. (\d+) of 4,000 runs are saved in {out}; the same command continues\.\n", told
    )
    assert done, told
    assert int(done[1]) == len(load_sweep(out)) > 0
    assert gone(workers)
    assert seconds < 2, f"it took {seconds:.1f} s"


def test_a_sweep_that_is_stopped_at_once_has_begun_nothing_or_little(tmp_path: Path) -> None:
    file, out = written(tmp_path, LONG), tmp_path / "out"
    running = command(file, out, "--workers", "2")
    while not (out / "sweep.json").exists() and running.poll() is None:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)
    said, told = running.communicate(timeout=20)
    assert (running.returncode, said) == (130, "")
    assert re.fullmatch(r"Stopped.*\n", told), told


def test_workers_do_not_outlive_a_sweep_that_is_killed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    running = command(written(tmp_path, LONG), out, "--workers", "2")
    while not saved(out) and running.poll() is None:
        time.sleep(0.05)
    workers = workers_of(running.pid)
    assert len(workers) >= 2
    running.kill()
    running.communicate(timeout=20)
    assert gone(workers)
