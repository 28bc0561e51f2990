"""Where a command's result goes: a folder that is free, and standard output."""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPORT = "report.html"
"""Name of the page to read and to hand in, in the folder of a result."""


class WrongInput(click.ClickException):
    """The input is wrong, though no option is misspelt."""

    exit_code = 2


@contextmanager
def output_faults_as_bad_input() -> Iterator[None]:
    """End the command with exit code 2 where a folder or standard output cannot be written."""
    from cpsim.results.folder import OutputError

    try:
        yield
    except OutputError as error:
        raise WrongInput(str(error)) from error


def free_names(above: str, name: str, last: str = "") -> Iterator[Path]:
    """Folders `above/name` that do not exist, the best name first, numbered if that is taken.

    Args:
        above: folder that they are in.
        name: of a scenario, say; what a folder's name should not hold becomes a dash.
        last: how the name ends, whatever becomes of the rest.
    """
    from cpsim.results.folder import stem_of

    stem = stem_of(name)
    for number in count(1):
        folder = Path(above) / f"{stem}{last}{'' if number == 1 else f'-{number}'}"
        if not os.path.lexists(folder):
            yield folder


def saved(save: Callable[[Path], object], out: Path | None, names: Iterator[Path]) -> Path:
    """Save as `out`, or under the first of `names` that is free, also if somebody else takes one meanwhile.

    Raises:
        OutputError: the folder cannot be written, or `out` exists.
    """
    from cpsim.results.folder import TargetExists

    if out is not None:
        save(out)
        return out
    for folder in names:
        try:
            save(folder)
        except TargetExists:
            continue
        return folder
    raise AssertionError("names are numbered without end")


def say(text: str) -> None:
    """Print `text`. A reader that has gone away is no fault of the command.

    Raises:
        OutputError: standard output cannot be written.
    """
    from cpsim.results.folder import OutputError

    try:
        click.echo(text, nl=False)
    except OSError as error:
        # what is left in the buffer would fail once more when Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise OutputError(f"standard output: {error.strerror}") from error


def on_paper(shown: object) -> str:
    """What rich makes of something, with colours only for a terminal."""
    from rich.console import Console

    terminal, page = Console(), io.StringIO()
    Console(file=page, force_terminal=terminal.is_terminal, width=terminal.width).print(shown)
    return page.getvalue()
