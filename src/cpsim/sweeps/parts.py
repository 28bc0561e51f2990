"""The part files of a sweep, each with some rows of results.

A part is written completely or not at all. Its name consists of its number and a digest of its content, so any change
to the content is detected. A provenance file of the same number, whose name has a digest of its own content, holds what
differs between two executions of the same run, such as the time it took, so that the parts contain only results.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cpsim.results.errors import format_reason
from cpsim.results.files import compute_digest, sync
from cpsim.results.loading import MAX_TABLE_BYTES
from cpsim.scenario.paths import UnreadableFileError, read_bytes
from cpsim.sweeps.tasks import ResultRow, TaskAnswer

PARTS, PROVENANCE = "parts", "provenance"
NAME = re.compile(r"(\d{6,})-([0-9a-f]{16})\.parquet")
_DIGITS = 16
PROVENANCE_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("seconds", pa.float64()),
        ("worker", pa.string()),
        ("made_with", pa.string()),
        ("scenario", pa.string()),
        ("trace", pa.string()),
    ]
)

Answers = Mapping[str, tuple[ResultRow, TaskAnswer]]
"""By `run_id`, the row of each run and the answer that contained it."""


class DamagedFileError(Exception):
    """The content of a file of a sweep is not what was written; the message says what is wrong with it."""

    def __init__(self, reason: object) -> None:
        super().__init__(format_reason(reason))


@dataclass(frozen=True)
class NumberedFile:
    """A Parquet file whose name has a number and a digest of its content."""

    path: Path
    number: int
    digest: str

    @property
    def name(self) -> str:
        """The name of the file with that of its folder."""
        return f"{self.path.parent.name}/{self.path.name}"

    def read(self, columns: Sequence[str] | None = None, *, anyway: bool = False) -> pa.Table:
        """Read some of its columns, or all.

        Args:
            columns: names of the columns.
            anyway: read them even if the content is not what was written.

        Raises:
            DamagedFileError: the content is not what was written, or a column is missing.
        """
        try:
            file = pq.ParquetFile(pa.BufferReader(self.read_bytes(anyway=anyway)))
            names = file.schema_arrow.names if columns is None else list(columns)
            if missing := [name for name in names if name not in file.schema_arrow.names]:
                raise DamagedFileError(f"it has no column {', '.join(missing)}")
            if repeated := [name for name in names if file.schema_arrow.names.count(name) > 1]:
                raise DamagedFileError(f"it has more than one column {', '.join(repeated)}")
            return file.read(columns=names).select(names)
        except (pa.ArrowException, OSError) as error:
            raise DamagedFileError(error) from error

    def read_bytes(self, *, anyway: bool = False) -> bytes:
        """Read its content.

        Raises:
            DamagedFileError: the content is not what was written, unless `anyway`; or it cannot be read.
        """
        try:
            content = read_bytes(self.path, MAX_TABLE_BYTES)
        except UnreadableFileError as error:
            raise DamagedFileError(error) from error
        if not anyway and compute_digest(content)[:_DIGITS] != self.digest:
            raise DamagedFileError("its content has changed since it was written")
        return content


@dataclass(frozen=True)
class Part:
    """The rows of some runs and, in a second file, their provenance."""

    rows: NumberedFile
    provenance: NumberedFile | None

    def check_provenance(self) -> NumberedFile:
        """Return the file with the provenance.

        Raises:
            DamagedFileError: it is missing or has been changed.
        """
        file = self._find_provenance()
        with _name_provenance(file):
            file.read_bytes()
        return file

    def read_provenance(self, *, anyway: bool = False) -> pa.Table:
        """Read the file with the provenance.

        Args:
            anyway: read it even if the content is not what was written.

        Raises:
            DamagedFileError: it is missing, has been changed, or cannot be read.
        """
        file = self._find_provenance()
        with _name_provenance(file):
            return file.read(PROVENANCE_SCHEMA.names, anyway=anyway)

    def _find_provenance(self) -> NumberedFile:
        if self.provenance is None:
            raise DamagedFileError(f"its provenance, in {PROVENANCE}/, is missing")
        return self.provenance


@contextmanager
def _name_provenance(file: NumberedFile) -> Iterator[None]:
    """Name the file with the provenance in an error of the block."""
    try:
        yield
    except DamagedFileError as error:
        raise DamagedFileError(f"in its provenance, {file.name}: {error}") from error


def list_parts(folder: Path) -> list[Part]:
    """List the parts of a sweep in the order in which they were written."""
    provenance = {file.number: file for file in _list_numbered_files(folder / PROVENANCE)}
    rows = sorted(_list_numbered_files(folder / PARTS), key=lambda file: (file.number, file.digest))
    return [Part(file, provenance.get(file.number)) for file in rows]


def find_next_number(folder: Path) -> int:
    """Find the number of the next part; a provenance file may be left from a part that was not written."""
    files = [*_list_numbered_files(folder / PARTS), *_list_numbered_files(folder / PROVENANCE)]
    return max((file.number + 1 for file in files), default=0)


def _list_numbered_files(folder: Path) -> Iterator[NumberedFile]:
    for path in folder.glob("*.parquet"):
        if match := NAME.fullmatch(path.name):
            yield NumberedFile(path, int(match[1]), match[2])


def build_part_schema(points: pd.DataFrame, outcomes: Sequence[str]) -> pa.Schema:
    """Build the schema of a part: the run, the varied settings, the outcomes, and how the run ended."""
    return pa.schema(
        [
            *[("run_id", pa.string()), ("arm", pa.string()), ("point", pa.int64()), ("seed", pa.int64())],
            *[(str(path), _choose_arrow_type(column)) for path, column in points.items()],
            *[(name, pa.float64()) for name in outcomes],
            *[(name, pa.string()) for name in ("status", "stage", "error", "scenario_hash", "version")],
        ]
    )


def write_part(folder: Path, number: int, runs: pd.DataFrame, answers: Answers, schema: pa.Schema) -> None:
    """Write rows and their provenance.

    Args:
        folder: the folder of the sweep.
        number: number of the new part.
        runs: the runs, sorted, with the columns of the schema that identify a run and its varied settings.
        answers: the results of these runs.
        schema: the schema from `build_part_schema`.

    Raises:
        OSError: the disk is full or refuses the write; then no part of this number exists.
    """
    given = {name: runs[name] for name in runs.columns}
    outcomes = [name for name in schema.names if name not in given]
    rows = encode_parquet(given | tabulate_results(answers, list(runs["run_id"]), outcomes), schema)
    provenance = encode_parquet(tabulate_provenance(answers, list(runs["run_id"])), PROVENANCE_SCHEMA)
    # the provenance is written first, so that every part has one
    for place, content in ((PROVENANCE, provenance), (PARTS, rows)):
        name = f"{number:06}-{compute_digest(content)[:_DIGITS]}.parquet"
        write_atomically(folder / place / name, content)


def tabulate_results(answers: Answers, run_ids: Sequence[str], columns: Sequence[str]) -> dict[str, Any]:
    """Make columns of the results of some runs; a column that is not about how a run ended is an outcome."""
    finished = [answers[run_id] for run_id in run_ids]
    endings = {
        "run_id": list(run_ids),
        **{
            name: [getattr(row, name) for row, _ in finished]
            for name in ("status", "stage", "error", "scenario_hash")
        },
        "version": [answer.code for _, answer in finished],
    }
    return {name: endings.get(name, [row.outcomes.get(name) for row, _ in finished]) for name in columns}


def tabulate_provenance(answers: Answers, run_ids: Sequence[str]) -> dict[str, Any]:
    """Make columns of the provenance of some runs."""
    finished = [answers[run_id] for run_id in run_ids]
    return {
        "run_id": list(run_ids),
        **{name: [getattr(row, name) for row, _ in finished] for name in ("seconds", "scenario", "trace")},
        **{name: [getattr(answer, name) for _, answer in finished] for name in ("worker", "made_with")},
    }


def encode_parquet(columns: Mapping[str, Any] | pd.DataFrame, schema: pa.Schema) -> bytes:
    """Encode a table as a zstd-compressed Parquet file; equal tables give equal bytes."""
    arrays = [pa.array(columns[field.name], type=field.type, from_pandas=True) for field in schema]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def write_atomically(target: Path, content: bytes) -> None:
    """Write a file that appears under its name only when its whole content is on the disk.

    Raises:
        OSError: the file cannot be written; an earlier file of the same name is unchanged.
    """
    hidden = name_hidden_file(target)
    hidden.touch(exist_ok=False)  # fails if the name is taken, even by a link
    try:
        hidden.write_bytes(content)
        sync(hidden)
        hidden.replace(target)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise
    sync(target.parent)


def name_hidden_file(target: Path) -> Path:
    """Return the name of a file while it is written; readers of a folder ignore names that begin with a dot.

    >>> name_hidden_file(Path("sweep.json")).name
    '.sweep.json.tmp'
    """
    return target.with_name(f".{target.name}.tmp")


def _choose_arrow_type(column: pd.Series) -> pa.DataType:
    if pd.api.types.is_float_dtype(column.dtype):
        return pa.float64()
    if pd.api.types.is_integer_dtype(column.dtype):
        return pa.int64()
    return pa.bool_() if all(isinstance(value, bool) for value in column) else pa.string()
