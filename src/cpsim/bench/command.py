"""Measure the processor time of `cpsim run` in a fresh process: until its answer is printed, in all, and repeated."""

import builtins
import io
import json
import runpy
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from cpsim.histories.cache import FOLDER_VARIABLE, LIMIT_GB, LIMIT_VARIABLE
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
        times = _time_in_fresh_process([*scenario, "--no-cache"], Path(folder, "run"))
        cache = {FOLDER_VARIABLE: str(Path(folder, "cache")), LIMIT_VARIABLE: str(LIMIT_GB)}
        first, second = (
            _time_in_fresh_process(scenario, Path(folder, name), cache) for name in ("first", "second")
        )
    engine = times["command_engine_seconds"]
    return times | {
        "first_answer_ratio": (times["first_answer_seconds"] - engine) / libraries,
        "command_ratio": (times["command_seconds"] - engine) / libraries,
        "libraries_seconds": libraries,
        "cached_history_ratio": second["command_engine_seconds"] / first["command_engine_seconds"],
    }


def _time_in_fresh_process(
    scenario: Sequence[str], out: Path, environment: Mapping[str, str] | None = None
) -> dict[str, float]:
    arguments = ["-m", __name__, *scenario, "--out", str(out)]
    times: dict[str, float] = json.loads(run_fresh_python(arguments, environment))
    return times


class _Output(io.StringIO):
    """Standard output that notes the processor time of this process when something is first written."""

    first_written: float | None = None

    def write(self, text: str) -> int:
        if text and self.first_written is None:
            self.first_written = time.process_time()
        return super().write(text)


class _Timer:
    """Stands in for `__import__`, and times imports and, when the engine has been imported, its run.

    Attributes:
        imports: processor time of imports; those within others are counted once.
        engine: processor time of the engine without imports.
    """

    def __init__(self) -> None:
        self.imports = self.engine = 0.0
        self._import = builtins.__import__
        self._is_importing = self._is_timing_engine = False

    def __call__(self, *args: Any, **kwargs: Any) -> ModuleType:
        if self._is_importing:
            return self._import(*args, **kwargs)
        self._is_importing, start = True, time.process_time()
        try:
            return self._import(*args, **kwargs)
        finally:
            self._is_importing = False
            self.imports += time.process_time() - start
            if not self._is_timing_engine and "cpsim.simulation" in sys.modules:
                self._is_timing_engine = True
                self._time_engine(vars(sys.modules["cpsim.simulation"]))

    def _time_engine(self, names: dict[str, Any]) -> None:
        run = names["run"]

        def run_and_time(*args: Any, **kwargs: Any) -> Any:
            start = time.process_time() - self.imports
            result = run(*args, **kwargs)
            self.engine = time.process_time() - self.imports - start
            return result

        names["run"] = run_and_time


def _time_command(arguments: Sequence[str]) -> dict[str, float]:
    """Run the command in this process, which did nothing else before."""
    timer = _Timer()
    vars(builtins)["__import__"] = timer
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
        "command_engine_seconds": timer.engine,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_time_command(sys.argv[1:])))
