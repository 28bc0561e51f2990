"""Load the results of a sweep as one tidy frame, which does not depend on how the sweep was run.

In the examples, `folder` is the folder of a finished sweep: one arm at two points of `network.trust_start`, one seed.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cpsim.experiment.definition import Definition
from cpsim.results.folder import OutputError
from cpsim.sweeps.folder import POINTS, RUNS, read_sweep_file
from cpsim.sweeps.parts import DamagedPartError, list_parts
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
    definition = load_definition(source)
    runs, points = _read_table(source, RUNS), _read_table(source, POINTS).set_index("point")
    rows = _read_rows(source, ["run_id", *definition.outcomes, *_STATUS_COLUMNS])
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
    read_sweep_file(source)
    try:
        tables = [pq.read_table(part.provenance) for part in list_parts(source)]
    except (OSError, pa.ArrowException) as error:
        raise OutputError(f"{source}: the provenance cannot be read ({error})") from error
    runs = _read_table(source, RUNS)
    rows = pa.concat_tables(tables).to_pandas() if tables else pd.DataFrame({"run_id": []})
    ordered: pd.DataFrame = runs[["run_id"]].merge(rows, on="run_id")
    return ordered


def load_definition(folder: str | os.PathLike[str]) -> Definition:
    """Load the definition of the experiment; `sweep.json` also has the resolved arms, under `decides`.

    Raises:
        OutputError: the folder does not contain a sweep.

    >>> definition = load_definition(folder)
    >>> definition.name, definition.outcomes
    ('trust', ('missed_risk_rate',))
    """
    return Definition.model_validate_json(json.dumps(read_sweep_file(Path(folder))["definition"]))


def _read_table(source: Path, name: str) -> pd.DataFrame:
    try:
        frame: pd.DataFrame = pq.read_table(source / name).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise OutputError(
            f"{source / name}: cannot be read ({error}); the command that ran the sweep writes it again"
        ) from error
    return frame


def _read_rows(source: Path, columns: Sequence[str]) -> pd.DataFrame:
    tables = []
    for part in list_parts(source):
        try:
            tables.append(part.read(columns))
        except DamagedPartError as error:
            raise OutputError(
                f"{part.path}: {error}; the command that ran the sweep repeats its runs"
            ) from error
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
    rows: pd.DataFrame = pa.concat_tables(tables).to_pandas()
    return rows


def _check_no_repeated_runs(source: Path, places: "np.ndarray[tuple[int], np.dtype[np.intp]]") -> None:
    known = places[places >= 0]
    if len(np.unique(known)) < len(known):
        raise OutputError(
            f"{source}: some runs are in two parts; the command that ran the sweep sets the second part aside"
        )
