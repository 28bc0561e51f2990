"""A target of fuzzing: an entry point, the inputs that it is tried with, and the rounds of inputs.

A target is a function that calls an entry point with one input and returns whether the input was accepted. It raises a
`Fault` if anything but a correct result or a documented error comes out; any other exception is a fault, too.
"""

import gc
import multiprocessing
import signal
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning

from cpsim.scenario.problems import ScenarioWarning


class Fault(Exception):
    """An entry point gave neither a correct result nor a documented error, or left something behind."""


class TimeLimitError(Fault):
    """An input took longer than the target allows."""


@dataclass(frozen=True)
class Target:
    """An entry point and the inputs that it is tried with.

    Attributes:
        name: name on the command line.
        description: what is tried, in a few words.
        inputs: the inputs.
        attempt: tries one input in an empty folder, and returns whether the input was accepted.
        examples: number of inputs in a round of the longer check.
        few: number of inputs in the test suite.
        seconds: time limit of one input.
        prepare: makes what all inputs need, without a time limit; it is called before each round.
    """

    name: str
    description: str
    inputs: st.SearchStrategy[Any] = field(repr=False)
    attempt: Callable[[Any, Path], bool]
    examples: int
    few: int
    seconds: float = 20
    prepare: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Failure:
    """An input for which a target fails, as small as it could be made.

    Attributes:
        target: the target.
        seed: seed of the round.
        given: the input.
        report: what went wrong, with the last lines of the traceback.
        place: where it went wrong, to recognise the same failure.
    """

    target: Target
    seed: int
    given: str
    report: str
    place: str


@dataclass(frozen=True)
class Round:
    """What came of a round: numbers of inputs, and the failure, if there is one.

    Attributes:
        tried: number of inputs, including those with which a failing input was made smaller.
        accepted: number of inputs that were accepted.
        refused: number of inputs that were refused with a documented error.
        slowest: seconds that the slowest input took.
        failure: None if there is none.
    """

    tried: int
    accepted: int
    refused: int
    slowest: float
    failure: Failure | None


def run_round(target: Target, number: int, examples: int) -> Round:
    """Try a number of inputs, always the same for the same seed.

    Args:
        target: the target.
        number: seed of the round.
        examples: number of inputs.
    """
    tried = accepted = refused = 0
    slowest, smallest = 0.0, ""

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(target.inputs)
    def try_each(value: Any) -> None:
        nonlocal tried, accepted, refused, slowest, smallest
        tried, start = tried + 1, time.monotonic()
        smallest = repr(value)  # a failing input is tried once more when it cannot be made smaller
        taken = attempt_in_new_folder(target, value)
        accepted, refused = accepted + taken, refused + (not taken)
        slowest = max(slowest, time.monotonic() - start)

    failure = None
    target.prepare()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HypothesisWarning)  # of inputs that take long to print
            try_each()
    except Exception as error:  # noqa: BLE001  whatever it is, it is the result
        failure = Failure(target, number, smallest, _format_error(error), _find_place(error))
    return Round(tried, accepted, refused, slowest, failure)


def attempt_in_new_folder(target: Target, value: Any) -> bool:
    """Try one input in a new folder, within the time limit, and check that nothing is left behind.

    Raises:
        Fault: the entry point did something wrong.
    """
    running = set(multiprocessing.active_children())
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place, name) for name in ("input", "current", "temporary")]
        for folder in folders:
            folder.mkdir()
        given_folder, current, temporary = folders
        with _use_folders(current, temporary), limit_time(target.seconds), _raise_warnings():
            accepted = target.attempt(value, given_folder)
        if left := [path.name for folder in (current, temporary) for path in folder.rglob("*")]:
            raise Fault(f"files are left behind: {left}")
        _check_open_files(Path(place))
    if started := set(multiprocessing.active_children()) - running:
        raise Fault(f"processes are left behind: {started}")
    return accepted


@contextmanager
def _use_folders(current: Path, temporary: Path) -> Iterator[None]:
    """Use a folder as the current one, and another for temporary files."""
    before, tempfile.tempdir = tempfile.tempdir, str(temporary)
    try:
        with chdir(current):
            yield
    finally:
        tempfile.tempdir = before


def _check_open_files(folder: Path) -> None:
    """Check that no file in a folder is still open, where the system lists open files."""
    handles = Path("/proc/self/fd")
    if not handles.exists():
        return
    for again in (True, False):
        names = [str(handle.readlink()) for handle in handles.iterdir() if handle.is_symlink()]
        left = [name for name in names if Path(name).is_relative_to(folder)]
        if left and again:
            gc.collect()
        elif left:
            raise Fault(f"files are left open: {left}")


@contextmanager
def _raise_warnings() -> Iterator[None]:
    """Raise each warning as an exception, apart from warnings about a scenario, which are documented."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ScenarioWarning)
        yield


@contextmanager
def limit_time(seconds: float) -> Iterator[None]:
    """Raise a `TimeLimitError` in the block when its time is up; a timer of the caller goes on afterwards."""

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise TimeLimitError(f"no end after {seconds:g} seconds")

    handler = signal.signal(signal.SIGALRM, end)
    start = time.monotonic()
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        passed = time.monotonic() - start
        signal.setitimer(signal.ITIMER_REAL, max(left - passed, 0.001) if left else 0)
        signal.signal(signal.SIGALRM, handler)
    if passed > seconds:
        raise TimeLimitError(f"it took {passed:.0f} seconds; {seconds:g} are allowed")


def _format_error(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):  # of an input that fails only sometimes
        return "\n".join([str(error), *map(_format_error, error.exceptions)])
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames[-5:]]
    return "\n".join([f"{type(error).__name__}: {error}", *lines])


def _find_place(error: BaseException) -> str:
    """Name the kind of an error and the last line of cpsim that was reached, or else of any code."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "cpsim" in Path(frame.filename).parts] or frames
    return f"{type(error).__name__} at {own[-1].filename}:{own[-1].lineno}, {frames[-1].lineno}"


def run_rounds(
    targets: list[Target], first: int, seconds: float, report: Callable[[Round, Target], None]
) -> None:
    """Run rounds of the targets in turn until the time is up, at least one of each.

    Args:
        targets: the targets.
        first: seed of the first rounds; the next rounds have the next seeds.
        seconds: the time.
        report: called after each round.
    """
    end = time.monotonic() + seconds
    for number in count(first):
        for target in targets:
            if number > first and time.monotonic() > end:
                return
            report(run_round(target, number, target.examples), target)
