"""Helpers for files and folders: digests, links, free names, and flushing to the disk."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from cpsim.results.errors import LinkRefusedError


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


def compute_digest(content: bytes) -> str:
    """Compute the SHA-256 digest of some bytes, in hexadecimal digits.

    >>> compute_digest(b"some rows")[:16]
    '3818bf0061cd5584'
    """
    return hashlib.sha256(content).hexdigest()


def list_entries(folder: Path) -> Iterator[Path]:
    """List the folders and files below a folder, each folder before what is in it; links are not followed.

    Raises:
        OSError: a folder cannot be read.
    """

    def fail(error: OSError) -> None:
        raise error

    for place, folders, files in os.walk(folder, onerror=fail):
        folders.sort()
        yield from (Path(place, name) for name in (*folders, *sorted(files)))


def refuse_links(place: Path) -> None:
    """Check that a file or folder, and everything below it, is not a link; a missing one is allowed.

    Raises:
        LinkRefusedError: it is a link, or has one in it.
        OSError: a folder cannot be read.
    """
    for path in (place, *(list_entries(place) if place.is_dir() and not place.is_symlink() else ())):
        if path.is_symlink():
            raise LinkRefusedError(
                f"{path}: this is a link, and cpsim writes no folder that is a link or has one in it; "
                "put a real file or folder in its place"
            )


def find_free_name(target: Path) -> Path:
    """Return `target`, or a name with a number if a file or folder has this name already.

    >>> find_free_name(Path("nowhere", "sweep.json")).name
    'sweep.json'
    """
    free, number = target, 1
    while os.path.lexists(free):
        number += 1
        free = target.with_name(f"{target.stem}-{number}{target.suffix}")
    return free
