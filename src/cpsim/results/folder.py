"""Result folders, which are written completely or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path


class OutputError(Exception):
    """A result folder cannot be written or read; the message says which and why.

    >>> from cpsim.results import RunResult
    >>> RunResult.load("no_such_run")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    cpsim.results.folder.OutputError: no_such_run: not the folder of a run (...)
    """


class TargetExists(OutputError):
    """A file or folder of this name exists already.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     check_target(folder)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    cpsim.results.folder.TargetExists: ...: a folder of this name exists already; choose another name or remove it
    """


def make_file_stem(name: str) -> str:
    """Turn a name into one for a file or folder: characters that do not belong in one become dashes.

    >>> make_file_stem("duty: schools & GPs")
    'duty-schools-GPs'
    """
    return re.sub(r"[^\w.-]+", "-", name)[:60].strip("-.") or "unnamed"


def check_target(folder: str | os.PathLike[str]) -> None:
    """Create `folder` and remove it again, so that a run does not fail only when it is saved.

    Raises:
        TargetExists: a folder, file or link of this name exists.
        OutputError: the folder cannot be created.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as parent:
    ...     check_target(Path(parent, "runs", "first"))
    ...     list(Path(parent).iterdir())
    []
    """
    target = Path(folder).absolute()
    _refuse_existing(target)
    created = _list_missing(target)
    try:
        target.mkdir(parents=True)
    except OSError as error:
        raise OutputError(f"{target}: {_describe_error(error)}") from error
    finally:
        _remove_empty(created)


@contextlib.contextmanager
def create_folder_atomically(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a hidden folder that is renamed to `folder` if the block succeeds and deleted if it fails.

    Missing parent folders are created, and removed again on failure. All files are on the disk before the renaming.

    Raises:
        TargetExists: a folder, file or link of this name exists.
        OutputError: the operating system refuses a write.
    """
    target = Path(folder).absolute()
    _refuse_existing(target)
    created = _list_missing(target.parent)
    # The name may already be as long as the file system allows.
    hidden = target.parent / f".{target.name[:40]}.tmp-{secrets.token_hex(4)}"
    try:
        hidden.mkdir(parents=True)
        yield hidden
        _sync_all(hidden)
        _refuse_existing(target)
        hidden.rename(target)
    except BaseException as error:
        shutil.rmtree(hidden, ignore_errors=True)
        _remove_empty(created)
        if isinstance(error, OSError):
            raise OutputError(f"{target}: {_describe_error(error)}") from error
        raise
    sync(target.parent)


def _refuse_existing(target: Path) -> None:
    if os.path.lexists(target):
        what = "folder" if target.is_dir() else "file"
        raise TargetExists(
            f"{target}: a {what} of this name exists already; choose another name or remove it"
        )


def _list_missing(folder: Path) -> list[Path]:
    """List `folder` and its parents that do not exist yet, the deepest first."""
    return [place for place in (folder, *folder.parents) if not os.path.lexists(place)]


def _sync_all(folder: Path) -> None:
    """Flush everything below `folder` to the disk, so that a power cut cannot leave a name without content."""
    for place in [*folder.rglob("*"), folder]:
        sync(place)


def sync(place: Path) -> None:
    """Flush a file or folder to the disk, so that a power cut cannot undo it.

    Raises:
        OSError: the operating system refuses.
    """
    if place.is_dir():
        if os.name != "posix":  # Windows cannot open a folder
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
        with contextlib.suppress(OSError):  # never created, or used by another run in the meantime
            folder.rmdir()


def _describe_error(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)
