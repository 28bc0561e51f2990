"""Paths that users and files name, and safe reading: no device, no endless file, nothing outside a folder."""

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath

from cpsim.scenario.problems import format_value

AnyPath = str | os.PathLike[str]

_REASONS = {
    errno.ENAMETOOLONG: "its path is longer than the system allows",
    errno.EACCES: "permission denied",
    errno.ELOOP: "its links lead in a circle",
    errno.ENOTDIR: "a part of its path is a file, not a folder",
}


class UnreadableFileError(ValueError):
    """A file that cannot be read; the message is a clause that says why, without its path."""


class NoSuchFileError(UnreadableFileError):
    """There is no file of this name."""


def is_file(path: AnyPath) -> bool:
    """Whether there is an ordinary file of this name; False for a text that cannot be a path."""
    return _find_type(path) == stat.S_IFREG


def is_folder(path: AnyPath) -> bool:
    """Whether there is a folder of this name; False for a text that cannot be a path.

    >>> is_folder("x" * 5_000)
    False
    """
    return _find_type(path) == stat.S_IFDIR


def _find_type(path: AnyPath) -> int | None:
    try:
        return stat.S_IFMT(os.stat(path).st_mode)  # noqa: PTH116  a text need not be a valid path
    except (OSError, ValueError):
        return None


def check_file(path: Path, limit: int) -> None:
    """Check that a file can be read as a whole: it exists, is an ordinary file, and has at most `limit` bytes.

    Raises:
        NoSuchFileError: there is none.
        UnreadableFileError: it is a folder, a device or a pipe, is too large, or the system refuses it.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        raise NoSuchFileError("there is no such file") from None
    except (OSError, ValueError) as error:
        raise UnreadableFileError(_describe_refusal(error)) from None
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableFileError("this is a folder; give the path of a file")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFileError("this is not an ordinary file")
    if status.st_size > limit:
        raise UnreadableFileError(f"the file has {status.st_size:,} bytes; at most {limit:,} are allowed")


def read_bytes(path: Path, limit: int) -> bytes:
    """Read a file of at most `limit` bytes.

    Raises:
        NoSuchFileError: there is none.
        UnreadableFileError: it is a folder, a device or a pipe, is too large, or the system refuses it.
    """
    check_file(path, limit)
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError as error:
        raise UnreadableFileError(_describe_refusal(error)) from None


def _describe_refusal(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return f"the file cannot be read: {_REASONS.get(error.errno, os.strerror(error.errno).lower())}"
    return "the file cannot be read: its path contains a character that no path can have"


def resolve_within(root: Path, folder: Path, text: str, endings: Sequence[str]) -> Path:
    """Resolve a path that a file names; refuse it if it leaves the tree of `root`, or names another kind of file.

    Symbolic links are followed before the check. Hidden files and folders, whose names begin with a full stop, and
    files with other endings are refused, so that a file from a source that is not trusted cannot have a key or a
    password read and quoted in a message.

    Args:
        root: the folder that the path may not leave.
        folder: the folder of the file that contains the path.
        text: the path, relative to `folder`.
        endings: endings of the names of such files, such as `.yaml`.

    Raises:
        ValueError: the path is absolute, invalid, outside `root`, hidden, or of another kind.
    """
    if not text or Path(text).is_absolute() or PureWindowsPath(text).drive or PureWindowsPath(text).root:
        raise ValueError("a path must be relative to the file that names it")
    if not text.isprintable():
        raise ValueError(f"{format_value(text)} cannot be the path of a file")
    try:
        target = (folder / text).resolve()
        within = root.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise ValueError(f"{format_value(text)} cannot be the path of a file") from error
    if not target.is_relative_to(within):
        raise ValueError(
            f"{format_value(text)} is outside the folder {format_value(str(root))} of the file that names it"
        )
    if any(part.startswith(".") for part in target.relative_to(within).parts):
        raise ValueError(f"{format_value(text)} is hidden; name a file that is not")
    if target.suffix.lower() not in endings and not is_folder(target):
        raise ValueError(
            f"expected a file whose name ends in {' or '.join(endings)}, not {format_value(text)}"
        )
    return folder / text
