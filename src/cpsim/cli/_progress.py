"""Progress of long commands, on standard error."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

_SECONDS_BETWEEN_LINES = 30


class RunProgress(Protocol):
    """Numbers of runs: in all, done, failed, and done since the start of the command, with the seconds it took."""

    @property
    def runs(self) -> int: ...
    @property
    def done(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def now(self) -> int: ...
    @property
    def seconds(self) -> float: ...


class ProgressSoFar(RunProgress, Protocol):
    """The same, with what the runs show until now: no verdict; empty for nothing."""

    @property
    def so_far(self) -> str: ...


class TileNumbers(Protocol):
    """Progress of tiles: their numbers, the share of the work that is done, and what this command has done of it."""

    @property
    def tiles(self) -> int: ...
    @property
    def done(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def share(self) -> float: ...
    @property
    def share_now(self) -> float: ...
    @property
    def seconds(self) -> float: ...


@contextmanager
def show_week_progress(
    *, shown: bool, task_name: str = "Simulating the weeks"
) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar over weeks with the time left, and yield the function that updates it.

    The function takes the weeks done and the weeks in all. Nothing is drawn if `shown` is false or standard error is
    not a terminal.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if not (shown and console.is_terminal):
        yield lambda *_: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Creating the children", total=None, left="")

        def on_week(done: int, total: int) -> None:
            name = "Computing the results" if done == total else task_name
            progress.update(task, description=name, completed=done, total=total, left="left")

        yield on_week


@contextmanager
def show_status(text: str, *, shown: bool) -> Iterator[None]:
    """Show what is being done while the block runs, if `shown` and standard error is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if shown and console.is_terminal:
        with console.status(text):
            yield
    else:
        yield


def show_run_progress(*, shown: bool) -> AbstractContextManager[Callable[[RunProgress], None]]:
    """Show the progress of many runs with the time left, and yield the function that updates it."""
    return _show_progress(
        _format_progress, lambda progress: (progress.now, progress.done, progress.runs), shown
    )


def show_comparison_progress(*, shown: bool) -> AbstractContextManager[Callable[[ProgressSoFar], None]]:
    """Show the progress of the runs of a comparison in words, and what they show until now."""
    return _show_progress(
        _format_progress_so_far,
        lambda progress: (progress.now, progress.done, progress.runs),
        shown,
        bar=False,
    )


def show_tile_progress(*, shown: bool) -> AbstractContextManager[Callable[[TileNumbers], None]]:
    """Show the progress of tiles with the time left, and yield the function that updates it."""
    return _show_progress(
        _format_tile_progress, lambda progress: (progress.share_now, progress.share, 1.0), shown
    )


@contextmanager
def _show_progress(
    format_line: Callable[[Any], str],
    measure: Callable[[Any], tuple[float, float, float]],
    shown: bool,
    *,
    bar: bool = True,
) -> Iterator[Callable[[Any], None]]:
    """Show a progress bar on a terminal; elsewhere, as in the log of a cluster job, a line every 30 seconds.

    Args:
        format_line: writes the progress in a line.
        measure: returns what this command has done, what is done in all, and what there is to do.
        shown: whether to show anything.
        bar: whether to draw a bar in front of the words.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    if not shown:
        yield lambda _: None
    elif not console.is_terminal:
        yield _report_at_intervals(format_line, console.print)
    else:
        words = TextColumn("{task.description}")
        columns = (BarColumn(), words) if bar else (words,)
        with Progress(*columns, console=console, transient=True) as display:
            task = display.add_task("Starting the worker processes", total=None)

            def on_progress(progress: Any) -> None:
                now, done, total = measure(progress)
                if now:
                    display.update(task, description=format_line(progress), completed=done, total=total)

            yield on_progress


def _report_at_intervals(
    format_line: Callable[[Any], str], write: Callable[[str], None]
) -> Callable[[Any], None]:
    written = time.monotonic()

    def on_progress(progress: Any) -> None:
        nonlocal written
        if time.monotonic() - written >= _SECONDS_BETWEEN_LINES:
            written = time.monotonic()
            write(format_line(progress))

    return on_progress


def _format_progress(progress: RunProgress) -> str:
    """Format a line such as `120 of 600 runs, 3.2 per second, 3 minutes left, 1 failed`."""
    from cpsim.formatting import format_count, format_decimals

    parts = [f"{format_decimals(progress.done)} of {format_count(progress.runs, 'run')}"]
    if progress.now:
        rate = progress.now / progress.seconds
        per_second = rate >= 1
        speed = f"{format_decimals(rate if per_second else 60 * rate, 1)} per {'second' if per_second else 'minute'}"
        parts += [speed, f"{format_duration((progress.runs - progress.done) / rate)} left"]
    if progress.failed:
        parts.append(f"{format_decimals(progress.failed)} failed")
    return ", ".join(parts)


def _format_progress_so_far(progress: ProgressSoFar) -> str:
    """Format a line such as `12 of 20 runs, 8 seconds left; so far (6 of 10 seeds): missed risk −0.03`."""
    from cpsim.formatting import format_count, format_decimals

    parts = [f"{format_decimals(progress.done)} of {format_count(progress.runs, 'run')}"]
    if progress.now:
        left = (progress.runs - progress.done) * progress.seconds / progress.now
        parts.append(f"{format_duration(left)} left")
    return "; ".join(filter(None, (", ".join(parts), progress.so_far)))


def _format_tile_progress(progress: TileNumbers) -> str:
    """Format a line such as `12 of 56 tiles, 25% of the weeks, 6 minutes left, 1 failed`."""
    from cpsim.formatting import format_count, format_decimals, format_percent

    parts = [f"{format_decimals(progress.done)} of {format_count(progress.tiles, 'tile')}"]
    parts.append(f"{format_percent(progress.share)} of the weeks")
    if progress.share_now:
        left = (1 - progress.share) * progress.seconds / progress.share_now
        parts.append(f"{format_duration(left)} left")
    if progress.failed:
        parts.append(f"{format_decimals(progress.failed)} failed")
    return ", ".join(parts)


def format_duration(seconds: float) -> str:
    """Format a duration in seconds, minutes, hours or days.

    >>> format_duration(600)
    '10 minutes'
    """
    from cpsim.formatting import format_count, format_decimals

    if seconds < 90:
        return format_count(seconds, "second")
    if seconds < 90 * 60:
        return format_count(seconds / 60, "minute")
    hours = seconds / 3600
    return f"{format_decimals(hours, 1)} hours" if hours < 48 else f"{format_decimals(hours / 24, 1)} days"
