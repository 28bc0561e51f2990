"""What the folder of a sweep records about it: `sweep.json` and the tables of its runs and points.

All of it follows from the experiment file. If one of these files is missing or damaged, it is therefore made again from
the experiment, provided that the saved runs are runs of this experiment: the identifier of a run is a hash of all its
settings and its seed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field, field_validator

from cpsim.constants import VERSION
from cpsim.experiment.read import Experiment, load_experiment
from cpsim.experiment.runs import build_run_table, list_fixed_settings
from cpsim.formatting import format_count, format_decimals
from cpsim.results.errors import FolderRefusedError, InvalidFileError, OutputError, format_reason
from cpsim.results.files import compute_digest
from cpsim.results.loading import ANYWAY, MAX_TABLE_BYTES, FileModel, check_folder, read_json, validate
from cpsim.results.origin import hash_code
from cpsim.scenario.paths import UnreadableFileError, is_file, read_bytes
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.text import escape_unsafe
from cpsim.sweeps.journal import JOURNAL, read_journal
from cpsim.sweeps.parts import DamagedFileError, build_part_schema, encode_parquet, list_parts

SWEEP, RUNS, POINTS, EXPERIMENT = "sweep.json", "runs.parquet", "points.parquet", "experiment"
_FORMAT = 2
_DIGEST = "sha256"
_MAX_DIFFERENCES = 20
_ANYWAY = (
    "choose another folder, or use --anyway to keep the runs that are in both definitions and run the others"
)
_RUNS_SCHEMA = pa.schema(
    [("run_id", pa.string()), ("arm", pa.string()), ("point", pa.int64()), ("seed", pa.int64())]
)


class DifferentSweepError(FolderRefusedError):
    """The folder contains a different sweep; the message lists the differences."""


@dataclass(frozen=True)
class SweepRecord:
    """What is recorded about a sweep.

    Attributes:
        content: the content of `sweep.json`: the definition, what determines the runs, the code, and digests of the
            tables.
        runs: the table of runs, with the columns `run_id`, `arm`, `point` and `seed`.
        points: the values of the varied settings: index `point`, a column for each path.
        changed_files: files that had changed since they were written, and were read anyway.
    """

    content: dict[str, Any]
    runs: pd.DataFrame
    points: pd.DataFrame
    changed_files: tuple[str, ...] = ()


class _Code(FileModel):
    version: str
    sha256: str


class _Decides(FileModel):
    arms: dict[str, dict[str, Any]] = Field(min_length=1)


class _SweepContent(FileModel):
    """What `sweep.json` contains."""

    format: int
    code: _Code
    decides: _Decides
    definition: dict[str, Any]
    tables: dict[str, str]

    @field_validator("tables")
    @classmethod
    def _has_both_tables(cls, tables: dict[str, str]) -> dict[str, str]:
        if set(tables) != {RUNS, POINTS}:
            raise ValueError(f"expected the digests of {RUNS} and {POINTS}")
        return tables


def build_record(experiment: Experiment) -> tuple[SweepRecord, dict[str, bytes]]:
    """Build the record of the sweep of an experiment, run by this version of cpsim, and its files by name."""
    runs, points = build_run_table(experiment), unify_column_types(experiment.points)
    tables = _encode_tables(runs, points)
    content = {
        "format": _FORMAT,
        "code": {"version": VERSION, "sha256": hash_code()},
        "decides": list_fixed_settings(experiment),
        "definition": experiment.definition.model_dump(mode="json", by_alias=True),
        "tables": {name: compute_digest(table) for name, table in tables.items()},
    }
    content = json.loads(json.dumps(content))  # JSON turns tuples into lists
    text = json.dumps(content | {_DIGEST: _digest_content(content)}, indent=1, ensure_ascii=False)
    return SweepRecord(content, runs, points), {SWEEP: f"{text}\n".encode(), **tables}


def unify_column_types(points: pd.DataFrame) -> pd.DataFrame:
    """Give each column a single type: a column of mixed values becomes text.

    >>> unify_column_types(pd.DataFrame({"a": [1, "x"]}))["a"].tolist()
    ['1', 'x']
    """
    mixed = [
        path
        for path, column in points.items()
        if column.dtype == object and not all(isinstance(value, bool) for value in column)
    ]
    return points.assign(**{str(path): points[path].map(str) for path in mixed})


def _encode_tables(runs: pd.DataFrame, points: pd.DataFrame) -> dict[str, bytes]:
    varied = build_part_schema(points, ())
    schema = pa.schema([("point", pa.int64()), *(varied.field(path) for path in points)])
    return {RUNS: encode_parquet(runs, _RUNS_SCHEMA), POINTS: encode_parquet(points.reset_index(), schema)}


def _digest_content(content: Mapping[str, Any]) -> str:
    return compute_digest(json.dumps(content).encode())


def read_content(folder: Path, *, anyway: bool = False) -> dict[str, Any]:
    """Read `sweep.json`.

    Args:
        folder: the folder of the sweep.
        anyway: read it even if its content has changed since it was written.

    Raises:
        DamagedFileError: it is missing or not what a sweep writes, or its content has changed, unless `anyway`.
        FolderRefusedError: it was written by another version of cpsim, in another format.
    """
    if not is_file(folder / SWEEP):
        raise DamagedFileError(f"{SWEEP} is missing")
    try:
        content = read_json(folder, SWEEP)
        digest = content.pop(_DIGEST, None)
        if digest is None and content["format"] != _FORMAT:
            raise FolderRefusedError(f"{folder}: this sweep was written by another version of cpsim")
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFileError(f"{SWEEP} cannot be read ({error})") from error
    if not anyway and digest != _digest_content(content):
        raise DamagedFileError(f"{SWEEP} has changed since it was written")
    if content["format"] != _FORMAT:
        raise FolderRefusedError(f"{folder}: this sweep was written by another version of cpsim")
    try:
        validate(_SweepContent, content)
    except ValueError as error:
        raise DamagedFileError(f"{SWEEP} is not what a sweep writes ({error})") from error
    return content


def read_record(folder: Path, *, anyway: bool = False) -> SweepRecord:
    """Read what is recorded about a sweep; what is damaged is made again from the experiment file in the folder.

    Args:
        folder: the folder of the sweep.
        anyway: read files that have changed, and cannot be made again, as they are.

    Raises:
        OutputError: the folder does not contain a sweep, or a file is damaged and cannot be made again.
    """
    try:
        return _read_files(folder, anyway=False)
    except DamagedFileError as error:
        check_folder(folder, "a sweep")
        try:
            record = rebuild_record(folder)
        except OSError as fault:
            raise OutputError(f"{folder}: {format_reason(fault)}") from fault
        if record is not None:
            return record
        if anyway and has_saved_runs(folder):
            return _read_changed_files(folder)
        if not has_saved_runs(folder):
            raise OutputError(f"{folder}: not the folder of a sweep ({error})") from error
        raise OutputError(
            f"{folder}: {error}; repeat the command that ran the sweep, which writes it again and keeps the saved "
            f"runs; or {ANYWAY}"
        ) from error


def _read_files(folder: Path, *, anyway: bool) -> SweepRecord:
    content = read_content(folder, anyway=anyway)
    runs, points = (_read_table(folder, name, content, anyway=anyway) for name in (RUNS, POINTS))
    _check_tables(runs, points)
    return SweepRecord(content, runs, points.set_index("point"))


def _read_changed_files(folder: Path) -> SweepRecord:
    """Read files that have changed as they are, and name those that have.

    Raises:
        OutputError: one cannot be read, or not be the file of a sweep.
    """
    changed = []
    try:
        record = _read_files(folder, anyway=True)
        if read_json(folder, SWEEP)[_DIGEST] != _digest_content(record.content):
            changed.append(SWEEP)
        digests = {
            name: compute_digest(read_bytes(folder / name, MAX_TABLE_BYTES)) for name in (RUNS, POINTS)
        }
        changed += [name for name, digest in digests.items() if digest != record.content["tables"][name]]
    except (DamagedFileError, OSError, ValueError, KeyError) as error:
        raise InvalidFileError(f"{folder}: {error}") from error
    return replace(record, changed_files=tuple(changed))


def _check_tables(runs: pd.DataFrame, points: pd.DataFrame) -> None:
    """Check that each run has a point, and each point a row.

    Raises:
        DamagedFileError: one does not.
    """
    if "point" not in points or points["point"].tolist() != list(range(len(points))):
        raise DamagedFileError(f"{POINTS}: column point: expected every number from 0 on, in order")
    if not runs["point"].between(0, len(points) - 1).all():
        raise DamagedFileError(f"{RUNS}: column point: a run has a point that is not in {POINTS}")
    if (runs["seed"] < 0).any() or runs["run_id"].duplicated().any() or runs.isna().any(axis=None):
        raise DamagedFileError(f"{RUNS}: a seed is negative, or an identifier is empty or given twice")


def _read_table(folder: Path, name: str, content: Mapping[str, Any], *, anyway: bool) -> pd.DataFrame:
    try:
        encoded = read_bytes(folder / name, MAX_TABLE_BYTES)
    except UnreadableFileError as error:
        raise DamagedFileError(f"{name}: {error}") from error
    if not anyway and compute_digest(encoded) != content["tables"][name]:
        raise DamagedFileError(f"{name} has changed since it was written")
    try:
        schema = pq.read_schema(pa.BufferReader(encoded))
        if name == RUNS and schema != _RUNS_SCHEMA:
            raise DamagedFileError(f"{name} does not have the columns {', '.join(_RUNS_SCHEMA.names)}")
        return _decode_table(encoded)
    except (pa.ArrowException, OSError) as error:
        raise DamagedFileError(f"{name} is not a Parquet file ({error})") from error


def _decode_table(encoded: bytes) -> pd.DataFrame:
    frame: pd.DataFrame = pq.read_table(pa.BufferReader(encoded)).to_pandas()
    return frame


def rebuild_record(folder: Path) -> SweepRecord | None:
    """Build the record from the experiment file in the folder; None if there is none of which all saved runs are."""
    saved = read_saved_runs(folder)
    for file in sorted((folder / EXPERIMENT).glob("*.y*ml")) if len(saved) else ():
        try:
            record, files = build_record(load_experiment(file))
        except ScenarioError:
            continue  # a scenario that the experiment extends
        if saved["run_id"].isin(record.runs["run_id"]).all():
            codes = sorted(set(saved["version"]))
            known = codes == [hash_code()]
            code = {"version": VERSION if known else "unknown", "sha256": ", ".join(codes)}
            runs, points = (_decode_table(files[name]) for name in (RUNS, POINTS))
            return SweepRecord(record.content | {"code": code}, runs, points.set_index("point"))
    return None


def has_saved_runs(folder: Path) -> bool:
    """Return whether a folder has parts or a journal of a sweep, damaged or not."""
    return bool(list_parts(folder)) or (folder / JOURNAL).exists()


def read_saved_runs(folder: Path) -> pd.DataFrame:
    """Read which runs are saved in undamaged files: a row with `run_id` and `version` for each.

    Raises:
        OSError: the journal cannot be read.
    """
    frames = []
    for part in list_parts(folder):
        try:
            frames.append(part.rows.read(["run_id", "version"]).to_pandas())
        except DamagedFileError:
            continue
    journal = read_journal(folder).answers
    frames.append(
        pd.DataFrame({"run_id": list(journal), "version": [answer.code for _, answer in journal.values()]})
    )
    saved: pd.DataFrame = pd.concat(frames, ignore_index=True)
    return saved


def check_same_sweep(folder: Path, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
    """Check that two contents of `sweep.json` describe the same sweep.

    Raises:
        DifferentSweepError: they describe different ones.
    """
    if _select_fixed(theirs) != _select_fixed(ours):
        raise DifferentSweepError(_format_differences(folder, _select_fixed(theirs), _select_fixed(ours)))


def check_saved_runs(folder: Path, record: SweepRecord, damage: DamagedFileError) -> None:
    """Check that the runs saved in a folder without a readable `sweep.json` belong to a sweep.

    Raises:
        DifferentSweepError: some are not runs of this experiment, or were run by another version of the code.
    """
    saved = read_saved_runs(folder)
    same = saved["run_id"].isin(record.runs["run_id"]) & (
        saved["version"] == record.content["code"]["sha256"]
    )
    if not same.all():
        raise DifferentSweepError(
            f"{folder}: {damage}, and of {format_count(len(saved), 'saved run')} {format_decimals((~same).sum())} "
            f"belong to another definition or code\n{_ANYWAY}"
        )


def _select_fixed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Select what must be unchanged for a sweep to be continued; its name, for example, may change."""
    return {"code": content["code"], **content["decides"]}


def _format_differences(folder: Path, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    before, now = dict(_flatten(theirs)), dict(_flatten(ours))
    differing = [name for name in dict.fromkeys([*before, *now]) if before.get(name) != now.get(name)]
    lines = [
        f"  {name}: {before.get(name, 'not set')}; now {now.get(name, 'not set')}"
        for name in islice(differing, _MAX_DIFFERENCES)
    ]
    if len(differing) > _MAX_DIFFERENCES:
        lines.append(f"  and {len(differing) - _MAX_DIFFERENCES} more")
    return "\n".join(
        [
            f"{folder}: the sweep in this folder was started with a different definition or code:",
            *map(escape_unsafe, lines),
            _ANYWAY,
        ]
    )


def _flatten(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the JSON text of each value."""
    if isinstance(tree, dict) and tree:
        for name, inner in tree.items():
            yield from _flatten(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(tree, list) and any(isinstance(inner, dict | list) for inner in tree):
        for index, inner in enumerate(tree):
            yield from _flatten(inner, f"{path}[{index}]")
    else:
        yield path, json.dumps(tree, ensure_ascii=False)
