"""A folder that one process at a time may write into."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cpsim.results.folder import OutputError

LOCK = ".lock"


class Refused(OutputError):
    """The folder is not for this sweep; nothing was run or written."""


class InUse(Refused):
    """Another process writes into the folder."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder that exists; the system lets it go when this process ends, however it ends.

    Raises:
        InUse: another process holds it.
        OSError: the disk refuses.
    """
    with (folder / LOCK).open("a+", encoding="utf-8") as file:
        try:
            _take(file)
        except (BlockingIOError, PermissionError) as error:
            file.seek(0)
            holder = file.read(200).strip() or "of this or another machine"
            raise InUse(f"{folder}: another sweep writes into this folder: process {holder}") from error
        file.truncate(0)
        file.write(f"{os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield


if sys.platform == "win32":
    import msvcrt

    _FAR_BEYOND = 1 << 20  # what is locked cannot be read, and others want to read who holds the lock

    def _take(file: IO[str]) -> None:
        file.seek(_FAR_BEYOND)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
