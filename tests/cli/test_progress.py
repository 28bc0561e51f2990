"""Progress is drawn for somebody who watches, and for nobody else."""

import io
import sys

import pytest

from cpsim.cli._progress import weeks_with_time_left


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, *, shown: bool) -> str:
    """What three of four weeks leave on standard error."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream)
    with weeks_with_time_left(shown=shown) as on_week:
        for week in range(1, 4):
            on_week(week, 4)
    return stream.getvalue()


def test_somebody_at_a_terminal_sees_how_long_it_will_take(monkeypatch: pytest.MonkeyPatch) -> None:
    progress = drawn(Terminal(), monkeypatch, shown=True)
    assert "Living the weeks" in progress
    assert "left" in progress


def test_somebody_who_asked_for_quiet_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(Terminal(), monkeypatch, shown=False) == ""


def test_a_log_file_is_not_filled_with_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(io.StringIO(), monkeypatch, shown=True) == ""
