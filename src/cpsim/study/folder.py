"""The folder of a sweep: what was to be run, what has been run, and the refusal to mix it with anything else.

sweep.json       the frozen definition and the code that runs it
runs.parquet     the table of runs: run_id, arm, point, seed
points.parquet   the values of what varies, by point
parts/           rows of results; see `cpsim.study.parts`
provenance/      what belongs to each part but differs from one try to the next
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

import cpsim
from cpsim.results.folder import OutputError, sync
from cpsim.results.run_result import code_sha256
from cpsim.scenario.problems import printable
from cpsim.study.experiment import Experiment
from cpsim.study.lock import Refused, alone
from cpsim.study.parts import (
    PARTS,
    PROVENANCE,
    SET_ASIDE,
    Damaged,
    Part,
    parquet,
    parts_of,
    put,
    schema_of,
    write_part,
)
from cpsim.study.runs import frozen, table_of_runs
from cpsim.study.work import FAILED, Answer, Row

SWEEP, RUNS, POINTS = "sweep.json", "runs.parquet", "points.parquet"
_FORMAT = 1
_MOST_SHOWN = 20


class NoSweep(Refused):
    """The folder holds something else than a sweep."""


class OtherSweep(Refused):
    """The folder holds a sweep of something else; the message shows the differences."""


@dataclass
class SweepFolder:
    """A sweep's folder, held by this process.

    Attributes:
        path: where it lies.
        experiment: what is run.
        runs: the table of runs, sorted, as `table_of_runs` gives it, with a column for each varied path.
        done: which of them have a row, bool, shape (runs,).
        failed: how many of these have failed.
        set_aside: sentences about parts that could not be used.
    """

    path: Path
    experiment: Experiment
    runs: pd.DataFrame
    done: np.ndarray[Any, np.dtype[np.bool_]]
    failed: int
    set_aside: list[str]
    _next_part: int
    _schema: pa.Schema

    def save(self, answers: Mapping[str, tuple[Row, Answer]]) -> None:
        """Write rows as the next part; nothing if there are none.

        Args:
            answers: the row of each run by its `run_id`, and the answer that it came with.

        Raises:
            OSError: the disk refuses; none of the rows is saved.
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
def held(path: Path, experiment: Experiment, *, anyway: bool = False) -> Iterator[SweepFolder]:
    """Make the folder of a sweep, or find one that is to be continued, and keep others out of it.

    Args:
        path: the folder.
        experiment: what is to be run.
        anyway: continue also where the folder has another definition or another code; rows of runs that both have are
            kept.

    Raises:
        InUse: another sweep writes into the folder.
        OtherSweep: it holds a sweep of something else.
        NoSweep: it holds something else.
        OutputError: it cannot be written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not (path / SWEEP).exists() and any(not entry.name.startswith(".") for entry in path.iterdir()):
            raise NoSweep(f"{path}: this folder holds something else than a sweep; choose another name")
        with alone(path):
            yield _prepared(path, experiment, anyway=anyway)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from error


def _prepared(path: Path, experiment: Experiment, *, anyway: bool) -> SweepFolder:
    _freeze(path, experiment, anyway=anyway)
    for name in (PARTS, PROVENANCE):
        (path / name).mkdir(exist_ok=True)
    for place in (path, path.absolute().parent):
        sync(place)
    for place in (path, path / PARTS, path / PROVENANCE):
        for leftover in place.glob(".*.tmp"):
            leftover.unlink()
    points = in_columns(experiment.points)
    runs = table_of_runs(experiment)
    put(path / POINTS, parquet(points.reset_index(), _schema_of_points(points)))
    put(path / RUNS, parquet(runs, _SCHEMA_OF_RUNS))
    runs = runs.join(points, on="point")
    outcomes = experiment.definition.outcomes
    done, failed, told = _already_done(path, runs, outcomes)
    parts = parts_of(path)
    following = parts[-1].number + 1 if parts else 0
    return SweepFolder(path, experiment, runs, done, failed, told, following, schema_of(points, outcomes))


_SCHEMA_OF_RUNS = pa.schema(
    [("run_id", pa.string()), ("arm", pa.string()), ("point", pa.int64()), ("seed", pa.int64())]
)


def _schema_of_points(points: pd.DataFrame) -> pa.Schema:
    return pa.schema([("point", pa.int64()), *(schema_of(points, ()).field(path) for path in points)])


def in_columns(points: pd.DataFrame) -> pd.DataFrame:
    """The points with one type in each column: words and numbers in one column become words."""
    mixed = [
        path
        for path, column in points.items()
        if column.dtype == object and not all(isinstance(value, bool) for value in column)
    ]
    return points.assign(**{str(path): points[path].map(str) for path in mixed})


def _freeze(path: Path, experiment: Experiment, *, anyway: bool) -> None:
    """Write down what is run, or see that it is what is written down.

    Raises:
        OtherSweep: it is something else, and that is not allowed.
    """
    ours: dict[str, Any] = {
        "format": _FORMAT,
        "code": {"version": cpsim.__version__, "sha256": code_sha256()},
        "decides": frozen(experiment),
        "definition": experiment.definition.model_dump(mode="json", by_alias=True),
    }
    ours = json.loads(json.dumps(ours))  # as it will be read
    file = path / SWEEP
    theirs = read_frozen(path) if file.exists() else ours
    if _deciding(theirs) != _deciding(ours) and not anyway:
        raise OtherSweep(_difference(path, _deciding(theirs), _deciding(ours)))
    if theirs != ours or not file.exists():
        put(file, (json.dumps(ours, indent=1, ensure_ascii=False) + "\n").encode())


def _deciding(sweep: Mapping[str, Any]) -> dict[str, Any]:
    """What must be the same for a sweep to be continued; its name, for one, need not."""
    return {"code": sweep["code"], **sweep["decides"]}


def read_frozen(path: Path) -> dict[str, Any]:
    """What was written down about a sweep.

    Raises:
        OutputError: the folder holds no sweep.
    """
    try:
        frozen_then = json.loads((path / SWEEP).read_text(encoding="utf-8"))
        if frozen_then["format"] != _FORMAT:
            raise OutputError(f"{path}: this sweep was made by another version of cpsim")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(f"{path}: not the folder of a sweep ({error})") from error
    return dict(frozen_then)


def _difference(path: Path, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    before, now = dict(_leaves(theirs)), dict(_leaves(ours))
    differing = [name for name in dict.fromkeys([*before, *now]) if before.get(name) != now.get(name)]
    lines = [
        f"  {name}: {before.get(name, 'not there')}; now {now.get(name, 'not there')}"
        for name in islice(differing, _MOST_SHOWN)
    ]
    if len(differing) > _MOST_SHOWN:
        lines.append(f"  and {len(differing) - _MOST_SHOWN} more")
    return "\n".join(
        [
            f"{path}: the sweep in this folder was begun with something else:",
            *map(printable, lines),
            "choose another folder, or say --anyway to keep the runs that both have and to do the others",
        ]
    )


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(tree, dict) and tree:
        for name, inner in tree.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(tree, list) and any(isinstance(inner, dict | list) for inner in tree):
        for index, inner in enumerate(tree):
            yield from _leaves(inner, f"{path}[{index}]")
    else:
        yield path, json.dumps(tree, ensure_ascii=False)


def _already_done(
    path: Path, runs: pd.DataFrame, outcomes: Sequence[str]
) -> tuple[np.ndarray[Any, np.dtype[np.bool_]], int, list[str]]:
    """Which runs stand in a sound part, how many of them failed, and what is told of parts that are not sound."""
    index = pd.Index(runs["run_id"])
    done = np.zeros(len(runs), dtype=np.bool_)
    failed, told = 0, []
    for part in parts_of(path):
        try:
            rows = part.read(["run_id", "status", *outcomes])
            places = index.get_indexer(rows["run_id"].to_pandas())
            known = places >= 0
            if done[places[known]].any():
                raise Damaged("it holds runs that stand in an earlier part as well")
        except Damaged as fault:
            _set_aside(path, part)
            told.append(f"{PARTS}/{part.path.name} is set aside and its runs are done again: {fault}")
            continue
        done[places[known]] = True
        failed += int((rows["status"].to_pandas()[known] == FAILED).sum())
    return done, failed, told


def _set_aside(path: Path, part: Part) -> None:
    (path / SET_ASIDE).mkdir(exist_ok=True)
    part.path.replace(path / SET_ASIDE / part.path.name)
