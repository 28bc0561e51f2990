"""Tables fit narrow terminals, and have one line per row in pipes."""

import io
import sys

import pytest

from cpsim.cli._table import print_table

HEADER = ("name", "value", "meaning")
ROWS = [
    ("short", "1", "a word"),
    ("rather_longer", "23", "so many words that they do not fit into a line of forty"),
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def capture_table(stream: io.StringIO, columns: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys, "stdout", stream)
    print_table(HEADER, ROWS, right=("value",))
    return remove_bold(stream.getvalue()).splitlines()


def remove_bold(text: str) -> str:
    return text.replace("\x1b[1m", "").replace("\x1b[0m", "")


def test_a_pipe_gets_one_line_per_row(monkeypatch: pytest.MonkeyPatch) -> None:
    assert capture_table(io.StringIO(), 40, monkeypatch) == [
        "name           value  meaning",
        "short              1  a word",
        "rather_longer     23  so many words that they do not fit into a line of forty",
    ]


def test_a_narrow_terminal_gets_the_last_column_on_lines_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = capture_table(Terminal(), 40, monkeypatch)
    assert max(map(len, lines)) <= 40
    assert lines == [
        "name           value",
        "short              1",
        "    a word",
        "rather_longer     23",
        "    so many words that they do not fit",
        "    into a line of forty",
    ]


def test_a_wide_terminal_gets_one_line_per_row(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(capture_table(Terminal(), 200, monkeypatch)) == 1 + len(ROWS)
