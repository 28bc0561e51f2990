"""Tables on standard output: folded to the width of a terminal for readers, one row a line for `grep` and pipes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ENDLESS = 10_000


def show_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Print `rows` under `header`; the columns named in `right` are flushed right."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal, page = Console(), io.StringIO()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in header:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    width = terminal.width if terminal.is_terminal else _ENDLESS
    Console(file=page, force_terminal=terminal.is_terminal, width=width).print(table)
    click.echo("\n".join(line.rstrip() for line in page.getvalue().splitlines()))
