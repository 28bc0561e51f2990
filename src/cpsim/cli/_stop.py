"""Ctrl-C and a polite kill end long work within a second, and let it tidy up undisturbed."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


class Stopped(BaseException):
    """Somebody asked for an end, with this signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number
        """What a shell expects of a program that ended so: 130 for Ctrl-C."""


@contextmanager
def stoppable() -> Iterator[Callable[[], None]]:
    """Raise `Stopped` in the block at the first Ctrl-C or SIGTERM, and ignore those that follow while it tidies up.

    The block gets a function to call now and then: Python drops what is raised inside a finaliser, so that a signal
    could be lost there; the function raises it again.
    """
    stopped: list[Stopped] = []

    def stop(number: int, _: FrameType | None) -> None:
        for other in before:
            signal.signal(other, signal.SIG_IGN)
        stopped.append(Stopped(number))
        raise stopped[0]

    def check() -> None:
        if stopped:
            raise stopped[0]

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in before:
            signal.signal(number, stop)
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def wish_to_stop() -> Iterator[Callable[[], Stopped | None]]:
    """Let the block go on at Ctrl-C and SIGTERM, and give it a function that tells whether there was one.

    This is for work that must not be torn apart between two steps that belong together.
    """
    wishes: list[Stopped] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in before:
            signal.signal(number, lambda number, _: wishes.append(Stopped(number)))
        yield lambda: wishes[0] if wishes else None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
