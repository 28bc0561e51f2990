"""Return the memory of closed tabs to the operating system, so that a server that runs for weeks stays small.

Python's own allocator and the arenas of the C library keep almost all memory that thirty tabs have used, although they
reuse it. On Linux the C library can return it, if it does all the allocation, in one arena.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_ALLOCATORS = {"PYTHONMALLOC": "malloc", "MALLOC_ARENA_MAX": "1"}
_SECONDS = 10
"""Time between two returns of free memory; idle threads, which hold some memory too, end after as long."""


def choose_allocator() -> None:
    """Start this process again with allocators that can return memory; on Linux only, and once only.

    The allocator of Python is chosen by the environment in which it starts. A choice of the user is kept.
    """
    if sys.platform == "linux" and "PYTHONMALLOC" not in os.environ:
        os.execve(sys.executable, sys.orig_argv, {**os.environ, **_ALLOCATORS})


@asynccontextmanager
async def return_memory() -> AsyncIterator[None]:
    """Return free memory to the operating system every few seconds until the block ends."""

    async def return_often() -> None:
        while True:
            await anyio.sleep(_SECONDS)
            await anyio.to_thread.run_sync(_return_free_memory)  # this also ends threads that have been idle

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(return_often)
        yield
        tasks.cancel_scope.cancel()


def _return_free_memory() -> None:
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "malloc_trim"):
        library.malloc_trim(0)
