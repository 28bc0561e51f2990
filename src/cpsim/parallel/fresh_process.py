"""Measurements that need a fresh process: memory of one run, memory growth over many runs, and start time."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cpsim.histories.cache import NO_CACHE

_IMPORT_ALL = "from cpsim import RunResult, load, run"
_HELP = "from cpsim.cli import main; main(['--help'])"
_STARTS = 5


class Memory(NamedTuple):
    """Current and peak memory of this process, in MB of a million bytes."""

    now: float
    peak: float


def measure_memory() -> Memory:
    """Measure the memory of this process; outside Linux, the peak stands in for the current value."""
    status = Path("/proc/self/status")
    if status.exists():
        # On Linux `ru_maxrss` of a new process starts at the memory of its parent process, so it is not used here.
        fields = dict(line.split(":", 1) for line in status.read_text("ascii", "replace").splitlines())
        return Memory(*(int(fields[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM")))
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    return Memory(peak, peak)


def measure_memory_of_one_run(scenario: Mapping[str, Any], seed: int) -> dict[str, float]:
    """Run `scenario` once in a fresh process, with its result in memory.

    Returns:
        `peak_memory_mb`, and `peak_memory_without_imports_mb`, the same minus the memory after importing the libraries.
    """
    return _measure_in_fresh_process("one_run", scenario, seed)


def measure_memory_over_runs(scenario: Mapping[str, Any], runs: int) -> dict[str, float]:
    """Run `scenario` with `runs` seeds, one after another, in a fresh process, discarding each result.

    Returns:
        `memory_after_tenth_mb` (after a tenth of the runs, when every cache is full), `memory_at_end_mb`, and their
        difference, `memory_growth_mb`.
    """
    return _measure_in_fresh_process("many_runs", scenario, runs)


def measure_start_times() -> dict[str, list[float]]:
    """Time fresh processes: `import_seconds` for everything that a run needs, `help_seconds` for `cpsim --help`."""
    return {"import_seconds": _time_starts(_IMPORT_ALL), "help_seconds": _time_starts(_HELP)}


def _time_starts(statement: str) -> list[float]:
    seconds = []
    for _ in range(_STARTS):
        start = time.perf_counter()
        run_fresh_python(["-c", statement])
        seconds.append(time.perf_counter() - start)
    return seconds


def _measure_in_fresh_process(task: str, scenario: Mapping[str, Any], number: int) -> dict[str, float]:
    answer: dict[str, float] = json.loads(
        run_fresh_python(["-m", __name__, task, json.dumps(scenario), str(number)])
    )
    return answer


def run_fresh_python(arguments: list[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a fresh Python process, with some more environment variables, and return its standard output.

    It runs in a separate session, so that Ctrl-C does not make it print a traceback. It may keep the modules that it
    compiles, so that the next one starts as fast as an installed package does.

    Raises:
        subprocess.CalledProcessError: it failed; its error messages are on standard error.
    """
    command = [sys.executable, "-P", *arguments]
    finished = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        start_new_session=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(environment or {})},
    )
    return finished.stdout


def _measure_one_run(scenario: Mapping[str, Any], seed: int) -> dict[str, float]:
    from cpsim.scenario.read import from_mapping
    from cpsim.simulation import run

    imported = measure_memory().now
    result = run(from_mapping(scenario), seed, cache=NO_CACHE)
    peak = measure_memory().peak
    del result  # held until here, because a user also has the result in memory
    return {"peak_memory_mb": peak, "peak_memory_without_imports_mb": peak - imported}


def _measure_many_runs(scenario: Mapping[str, Any], runs: int) -> dict[str, float]:
    from cpsim.scenario.read import from_mapping
    from cpsim.simulation import run

    settings = from_mapping(scenario)
    memory = []
    for seed in range(1, runs + 1):
        run(settings, seed, cache=NO_CACHE)
        if seed in (max(1, runs // 10), runs):
            memory.append(measure_memory().now)
    early, late = memory[0], memory[-1]
    return {"memory_after_tenth_mb": early, "memory_at_end_mb": late, "memory_growth_mb": late - early}


if __name__ == "__main__":
    task, settings, count = sys.argv[1:]
    tasks = {"one_run": _measure_one_run, "many_runs": _measure_many_runs}
    sys.stdout.write(json.dumps(tasks[task](json.loads(settings), int(count))))
