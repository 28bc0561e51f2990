"""Tables on standard output: one line per row, wrapped only on narrow terminals."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

import click

from cpsim.scenario.text import escape_unsafe

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP, _INDENT = "  ", "    "


def print_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[str] = (),
    prose: int = 1,
    verbatim: Sequence[str] = (),
) -> None:
    """Print `rows` under `header`; pipes always get one line per row. What cannot be printed is escaped.

    Args:
        header: names of the columns.
        rows: cells, one per column.
        right: names of the right-aligned columns.
        prose: number of last columns that are printed on lines of their own if the terminal is too narrow.
        verbatim: names of those of them that are never wrapped, because they are to be copied.
    """
    rows = [[escape_unsafe(cell) for cell in row] for row in rows]
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    align = [str.rjust if name in right else str.ljust for name in header]

    def join(cells: Sequence[str]) -> str:
        return _GAP.join(
            fit(cell, width) for cell, width, fit in zip(cells, widths, align, strict=False)
        ).rstrip()

    narrow = _is_narrower_than(sum(widths) + len(_GAP) * (len(widths) - 1))
    shown = len(header) - prose if narrow else len(header)
    click.secho(join(header[:shown]), bold=True)
    for row in rows:
        click.echo(join(row[:shown]))
        for name, cell in zip(header[shown:], row[shown:], strict=True):
            if cell:
                click.echo(f"{_INDENT}{cell}" if name in verbatim else _wrap(cell, _INDENT, _INDENT))


def print_topic(name: str, meaning: str, line: str) -> None:
    """Print a name with its meaning, and below it a line to copy, which is never wrapped.

    Args:
        name: the name.
        meaning: the meaning, wrapped on a narrow terminal.
        line: the line to copy; empty for none.
    """
    text = escape_unsafe(f"{name}: {meaning}" if meaning else name)
    click.echo(_wrap(text, _GAP, _INDENT) if _is_narrower_than(len(_GAP) + len(text)) else f"{_GAP}{text}")
    if line:
        click.echo(f"{_INDENT}{escape_unsafe(line)}")


def _is_narrower_than(width: int) -> bool:
    """Return whether standard output is a terminal with fewer columns; a pipe has any number."""
    return sys.stdout is not None and sys.stdout.isatty() and width > shutil.get_terminal_size().columns


def _wrap(text: str, first: str, others: str) -> str:
    return textwrap.fill(
        text, shutil.get_terminal_size().columns, initial_indent=first, subsequent_indent=others
    )
