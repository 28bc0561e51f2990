"""Temporary folders, in which files are written before they are moved to their place.

.analysis.tmp-1f2e3d4c/    in the same folder as `analysis`; locked by its process
    owner.json             the name `analysis`, and the machine
    new/                   files that are being written
    complete/              the same with their manifest; after an exchange, what was in `analysis` before
    former/                what was in `analysis` before, if the file system cannot exchange two folders

A process that is killed leaves its temporary folder behind. The next command that writes into the same folder removes
it: the files that are half written, those on a manifest, and copies of files that are in their place. Anything else is
moved to its place, or left.
"""

import ctypes
import errno
import filecmp
import json
import os
import re
import secrets
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cpsim.results.files import list_entries, sync
from cpsim.results.manifest import (
    MANIFEST,
    is_listed,
    list_written_files,
    make_foreign_error,
    read_manifest,
    write_manifest,
)

_NAME = re.compile(r"\..*\.tmp-[0-9a-f]{8}")
_LONGEST_NAME = 40
"""A name may already be as long as the file system allows."""
_OWNER = "owner.json"
_ATTEMPTS = 5


@dataclass(frozen=True)
class TemporaryFolder:
    """A temporary folder of this process, or of one that was killed.

    Attributes:
        path: the temporary folder.
        target: the file or folder that is to be written.
    """

    path: Path
    target: Path

    @property
    def new(self) -> Path:
        """The folder in which files are written."""
        return self.path / "new"

    @property
    def complete(self) -> Path:
        """The folder with all files and their manifest."""
        return self.path / "complete"

    @property
    def former(self) -> Path:
        """What was in the place of the target before."""
        return self.path / "former"

    def finish(self) -> None:
        """Write the manifest, and flush all files to the disk."""
        write_manifest(self.new, list_written_files(self.new))
        for place in [*list_entries(self.new), self.new]:
            sync(place)
        self.new.rename(self.complete)

    def carry_files(self) -> None:
        """Add the user's files in the target to the complete folder, as second names of the same files.

        Raises:
            ForeignFileError: a file of the user has the name of a new one.
        """
        manifest = read_manifest(self.target)
        if manifest is None and (self.target / MANIFEST).exists():
            raise make_foreign_error(self.target / MANIFEST)
        for path in list_entries(self.target):
            name = path.relative_to(self.target)
            place = self.complete / name
            if path.is_dir() and not place.is_file():
                if not place.exists():
                    place.mkdir()
                    shutil.copystat(path, place)
            elif is_listed(path, name.as_posix(), manifest):
                continue
            elif not path.is_file() or place.is_dir():
                raise make_foreign_error(path)
            elif not place.exists():
                _link_or_copy(path, place)
            elif not filecmp.cmp(path, place, shallow=False):
                raise make_foreign_error(path)
        shutil.copymode(self.target, self.complete)
        for place in [*(path for path in list_entries(self.complete) if path.is_dir()), self.complete]:
            sync(place)

    def exchange(self) -> None:
        """Put the complete folder in the place of the target, in one step if the file system can."""
        if not exchange_folders(self.complete, self.target):
            self.target.rename(self.former)
            self.complete.rename(self.target)

    def clear(self) -> None:
        """Remove the temporary folder, except for files that are not cpsim's and are nowhere else.

        Raises:
            OSError: something cannot be removed; it can be tried again.
        """
        if self.new.exists():
            shutil.rmtree(self.new)
        if self.former.exists() and not os.path.lexists(self.target):
            self.former.rename(self.target)
        for folder in (self.complete, self.former):
            if folder.exists():
                _remove_former_files(folder, self.target)
        if [path.name for path in self.path.iterdir()] == [_OWNER]:
            (self.path / _OWNER).unlink()
        with suppress(OSError):  # not empty
            self.path.rmdir()


@contextmanager
def open_temporary_folder(target: Path) -> Iterator[TemporaryFolder]:
    """Create a temporary folder in the folder of `target`, with an empty folder `new`, and remove it afterwards.

    Temporary folders there that were left by killed processes are removed first.

    Raises:
        OSError: it cannot be created.
    """
    remove_abandoned_folders(target.parent)
    path, lock = _create_locked_folder(target)
    temporary = TemporaryFolder(path, target)
    try:
        owner = json.dumps({"target": target.name, "machine": socket.gethostname()})
        (path / _OWNER).write_text(owner, encoding="utf-8")
        temporary.new.mkdir()
        yield temporary
    finally:
        with suppress(OSError):  # the next command tries again
            temporary.clear()
        _unlock(lock)


def _create_locked_folder(target: Path) -> tuple[Path, int | None]:
    for _ in range(_ATTEMPTS):
        path = target.parent / f".{target.name[:_LONGEST_NAME]}.tmp-{secrets.token_hex(4)}"
        path.mkdir()
        lock = _lock(path)
        if path.exists():  # otherwise another process has taken it for an abandoned one
            return path, lock
        _unlock(lock)
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(target.parent))


def remove_abandoned_folders(folder: Path) -> None:
    """Remove the temporary folders in `folder` that processes of this machine left when they were killed."""
    with suppress(OSError):  # the next command tries again
        for path in folder.iterdir():
            if _NAME.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
                _remove_if_abandoned(path)


def _remove_if_abandoned(path: Path) -> None:
    lock = _lock(path)
    if lock is None:
        return
    try:
        if not any(path.iterdir()):
            path.rmdir()
            return
        owner = json.loads((path / _OWNER).read_text(encoding="utf-8"))
        if owner["machine"] == socket.gethostname() and Path(owner["target"]).name == owner["target"]:
            TemporaryFolder(path, path.parent / owner["target"]).clear()
    except (OSError, ValueError, KeyError, TypeError):
        return  # not one of cpsim's
    finally:
        _unlock(lock)


def _remove_former_files(folder: Path, target: Path) -> None:
    """Remove the files of a former version, and those that are in the target too; move others there if possible."""
    manifest = read_manifest(folder)
    entries = list(list_entries(folder))
    for path in sorted(entries, key=lambda path: path == folder / MANIFEST):  # the manifest last
        if path.is_dir() and not path.is_symlink():
            continue
        name = path.relative_to(folder)
        place = target / name
        if is_listed(path, name.as_posix(), manifest) or _is_same_file(path, place):
            path.unlink()
        elif not os.path.lexists(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            path.rename(place)
    for path in [*reversed(entries), folder]:
        if path.is_dir():
            with suppress(OSError):  # not empty
                path.rmdir()


def _is_same_file(path: Path, place: Path) -> bool:
    return path.is_file() and place.is_file() and filecmp.cmp(path, place, shallow=False)


def _link_or_copy(path: Path, place: Path) -> None:
    try:
        place.hardlink_to(path)
    except OSError:  # the file system has no hard links
        shutil.copy2(path, place)
        sync(place)


def exchange_folders(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; return False if the system or the file system cannot.

    Raises:
        OSError: the operating system refuses.
    """
    here, swap = -100, 2  # AT_FDCWD; RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS
    names = os.fsencode(one), os.fsencode(other)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            failed = library.renamex_np(*names, swap)
        else:
            failed = library.renameat2(here, names[0], here, names[1], swap)
    except (AttributeError, TypeError):  # a system without this function
        return False
    if failed and ctypes.get_errno() in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    if failed:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(other))
    return True


if sys.platform == "win32":

    def _lock(folder: Path) -> int | None:
        """Windows cannot lock a folder, so folders of killed processes are never removed there."""
        del folder

    def _unlock(lock: int | None) -> None:
        del lock
else:
    import fcntl

    def _lock(folder: Path) -> int | None:
        """Lock a folder until this process ends; None if another process has locked it, or it cannot be locked."""
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return handle

    def _unlock(lock: int | None) -> None:
        if lock is not None:
            os.close(lock)
