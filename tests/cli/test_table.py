"""Tables keep to the terminal of whoever reads them, and to one row a line for `grep`."""

import io
import sys

import pytest

from cpsim.cli._table import show_table

HEADER = ("name", "value", "meaning")
ROWS = [
    ("short", "1", "a word"),
    ("rather_longer", "23", "so many words that they do not fit into a line of forty"),
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(stream: io.StringIO, columns: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys, "stdout", stream)
    show_table(HEADER, ROWS, right=("value",))
    return without_colour(stream.getvalue()).splitlines()


def without_colour(text: str) -> str:
    return text.replace("\x1b[1m", "").replace("\x1b[0m", "")


def test_a_pipe_gets_one_row_a_line_however_long(monkeypatch: pytest.MonkeyPatch) -> None:
    assert printed(io.StringIO(), 40, monkeypatch) == [
        "name           value  meaning",
        "short              1  a word",
        "rather_longer     23  so many words that they do not fit into a line of forty",
    ]


def test_a_narrow_terminal_gets_the_meaning_beneath(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = printed(Terminal(), 40, monkeypatch)
    assert max(map(len, lines)) <= 40
    assert lines == [
        "name           value",
        "short              1",
        "    a word",
        "rather_longer     23",
        "    so many words that they do not fit",
        "    into a line of forty",
    ]


def test_a_wide_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(printed(Terminal(), 200, monkeypatch)) == 1 + len(ROWS)
