"""A folder that appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path


class OutputError(Exception):
    """The run's folder cannot be written; the message says which and why."""


class TargetExists(OutputError):
    """Something with the folder's name is there already."""


def stem_of(name: str) -> str:
    """A name as that of a file or folder: what such a name should not hold becomes a dash."""
    return re.sub(r"[^\w.-]+", "-", name)[:60].strip("-.") or "unnamed"


def check_target(folder: str | os.PathLike[str]) -> None:
    """Make `folder` and remove it again, to know before any work is spent on it whether a run can be written there.

    Raises:
        TargetExists: a folder, file or link of this name exists.
        OutputError: the folder cannot be made.
    """
    target = Path(folder).absolute()
    _refuse_existing(target)
    made = _missing(target)
    try:
        target.mkdir(parents=True)
    except OSError as error:
        raise OutputError(f"{target}: {_reason(error)}") from error
    finally:
        _remove_empty(made)


@contextlib.contextmanager
def whole(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a hidden folder beside `folder` that takes its name when the block ends well, and vanishes otherwise.

    Folders missing above it are made, and removed again on failure. The files are on the disk before the name is.

    Raises:
        TargetExists: a folder, file or link of this name exists.
        OutputError: the disk refuses.
    """
    target = Path(folder).absolute()
    _refuse_existing(target)
    made = _missing(target.parent)
    # the name may already be as long as the file system allows
    hidden = target.parent / f".{target.name[:40]}.tmp-{secrets.token_hex(4)}"
    try:
        hidden.mkdir(parents=True)
        yield hidden
        _settle(hidden)
        _refuse_existing(target)
        hidden.rename(target)
    except BaseException as error:
        shutil.rmtree(hidden, ignore_errors=True)
        _remove_empty(made)
        if isinstance(error, OSError):
            raise OutputError(f"{target}: {_reason(error)}") from error
        raise
    sync(target.parent)


def _refuse_existing(target: Path) -> None:
    if os.path.lexists(target):
        what = "folder" if target.is_dir() else "file"
        raise TargetExists(
            f"{target}: a {what} of this name exists already; choose another name or remove it"
        )


def _missing(folder: Path) -> list[Path]:
    """`folder` and those above it that do not exist yet, the deepest first."""
    return [place for place in (folder, *folder.parents) if not os.path.lexists(place)]


def _settle(folder: Path) -> None:
    """Put every file and folder below `folder` on the disk, so that a power cut cannot leave a name without content."""
    for place in [*folder.rglob("*"), folder]:
        sync(place)


def sync(place: Path) -> None:
    """Have a file or folder on the disk, so that a power cut cannot undo it.

    Raises:
        OSError: the disk refuses.
    """
    if place.is_dir():
        if os.name != "posix":  # elsewhere a folder cannot be opened
            return
        handle = os.open(place, os.O_RDONLY)
    else:
        handle = os.open(place, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):  # never made, or another run has put something there meanwhile
            folder.rmdir()


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)
