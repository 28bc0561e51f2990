"""What the process that coordinates a sweep of many runs takes, and how soon its table is loaded.

Only a fresh process can tell. Coordinator, folder and files are the real ones. The runs are not: each task is answered
at once with rows out of nothing, since all that this process ever sees of a run is its row.
"""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cpsim.results.run_result import code_sha256
from cpsim.study.engine import Here, here
from cpsim.study.fresh import fresh_python, memory
from cpsim.study.loaded import load_sweep
from cpsim.study.sweep import sweep
from cpsim.study.work import Answer, Row, Task

_ARMS = ("as_it_was", "bound")
_SEEDS = 10
RUNS_OF_A_POINT = len(_ARMS) * _SEEDS
"""A number of runs is a multiple of it, with at least two points."""
_LOADS = 3


def coordinate(runs: int) -> dict[str, Any]:
    """Have a fresh process coordinate a sweep of so many runs, of which each takes no time, and load its table.

    Args:
        runs: a multiple of `RUNS_OF_A_POINT`.

    Returns:
        `seconds` from the experiment's file to the last part, `memory_mb` (the most that the process held until then),
        `table_bytes` on disk, and `load_seconds`, a list.
    """
    answer: dict[str, Any] = json.loads(fresh_python(["-m", __name__, str(runs)]))
    return answer


class _Inventing(Here):
    """Answers with rows out of nothing."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        del work
        return super().submit(_invented, *args, **kwargs)


def _invented(task: Task) -> Answer:
    rows = (
        Row(run.run_id, {name: int(run.run_id, 16) / 7 ** len(name) for name in task.outcomes}, scenario_hash="-")
        for run in task.runs
    )  # fmt: skip
    return Answer(tuple(rows), code_sha256(), "nobody", "nothing")


def _experiment(runs: int) -> dict[str, Any]:
    return {
        "base": "baseline",
        "arms": {name: {} for name in _ARMS},
        "vary": {"network.trust_start": {"from": 0.2, "to": 0.6}, "sharing.duty_effect": {"from": 0, "to": 0.7}},
        "design": {"kind": "latin_hypercube", "points": runs // RUNS_OF_A_POINT},
        "seeds": _SEEDS,
    }  # fmt: skip


def _coordinated(runs: int) -> dict[str, Any]:
    with TemporaryDirectory() as place:
        file, out = Path(place) / "many.yaml", Path(place) / "out"
        file.write_text(json.dumps(_experiment(runs)), "utf-8")
        begun = time.perf_counter()
        sweep(file, out, here(_Inventing()))
        seconds, peak = time.perf_counter() - begun, memory().peak
        table = sum(part.stat().st_size for part in (out / "parts").iterdir())
        loads = [_seconds_to_load(out) for _ in range(_LOADS)]
    return {"seconds": seconds, "memory_mb": peak, "table_bytes": table, "load_seconds": loads}


def _seconds_to_load(folder: Path) -> float:
    begun = time.perf_counter()
    load_sweep(folder)
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_coordinated(int(sys.argv[1]))))
