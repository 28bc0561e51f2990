"""Output of commands: new folders and standard output."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cpsim.scenario.text import escape_unsafe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from cpsim.present.run_answer import CompareLine
    from cpsim.results import RunResult
    from cpsim.results.attribution import Attribution

_LOST = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""Errors after which standard output cannot be written."""

REPORT = "report.html"
"""File name of the report in the folder of a result."""

LOAD_ANYWAY = "Load the folder even if files in it have changed since cpsim wrote them; the output says so."
"""Help of the option `--anyway` of commands that load a folder."""


class InputError(click.ClickException):
    """The input is invalid, or cannot be used on this installation; exit code 2."""

    exit_code = 2


@contextmanager
def report_output_errors() -> Iterator[None]:
    """End the command with exit code 2 if a folder cannot be written."""
    from cpsim.results.errors import OutputError

    try:
        yield
    except OutputError as error:
        raise InputError(str(error)) from error


def generate_free_names(parent: str, name: str, suffix: str = "") -> Iterator[Path]:
    """Generate paths of folders that do not exist: `parent/name`, then `parent/name-2`, `parent/name-3` and so on.

    Args:
        parent: the folder above.
        name: wanted name, such as the name of a scenario; characters unsuitable for file names become dashes.
        suffix: text to append to the name unchanged.
    """
    from cpsim.results.folder import make_file_stem

    stem = make_file_stem(name)
    for number in count(1):
        folder = Path(parent) / f"{stem}{suffix}{'' if number == 1 else f'-{number}'}"
        if not os.path.lexists(folder):
            yield folder


def save_in_free_folder(save: Callable[[Path], object], out: Path | None, names: Iterator[Path]) -> Path:
    """Save in `out`, or in the first of `names` that is still free, and return the folder.

    Another process may create one of `names` in the meantime; the next name is used then.

    Args:
        save: function that writes the folder.
        out: folder that must not exist; None to choose from `names`.
        names: paths to try, without end.

    Raises:
        OutputError: the folder cannot be written, or `out` exists.
    """
    from cpsim.results.errors import TargetExists

    if out is not None:
        save(out)
        return out
    for folder in names:
        try:
            save(folder)
        except TargetExists:
            continue
        return folder
    raise AssertionError("the generator of names never ends")


@contextmanager
def end_at_lost_output() -> Iterator[None]:
    """End the command if standard output is closed, without an error, or cannot be written, with exit code 2."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        # An error about a file names it; all files are written by code that reports its own errors.
        if error.errno not in _LOST or error.filename is not None:
            raise
        # Python flushes the buffer when it exits, which would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise click.exceptions.Exit(0) from None
        raise InputError(f"standard output: {error.strerror}") from None


@contextmanager
def print_first(page: str) -> Iterator[None]:
    """Print a page, then run the block even if standard output cannot be written, and report that afterwards."""
    lost = None
    try:
        click.echo(page, nl=False)
    except OSError as error:
        lost = error
    yield
    if lost is not None:
        raise lost


def write_figures(
    result: RunResult,
    folder: Path,
    attribution: Attribution | None = None,
    regions: pd.DataFrame | None = None,
    *,
    line: CompareLine,
) -> None:
    """Write the figures of a run and its report into a folder.

    Args:
        result: the run.
        folder: the folder.
        attribution: the attribution of its misses, if there is one.
        regions: the table of regions, if there is one.
        line: the command that compares its scenario with a reference.
    """
    from cpsim.plot.figures import save_figures
    from cpsim.present.run_page import render_run_page

    page = render_run_page(result, save_figures(result, folder / "figures"), attribution, regions, line)
    (folder / REPORT).write_text(page, encoding="utf-8", newline="\n")


def format_path(path: Path) -> str:
    """Format a path for the terminal; what cannot be printed, such as a byte that is not UTF-8, is escaped."""
    return escape_unsafe(str(path))


def render_for_terminal(shown: object) -> str:
    """Render an object with rich as text, with colours only if standard output is a terminal."""
    from rich.console import Console

    terminal, page = Console(), io.StringIO()
    Console(file=page, force_terminal=terminal.is_terminal, width=terminal.width).print(shown)
    return page.getvalue()


@contextmanager
def report_run_errors(describe_saved: Callable[[], str]) -> Iterator[None]:
    """End the command if a folder is refused or cannot be written, or the workers fail.

    Args:
        describe_saved: says, after the error, what is saved in the folder.
    """
    from cpsim.parallel.engine import EngineError
    from cpsim.results.errors import FolderRefusedError, OutputError

    try:
        yield
    except FolderRefusedError as refused:
        raise InputError(str(refused)) from refused
    except (OutputError, EngineError) as error:
        raise click.ClickException(f"{error}{describe_saved()}") from error
