"""A folder that appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path


class OutputError(Exception):
    """The run's folder cannot be written; the message says which and why."""


class TargetExists(OutputError):
    """Something with the folder's name is there already."""


def check_target(folder: str | os.PathLike[str]) -> Path:
    """Return the absolute path of `folder` if a run may be written there, before any work is spent on it.

    Raises:
        TargetExists: a folder, file or link of this name exists.
        OutputError: the place above it is not a folder or may not be written to.
    """
    target = Path(folder).absolute()
    if os.path.lexists(target):
        what = "folder" if target.is_dir() else "file"
        raise TargetExists(
            f"{target}: a {what} of this name exists already; choose another name or remove it"
        )
    above = _nearest(target.parent)
    if not above.is_dir():
        raise OutputError(f"{target}: {above} is not a folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise OutputError(f"{target}: {above} may not be written to")
    return target


@contextlib.contextmanager
def whole(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a hidden folder beside `folder` that takes its name when the block ends well, and vanishes otherwise.

    Folders missing above it are made, and removed again on failure. The files are on the disk before the name is.

    Raises:
        OutputError: the folder exists, or the disk refuses.
    """
    target = check_target(folder)
    made = _missing(target.parent)
    # the name may already be as long as the file system allows
    hidden = target.parent / f".{target.name[:40]}.tmp-{secrets.token_hex(4)}"
    try:
        hidden.mkdir(parents=True)
        yield hidden
        _settle(hidden)
        check_target(target)
        hidden.rename(target)
    except BaseException as error:
        _remove(hidden, made)
        if isinstance(error, OSError):
            raise OutputError(f"{target}: {_reason(error)}") from error
        raise
    _sync(target.parent)


def _nearest(folder: Path) -> Path:
    """The closest of `folder` and the folders above it that exists."""
    return next((place for place in (folder, *folder.parents) if os.path.lexists(place)), Path(folder.anchor))


def _missing(folder: Path) -> list[Path]:
    """`folder` and those above it that do not exist yet, the deepest first."""
    return [place for place in (folder, *folder.parents) if not os.path.lexists(place)]


def _settle(folder: Path) -> None:
    """Put every file and folder below `folder` on the disk, so that a power cut cannot leave a name without content."""
    for place in [*folder.rglob("*"), folder]:
        _sync(place)


def _sync(place: Path) -> None:
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


def _remove(hidden: Path, made: list[Path]) -> None:
    shutil.rmtree(hidden, ignore_errors=True)
    for place in made:
        with contextlib.suppress(OSError):  # another run may have put its own folder there meanwhile
            place.rmdir()


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)
