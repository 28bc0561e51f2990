"""Tables fit narrow terminals, and have one line per row in pipes."""

import io
import sys

import pytest

from cpsim.cli._table import print_table, print_topic

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


LINE = "- {date: 2006-09-01, lever: duty, kinds: [school], bound: true}"


def test_a_line_to_copy_is_never_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys, "stdout", stream := Terminal())
    print_table(("name", "meaning", "to paste"), [(*ROWS[1][::2], LINE)], prose=2, verbatim=("to paste",))
    assert f"    {LINE}\n" in stream.getvalue()


def test_a_hit_is_wrapped_on_a_narrow_terminal_but_its_line_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys, "stdout", stream := Terminal())
    print_topic("rather_longer", ROWS[1][2], LINE)
    assert stream.getvalue().splitlines() == [
        "  rather_longer: so many words that they",
        "    do not fit into a line of forty",
        f"    {LINE}",
    ]


def test_a_hit_in_a_pipe_is_one_line_and_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", stream := io.StringIO())
    print_topic("rather_longer", ROWS[1][2], LINE)
    assert stream.getvalue().splitlines() == [f"  rather_longer: {ROWS[1][2]}", f"    {LINE}"]
