"""Worker processes: the order and the arrival of their results, and what happens if they die.

Workers import this file, so it imports little.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest

from cpsim.parallel.engine import EngineError, open_local_engine
from cpsim.parallel.tasks import run_tasks


def send_and_wait(folder: Path, send: Callable[[str], None]) -> str:
    send("the row of a run")
    while not (folder / "continue").exists():
        time.sleep(0.01)
    return "all rows"


def send_and_go_on(folder: Path, send: Callable[[str], None]) -> None:
    send("the row of a run")
    (folder / "next run").touch()


def test_a_result_that_is_sent_during_a_task_arrives_before_the_task_ends(tmp_path: Path) -> None:
    received: SimpleQueue[str] = SimpleQueue()
    with open_local_engine(1) as engine:
        future = engine.executor.submit(send_and_wait, tmp_path, engine.open_channel(received.put))
        assert received.get(timeout=60) == "the row of a run"
        assert not future.done()
        (tmp_path / "continue").touch()
        assert future.result(timeout=60) == "all rows"


def test_a_worker_begins_its_next_run_only_when_the_row_of_the_last_is_saved(tmp_path: Path) -> None:
    has_gone_on = []

    def save_slowly(_: str) -> None:
        time.sleep(0.3)
        has_gone_on.append((tmp_path / "next run").exists())

    with open_local_engine(1) as engine:
        engine.executor.submit(send_and_go_on, tmp_path, engine.open_channel(save_slowly)).result(timeout=60)
    assert has_gone_on == [False]
    assert (tmp_path / "next run").exists()


def square(number: int) -> int:
    return number * number


def die_once(file: Path) -> str:
    """Kill the worker at the first attempt."""
    if not file.exists():
        file.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return file.name


def die_always(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_results_have_the_order_of_the_tasks(tmp_path: Path) -> None:
    with open_local_engine(2) as engine:
        assert run_tasks(square, list(range(7)), engine) == [number * number for number in range(7)]
    with open_local_engine(1) as engine:
        assert run_tasks(die_once, [tmp_path / "a", tmp_path / "b"], engine) == ["a", "b"]
        with pytest.raises(EngineError, match="died 3 times"):
            run_tasks(die_always, [1], engine)
