"""Tables on standard output: one row a line for pipes and wide terminals, folded for narrow ones."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP, _INDENT = "  ", "    "


def show_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = (), prose: int = 1
) -> None:
    """Print `rows` under `header`.

    Args:
        header: names of the columns.
        rows: cells; as many in each row as there are names.
        right: names of the columns that are flushed right.
        prose: how many of the last columns go beneath the others, indented, where a terminal is too narrow for a line.
    """
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    flush = [str.rjust if name in right else str.ljust for name in header]

    def joined(cells: Sequence[str]) -> str:
        return _GAP.join(
            fit(cell, width) for cell, width, fit in zip(cells, widths, flush, strict=False)
        ).rstrip()

    room = shutil.get_terminal_size().columns
    narrow = sys.stdout.isatty() and sum(widths) + len(_GAP) * (len(widths) - 1) > room
    shown = len(header) - prose if narrow else len(header)
    click.secho(joined(header[:shown]), bold=True)
    for row in rows:
        click.echo(joined(row[:shown]))
        for cell in row[shown:]:
            click.echo(textwrap.fill(cell, room, initial_indent=_INDENT, subsequent_indent=_INDENT))
