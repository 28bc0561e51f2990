"""Handling of Ctrl-C and SIGTERM: long work stops within a second and can clean up undisturbed."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


class Stopped(BaseException):
    """The command received a signal to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number
        """Exit code by the convention of shells: 128 plus the number of the signal, 130 for Ctrl-C."""


@contextmanager
def raise_on_signal() -> Iterator[Callable[[], None]]:
    """Raise `Stopped` in the block at the first Ctrl-C or SIGTERM, and ignore further signals during the clean-up.

    Yields a function that the block must call regularly. Python discards exceptions raised in a finaliser, so a signal
    that arrives there would be lost; the function raises it again.
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
def defer_signals() -> Iterator[Callable[[], Stopped | None]]:
    """Let the block continue at Ctrl-C and SIGTERM, and yield a function that returns the first signal or None.

    For work that must not be interrupted between two steps that belong together.
    """
    received: list[Stopped] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in before:
            signal.signal(number, lambda number, _: received.append(Stopped(number)))
        yield lambda: received[0] if received else None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
