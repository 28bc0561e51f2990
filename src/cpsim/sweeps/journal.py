"""The journal of a sweep: the rows of runs that are not yet in a part.

Each row is appended as soon as its run has ended, so a process that is killed loses only the runs under way. A line has
a digest and the row as JSON. When the rows have been written as a part, the journal is deleted.
"""

import errno
import json
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter

from cpsim.formatting import format_count
from cpsim.results.files import compute_digest
from cpsim.results.loading import MAX_TABLE_BYTES
from cpsim.scenario.paths import NoSuchFileError, UnreadableFileError, read_bytes
from cpsim.sweeps.parts import DamagedFileError
from cpsim.sweeps.tasks import ResultRow, TaskAnswer

JOURNAL = "journal.jsonl"
_ROWS = TypeAdapter(ResultRow)
_PROVENANCE = [field.name for field in fields(TaskAnswer) if field.name != "rows"]


class Journal:
    """The journal that this process writes.

    Args:
        folder: the folder of the sweep, which must have no journal.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / JOURNAL
        self._file: IO[bytes] | None = None

    def append(self, row: ResultRow, answer: TaskAnswer) -> None:
        """Append a row with its provenance.

        Raises:
            OSError: the disk is full or refuses the write; the row is not saved.
        """
        if self._file is None:
            self._file = self._path.open("xb", buffering=0)  # fails if the name is taken, even by a link
        text = json.dumps({**vars(row), **{name: getattr(answer, name) for name in _PROVENANCE}}).encode()
        line = compute_digest(text).encode() + b" " + text + b"\n"
        if self._file.write(line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def delete(self) -> None:
        """Delete the journal, when all its rows are in a part."""
        self.close()
        self._path.unlink(missing_ok=True)


@dataclass(frozen=True)
class JournalContent:
    """What a journal contains.

    Attributes:
        answers: by `run_id`, the row of each run and its provenance.
        damaged: number of lines whose content has changed since they were written.
    """

    answers: dict[str, tuple[ResultRow, TaskAnswer]]
    damaged: int

    def check(self) -> None:
        """Check that no line is damaged.

        Raises:
            DamagedFileError: a line is.
        """
        if self.damaged:
            raise DamagedFileError(f"it has {format_count(self.damaged, 'damaged line')}")


def read_journal(folder: Path) -> JournalContent:
    """Read the journal in the folder of a sweep; it has no rows if there is none.

    A last line without its end was being written when the process was killed, and is left out.

    Raises:
        OSError: it cannot be read.
    """
    try:
        *lines, _ = read_bytes(folder / JOURNAL, MAX_TABLE_BYTES).split(b"\n")
    except NoSuchFileError:
        lines = []
    except UnreadableFileError as error:
        raise OSError(f"{JOURNAL}: {error}") from error
    answers = {}
    damaged = 0
    for line in lines:
        try:
            row, answer = _parse_line(line)
        except (ValueError, KeyError, TypeError, RecursionError):
            damaged += 1
        else:
            answers[row.run_id] = row, answer
    return JournalContent(answers, damaged)


def _parse_line(line: bytes) -> tuple[ResultRow, TaskAnswer]:
    digest, _, text = line.partition(b" ")
    if compute_digest(text).encode() != digest:
        raise ValueError("the line has changed since it was written")
    row = _ROWS.validate_json(text, strict=True)
    entry = json.loads(text)
    provenance = {name: entry[name] for name in _PROVENANCE}
    if not all(isinstance(value, str) for value in provenance.values()):
        raise TypeError("the line is not the row of a run")
    return row, TaskAnswer((row,), **provenance)
