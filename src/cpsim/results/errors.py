"""Errors in reading and writing results."""

from cpsim.scenario.text import escape_unsafe

_LONGEST_REASON = 600


class OutputError(Exception):
    """A result folder cannot be written or read; the message says which and why.

    >>> from cpsim.results import RunResult
    >>> RunResult.load("no_such_run")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    cpsim.results.errors.OutputError: no_such_run: not the folder of a run (...)
    """


class FolderRefusedError(OutputError):
    """A folder or a file cannot be used; nothing was run or written."""


class TargetExists(FolderRefusedError):
    """A file or folder of this name exists already.

    >>> from tempfile import TemporaryDirectory
    >>> from cpsim.results import check_target
    >>> with TemporaryDirectory() as folder:
    ...     check_target(folder)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    cpsim.results.errors.TargetExists: ...: a folder of this name exists already; choose another name or remove it
    """


class LinkRefusedError(FolderRefusedError):
    """A folder that is to be written is a link, or has a link in it."""


class ForeignFileError(FolderRefusedError):
    """A file that is to be replaced was not written by cpsim, or has changed since."""


class ChangedFileError(OutputError):
    """A file of a result folder has changed since it was written; the message says how to load it all the same."""


class InvalidFileError(OutputError):
    """A file of a result folder does not contain a result; the message names the file and what is wrong in it."""

    def __init__(self, message: str) -> None:
        super().__init__(escape_unsafe(" ".join(message.split())))


def format_reason(reason: object) -> str:
    r"""Format why a file cannot be read, in the words of a library, as one line of limited length.

    >>> format_reason(OSError("Invalid data\nDeserializing page header failed.\n"))
    'Invalid data Deserializing page header failed.'
    """
    return escape_unsafe(" ".join(str(reason).split())[:_LONGEST_REASON])
