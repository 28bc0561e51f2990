"""Reading the files of a result's folder, which may come from a source that is not trusted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath, PureWindowsPath
from typing import Any

import pyarrow as pa

from cpsim.results.errors import OutputError
from cpsim.scenario.nodes import parse_text, to_values
from cpsim.scenario.paths import UnreadableFileError, check_file, is_file, is_folder, read_bytes
from cpsim.scenario.problems import Problem
from cpsim.scenario.text import escape_unsafe

MAX_TEXT_BYTES = 100_000_000
"""Size limit of a JSON file in bytes."""
MAX_TABLE_BYTES = 10_000_000_000
"""Size limit of a table in bytes."""
MAX_SCENARIO_BYTES = 5_000_000
MAX_SCENARIO_VALUES = 500_000
"""Size limits of a resolved scenario, which is written with all its defaults: in bytes, and in values."""

_LONGEST_REASON = 300


def check_folder(folder: Path, what: str) -> None:
    """Check that there is a folder; arguments as for `report_damaged_folder`.

    Raises:
        OutputError: there is none.
    """
    if not is_folder(folder):
        reason = "this is a file" if is_file(folder) else "there is no such folder"
        raise OutputError(f"{folder}: not the folder of {what} ({reason})")


@contextmanager
def report_damaged_folder(folder: Path, what: str) -> Iterator[None]:
    """Report what goes wrong while a folder is read as an `OutputError`.

    Args:
        folder: the folder.
        what: what it should hold, such as `a run`.

    Raises:
        OutputError: it is no folder, or a file in it is missing, damaged, a link or too large.
    """
    check_folder(folder, what)
    try:
        yield
    except (
        OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, pa.ArrowException,
    ) as error:  # fmt: skip
        reason = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        reason = escape_unsafe(reason[:_LONGEST_REASON])
        raise OutputError(f"{folder}: not the folder of {what} ({reason})") from error


def locate_file(folder: Path, name: Any) -> Path:
    """The path of a file in a folder; its name may have been read from another file of the folder.

    Raises:
        ValueError: the name is not that of a file in the folder, or a link stands in its place.
    """
    path = PurePath(name) if isinstance(name, str) and name else None
    if path is None or path.is_absolute() or PureWindowsPath(path).drive or ".." in path.parts:
        raise ValueError(f"{name!r} does not name a file in this folder")
    for place in (path, *path.parents):
        if (folder / place).is_symlink() and place != PurePath():
            raise ValueError(f"{name} is a link; copy the file into the folder")
    return folder / path


def find_file(folder: Path, name: Any, limit: int) -> Path:
    """Find a file in a folder that has at most `limit` bytes.

    Raises:
        ValueError: there is none, a link stands in its place, it is not an ordinary file, or it is too large.
    """
    path = locate_file(folder, name)
    try:
        check_file(path, limit)
    except UnreadableFileError as error:
        raise ValueError(f"{name}: {error}") from None
    return path


def read_json(folder: Path, name: str) -> Any:
    """Read a JSON file of a folder.

    Raises:
        ValueError: it cannot be read, or is not JSON.
    """
    content = read_bytes(find_file(folder, name, MAX_TEXT_BYTES), MAX_TEXT_BYTES)
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} is not JSON: {error}") from None


def read_scenario(folder: Path, name: str) -> dict[str, Any]:
    """Read a resolved scenario of a folder as plain values.

    Raises:
        ValueError: it cannot be read, or is not a group of settings with a name.
    """
    content = read_bytes(find_file(folder, name, MAX_SCENARIO_BYTES), MAX_SCENARIO_BYTES)
    problems: list[Problem] = []
    node = parse_text(content.decode("utf-8"), name, problems, dates=True, limit=MAX_SCENARIO_VALUES)
    values = None if node is None else to_values(node)
    if problems:
        raise ValueError(str(problems[0]))
    if not isinstance(values, dict) or not isinstance(values.get("name"), str):
        raise ValueError(f"{name} is not a scenario with a name")
    return values
