"""Load the results of a sweep as one tidy frame, which does not depend on how the sweep was run.

In the examples, `folder` is the folder of a finished sweep: one arm at two points of `network.trust_start`, one seed.
"""

import json
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import ValidationError

from cpsim.experiment.definition import Definition
from cpsim.results.errors import InvalidFileError, OutputError
from cpsim.results.loading import ANYWAY, CHANGED_FILES, describe_validation_error
from cpsim.results.names import SUMMARY
from cpsim.results.tables import check_finite, check_limit
from cpsim.scenario.problems import ScenarioError, format_value
from cpsim.scenario.read import from_mapping
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
from cpsim.sweeps.sweep_file import SWEEP, SweepRecord, read_record
from cpsim.sweeps.tasks import DONE, FAILED

__all__ = ["load_definition", "load_provenance", "load_sweep"]

_NO_LIMITS = (-math.inf, math.inf)
_STATUS_COLUMNS = ("status", "stage", "error", "scenario_hash", "version")


def load_sweep(folder: str | os.PathLike[str], *, anyway: bool = False) -> pd.DataFrame:
    """Load the runs of a sweep that are finished so far, one row for each run, sorted by arm, point and seed.

    Args:
        folder: the folder of the sweep.
        anyway: load it even if files have changed since they were written; the attribute `changed_files` in
            `attrs` of the frame lists them.

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
    record = read_record(source, anyway=anyway)
    runs, points = record.runs, record.points
    changed = list(record.changed_files)
    rows, files = _read_results(source, _read_definition(source, record).outcomes, changed, anyway=anyway)
    places = pd.Index(runs["run_id"]).get_indexer(pd.Index(rows["run_id"]))
    _check_no_repeated_runs(source, files[places >= 0], places[places >= 0])
    order = np.argsort(places, kind="stable")
    order = order[places[order] >= 0]  # the folder may contain runs of an earlier definition
    keys = runs.iloc[places[order]].reset_index(drop=True)
    results = rows.drop(columns="run_id").iloc[order].reset_index(drop=True)
    frame: pd.DataFrame = pd.concat([keys, points.loc[keys["point"]].reset_index(drop=True), results], axis=1)
    frame["arm"] = pd.Categorical(frame["arm"], categories=pd.unique(runs["arm"]))
    frame["status"] = pd.Categorical(frame["status"], categories=[DONE, FAILED])
    return _mark(frame, changed)


def load_provenance(folder: str | os.PathLike[str], *, anyway: bool = False) -> pd.DataFrame:
    """Load how each finished run was executed, sorted like `load_sweep`.

    Args:
        folder: the folder of the sweep.
        anyway: load it even if files have changed since they were written; `attrs` lists them, as for
            `load_sweep`.

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
    record = read_record(source, anyway=anyway)
    changed = list(record.changed_files)
    provenance = _read_provenance(source, changed, anyway=anyway)
    ordered: pd.DataFrame = record.runs[["run_id"]].merge(provenance, on="run_id")
    return _mark(ordered, changed)


def load_definition(folder: str | os.PathLike[str], *, anyway: bool = False) -> Definition:
    """Load the definition of the experiment; `sweep.json` also has the resolved arms, under `decides`.

    Args:
        folder: the folder of the sweep.
        anyway: load it even if files have changed since they were written; see `load_sweep`.

    Raises:
        OutputError: the folder does not contain a sweep, or it is damaged.

    >>> definition = load_definition(folder)
    >>> definition.name, definition.outcomes
    ('trust', ('missed_risk_rate',))
    """
    source = Path(folder)
    return _read_definition(source, read_record(source, anyway=anyway))


def _read_definition(source: Path, record: SweepRecord) -> Definition:
    try:
        return Definition.model_validate_json(json.dumps(record.content["definition"]))
    except ValidationError as error:
        raise InvalidFileError(f"{source / SWEEP}: definition.{describe_validation_error(error)}") from error


def _mark(frame: pd.DataFrame, changed: Sequence[str]) -> pd.DataFrame:
    if changed:
        frame.attrs[CHANGED_FILES] = list(dict.fromkeys(changed))
    return frame


def _leave_out_network(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the user's own network file, which need not be on this machine."""
    network = settings.get("network")
    if not isinstance(network, dict):
        return dict(settings)
    return {**settings, "network": {name: value for name, value in network.items() if name != "graphml"}}


def read_sweep_file(folder: Path, *, anyway: bool = False) -> dict[str, Any]:
    """Read what `sweep.json` contains.

    Raises:
        OutputError: the folder does not contain a sweep, or it is damaged.
    """
    content = read_record(folder, anyway=anyway).content
    try:
        for settings in content["decides"]["arms"].values():
            from_mapping(_leave_out_network(settings))
    except ScenarioError as error:
        raise InvalidFileError(f"{folder / SWEEP}: decides.arms: {error.problems[0]}") from error
    return content


def _read_results(
    source: Path, outcomes: Sequence[str], changed: list[str], *, anyway: bool
) -> tuple[pd.DataFrame, "np.ndarray[tuple[int], np.dtype[np.str_]]"]:
    names = ["run_id", *outcomes, *_STATUS_COLUMNS]
    schema = pa.schema([(name, pa.float64() if name in outcomes else pa.string()) for name in names])

    def read_part(part: Part) -> pa.Table:
        if not anyway:
            part.check_provenance()
        table = part.rows.read(names, anyway=anyway)
        _check_schema(part.rows.path, table.schema, schema)
        _check_results(part.rows.path, table, outcomes)
        return table

    def tabulate(answers: Answers, run_ids: Sequence[str]) -> pa.Table:
        table = pa.table(tabulate_results(answers, run_ids, columns=names), schema=schema)
        _check_results(source / JOURNAL, table, outcomes)
        return table

    return _read_rows(source, read_part, tabulate, changed, anyway=anyway)


def _check_results(file: Path, table: pa.Table, outcomes: Sequence[str]) -> None:
    """Check the values in the rows of a file.

    Raises:
        InvalidFileError: one is not allowed.
    """
    rows = table.to_pandas()
    unknown = ~rows["status"].isin([DONE, FAILED])
    if unknown.any():
        raise InvalidFileError(
            f"{file}: column status: {format_value(rows['status'][unknown].iloc[0])} is not a status"
        )
    for name in outcomes:
        outcome = SUMMARY.get(name.partition(".")[0])
        low, high = outcome.limits if outcome else _NO_LIMITS
        try:
            check_finite(name, rows[name])
            check_limit(name, rows[name], low, 1, "at least")
            check_limit(name, rows[name], high, -1, "at most")
        except ValueError as error:
            raise InvalidFileError(f"{file}: {error}") from error


def _read_provenance(source: Path, changed: list[str], *, anyway: bool) -> pd.DataFrame:
    def read_part(part: Part) -> pa.Table:
        table = part.read_provenance(anyway=anyway)
        assert part.provenance is not None
        _check_schema(part.provenance.path, table.schema, PROVENANCE_SCHEMA)
        return table

    def tabulate(answers: Answers, run_ids: Sequence[str]) -> pa.Table:
        return pa.table(tabulate_provenance(answers, run_ids), schema=PROVENANCE_SCHEMA)

    return _read_rows(source, read_part, tabulate, changed, anyway=anyway)[0]


def _find_changed_files(part: Part) -> Iterator[str]:
    for file in (part.rows, part.provenance):
        if file is None:
            continue
        try:
            file.read_bytes()
        except DamagedFileError:
            yield file.name


def _read_rows(
    source: Path,
    read_part: Callable[[Part], pa.Table],
    tabulate: Callable[[Answers, Sequence[str]], pa.Table],
    changed: list[str],
    *,
    anyway: bool,
) -> tuple[pd.DataFrame, "np.ndarray[tuple[int], np.dtype[np.str_]]"]:
    """Read all parts, and the rows in the journal that are not in a part, and the name of the file of each row.

    Names of changed files are added to `changed`.
    """
    name, tables, names = JOURNAL, [], []
    try:
        # The journal is read first, because its rows can be written as a part at any time, after which it is deleted.
        journal = read_journal(source)
        if not anyway:
            journal.check()
        elif journal.damaged:
            changed.append(JOURNAL)
        for part in list_parts(source):
            name = part.rows.name
            changed += _find_changed_files(part) if anyway else ()
            tables.append(read_part(part))
            names.append(name)
    except (DamagedFileError, OSError) as error:
        raise OutputError(
            f"{source / name}: {error}; repeat the command that ran the sweep, which sets this file aside and repeats "
            f"its runs; or {ANYWAY}"
        ) from error
    saved = (
        {run_id for table in tables for run_id in table["run_id"].to_pylist()} if journal.answers else set()
    )
    left = [run_id for run_id in journal.answers if run_id not in saved]
    try:
        tables.append(tabulate(journal.answers, left))
    except (pa.ArrowException, AttributeError, TypeError) as error:
        raise InvalidFileError(f"{source / JOURNAL}: {error}") from error
    return pa.concat_tables(tables).to_pandas(), np.repeat(
        [*names, JOURNAL], [len(table) for table in tables]
    )


def _check_schema(file: Path, found: pa.Schema, expected: pa.Schema) -> None:
    for field in expected:
        if found.field(field.name).type != field.type:
            raise InvalidFileError(
                f"{file}: column {field.name}: expected {field.type}, not {found.field(field.name).type}"
            )


def _check_no_repeated_runs(
    source: Path,
    files: "np.ndarray[tuple[int], np.dtype[np.str_]]",
    runs: "np.ndarray[tuple[int], np.dtype[np.intp]]",
) -> None:
    repeated = pd.Index(runs).duplicated()
    if not repeated.any():
        return
    second = int(repeated.argmax())
    first = int((runs == runs[second]).argmax())
    place = "twice" if files[first] == files[second] else f"and in {files[first]}"
    raise OutputError(
        f"{source / files[second]}: a run is in this part {place}; "
        "repeat the command that ran the sweep, which sets this part aside and repeats its runs"
    )
