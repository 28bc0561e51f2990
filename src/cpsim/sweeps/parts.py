"""The part files of a sweep, each with some rows of results.

A part is written completely or not at all. Its name consists of its number and a digest of its content, so any change
to the content is detected. A provenance file of the same name holds what differs between two executions of the same
run, such as the time it took, so that the parts contain only results.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cpsim.results.folder import sync
from cpsim.sweeps.tasks import ResultRow, TaskAnswer

PARTS, PROVENANCE, SET_ASIDE = "parts", "provenance", "set_aside"
_NAME = re.compile(r"(\d{6,})-([0-9a-f]{16})\.parquet")
_DIGITS = 16
_PROVENANCE = pa.schema(
    [
        ("run_id", pa.string()),
        ("seconds", pa.float64()),
        ("worker", pa.string()),
        ("made_with", pa.string()),
        ("scenario", pa.string()),
        ("trace", pa.string()),
    ]
)


class DamagedPartError(Exception):
    """The content of a part file is not what was written."""


@dataclass(frozen=True)
class PartFile:
    """A part file."""

    path: Path
    number: int
    digest: str

    def read(self, columns: Sequence[str]) -> pa.Table:
        """Read some of its columns.

        Raises:
            DamagedPartError: the content is not what was written, or a column is missing.
        """
        try:
            content = self.path.read_bytes()
            if compute_digest(content) != self.digest:
                raise DamagedPartError("its content has changed since it was written")
            file = pq.ParquetFile(pa.BufferReader(content))
            if missing := [name for name in columns if name not in file.schema_arrow.names]:
                raise DamagedPartError(f"it has no column {', '.join(missing)}")
            return file.read(columns=list(columns)).select(list(columns))
        except (OSError, pa.ArrowException) as error:
            raise DamagedPartError(str(error)) from error

    @property
    def provenance(self) -> Path:
        """The file with the provenance of its rows."""
        return self.path.parents[1] / PROVENANCE / self.path.name


def list_parts(folder: Path) -> list[PartFile]:
    """List the part files of a sweep in the order in which they were written."""
    matches = ((path, _NAME.fullmatch(path.name)) for path in (folder / PARTS).glob("*.parquet"))
    found = [PartFile(path, int(match[1]), match[2]) for path, match in matches if match]
    return sorted(found, key=lambda part: (part.number, part.digest))


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


def write_part(
    folder: Path,
    number: int,
    runs: pd.DataFrame,
    answers: Mapping[str, tuple[ResultRow, TaskAnswer]],
    schema: pa.Schema,
) -> None:
    """Write rows and their provenance.

    Args:
        folder: the folder of the sweep.
        number: number of the new part.
        runs: the runs, sorted, with the columns of the schema that identify a run and its varied settings.
        answers: by `run_id`, the row of each run and the answer of the task that contained it.
        schema: the schema from `build_part_schema`.

    Raises:
        OSError: the disk is full or refuses the write; then no part of this number exists.
    """
    finished = [answers[run_id] for run_id in runs["run_id"]]
    given = {name: runs[name] for name in runs.columns}
    outcomes = {
        name: [row.outcomes.get(name) for row, _ in finished] for name in schema.names if name not in given
    }
    results = outcomes | {
        "status": [row.status for row, _ in finished],
        "stage": [row.stage for row, _ in finished],
        "error": [row.error for row, _ in finished],
        "scenario_hash": [row.scenario_hash for row, _ in finished],
        "version": [answer.code for _, answer in finished],
    }
    provenance = {
        "run_id": list(runs["run_id"]),
        **{name: [getattr(row, name) for row, _ in finished] for name in ("seconds", "scenario", "trace")},
        **{name: [getattr(answer, name) for _, answer in finished] for name in ("worker", "made_with")},
    }
    content = encode_parquet(given | results, schema)
    name = f"{number:06}-{compute_digest(content)}.parquet"
    # the provenance is written first, so that every part has one
    write_atomically(folder / PROVENANCE / name, encode_parquet(provenance, _PROVENANCE))
    write_atomically(folder / PARTS / name, content)


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
    hidden = target.with_name(
        f".{target.name}.tmp"
    )  # readers of the folder ignore names that begin with a dot
    try:
        hidden.write_bytes(content)
        sync(hidden)
        hidden.replace(target)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise
    sync(target.parent)


def compute_digest(content: bytes) -> str:
    """Compute a short digest of some bytes.

    >>> compute_digest(b"some rows")
    '3818bf0061cd5584'
    """
    return hashlib.sha256(content).hexdigest()[:_DIGITS]


def _choose_arrow_type(column: pd.Series) -> pa.DataType:
    if pd.api.types.is_float_dtype(column.dtype):
        return pa.float64()
    if pd.api.types.is_integer_dtype(column.dtype):
        return pa.int64()
    return pa.bool_() if all(isinstance(value, bool) for value in column) else pa.string()
