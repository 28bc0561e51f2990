"""A sweep read back: one tidy frame, in the same order and with the same bytes however it was run."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cpsim.results.folder import OutputError
from cpsim.study.definition import Definition
from cpsim.study.folder import POINTS, RUNS, read_frozen
from cpsim.study.parts import Damaged, parts_of
from cpsim.study.work import DONE, FAILED

_ENDS = ("status", "stage", "error", "scenario_hash", "version")


def load_sweep(folder: str | os.PathLike[str]) -> pd.DataFrame:
    """The runs of a sweep that have been done so far, one row a run, sorted by arm, point and seed.

    Returns:
        A frame with the columns `run_id` (str), `arm` (category, in the order of the experiment's file), `point` and
        `seed` (int64), a column for each varied path, one for each outcome (float64, missing where a run leaves it
        undefined or has failed), `status` (category: done, failed), `stage` and `error` of failed runs (str),
        `scenario_hash` (str) and `version` (str, the hash of the code that ran it). What differs from one try to the
        next is in `load_provenance`.

    Raises:
        OutputError: the folder holds no sweep, or one of its files is not what was written.
    """
    source = Path(folder)
    definition = load_definition(source)
    runs, points = _table(source, RUNS), _table(source, POINTS).set_index("point")
    rows = _rows(source, ["run_id", *definition.outcomes, *_ENDS])
    places = pd.Index(runs["run_id"]).get_indexer(pd.Index(rows["run_id"]))
    _refuse_doubles(source, places)
    order = np.argsort(places, kind="stable")
    order = order[places[order] >= 0]  # runs of an earlier definition stay in the folder
    who = runs.iloc[places[order]].reset_index(drop=True)
    ends = rows.drop(columns="run_id").iloc[order].reset_index(drop=True)
    frame: pd.DataFrame = pd.concat([who, points.loc[who["point"]].reset_index(drop=True), ends], axis=1)
    frame["arm"] = pd.Categorical(frame["arm"], categories=pd.unique(runs["arm"]))
    frame["status"] = pd.Categorical(frame["status"], categories=[DONE, FAILED])
    return frame


def load_provenance(folder: str | os.PathLike[str]) -> pd.DataFrame:
    """How each run that has been done came about, sorted like `load_sweep`.

    Returns:
        A frame with the columns `run_id`, `seconds` (float64), `worker` (process and machine), `made_with` (versions
        and platform), and of failed runs `scenario` (YAML that can be run again) and `trace`.

    Raises:
        OutputError: the folder holds no sweep, or one of its files is not what was written.
    """
    source = Path(folder)
    read_frozen(source)
    try:
        tables = [pq.read_table(part.provenance) for part in parts_of(source)]
    except (OSError, pa.ArrowException) as error:
        raise OutputError(f"{source}: the provenance cannot be read ({error})") from error
    runs = _table(source, RUNS)
    rows = pa.concat_tables(tables).to_pandas() if tables else pd.DataFrame({"run_id": []})
    ordered: pd.DataFrame = runs[["run_id"]].merge(rows, on="run_id")
    return ordered


def load_definition(folder: str | os.PathLike[str]) -> Definition:
    """The definition of a sweep's experiment; its arms stand resolved in `sweep.json` under `decides`.

    Raises:
        OutputError: the folder holds no sweep.
    """
    return Definition.model_validate_json(json.dumps(read_frozen(Path(folder))["definition"]))


def _table(source: Path, name: str) -> pd.DataFrame:
    try:
        frame: pd.DataFrame = pq.read_table(source / name).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise OutputError(
            f"{source / name}: cannot be read ({error}); the command that ran the sweep mends it"
        ) from error
    return frame


def _rows(source: Path, columns: Sequence[str]) -> pd.DataFrame:
    tables = []
    for part in parts_of(source):
        try:
            tables.append(part.read(columns))
        except Damaged as fault:
            raise OutputError(
                f"{part.path}: {fault}; the command that ran the sweep does its runs again"
            ) from fault
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
    rows: pd.DataFrame = pa.concat_tables(tables).to_pandas()
    return rows


def _refuse_doubles(source: Path, places: "np.ndarray[tuple[int], np.dtype[np.intp]]") -> None:
    known = places[places >= 0]
    if len(np.unique(known)) < len(known):
        raise OutputError(
            f"{source}: some runs stand in two parts; the command that ran the sweep puts that right"
        )
