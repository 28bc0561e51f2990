"""The tables of a run: checks that they are as documented, and reading and writing of Parquet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from cpsim.formatting import format_count, format_setting
from cpsim.results.columns import TABLES, TableColumn, Tables

_MAX_CELLS = 500_000_000
"""Most cells of a table that is loaded: about 4 GB, several times the events of the largest run."""

_ARROW: dict[str, pa.DataType] = {
    "int32": pa.int32(),
    "int64": pa.int64(),
    "Int32": pa.int32(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "datetime64[ms]": pa.timestamp("ms"),
    "str": pa.string(),
    "bool": pa.bool_(),
    "category": pa.dictionary(pa.int32(), pa.string()),
}

_PLAIN: dict[str, tuple[type, ...]] = {
    "int32": (int,),
    "int64": (int,),
    "Int32": (int, NoneType),
    "float64": (int, float, NoneType),
    "str": (str,),
    "bool": (bool,),
    "category": (str, NoneType),
}
"""Dtype -> types of plain values from which a column is made; pyarrow would accept and round others."""


_MOST_SEPARATE = 100
"""Most columns that are not copied together; pandas warns of more when a column is added."""


def conform(table: str, frame: pd.DataFrame, described: Tables = TABLES) -> pd.DataFrame:
    """Return `frame` with exactly the documented columns of `table`, in order, with their dtypes and a plain index.

    Raises:
        ValueError: a column is missing or not documented, or a category is not one of those allowed.
    """
    columns = _match_columns(described[table], table, frame.columns)
    return pd.DataFrame(
        {name: _cast(f"{table}.{name}", frame[name], column) for name, column in columns.items()},
        copy=len(columns) > _MOST_SEPARATE,
    ).reset_index(drop=True)


def write(table: str, frame: pd.DataFrame, path: Path, described: Tables = TABLES) -> None:
    """Write a `frame` that conforms to `table` to `path` as zstd Parquet; equal tables give equal bytes.

    Raises:
        OSError: the operating system refuses.
    """
    from pyarrow import parquet

    columns = _match_columns(described[table], table, frame.columns)
    schema = pa.schema([(name, _ARROW[column.dtype]) for name, column in columns.items()])
    # pandas writes its version into the file, so files of equal runs would differ.
    arrow = pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)
    with path.open("wb") as file:  # pyarrow does not open a path that is not UTF-8
        parquet.write_table(arrow, file, compression="zstd")


def read(table: str, content: bytes, described: Tables = TABLES) -> pd.DataFrame:
    """Read a table from the content of a file that `write` has written.

    Raises:
        ValueError: the content is not Parquet, is too large or not this table, or a value is not allowed.
    """
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(pa.BufferReader(content)) as file:
            if file.metadata.num_rows * file.metadata.num_columns > _MAX_CELLS:
                raise ValueError(f"{format_count(file.metadata.num_rows, 'row')}, too many to load")
            arrow = file.read()
    except (OSError, pa.ArrowException) as error:
        raise ValueError(f"this is not a Parquet file ({error})") from error
    return convert_arrow(table, arrow, described)


def convert_rows(
    table: str, names: Sequence[str], rows: Iterable[Sequence[Any]], described: Tables = TABLES
) -> pd.DataFrame:
    """Make a table from rows of plain values, such as those of a JSON file.

    Args:
        table: name of the table.
        names: names of the columns.
        rows: the rows, each with a value for each column.
        described: descriptions of the columns, by table.

    Raises:
        ValueError: this is not the table, or a value is not allowed.
    """
    columns = _match_columns(described[table], table, names)
    values = zip(*rows, strict=True) if rows else [()] * len(names)
    arrays = {}
    for name, column in zip(names, values, strict=True):
        dtype = columns[name].dtype
        for row, value in enumerate(column):
            if type(value) not in _PLAIN[dtype]:
                raise ValueError(f"column {table}.{name}: expected {dtype}, not {value!r} in row {row}")
        try:
            arrays[name] = pa.array(column, type=_ARROW[dtype])
        except (pa.ArrowException, OverflowError, TypeError) as error:
            raise ValueError(f"column {table}.{name}: {error}") from error
    return convert_arrow(table, pa.table(arrays), described)


def convert_arrow(table: str, arrow: pa.Table, described: Tables = TABLES) -> pd.DataFrame:
    """Convert an Arrow table to the documented table, and check the types and limits of its columns.

    Raises:
        ValueError: this is not the table, or a value is not allowed.
    """
    for name, column in _match_columns(described[table], table, arrow.column_names).items():
        if arrow.schema.field(name).type != _ARROW[column.dtype]:
            stored = arrow.schema.field(name).type
            raise ValueError(f"column {table}.{name}: expected {_ARROW[column.dtype]}, not {stored}")
    frame = conform(table, arrow.to_pandas(), described)
    for name, column in _match_columns(described[table], table, frame.columns).items():
        _check_values(f"{table}.{name}", frame[name], column)
    return frame


_TOLERANCE = 1e-9
"""Amount by which rounding may carry a computed share past its limits."""


def _check_values(label: str, values: pd.Series, column: TableColumn) -> None:
    if column.dtype in ("str", "category") and not column.optional and values.isna().any():
        raise ValueError(f"column {label}: row {int(values.isna().argmax())} is empty")
    if column.dtype in ("float32", "float64"):
        check_finite(label, values)
    for limit, sign, word in ((column.low, 1, "at least"), (column.high, -1, "at most")):
        if limit is not None:
            check_limit(label, values, limit, sign, word)


def check_finite(label: str, values: pd.Series) -> None:
    """Check that no value is infinite; empty values are allowed.

    Raises:
        ValueError: a value is.
    """
    infinite = np.isinf(values.to_numpy(dtype=np.float64))
    if infinite.any():
        row = int(infinite.argmax())
        raise ValueError(f"column {label}: expected finite numbers, not {values.iloc[row]} in row {row}")


def check_limit(label: str, values: pd.Series, limit: float, sign: int, word: str) -> None:
    """Check that no value is below a limit (`sign` 1) or above it (`sign` -1); empty values are allowed.

    Raises:
        ValueError: a value is.

    >>> check_limit("ties.trust", pd.Series([0.2, 1.5]), 1, -1, "at most")
    Traceback (most recent call last):
    ...
    ValueError: column ties.trust: expected numbers of at most 1, not 1.5 in row 1
    """
    outside = (sign * (values - limit) < -_TOLERANCE).fillna(False).to_numpy(dtype=bool)
    if outside.any():
        row = int(outside.argmax())
        raise ValueError(
            f"column {label}: expected numbers of {word} {format_setting(limit)}, not {values.iloc[row]} in row {row}"
        )


_PLACEHOLDERS = {"<kind>": r"\w+", "<horizon>": r"\d+", "<weeks>": r"\d+"}
"""Placeholder in the name of a column -> what it stands for, as a regular expression."""

_PLACEHOLDER = re.compile("|".join(_PLACEHOLDERS))


def _match_columns(
    described: Mapping[str, TableColumn], table: str, names: Iterable[str]
) -> dict[str, TableColumn]:
    """Match the columns of a frame to their descriptions, in documented order and with placeholders replaced."""
    names = list(names)
    if len(set(names)) < len(names):
        raise ValueError(f"table {table}: two columns have the same name")
    found: dict[str, TableColumn] = {}
    missing: list[str] = []
    for name, column in described.items():
        pattern = re.compile(_PLACEHOLDER.sub(lambda match: _PLACEHOLDERS[match[0]], name))
        matches = [other for other in names if pattern.fullmatch(other)]
        found |= dict.fromkeys(matches, column)
        missing += [] if matches or name.endswith("<kind>") else [name]
    unknown = [name for name in names if name not in found]
    if missing or unknown:
        raise ValueError(f"table {table}: missing columns {missing}, undocumented columns {unknown}")
    return found


def _cast(label: str, values: pd.Series, column: TableColumn) -> pd.Series:
    if column.dtype == "category":
        return _cast_to_category(label, values, column.categories)
    return values if values.dtype == column.dtype else values.astype(pd.api.types.pandas_dtype(column.dtype))


def _cast_to_category(label: str, values: pd.Series, allowed: tuple[str, ...]) -> pd.Series:
    series = values.astype("category")
    used = np.unique(series.cat.codes.to_numpy())
    present = sorted(map(str, series.cat.categories[used[used >= 0]]))
    unknown = [name for name in present if allowed and name not in allowed]
    if unknown:
        raise ValueError(f"column {label}: {unknown} not allowed; allowed are {list(allowed)}")
    return series.cat.set_categories(list(allowed) or present)
