"""Progress of long work, on a terminal's standard error only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def weeks_with_time_left(*, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Give a function of (weeks done, weeks in all) that draws how far the run is and how long it will take."""
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
            name = "Drawing the figures" if done == total else "Living the weeks"
            progress.update(task, description=name, completed=done, total=total, left="left")

        yield on_week
