"""Load the results of a sweep as one tidy frame, which does not depend on how the sweep was run.

In the examples, `folder` is the folder of a finished sweep: one arm at two points of `network.trust_start`, one seed.
"""

import json
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from cpsim.experiment.definition import Definition
from cpsim.results.errors import OutputError
from cpsim.sweeps.journal import JOURNAL, read_journal
from cpsim.sweeps.parts import (
    PROVENANCE_SCHEMA,
    Answers,
    DamagedFileError,
    Part,
    list_parts,
    tabulate_provenance,
    tabulate_results,
)
from cpsim.sweeps.sweep_file import SweepRecord, read_record
from cpsim.sweeps.tasks import DONE, FAILED

__all__ = ["load_definition", "load_provenance", "load_sweep"]

_STATUS_COLUMNS = ("status", "stage", "error", "scenario_hash", "version")


def load_sweep(folder: str | os.PathLike[str]) -> pd.DataFrame:
    """Load the runs of a sweep that are finished so far, one row for each run, sorted by arm, point and seed.

    Returns:
        A frame with the columns `run_id` (str), `arm` (category, in the order of the experiment file), `point` and
        `seed` (int64), a column for each varied path, one for each outcome (float64, NaN if a run leaves it undefined
        or has failed), `status` (category: done, failed), `stage` and `error` of failed runs (str), `scenario_hash`
        (str) and `version` (str, the hash of the code that ran it). `load_provenance` loads what differs between two
        executions of the same run.

    Raises:
        OutputError: the folder does not contain a sweep, or one of its files has been changed or damaged.

    >>> runs = load_sweep(folder)
    >>> runs[["arm", "point", "seed", "status"]].to_numpy().tolist()
    [['small', 0, 1, 'done'], ['small', 1, 1, 'done']]
    >>> runs.groupby("arm", observed=True)["missed_risk_rate"].mean().index.tolist()
    ['small']
    """
    source = Path(folder)
    record = read_record(source)
    runs, points = record.runs, record.points
    rows = _read_results(source, _read_definition(record).outcomes)
    places = pd.Index(runs["run_id"]).get_indexer(pd.Index(rows["run_id"]))
    _check_no_repeated_runs(source, places)
    order = np.argsort(places, kind="stable")
    order = order[places[order] >= 0]  # the folder may contain runs of an earlier definition
    keys = runs.iloc[places[order]].reset_index(drop=True)
    results = rows.drop(columns="run_id").iloc[order].reset_index(drop=True)
    frame: pd.DataFrame = pd.concat([keys, points.loc[keys["point"]].reset_index(drop=True), results], axis=1)
    frame["arm"] = pd.Categorical(frame["arm"], categories=pd.unique(runs["arm"]))
    frame["status"] = pd.Categorical(frame["status"], categories=[DONE, FAILED])
    return frame


def load_provenance(folder: str | os.PathLike[str]) -> pd.DataFrame:
    """Load how each finished run was executed, sorted like `load_sweep`.

    Returns:
        A frame with the columns `run_id`, `seconds` (float64), `worker` (process and machine), `made_with` (versions
        and platform), and for failed runs `scenario` (YAML that can be run again) and `trace` (the traceback).

    Raises:
        OutputError: the folder does not contain a sweep, or one of its files has been changed or damaged.

    >>> provenance = load_provenance(folder)
    >>> provenance["run_id"].tolist() == load_sweep(folder)["run_id"].tolist()
    True
    >>> bool((provenance["seconds"] > 0).all())
    True
    """
    source = Path(folder)
    runs, provenance = read_record(source).runs, _read_provenance(source)
    ordered: pd.DataFrame = runs[["run_id"]].merge(provenance, on="run_id")
    return ordered


def load_definition(folder: str | os.PathLike[str]) -> Definition:
    """Load the definition of the experiment; `sweep.json` also has the resolved arms, under `decides`.

    Raises:
        OutputError: the folder does not contain a sweep, or it is damaged.

    >>> definition = load_definition(folder)
    >>> definition.name, definition.outcomes
    ('trust', ('missed_risk_rate',))
    """
    return _read_definition(read_record(Path(folder)))


def _read_definition(record: SweepRecord) -> Definition:
    return Definition.model_validate_json(json.dumps(record.content["definition"]))


def read_sweep_file(folder: Path) -> dict[str, Any]:
    """Read what `sweep.json` contains.

    Raises:
        OutputError: the folder does not contain a sweep, or it is damaged.
    """
    return read_record(folder).content


def _read_results(source: Path, outcomes: Sequence[str]) -> pd.DataFrame:
    names = ["run_id", *outcomes, *_STATUS_COLUMNS]
    schema = pa.schema([(name, pa.float64() if name in outcomes else pa.string()) for name in names])

    def read_part(part: Part) -> pa.Table:
        part.check_provenance()
        return part.rows.read(names)

    return _read_rows(source, read_part, partial(tabulate_results, columns=names), schema)


def _read_provenance(source: Path) -> pd.DataFrame:
    def read_part(part: Part) -> pa.Table:
        return part.check_provenance().read()

    return _read_rows(source, read_part, tabulate_provenance, PROVENANCE_SCHEMA)


def _read_rows(
    source: Path,
    read_part: Callable[[Part], pa.Table],
    tabulate: Callable[[Answers, Sequence[str]], dict[str, Any]],
    schema: pa.Schema,
) -> pd.DataFrame:
    """Read all parts, and the rows in the journal that are not in a part."""
    name, tables = JOURNAL, []
    try:
        # The journal is read first, because its rows can be written as a part at any time, after which it is deleted.
        journal = read_journal(source)
        journal.check()
        for part in list_parts(source):
            name = part.rows.name
            tables.append(read_part(part))
    except (DamagedFileError, OSError) as error:
        raise OutputError(
            f"{source / name}: {error}; repeat the command that ran the sweep, which sets this file aside and repeats "
            "its runs"
        ) from error
    saved = (
        {run_id for table in tables for run_id in table["run_id"].to_pylist()} if journal.answers else set()
    )
    left = [run_id for run_id in journal.answers if run_id not in saved]
    tables.append(pa.table(tabulate(journal.answers, left), schema=schema))
    rows: pd.DataFrame = pa.concat_tables(tables).to_pandas()
    return rows


def _check_no_repeated_runs(source: Path, places: "np.ndarray[tuple[int], np.dtype[np.intp]]") -> None:
    known = places[places >= 0]
    if len(np.unique(known)) < len(known):
        raise OutputError(
            f"{source}: some runs are in two parts; repeat the command that ran the sweep, which sets the second aside"
        )
