"""Measure the processor time of `cpsim run` in a fresh process: until its answer is printed, and in all."""

import builtins
import io
import json
import runpy
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from cpsim.parallel.fresh_process import run_fresh_python

_IMPORT_LIBRARIES = "import time, numpy, pandas; print(time.process_time())"


def measure_command(scenario: Sequence[str]) -> dict[str, float]:
    """Measure an import of NumPy and pandas and then `cpsim run`, each in a fresh process.

    Args:
        scenario: the scenario and options that change it, as arguments of `cpsim run`.

    Returns:
        By name in `cpsim.bench.measure.MEASURES`, seconds of processor time and their ratios.
    """
    libraries = float(run_fresh_python(["-c", _IMPORT_LIBRARIES]))
    with TemporaryDirectory() as folder:
        arguments = ["-m", __name__, *scenario, "--out", str(Path(folder, "run"))]
        times: dict[str, float] = json.loads(run_fresh_python(arguments))
    engine = times["command_engine_seconds"]
    return times | {
        "first_answer_ratio": (times["first_answer_seconds"] - engine) / libraries,
        "command_ratio": (times["command_seconds"] - engine) / libraries,
        "libraries_seconds": libraries,
    }


class _Output(io.StringIO):
    """Standard output that notes the processor time of this process when something is first written."""

    first_written: float | None = None

    def write(self, text: str) -> int:
        if text and self.first_written is None:
            self.first_written = time.process_time()
        return super().write(text)


class _ImportTimer:
    """Stands in for `__import__` and adds up the processor time of imports, those within others once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._import = builtins.__import__
        self._is_timing = False

    def __call__(self, *args: Any, **kwargs: Any) -> ModuleType:
        if self._is_timing:
            return self._import(*args, **kwargs)
        self._is_timing, start = True, time.process_time()
        try:
            return self._import(*args, **kwargs)
        finally:
            self._is_timing = False
            self.seconds += time.process_time() - start


def _time_command(arguments: Sequence[str]) -> dict[str, float]:
    """Run the command in this process, which did nothing else before; the time of its engine excludes imports."""
    import cpsim.simulation

    engine, run, imports = 0.0, cpsim.simulation.run, _ImportTimer()

    def run_and_time(*args: Any, **kwargs: Any) -> Any:
        nonlocal engine
        start = time.process_time() - imports.seconds
        result = run(*args, **kwargs)
        engine = time.process_time() - imports.seconds - start
        return result

    vars(cpsim.simulation)["run"], vars(builtins)["__import__"] = run_and_time, imports
    sys.argv = ["cpsim", "run", *arguments]
    with redirect_stdout(_Output()) as output:
        try:
            runpy.run_module("cpsim", run_name="__main__")
        except SystemExit as end:
            if end.code:
                raise
    assert output.first_written is not None
    return {
        "first_answer_seconds": output.first_written,
        "command_seconds": time.process_time(),
        "command_engine_seconds": engine,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_time_command(sys.argv[1:])))
