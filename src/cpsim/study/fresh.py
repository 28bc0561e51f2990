"""What only a fresh process can tell: memory of one run, its growth over many, and how long a start takes."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

_EVERYTHING = "from cpsim import ChildProtectionModel, RunResult, load, run"
_HELP = "from cpsim.cli import main; main(['--help'])"
_STARTS = 5


class Memory(NamedTuple):
    """Memory that this process holds now and has held at most, in MB of a million bytes."""

    now: float
    peak: float


def memory() -> Memory:
    """Memory of this process; where the system does not tell what is held now, the most so far stands for it."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not `ru_maxrss`: on Linux that of a new process begins with the memory of the process that started it.
        fields = dict(line.split(":", 1) for line in status.read_text("ascii", "replace").splitlines())
        return Memory(*(int(fields[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM")))
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    return Memory(peak, peak)


def memory_of_one_run(scenario: Mapping[str, Any], seed: int) -> dict[str, float]:
    """Run `scenario` once in a fresh process and keep its result.

    Returns:
        `peak_memory_mb`, and `peak_memory_without_imports_mb`: what the run added to the libraries.
    """
    return _asked("one_run", scenario, seed)


def memory_over_runs(scenario: Mapping[str, Any], runs: int) -> dict[str, float]:
    """Run `scenario` with `runs` seeds, one after another, in a fresh process, and drop each result.

    Returns:
        `memory_after_tenth_mb` (a tenth of the runs, when every cache is full), `memory_at_end_mb`, and their
        difference, `memory_growth_mb`.
    """
    return _asked("many_runs", scenario, runs)


def seconds_to_start() -> dict[str, list[float]]:
    """Times of fresh processes: `import_seconds` for all that a run needs, `help_seconds` for `cpsim --help`."""
    return {"import_seconds": _starts(_EVERYTHING), "help_seconds": _starts(_HELP)}


def _starts(statement: str) -> list[float]:
    seconds = []
    for _ in range(_STARTS):
        start = time.perf_counter()
        fresh_python(["-c", statement])
        seconds.append(time.perf_counter() - start)
    return seconds


def _asked(task: str, scenario: Mapping[str, Any], number: int) -> dict[str, float]:
    answer: dict[str, float] = json.loads(
        fresh_python(["-m", __name__, task, json.dumps(scenario), str(number)])
    )
    return answer


def fresh_python(arguments: list[str]) -> str:
    """Standard output of a fresh Python. It has a session of its own, so that Ctrl-C ends it without a word of its own.

    Raises:
        subprocess.CalledProcessError: it failed; why is on standard error.
    """
    command = [sys.executable, "-P", *arguments]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, start_new_session=True)
    return ran.stdout


def _one_run(scenario: Mapping[str, Any], seed: int) -> dict[str, float]:
    from cpsim.model import run
    from cpsim.scenario.read import from_mapping

    imported = memory().now
    result = run(from_mapping(scenario), seed)
    peak = memory().peak
    del result  # held until here: whoever runs a scenario wants to look at it
    return {"peak_memory_mb": peak, "peak_memory_without_imports_mb": peak - imported}


def _many_runs(scenario: Mapping[str, Any], runs: int) -> dict[str, float]:
    from cpsim.model import run
    from cpsim.scenario.read import from_mapping

    settings = from_mapping(scenario)
    held = []
    for seed in range(1, runs + 1):
        run(settings, seed)
        if seed in (max(1, runs // 10), runs):
            held.append(memory().now)
    early, late = held[0], held[-1]
    return {"memory_after_tenth_mb": early, "memory_at_end_mb": late, "memory_growth_mb": late - early}


if __name__ == "__main__":
    task, settings, count = sys.argv[1:]
    tasks = {"one_run": _one_run, "many_runs": _many_runs}
    sys.stdout.write(json.dumps(tasks[task](json.loads(settings), int(count))))
