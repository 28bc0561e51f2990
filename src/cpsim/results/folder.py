"""Result folders and files, which are written completely or not at all.

Everything is written in a temporary folder in the same place and then moved to its name in one step, so that a process
that is killed leaves what was there before or what was to be written. Files are replaced or deleted only if they are on
the list of files that cpsim wrote (`cpsim.results.manifest`). Links are refused.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from cpsim.results.errors import OutputError, TargetExists
from cpsim.results.files import compute_digest, refuse_links, sync
from cpsim.results.manifest import MANIFEST, is_listed, make_foreign_error, read_manifest, write_manifest
from cpsim.results.temporary import TemporaryFolder, open_temporary_folder
from cpsim.scenario.text import escape_unsafe


def make_file_stem(name: str) -> str:
    """Turn a name into one for a file or folder: characters that do not belong in one become dashes.

    >>> make_file_stem("duty: schools & GPs")
    'duty-schools-GPs'
    """
    return re.sub(r"[^\w.-]+", "-", name)[:60].strip("-.") or "unnamed"


def check_target(folder: str | os.PathLike[str]) -> None:
    """Check that `folder` can be created, so that a run does not fail only when it is saved.

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
    with _report_os_errors(target), contextlib.suppress(FileNotFoundError):
        target.lstat()  # fails if the name is too long
    with _open_folder_next_to(target, keep_parents=False):
        pass


@contextlib.contextmanager
def create_folder_atomically(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a hidden folder that becomes `folder`, with a manifest, if the block succeeds and is deleted if it fails.

    Missing parent folders are created, and removed again on failure. All files are on the disk before the renaming.

    Raises:
        TargetExists: a folder, file or link of this name exists.
        OutputError: the operating system refuses a write.
    """
    target = Path(folder).absolute()
    _refuse_existing(target)
    with _open_folder_next_to(target, keep_parents=True) as temporary:
        yield temporary.new
        temporary.finish()
        _refuse_existing(target)
        temporary.complete.rename(target)
        sync(target.parent)


@contextlib.contextmanager
def replace_folder_atomically(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a hidden folder that takes the place of `folder` if the block succeeds and is deleted if it fails.

    Files of an earlier version are deleted if they are on its manifest and have not changed since. All other files
    belong to the user and are kept.

    Raises:
        LinkRefusedError: the folder is a link, or has one in it.
        ForeignFileError: a new file has the name of one that belongs to the user; nothing is changed.
        OutputError: the operating system refuses a write.
    """
    target = Path(folder).absolute()
    with _open_folder_next_to(target, keep_parents=True) as temporary:
        refuse_links(target)
        yield temporary.new
        temporary.finish()
        if os.path.lexists(target):
            refuse_links(target)
            temporary.carry_files()
            temporary.exchange()
        else:
            temporary.complete.rename(target)
        sync(target.parent)


def check_replaceable(file: Path, content: bytes) -> None:
    """Check that `replace_file` may write a file.

    Raises:
        ForeignFileError: a file of this name belongs to the user.
        LinkRefusedError: the file or the manifest of its folder is a link.
        OutputError: a file cannot be read.
    """
    with _report_os_errors(file):
        for path in (file.with_name(MANIFEST), file):
            refuse_links(path)
            manifest = read_manifest(file.parent)
            is_same = path == file and file.is_file() and file.read_bytes() == content
            if path.exists() and not is_same and not is_listed(path, path.name, manifest):
                raise make_foreign_error(path)


def replace_file(file: Path, content: bytes) -> Path:
    """Write a file into an existing folder, in place of an earlier one by cpsim, and return its path.

    The manifest of the folder lists it.

    Raises:
        ForeignFileError: a file of this name belongs to the user.
        LinkRefusedError: the file or the manifest of its folder is a link.
        OutputError: the file cannot be written; an earlier one is unchanged.
    """
    check_replaceable(file, content)
    with _report_os_errors(file), open_temporary_folder(file.absolute()) as temporary:
        hidden, digest = temporary.new / file.name, compute_digest(content)
        hidden.write_bytes(content)
        manifest = read_manifest(file.parent) or {}
        earlier = [listed for listed in manifest.get(file.name, ()) if listed != digest]
        # All contents that the file had are listed, so that it has a listed one whenever this process is killed.
        write_manifest(temporary.new, {**manifest, file.name: [*earlier, digest]})
        for path in (temporary.new / MANIFEST, hidden):
            sync(path)
            path.replace(file.with_name(path.name))
        sync(file.absolute().parent)
    return file


@contextlib.contextmanager
def _open_folder_next_to(target: Path, *, keep_parents: bool) -> Iterator[TemporaryFolder]:
    """Open a temporary folder, after creating missing parent folders, which are removed again on failure."""
    created = [place for place in target.parents if not os.path.lexists(place)]
    keep = False
    try:
        with _report_os_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            with open_temporary_folder(target) as temporary:
                yield temporary
        keep = keep_parents
    finally:
        for place in () if keep else created:
            with contextlib.suppress(OSError):  # never created, or used by another run in the meantime
                place.rmdir()


@contextlib.contextmanager
def _report_os_errors(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{place}: {os.strerror(error.errno) if error.errno else error}") from error


def refuse_impossible_path(target: Path) -> None:
    """Refuse a path that no file or folder can have.

    Raises:
        OutputError: it contains a null character, or half of a character pair.
    """
    try:
        os.fsencode(target)
    except UnicodeEncodeError:
        possible = False
    else:
        possible = "\0" not in str(target)
    if not possible:
        raise OutputError(f"{escape_unsafe(str(target))}: this contains a character that no path can have")


def _refuse_existing(target: Path) -> None:
    refuse_impossible_path(target)
    if os.path.lexists(target):
        what = "link" if target.is_symlink() else "folder" if target.is_dir() else "file"
        raise TargetExists(
            f"{target}: a {what} of this name exists already; choose another name or remove it"
        )
