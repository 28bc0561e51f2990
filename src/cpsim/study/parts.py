"""The part files of a sweep: some rows each, whole or not at all, and any change of a byte is seen.

The name of a part is its number and a digest of its content. Beside each part, and under the same name, lies its
provenance: what differs from one try to the next, such as seconds, so that the parts hold nothing but results.
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
from cpsim.study.work import Answer, Row

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


class Damaged(Exception):
    """A part file is not what was written."""


@dataclass(frozen=True)
class Part:
    """A part file."""

    path: Path
    number: int
    digest: str

    def read(self, columns: Sequence[str]) -> pa.Table:
        """Some of its columns.

        Raises:
            Damaged: its content is not what was written, or has not all of the columns.
        """
        try:
            content = self.path.read_bytes()
            if digest(content) != self.digest:
                raise Damaged("its content has changed since it was written")
            file = pq.ParquetFile(pa.BufferReader(content))
            if missing := [name for name in columns if name not in file.schema_arrow.names]:
                raise Damaged(f"it has no column {', '.join(missing)}")
            return file.read(columns=list(columns)).select(list(columns))
        except (OSError, pa.ArrowException) as error:
            raise Damaged(str(error)) from error

    @property
    def provenance(self) -> Path:
        """The file with the provenance of its rows."""
        return self.path.parents[1] / PROVENANCE / self.path.name


def parts_of(folder: Path) -> list[Part]:
    """The part files of a sweep in the order in which they were written."""
    named = ((path, _NAME.fullmatch(path.name)) for path in (folder / PARTS).glob("*.parquet"))
    found = [Part(path, int(match[1]), match[2]) for path, match in named if match]
    return sorted(found, key=lambda part: (part.number, part.digest))


def schema_of(points: pd.DataFrame, outcomes: Sequence[str]) -> pa.Schema:
    """The columns of a part: who the run is, what varied, its figures, and how it ended."""
    return pa.schema(
        [
            *[("run_id", pa.string()), ("arm", pa.string()), ("point", pa.int64()), ("seed", pa.int64())],
            *[(str(path), _arrow_type(column)) for path, column in points.items()],
            *[(name, pa.float64()) for name in outcomes],
            *[(name, pa.string()) for name in ("status", "stage", "error", "scenario_hash", "version")],
        ]
    )


def write_part(
    folder: Path,
    number: int,
    runs: pd.DataFrame,
    answers: Mapping[str, tuple[Row, Answer]],
    schema: pa.Schema,
) -> None:
    """Write rows and their provenance.

    Args:
        folder: the sweep's.
        number: of the new part.
        runs: the runs, sorted, with the columns of the schema that say who a run is and what varied.
        answers: the row of each run by its `run_id`, and the answer that it came with.
        schema: as `schema_of` gives it.

    Raises:
        OSError: the disk refuses. There is no part of this number then.
    """
    made = [answers[run_id] for run_id in runs["run_id"]]
    given = {name: runs[name] for name in runs.columns}
    figures = {name: [row.figures.get(name) for row, _ in made] for name in schema.names if name not in given}
    results = figures | {
        "status": [row.status for row, _ in made],
        "stage": [row.stage for row, _ in made],
        "error": [row.error for row, _ in made],
        "scenario_hash": [row.scenario_hash for row, _ in made],
        "version": [answer.code for _, answer in made],
    }
    provenance = {
        "run_id": list(runs["run_id"]),
        **{name: [getattr(row, name) for row, _ in made] for name in ("seconds", "scenario", "trace")},
        **{name: [getattr(answer, name) for _, answer in made] for name in ("worker", "made_with")},
    }
    content = parquet(given | results, schema)
    name = f"{number:06}-{digest(content)}.parquet"
    # what a part belongs to is there before it
    put(folder / PROVENANCE / name, parquet(provenance, _PROVENANCE))
    put(folder / PARTS / name, content)


def parquet(columns: Mapping[str, Any] | pd.DataFrame, schema: pa.Schema) -> bytes:
    """A table as the bytes of a zstd Parquet file; equal tables give equal bytes."""
    arrays = [pa.array(columns[field.name], type=field.type, from_pandas=True) for field in schema]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def put(target: Path, content: bytes) -> None:
    """Write a file that has its name only when it is whole and on the disk.

    Raises:
        OSError: the disk refuses; what had the name before still has it.
    """
    hidden = target.with_name(f".{target.name}.tmp")  # readers of a folder leave out what begins with a dot
    try:
        hidden.write_bytes(content)
        sync(hidden)
        hidden.replace(target)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise
    sync(target.parent)


def digest(content: bytes) -> str:
    """A short name for some bytes and no others."""
    return hashlib.sha256(content).hexdigest()[:_DIGITS]


def _arrow_type(column: pd.Series) -> pa.DataType:
    if pd.api.types.is_float_dtype(column.dtype):
        return pa.float64()
    if pd.api.types.is_integer_dtype(column.dtype):
        return pa.int64()
    return pa.bool_() if all(isinstance(value, bool) for value in column) else pa.string()
