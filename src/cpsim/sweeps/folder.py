"""The folder of a sweep: its definition, its table of runs and the results so far.

A folder holds one sweep only; a sweep with another definition is refused.

sweep.json       the definition of the sweep, and the hash of the code that runs it
runs.parquet     the table of runs: run_id, arm, point, seed
points.parquet   the values of the varied settings, by point
experiment/      a copy of the experiment file, and of the files that it names
journal.jsonl    rows of results that are not yet in a part; see `cpsim.sweeps.journal`
parts/           rows of results; see `cpsim.sweeps.parts`
provenance/      for each part, what differs between two executions of the same run
set_aside/       damaged files
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from cpsim.arrays import Bools
from cpsim.experiment.read import Experiment
from cpsim.formatting import format_count
from cpsim.results.errors import FolderRefusedError, ForeignFileError, OutputError
from cpsim.results.files import compute_digest, find_free_name, refuse_links, sync
from cpsim.results.folder import refuse_impossible_path, replace_folder_atomically
from cpsim.results.manifest import list_written_files, read_manifest
from cpsim.results.temporary import remove_abandoned_folders
from cpsim.scenario.paths import is_file
from cpsim.sweeps.journal import JOURNAL, Journal, read_journal
from cpsim.sweeps.lock import lock_folder
from cpsim.sweeps.parts import (
    NAME,
    PARTS,
    PROVENANCE,
    DamagedFileError,
    build_part_schema,
    find_next_number,
    list_parts,
    name_hidden_file,
    write_atomically,
    write_part,
)
from cpsim.sweeps.sweep_file import (
    EXPERIMENT,
    POINTS,
    RUNS,
    SWEEP,
    SweepRecord,
    build_record,
    check_same_sweep,
    check_saved_runs,
    has_saved_runs,
    read_content,
)
from cpsim.sweeps.tasks import FAILED, ResultRow, TaskAnswer

SET_ASIDE = "set_aside"


class NotASweepError(FolderRefusedError):
    """The folder contains something other than a sweep."""


@dataclass
class SweepFolder:
    """The folder of a sweep, locked by this process.

    Rows are saved in the journal as they arrive, in any thread, and from time to time written as a part.

    Attributes:
        path: the folder.
        experiment: the experiment that is run.
        runs: the table of runs from `build_run_table`, with a column for each varied path.
        done: whether the row of each run is saved, shape (runs,).
        failed: number of runs that have failed.
        set_aside: a sentence for each file that was missing or damaged.
    """

    path: Path
    experiment: Experiment
    runs: pd.DataFrame
    done: Bools
    failed: int
    set_aside: list[str]
    _next_part: int
    _schema: pa.Schema

    def __post_init__(self) -> None:
        self._index = pd.Index(self.runs["run_id"])
        self._journal = Journal(self.path)
        self._in_journal: dict[str, tuple[ResultRow, TaskAnswer]] = {}
        self._lock = threading.Lock()
        self._is_open = True

    @property
    def rows_in_journal(self) -> int:
        """Number of rows that are not yet in a part."""
        return len(self._in_journal)

    def add(self, answer: TaskAnswer) -> None:
        """Save the rows of an answer in the journal, except for those that are already saved.

        Raises:
            OSError: the disk is full or refuses the write; the rows that follow are not saved.
        """
        with self._lock:
            for row in answer.rows:
                if self._is_open and not self.is_saved(row.run_id):
                    self._append(row, answer)

    def is_saved(self, run_id: str) -> bool:
        """Return whether the row of a run is saved."""
        return bool(self.done[self._index.get_loc(run_id)])

    def write_part(self) -> None:
        """Write the rows in the journal as the next part, and delete the journal.

        Raises:
            OSError: the disk is full or refuses the write; the rows are still in the journal.
        """
        with self._lock:
            self._write_part()
            self._journal.delete()

    def close(self) -> None:
        """Write the last part; rows that arrive later are not saved.

        Raises:
            OSError: as for `write_part`.
        """
        with self._lock:
            self._is_open = False
        try:
            self.write_part()
        finally:
            self._journal.close()

    def recover_journal(self) -> None:
        """Write the rows in the journal of a process that was killed as a part.

        A journal with damaged lines, or with rows of another definition, is set aside.
        """
        file, content = self.path / JOURNAL, read_journal(self.path)
        outcomes = set(self.experiment.definition.outcomes)
        foreign = 0
        for run_id, (row, answer) in content.answers.items():
            if run_id not in self._index or not (row.status == FAILED or outcomes <= row.outcomes.keys()):
                foreign += 1
            elif not self.is_saved(run_id):
                self._keep(row, answer)
        self._write_part()
        if content.damaged or foreign:
            _set_aside(self.path, file)
            damaged = format_count(content.damaged, "damaged line")
            others = format_count(foreign, "run of another definition", "runs of another definition")
            self.set_aside.append(
                f"{JOURNAL} is set aside, because it has {damaged} and {others}; the runs of damaged lines are repeated"
            )
        else:
            file.unlink(missing_ok=True)

    def _append(self, row: ResultRow, answer: TaskAnswer) -> None:
        try:
            self._journal.append(row, answer)
        except OSError:
            self._is_open = False  # the journal may end in half a line
            raise
        self._keep(row, answer)

    def _keep(self, row: ResultRow, answer: TaskAnswer) -> None:
        self._in_journal[row.run_id] = row, answer
        self.done[self._index.get_loc(row.run_id)] = True
        self.failed += row.status == FAILED

    def _write_part(self) -> None:
        if self._in_journal:
            places = np.sort(self._index.get_indexer(pd.Index(list(self._in_journal))))
            write_part(self.path, self._next_part, self.runs.iloc[places], self._in_journal, self._schema)
            self._next_part += 1
            self._in_journal = {}


@contextmanager
def open_sweep_folder(path: Path, experiment: Experiment, *, anyway: bool = False) -> Iterator[SweepFolder]:
    """Create the folder of a sweep, or open an existing one to continue it, and lock it.

    Files that are missing or damaged are set aside and written again; the runs of a damaged part are repeated.

    Args:
        path: the folder.
        experiment: the experiment to run.
        anyway: continue even if the folder was started with another definition or another version of the code; runs
            that are in both definitions keep their rows.

    Raises:
        FolderInUseError: another sweep is writing into the folder.
        DifferentSweepError: the folder contains a different sweep.
        NotASweepError: the folder contains something other than a sweep.
        LinkRefusedError: the folder is a link, or has one in it.
        OutputError: the folder cannot be written.
    """
    refuse_impossible_path(path)
    try:
        refuse_links(path)
        path.mkdir(parents=True, exist_ok=True)
        if not ((path / SWEEP).exists() or has_saved_runs(path)) and any(
            not entry.name.startswith(".") for entry in path.iterdir()
        ):
            raise NotASweepError(
                f"{path}: this folder contains something other than a sweep; choose another folder"
            )
        with lock_folder(path):
            folder = _prepare(path, experiment, anyway=anyway)
            try:
                yield folder
            finally:
                folder.close()
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from error


def _prepare(path: Path, experiment: Experiment, *, anyway: bool) -> SweepFolder:
    record, files = build_record(experiment)
    sentences = _write_record(path, record, files, anyway=anyway)
    for name in (PARTS, PROVENANCE):
        (path / name).mkdir(exist_ok=True)
    for place in (path, path.absolute().parent):
        sync(place)
    sentences += _save_source_files(path, experiment)
    runs = record.runs.join(record.points, on="point")
    outcomes = experiment.definition.outcomes
    done, failed, damages = _find_finished_runs(path, runs, outcomes)
    schema = build_part_schema(record.points, outcomes)
    next_part = find_next_number(path)
    folder = SweepFolder(path, experiment, runs, done, failed, [*sentences, *damages], next_part, schema)
    folder.recover_journal()
    return folder


def _write_record(path: Path, record: SweepRecord, files: dict[str, bytes], *, anyway: bool) -> list[str]:
    """Write what is recorded about a sweep, or check that the folder describes the same sweep.

    Returns:
        A sentence for each file that was missing or damaged; damaged ones are set aside.

    Raises:
        DifferentSweepError: it describes a different sweep, and `anyway` is false.
    """
    sentences = []
    theirs: dict[str, Any] | None = None
    try:
        theirs = read_content(path)
        if not anyway:
            check_same_sweep(path, theirs, record.content)
    except DamagedFileError as damage:
        if not anyway:
            check_saved_runs(path, record, damage)
        if (path / SWEEP).exists() or has_saved_runs(path):
            sentences.append(f"{damage}; it is written again from the experiment file")
    for leftover in _list_half_written_files(path):
        leftover.unlink(missing_ok=True)
    for name, content in files.items():
        earlier = (path / name).read_bytes() if is_file(path / name) else None  # reading a pipe would not end
        if earlier == content:
            continue
        if (path / name).exists() and (earlier is None or not _is_recorded(name, earlier, theirs)):
            _set_aside(path, path / name)
            if name != SWEEP:
                sentences.append(
                    f"{name} has changed since it was written; it is set aside and written again"
                )
        write_atomically(path / name, content)
    return sentences


def _is_recorded(name: str, content: bytes, theirs: Mapping[str, Any] | None) -> bool:
    """Return whether a file is an undamaged `sweep.json`, or a table with the digest that it records."""
    return theirs is not None and (name == SWEEP or compute_digest(content) == theirs["tables"].get(name))


def _list_half_written_files(path: Path) -> Iterator[Path]:
    """List the files that a process was writing when it was killed, if there are any."""
    yield from (name_hidden_file(path / name) for name in (SWEEP, RUNS, POINTS))
    for folder in (path / PARTS, path / PROVENANCE):
        hidden = {file.name: file for file in folder.glob(".*.tmp")}
        names = (name.removeprefix(".").removesuffix(".tmp") for name in hidden)
        yield from (hidden[f".{name}.tmp"] for name in names if NAME.fullmatch(name))


def _save_source_files(path: Path, experiment: Experiment) -> list[str]:
    """Copy the experiment file and the files that it names, so that the folder holds all that a repetition needs.

    Returns:
        A sentence if the copies there were changed, so that they are not replaced.
    """
    remove_abandoned_folders(path)
    folder, files = path / EXPERIMENT, experiment.source_files
    digests = {name: [compute_digest(content)] for name, content in files.items()}
    if experiment.folder.resolve() == folder.resolve():
        return []
    if folder.exists() and digests == read_manifest(folder) == list_written_files(folder):
        return []
    try:
        with replace_folder_atomically(folder) as hidden:
            for name, content in files.items():
                (hidden / name).parent.mkdir(parents=True, exist_ok=True)
                (hidden / name).write_bytes(content)
    except ForeignFileError as error:
        return [str(error)]
    return []


def _find_finished_runs(
    path: Path, runs: pd.DataFrame, outcomes: Sequence[str]
) -> tuple[Bools, int, list[str]]:
    """Find which runs have a row in an undamaged part, and how many of them failed; set damaged parts aside.

    Returns:
        Whether each run has a row, shape (runs,); the number of failed runs; and a sentence for each damaged part.
    """
    index = pd.Index(runs["run_id"])
    done = np.zeros(len(runs), dtype=np.bool_)
    failed, sentences = 0, []
    for part in list_parts(path):
        try:
            rows = part.rows.read(["run_id", "status", *outcomes])
            part.check_provenance()
            places = index.get_indexer(rows["run_id"].to_pandas())
            known = places >= 0
            if done[places[known]].any():
                raise DamagedFileError("it contains runs that are also in an earlier part")
        except DamagedFileError as error:
            for file in (part.rows, *([part.provenance] if part.provenance else [])):
                _set_aside(path, file.path)
            sentences.append(f"{part.rows.name} is set aside and its runs are repeated: {error}")
            continue
        done[places[known]] = True
        failed += int((rows["status"].to_pandas()[known] == FAILED).sum())
    return done, failed, sentences


def _set_aside(path: Path, file: Path) -> None:
    """Move a file to the folder of damaged files, where it replaces no other."""
    target = path / SET_ASIDE / file.relative_to(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    file.rename(find_free_name(target))
