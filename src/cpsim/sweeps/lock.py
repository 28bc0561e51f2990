"""A lock that lets only one process at a time write into a folder."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cpsim.results.errors import FolderRefusedError

LOCK = ".lock"


class FolderInUseError(FolderRefusedError):
    """Another process is writing into the folder."""


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Lock an existing folder; the operating system releases the lock whenever this process ends.

    Raises:
        FolderInUseError: another process has locked it.
        OSError: the lock file cannot be written.
    """
    with (folder / LOCK).open("a+", encoding="utf-8") as file:
        try:
            _acquire_lock(file)
        except (BlockingIOError, PermissionError) as error:
            file.seek(0)
            holder = file.read(200).strip() or "of this or another machine"
            raise FolderInUseError(
                f"{folder}: another command is writing into this folder: process {holder}"
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield


if sys.platform == "win32":
    import msvcrt

    _BEYOND_TEXT = 1 << 20  # a locked byte cannot be read, and other processes must read who holds the lock

    def _acquire_lock(file: IO[str]) -> None:
        file.seek(_BEYOND_TEXT)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _acquire_lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
