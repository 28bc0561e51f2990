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
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = (), prose: int = 1
) -> None:
    """Print `rows` under `header`; pipes always get one line per row. What cannot be printed is escaped.

    Args:
        header: names of the columns.
        rows: cells, one per column.
        right: names of the right-aligned columns.
        prose: number of last columns that are printed on lines of their own if the terminal is too narrow.
    """
    rows = [[escape_unsafe(cell) for cell in row] for row in rows]
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    align = [str.rjust if name in right else str.ljust for name in header]

    def join(cells: Sequence[str]) -> str:
        return _GAP.join(
            fit(cell, width) for cell, width, fit in zip(cells, widths, align, strict=False)
        ).rstrip()

    room = shutil.get_terminal_size().columns
    narrow = (
        sys.stdout is not None and sys.stdout.isatty() and sum(widths) + len(_GAP) * (len(widths) - 1) > room
    )
    shown = len(header) - prose if narrow else len(header)
    click.secho(join(header[:shown]), bold=True)
    for row in rows:
        click.echo(join(row[:shown]))
        for cell in row[shown:]:
            click.echo(textwrap.fill(cell, room, initial_indent=_INDENT, subsequent_indent=_INDENT))
