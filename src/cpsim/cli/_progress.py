"""Progress of long work, on standard error."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SECONDS_BETWEEN_LINES = 30


class Tally(Protocol):
    """How far many runs are: all, those done, those of these that failed or are new, and seconds."""

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


@contextmanager
def weeks_with_time_left(
    *, shown: bool, doing: str = "Living the weeks"
) -> Iterator[Callable[[int, int], None]]:
    """Give a function of (weeks done, weeks in all) that draws how far the work is and how long it will take."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not (shown and console.is_terminal):
        yield lambda *_: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Growing the children", total=None, left="")

        def on_week(done: int, total: int) -> None:
            name = "Drawing the figures" if done == total else doing
            progress.update(task, description=name, completed=done, total=total, left="left")

        yield on_week


@contextmanager
def runs_with_time_left(*, shown: bool) -> Iterator[Callable[[Tally], None]]:
    """Give a function of a tally that tells how many runs are done and failed, how fast, and how long the rest takes.

    On a terminal it draws a bar; elsewhere, as in the log of a cluster's job, it writes a line now and then.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    if not shown:
        yield lambda _: None
    elif not console.is_terminal:
        yield _line_now_and_then(console.print)
    else:
        with Progress(
            BarColumn(), TextColumn("{task.description}"), console=console, transient=True
        ) as progress:
            task = progress.add_task("Starting the workers", total=None)

            def on_progress(tally: Tally) -> None:
                if tally.now:
                    progress.update(task, description=_how_far(tally), completed=tally.done, total=tally.runs)

            yield on_progress


def _line_now_and_then(write: Callable[[str], None]) -> Callable[[Tally], None]:
    written = time.monotonic()

    def on_progress(tally: Tally) -> None:
        nonlocal written
        if time.monotonic() - written >= _SECONDS_BETWEEN_LINES:
            written = time.monotonic()
            write(_how_far(tally))

    return on_progress


def _how_far(tally: Tally) -> str:
    """A line such as `120 of 600 runs, 3.2 a second, 2 min left, 1 failed`."""
    parts = [f"{tally.done:,} of {tally.runs:,} runs"]
    if tally.now:
        rate = tally.now / tally.seconds
        a_time = f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.1f} a minute"
        parts += [a_time, f"{duration((tally.runs - tally.done) / rate)} left"]
    if tally.failed:
        parts.append(f"{tally.failed:,} failed")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """A length of time in the unit that suits it."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:,.1f} hours" if seconds < 48 * 3600 else f"{seconds / 86400:,.1f} days"
