"""Measure the time and memory of the process that coordinates a sweep, and the time to load its table.

The measurement needs a fresh process. Coordinator, folder and files are real. The runs are not: each task returns
artificial rows at once, because the coordinating process sees nothing of a run except its row.
"""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cpsim.parallel.engine import InProcessExecutor, open_in_process_engine
from cpsim.parallel.fresh_process import measure_memory, run_fresh_python
from cpsim.results.origin import hash_code
from cpsim.sweeps.loaded import load_sweep
from cpsim.sweeps.sweep import sweep
from cpsim.sweeps.tasks import ResultRow, SweepTask, TaskAnswer

_ARMS = ("as_it_was", "bound")
_SEEDS = 10
RUNS_PER_POINT = len(_ARMS) * _SEEDS
"""Runs for each point; the number of runs is a multiple of it, with at least two points."""
_LOADS = 3


def measure_coordinator(runs: int) -> dict[str, Any]:
    """Coordinate a sweep of artificial runs in a fresh process and load its table.

    Args:
        runs: number of runs, a multiple of `RUNS_PER_POINT`.

    Returns:
        `seconds` from reading the experiment file to writing the last part, `memory_mb` (peak memory of the process up
        to then), `table_bytes` on disk, and `load_seconds`, a list of times.
    """
    answer: dict[str, Any] = json.loads(run_fresh_python(["-m", __name__, str(runs)]))
    return answer


class _FakeExecutor(InProcessExecutor):
    """Returns artificial rows instead of running the task."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        del work
        return super().submit(_make_rows, *args, **kwargs)


def _make_rows(task: SweepTask, send: Callable[[TaskAnswer], None]) -> TaskAnswer:
    rows = (
        ResultRow(run.run_id, {name: int(run.run_id, 16) / 16**40 for name in task.outcomes}, scenario_hash="-")
        for run in task.runs
    )  # fmt: skip
    answer = TaskAnswer(tuple(rows), hash_code(), "no worker", "no libraries")
    send(answer)
    return answer


def _build_experiment(runs: int) -> dict[str, Any]:
    return {
        "base": "baseline",
        "arms": {name: {} for name in _ARMS},
        "vary": {"network.trust_start": {"from": 0.2, "to": 0.6}, "sharing.duty_effect": {"from": 0, "to": 0.7}},
        "design": {"kind": "latin_hypercube", "points": runs // RUNS_PER_POINT},
        "seeds": _SEEDS,
    }  # fmt: skip


def _coordinate(runs: int) -> dict[str, Any]:
    with TemporaryDirectory() as place:
        file, out = Path(place) / "many.yaml", Path(place) / "out"
        file.write_text(json.dumps(_build_experiment(runs)), "utf-8")
        start = time.perf_counter()
        sweep(file, out, open_in_process_engine(_FakeExecutor()))
        seconds, peak = time.perf_counter() - start, measure_memory().peak
        table = sum(part.stat().st_size for part in (out / "parts").iterdir())
        loads = [_time_load(out) for _ in range(_LOADS)]
    return {"seconds": seconds, "memory_mb": peak, "table_bytes": table, "load_seconds": loads}


def _time_load(folder: Path) -> float:
    start = time.perf_counter()
    load_sweep(folder)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_coordinate(int(sys.argv[1]))))
