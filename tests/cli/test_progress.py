"""Progress is drawn on a terminal and nowhere else."""

import io
import sys

import pytest

from cpsim.cli._progress import show_week_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def record_progress(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, *, shown: bool) -> str:
    """Return what three of four weeks write on standard error."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream)
    with show_week_progress(shown=shown) as on_week:
        for week in range(1, 4):
            on_week(week, 4)
    return stream.getvalue()


def test_a_terminal_shows_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    progress = record_progress(Terminal(), monkeypatch, shown=True)
    assert "Simulating the weeks" in progress
    assert "left" in progress


def test_quiet_shows_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    assert record_progress(Terminal(), monkeypatch, shown=False) == ""


def test_a_log_file_contains_no_progress_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    assert record_progress(io.StringIO(), monkeypatch, shown=True) == ""
