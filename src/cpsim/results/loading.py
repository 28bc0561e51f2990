"""Reading of result folders, which may come from a source that is not trusted.

Only ordinary files of a limited size are read, which a folder has itself and to which no link leads. Every file is
compared with the folder's manifest, and then checked. A file that has changed since cpsim wrote it is refused, unless
the caller asks to continue anyway. A file whose content cannot be a result is always refused. Every error names the
folder, the file, and the setting, name or column.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePath, PureWindowsPath
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cpsim.constants import MAX_SEED
from cpsim.formatting import format_list
from cpsim.results import tables
from cpsim.results.carried import find_own_network, replace_network
from cpsim.results.columns import TABLES, Tables
from cpsim.results.errors import ChangedFileError, InvalidFileError, OutputError, format_reason
from cpsim.results.files import compute_digest
from cpsim.results.manifest import MANIFEST, read_manifest
from cpsim.scenario.nodes import parse_text
from cpsim.scenario.paths import UnreadableFileError, check_file, is_file, is_folder, read_bytes
from cpsim.scenario.problems import Place, Problem, ScenarioError, format_value
from cpsim.scenario.read import from_tree
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sources import MAX_NETWORK_BYTES

CHANGED_FILES = "changed_files"
"""Name in the provenance of a result: the files that had changed when it was loaded anyway."""

MAX_TEXT_BYTES = 100_000_000
"""Size limit of a JSON file in bytes."""
MAX_TABLE_BYTES = 10_000_000_000
"""Size limit of a table in bytes."""
MAX_SCENARIO_BYTES = 5_000_000
MAX_SCENARIO_VALUES = 500_000
"""Size limits of a resolved scenario, which is written with all its defaults: in bytes, and in values."""

_LIMITS = {
    ".json": MAX_TEXT_BYTES,
    ".parquet": MAX_TABLE_BYTES,
    ".yaml": MAX_SCENARIO_BYTES,
    ".graphml": MAX_NETWORK_BYTES,
}

ANYWAY = "use --anyway (in Python: anyway=True) to load it all the same"

_Model = TypeVar("_Model", bound=BaseModel)


class FileModel(BaseModel):
    """The names that a JSON file must have, with their types; others are allowed."""

    model_config = ConfigDict(extra="allow", strict=True)


class _Versions(FileModel):
    cpsim: str


class Provenance(FileModel):
    """What every `provenance.json` contains."""

    versions: _Versions
    code_sha256: str = ""
    scenario_sha256: str | dict[str, str] = ""
    changed_files: list[str] = []


class RunProvenance(Provenance):
    """What the `provenance.json` of a run contains."""

    seed: int = Field(ge=0, le=MAX_SEED)


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
        reason = format_reason(f"it has no {error}" if isinstance(error, KeyError) else error)
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


def read_file(folder: Path, name: str) -> bytes:
    """Read a file of a folder, which is as large as a file of its kind may be.

    Raises:
        ValueError: it cannot be read.
    """
    limit = _LIMITS[PurePath(name).suffix]
    return read_bytes(find_file(folder, name, limit), limit)


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """Read a JSON file of a folder, which holds a group of names.

    Raises:
        ValueError: it cannot be read, or its content is something else.
    """
    content = read_file(folder, name)
    try:
        return parse_json(content)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


@contextmanager
def open_folder(folder: str | os.PathLike[str], what: str, *, anyway: bool = False) -> Iterator[FolderReader]:
    """Open the folder of a result; what goes wrong while it is read is reported as an `OutputError`.

    Args:
        folder: the folder.
        what: what it should hold, such as `a run`.
        anyway: read files that have changed since they were written.

    Raises:
        OutputError: it is no folder, or a file in it is missing, a link, too large, changed or damaged.
    """
    path = Path(folder)
    with report_damaged_folder(path, what):
        yield FolderReader(path, anyway=anyway)


class FolderReader:
    """Reads the files of one result folder.

    Args:
        folder: the folder.
        anyway: read files that have changed since they were written, and list them in `changed_files`.
    """

    def __init__(self, folder: Path, *, anyway: bool = False) -> None:
        self.path = folder
        self.changed_files: list[str] = []
        self._anyway = anyway
        self._contents: dict[str, bytes] = {}

    def read(self, *names: str) -> None:
        """Read files and compare them with the manifest; the methods that follow use their contents.

        Raises:
            ValueError: a file is missing, a link, too large, or cannot be read.
            ChangedFileError: files have changed since they were written.
        """
        self._contents |= {name: read_file(self.path, name) for name in names}
        manifest = read_manifest(self.path)
        if manifest is None:
            self._note_changes(
                [MANIFEST], "missing or damaged, so changes to the other files cannot be found"
            )
        else:
            changed = [
                name for name in names if compute_digest(self._contents[name]) not in manifest.get(name, ())
            ]
            have = "have" if len(changed) > 1 else "has"
            self._note_changes(
                changed, f"{have} changed since cpsim wrote {'them' if len(changed) > 1 else 'it'}"
            )

    def _note_changes(self, names: list[str], what: str) -> None:
        new = [name for name in names if name not in self.changed_files]
        if new and not self._anyway:
            verb = "is " if new == [MANIFEST] else ""
            raise ChangedFileError(f"{self.path}: {format_list(new)} {verb}{what}; {ANYWAY}")
        self.changed_files += new

    def read_json(self, name: str, model: type[_Model]) -> tuple[dict[str, Any], _Model]:
        """Parse a file that `read` has read; return its content, and the same as a model.

        Raises:
            InvalidFileError: it is not JSON, or a name is missing or has a wrong value.
        """
        data = self._parse_json(name)
        with self.report(name):
            return data, validate(model, data)

    def read_summary(self, name: str) -> dict[str, Any]:
        """Parse a file with outcomes that `read` has read.

        Raises:
            InvalidFileError: it is not a group of names in JSON.
        """
        return self._parse_json(name)

    def _parse_json(self, name: str) -> dict[str, Any]:
        with self.report(name):
            return parse_json(self._contents[name])

    def read_scenario(self, name: str, network: str) -> tuple[dict[str, Any], Scenario]:
        """Load a scenario file that `read` has read; return plain values, and the same as a scenario.

        Args:
            name: the file.
            network: the copy of the user's own network, which is read if the scenario has one.

        Raises:
            InvalidFileError: it is not a scenario.
            ChangedFileError: the network has changed since it was written.
        """
        try:
            scenario = parse_scenario(self._contents[name], self.path / name)
        except ScenarioError as error:
            more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
            raise InvalidFileError(f"{error.problems[0]}{more}") from error
        except ValueError as error:
            raise self.make_error(name, str(error)) from error
        settings = scenario.model_dump(mode="python")
        if find_own_network(settings) is not None:
            self.read(network)
        return replace_network(settings, str((self.path / network).absolute())), scenario

    def read_table(self, table: str, described: Tables = TABLES) -> pd.DataFrame:
        """Parse the file of a table that `read` has read.

        Raises:
            InvalidFileError: it is not this table, or a value is not allowed.
        """
        name = f"{table}.parquet"
        with self.report(name):
            return tables.read(table, self._contents[name], described)

    @contextmanager
    def report(self, name: str) -> Iterator[None]:
        """Report a ValueError in the block as a fault of a file.

        Raises:
            InvalidFileError: the block raises a ValueError.
        """
        try:
            yield
        except (ValueError, OverflowError) as error:
            raise self.make_error(name, str(error)) from error

    def make_error(self, name: str, fault: str) -> InvalidFileError:
        """Make the error for a fault of a file."""
        return InvalidFileError(f"{self.path / name}: {format_reason(fault)}")

    def mark(self, provenance: Mapping[str, Any]) -> dict[str, Any]:
        """Return a provenance that also lists the changed files, if there are any."""
        changed = dict.fromkeys([*provenance.get(CHANGED_FILES, ()), *self.changed_files])
        return {**provenance, CHANGED_FILES: list(changed)} if changed else dict(provenance)


def describe_changes(provenance: Mapping[Any, Any]) -> str:
    """Describe the changed files with which a result was loaded anyway; no text if there were none.

    >>> describe_changes({"changed_files": ["summary.json"]})
    'loaded although summary.json has changed'
    """
    changed = provenance.get(CHANGED_FILES, ())
    if not changed:
        return ""
    return f"loaded although {format_list(changed)} {'has' if len(changed) == 1 else 'have'} changed"


def parse_json(content: bytes) -> dict[str, Any]:
    """Parse a JSON file that holds a group of names.

    Raises:
        ValueError: it is something else, is nested too deep, or has a number that is not finite.

    >>> parse_json(b'{"rate": NaN}')
    Traceback (most recent call last):
    ...
    ValueError: this is not JSON (NaN is not a number in JSON)
    """
    try:
        data = json.loads(
            content,
            parse_constant=_refuse_constant,
            parse_float=_parse_finite,
            object_pairs_hook=_refuse_repeated_names,
        )
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except ValueError as error:
        raise ValueError(f"this is not JSON ({error})") from error
    if not isinstance(data, dict):
        raise ValueError(f"expected a group of names, not {format_value(data)}")
    return data


def parse_scenario(content: bytes, file: Path) -> Scenario:
    """Make a scenario from the content of a file; no scenario that it extends is read.

    Raises:
        ScenarioError: it is not a scenario; the problems name the file, line and column.
        ValueError: it is not UTF-8.
    """
    problems: list[Problem] = []
    node = parse_text(content.decode("utf-8"), str(file), problems, limit=MAX_SCENARIO_VALUES)
    if node is None or not isinstance(node.value, dict):
        raise ScenarioError([Problem("expected a group of settings", Place(str(file), 1, 1))])
    return from_tree(node, file.parent, problems)


def validate(model: type[_Model], data: Any) -> _Model:
    """Make a model of the content of a file.

    Raises:
        ValueError: a name is missing or has a wrong value; the message describes the first.

    >>> validate(RunProvenance, {"seed": -1, "versions": {"cpsim": "0.1.0"}})
    Traceback (most recent call last):
    ...
    ValueError: seed: input should be greater than or equal to 0, not -1
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ValueError(describe_validation_error(error)) from None


def describe_validation_error(error: ValidationError) -> str:
    """Describe the first problem that was found: the name and what is wrong with it."""
    first = error.errors(include_url=False)[0]
    name, text = ".".join(map(str, first["loc"])), first["msg"]
    given = "" if first["type"] == "missing" else f", not {format_value(first['input'])}"
    return f"{name}: {text[:1].lower()}{text[1:]}{given}"


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is not a number in JSON")


def _parse_finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {format_value(text)} is too large")
    return number


def _refuse_repeated_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {format_value(repeated)} is given twice")
    return found
