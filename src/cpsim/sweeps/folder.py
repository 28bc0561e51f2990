"""The folder of a sweep: its definition, its table of runs and the results so far.

A folder holds one sweep only; a sweep with another definition is refused.

sweep.json       the definition of the sweep, and the hash of the code that runs it
runs.parquet     the table of runs: run_id, arm, point, seed
points.parquet   the values of the varied settings, by point
parts/           rows of results; see `cpsim.sweeps.parts`
provenance/      for each part, what differs between two executions of the same run
set_aside/       parts that cannot be used
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from cpsim.arrays import Bools
from cpsim.constants import VERSION
from cpsim.experiment.read import Experiment
from cpsim.experiment.runs import build_run_table, list_fixed_settings
from cpsim.results.folder import OutputError, sync
from cpsim.results.run_result import hash_code
from cpsim.scenario.problems import escape_unprintable
from cpsim.sweeps.lock import FolderRefusedError, lock_folder
from cpsim.sweeps.parts import (
    PARTS,
    PROVENANCE,
    SET_ASIDE,
    DamagedPartError,
    PartFile,
    build_part_schema,
    encode_parquet,
    list_parts,
    write_atomically,
    write_part,
)
from cpsim.sweeps.tasks import FAILED, ResultRow, TaskAnswer

SWEEP, RUNS, POINTS = "sweep.json", "runs.parquet", "points.parquet"
_FORMAT = 1
_MAX_DIFFERENCES = 20


class NotASweepError(FolderRefusedError):
    """The folder contains something other than a sweep."""


class DifferentSweepError(FolderRefusedError):
    """The folder contains a different sweep; the message lists the differences."""


@dataclass
class SweepFolder:
    """The folder of a sweep, locked by this process.

    Attributes:
        path: the folder.
        experiment: the experiment that is run.
        runs: the table of runs from `build_run_table`, with a column for each varied path.
        done: whether each run has a row of results, shape (runs,).
        failed: number of runs that have failed.
        set_aside: a sentence for each part that could not be used.
    """

    path: Path
    experiment: Experiment
    runs: pd.DataFrame
    done: Bools
    failed: int
    set_aside: list[str]
    _next_part: int
    _schema: pa.Schema

    def save(self, answers: Mapping[str, tuple[ResultRow, TaskAnswer]]) -> None:
        """Write rows as the next part; write nothing if there are none.

        Args:
            answers: by `run_id`, the row of each run and the answer of the task that contained it.

        Raises:
            OSError: the disk is full or refuses the write; none of the rows is saved.
        """
        places = np.sort(self._index.get_indexer(pd.Index(list(answers))))
        if not len(places):
            return
        write_part(self.path, self._next_part, self.runs.iloc[places], answers, self._schema)
        self._next_part += 1
        self.done[places] = True
        self.failed += sum(row.status == FAILED for row, _ in answers.values())

    def __post_init__(self) -> None:
        self._index = pd.Index(self.runs["run_id"])


@contextmanager
def open_sweep_folder(path: Path, experiment: Experiment, *, anyway: bool = False) -> Iterator[SweepFolder]:
    """Create the folder of a sweep, or open an existing one to continue it, and lock it.

    Args:
        path: the folder.
        experiment: the experiment to run.
        anyway: continue even if the folder was started with another definition or another version of the code; runs
            that are in both definitions keep their rows.

    Raises:
        FolderInUseError: another sweep is writing into the folder.
        DifferentSweepError: the folder contains a different sweep.
        NotASweepError: the folder contains something other than a sweep.
        OutputError: the folder cannot be written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not (path / SWEEP).exists() and any(not entry.name.startswith(".") for entry in path.iterdir()):
            raise NotASweepError(
                f"{path}: this folder contains something other than a sweep; choose another folder"
            )
        with lock_folder(path):
            yield _prepare(path, experiment, anyway=anyway)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from error


def _prepare(path: Path, experiment: Experiment, *, anyway: bool) -> SweepFolder:
    _write_definition(path, experiment, anyway=anyway)
    for name in (PARTS, PROVENANCE):
        (path / name).mkdir(exist_ok=True)
    for place in (path, path.absolute().parent):
        sync(place)
    for place in (path, path / PARTS, path / PROVENANCE):
        for leftover in place.glob(".*.tmp"):
            leftover.unlink()
    points = unify_column_types(experiment.points)
    runs = build_run_table(experiment)
    write_atomically(path / POINTS, encode_parquet(points.reset_index(), _build_points_schema(points)))
    write_atomically(path / RUNS, encode_parquet(runs, _RUNS_SCHEMA))
    runs = runs.join(points, on="point")
    outcomes = experiment.definition.outcomes
    done, failed, set_aside = _find_finished_runs(path, runs, outcomes)
    parts = list_parts(path)
    next_part = parts[-1].number + 1 if parts else 0
    schema = build_part_schema(points, outcomes)
    return SweepFolder(path, experiment, runs, done, failed, set_aside, next_part, schema)


_RUNS_SCHEMA = pa.schema(
    [("run_id", pa.string()), ("arm", pa.string()), ("point", pa.int64()), ("seed", pa.int64())]
)


def _build_points_schema(points: pd.DataFrame) -> pa.Schema:
    return pa.schema([("point", pa.int64()), *(build_part_schema(points, ()).field(path) for path in points)])


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


def _write_definition(path: Path, experiment: Experiment, *, anyway: bool) -> None:
    """Write `sweep.json`, or check that the existing one describes the same sweep.

    Raises:
        DifferentSweepError: it describes a different sweep, and `anyway` is false.
    """
    ours: dict[str, Any] = {
        "format": _FORMAT,
        "code": {"version": VERSION, "sha256": hash_code()},
        "decides": list_fixed_settings(experiment),
        "definition": experiment.definition.model_dump(mode="json", by_alias=True),
    }
    ours = json.loads(json.dumps(ours))  # JSON turns tuples into lists
    file = path / SWEEP
    theirs = read_sweep_file(path) if file.exists() else ours
    if _select_fixed(theirs) != _select_fixed(ours) and not anyway:
        raise DifferentSweepError(_format_differences(path, _select_fixed(theirs), _select_fixed(ours)))
    if theirs != ours or not file.exists():
        write_atomically(file, (json.dumps(ours, indent=1, ensure_ascii=False) + "\n").encode())


def _select_fixed(sweep: Mapping[str, Any]) -> dict[str, Any]:
    """Select what must be unchanged for a sweep to be continued; its name, for example, may change."""
    return {"code": sweep["code"], **sweep["decides"]}


def read_sweep_file(path: Path) -> dict[str, Any]:
    """Read `sweep.json`.

    Raises:
        OutputError: the folder does not contain a sweep, or one from another version of cpsim.
    """
    try:
        content = json.loads((path / SWEEP).read_text(encoding="utf-8"))
        if content["format"] != _FORMAT:
            raise OutputError(f"{path}: this sweep was written by another version of cpsim")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(f"{path}: not the folder of a sweep ({error})") from error
    return dict(content)


def _format_differences(path: Path, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
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
            f"{path}: the sweep in this folder was started with a different definition or code:",
            *map(escape_unprintable, lines),
            "choose another folder, or use --anyway to keep the runs that are in both definitions and run the others",
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


def _find_finished_runs(
    path: Path, runs: pd.DataFrame, outcomes: Sequence[str]
) -> tuple[Bools, int, list[str]]:
    """Find which runs have a row in an undamaged part and how many of them failed; set damaged parts aside."""
    index = pd.Index(runs["run_id"])
    done = np.zeros(len(runs), dtype=np.bool_)
    failed, set_aside = 0, []
    for part in list_parts(path):
        try:
            rows = part.read(["run_id", "status", *outcomes])
            places = index.get_indexer(rows["run_id"].to_pandas())
            known = places >= 0
            if done[places[known]].any():
                raise DamagedPartError("it contains runs that are also in an earlier part")
        except DamagedPartError as error:
            _set_aside(path, part)
            set_aside.append(f"{PARTS}/{part.path.name} is set aside and its runs are repeated: {error}")
            continue
        done[places[known]] = True
        failed += int((rows["status"].to_pandas()[known] == FAILED).sum())
    return done, failed, set_aside


def _set_aside(path: Path, part: PartFile) -> None:
    (path / SET_ASIDE).mkdir(exist_ok=True)
    part.path.replace(path / SET_ASIDE / part.path.name)
