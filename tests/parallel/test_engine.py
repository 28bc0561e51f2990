"""The results of runs arrive while their task goes on, so that little is lost if the task is interrupted."""

import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

from cpsim.parallel.engine import open_local_engine


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
