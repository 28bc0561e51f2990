"""One history as a file: a header, a pickled object, and its arrays, which are read in one piece.

    cpsim history 1
    {"name": "small", "seed": 1, ...}      what it is, and the lengths of the parts that follow
    the pickled object, then one array after another

A file is read only from the user's own cache folder, because unpickling a file runs the code that it names.
"""

import json
import pickle
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from cpsim.histories.errors import HistoryFileError

_FIRST_LINE = b"cpsim history 1\n"
_LONGEST_HEADER = 1 << 24


@dataclass(frozen=True)
class HistoryLabel:
    """What a file contains.

    Attributes:
        name: name of the scenario.
        seed: seed of the run.
        children: number of children under 18 for which the scenario asks.
        weeks: length of the history, weeks.
        made_by: what the numbers depend on apart from scenario and seed, such as the versions of cpsim and NumPy.
    """

    name: str
    seed: int
    children: int
    weeks: int
    made_by: str


def write_history(path: Path, label: HistoryLabel, state: object) -> None:
    """Write a history.

    Raises:
        OSError: the file cannot be written completely.
    """
    buffers: list[pickle.PickleBuffer] = []
    parts: list[Any] = [pickle.dumps(state, protocol=5, buffer_callback=buffers.append)]
    parts += [buffer.raw() for buffer in buffers]
    header = {**asdict(label), "lengths": [len(part) for part in parts], "checksum": _compute_checksum(parts)}
    with path.open("wb") as file:
        file.write(_FIRST_LINE)
        file.write(json.dumps(header).encode() + b"\n")
        file.writelines(parts)


def read_label(path: Path) -> HistoryLabel:
    """Read what a file contains.

    Raises:
        HistoryFileError: it is not a history.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return _read_header(file)[0]


def read_history(path: Path, made_by: str) -> Any:
    """Read a history and return its object, whose arrays can be changed.

    Args:
        path: the file.
        made_by: what the numbers of this process depend on.

    Raises:
        HistoryFileError: the file is damaged, or its numbers depend on other versions.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        label, lengths, checksum = _read_header(file)
        if label.made_by != made_by:
            raise HistoryFileError("was made by another version of cpsim or its libraries")
        content = bytearray(sum(lengths))
        if file.readinto(content) != len(content) or file.read(1):
            raise HistoryFileError("is damaged")
    parts = list(_split(memoryview(content), lengths))
    if _compute_checksum(parts) != checksum:
        raise HistoryFileError("is damaged")
    return pickle.loads(parts[0], buffers=parts[1:])  # noqa: S301


def _read_header(file: BufferedReader) -> tuple[HistoryLabel, list[int], int]:
    if file.read(len(_FIRST_LINE)) != _FIRST_LINE:
        raise HistoryFileError("is damaged")
    try:
        header = json.loads(file.readline(_LONGEST_HEADER))
        lengths, checksum = [int(length) for length in header.pop("lengths")], int(header.pop("checksum"))
        label = HistoryLabel(**header)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise HistoryFileError("is damaged") from error
    if not lengths or min(lengths) < 0 or sum(lengths) > _measure_rest(file):
        raise HistoryFileError("is damaged")
    return label, lengths, checksum


def _measure_rest(file: BufferedReader) -> int:
    here = file.tell()
    end = file.seek(0, 2)
    file.seek(here)
    return end - here


def _split(content: memoryview, lengths: list[int]) -> Iterator[memoryview]:
    start = 0
    for length in lengths:
        yield content[start : start + length]
        start += length


def _compute_checksum(parts: list[Any]) -> int:
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    return checksum
