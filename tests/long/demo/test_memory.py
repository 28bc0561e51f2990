"""The server of the demo starts with allocators that return the memory of closed tabs."""

import os
import sys
from typing import Any

import pytest

from cpsim.browser.memory import choose_allocator


@pytest.mark.parametrize(
    ("platform", "chosen", "restarts"),
    [("linux", None, 1), ("linux", "pymalloc", 0), ("darwin", None, 0)],
    ids=["on Linux", "if the user has chosen", "elsewhere"],
)
def test_the_show_starts_again_with_another_allocator(
    monkeypatch: pytest.MonkeyPatch, platform: str, chosen: str | None, restarts: int
) -> None:
    restarted: list[tuple[Any, ...]] = []
    monkeypatch.setattr(os, "execve", lambda *arguments: restarted.append(arguments))
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("PYTHONMALLOC", raising=False)
    if chosen:
        monkeypatch.setenv("PYTHONMALLOC", chosen)
    choose_allocator()
    assert len(restarted) == restarts
    for program, arguments, environment in restarted:
        assert (program, arguments) == (sys.executable, sys.orig_argv)
        assert environment["PYTHONMALLOC"] == "malloc"
