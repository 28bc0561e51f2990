"""The result of one run: tables, summary, scenario and provenance, with saving and loading."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Self

import pandas as pd
from ruamel.yaml import YAML

from cpsim.constants import VERSION
from cpsim.measures.horizons import result_column
from cpsim.results import tables
from cpsim.results.carried import NETWORK, read_network, replace_network
from cpsim.results.checks import check_run_table, check_summary
from cpsim.results.columns import TABLES
from cpsim.results.display import Displayed
from cpsim.results.folder import create_folder_atomically
from cpsim.results.loading import RunProvenance, describe_changes, open_folder
from cpsim.results.names import SUMMARY
from cpsim.results.origin import find_commit, hash_code, list_added_levers
from cpsim.scenario.text import UNSAFE_IN_PARAGRAPHS, escape_unsafe

Value = float | dict[str, float] | None
Summary = dict[str, Value]
"""Outcomes by the names of `SUMMARY`: a number, a number for each part, or None if undefined."""

_PACKAGES = ("cpsim", "numpy", "mesa", "pandas", "scipy", "networkx", "pyarrow")


@dataclass(eq=False, repr=False)
class RunResult(Displayed):
    """The result of one local authority, or several, under one scenario and one seed.

    Raises:
        ValueError: on construction, if a table or the summary lacks a documented name or has one without documentation.

    >>> import cpsim
    >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> result = cpsim.run(town)
    >>> result.horizon, len(result.weekly)
    (13, 156)

    The chain of concern about every missed spell of harm stopped at a stage, and that of no other:

    >>> bool(((result.spell_results == "missed") == result.spells["stopped_at"].notna()).all())
    True

    A saved run is read back as it was:

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     again = RunResult.load(result.save(Path(folder, "first_run")))
    >>> again.summary == result.summary, again.spells.equals(result.spells)
    (True, True)
    """

    scenario: dict[str, Any]
    """The resolved scenario as plain values; dumped as YAML it can be run again."""
    seed: int
    """The seed of the world and of every decision."""
    summary: Summary
    """Outcomes by the names of `cpsim.results.SUMMARY`: a number, numbers by part, or None if undefined."""
    weekly: pd.DataFrame
    """One row a week, including warm-up and follow-up; columns in `cpsim.results.TABLES["weekly"]`."""
    spells: pd.DataFrame
    """One row a spell of significant harm with onset in the evaluated years."""
    children: pd.DataFrame
    """One row a child who is under 18 in an evaluated week."""
    conditions: pd.DataFrame
    """One row a spell of adversity or other need: what is true, and no agency knows."""
    services: pd.DataFrame
    """One row an episode of a service, a plan, care, or effective protection."""
    assessments: pd.DataFrame
    """One row an assessment of a family that ended in the evaluated years: what was found, and what was true."""
    agencies: pd.DataFrame
    """One row an organisation."""
    ties: pd.DataFrame
    """One row a tie between two organisations."""
    events: pd.DataFrame
    """One row an event in a child's case."""
    authorities: pd.DataFrame
    """One row a local authority and evaluated year."""
    ratings: pd.DataFrame
    """One row a grade given to a service by inspectors; no rows without an inspection in the timeline."""
    provenance: dict[str, Any]
    """Versions, hashes, platform and time; see `collect_provenance`."""

    def __post_init__(self) -> None:
        for name in TABLES:
            setattr(self, name, tables.conform(name, getattr(self, name)))
        self.scenario = convert_tuples_to_lists(self.scenario)
        self.summary = _check_summary(self.summary)

    @property
    def horizon(self) -> int:
        """Weeks from onset to the deadline at which a spell counts as missed."""
        return int(self.scenario["measures"]["horizon_weeks"])

    @property
    def spell_results(self) -> pd.Series:
        """Result of each spell at the primary horizon: protected, self_resolved, missed or censored.

        Category, shape (spells,), with the index of `spells`.
        """
        return self.spells[result_column(self.horizon)]

    def save(self, folder: str | os.PathLike[str], extra: Callable[[Path], None] | None = None) -> Path:
        """Write the run into a new folder and return its path.

        If the scenario uses the user's own network, the folder contains a copy, which `scenario.yaml` names.

        Args:
            folder: must not exist; missing parent folders are created.
            extra: writes further files (figures, a report) into the folder before it gets its final name.

        Raises:
            OutputError: the folder exists or cannot be written. No partial folder remains.
        """
        with create_folder_atomically(folder) as hidden:
            self.write_files(hidden)
            if extra is not None:
                extra(hidden)
        return Path(folder).absolute()

    def write_files(self, folder: Path) -> None:
        """Write the files of the run into a folder that exists and has none of them.

        Raises:
            OSError: the operating system refuses.

        >>> from tempfile import TemporaryDirectory
        >>> import cpsim
        >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
        >>> with TemporaryDirectory() as folder:
        ...     cpsim.run(town).write_files(Path(folder))
        ...     Path(folder, "summary.json").exists()
        True
        """
        for name, writer in self._list_writers().items():
            writer(folder / name)

    @classmethod
    def load(cls, folder: str | os.PathLike[str], *, anyway: bool = False) -> Self:
        """Read a run's folder; the user's own network is read from the copy in it.

        Args:
            folder: the folder.
            anyway: read it even if files have changed since they were written; the provenance lists them under
                `changed_files`, and everything that shows the result says so.

        Raises:
            ChangedFileError: a file has changed since it was written.
            InvalidFileError: the content of a file cannot belong to this run.
            OutputError: a file is missing.
        """
        with open_folder(folder, "a run", anyway=anyway) as reader:
            files = {name: f"{name}.parquet" for name in TABLES}
            reader.read("summary.json", "scenario.yaml", "provenance.json", *files.values())
            provenance, checked = reader.read_json("provenance.json", RunProvenance)
            settings, scenario = reader.read_scenario("scenario.yaml", NETWORK)
            summary = reader.read_summary("summary.json")
            with reader.report("summary.json"):
                check_summary(summary, scenario.kinds)
            frames = {name: reader.read_table(name) for name in files}
            for name, file in files.items():
                with reader.report(file):
                    check_run_table(name, scenario, checked.seed, frames, summary)
            return cls(
                scenario=settings,
                seed=checked.seed,
                summary=summary,
                provenance=reader.mark(provenance),
                **frames,
            )

    def summary_to_json(self) -> str:
        """Return the text of `summary.json`.

        >>> import cpsim
        >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
        >>> result = cpsim.run(town)
        >>> json.loads(result.summary_to_json()) == result.summary
        True
        """
        return format_json(self.summary)

    def _list_writers(self) -> dict[str, Callable[[Path], None]]:
        """Map each file name to the function that writes it."""

        def text(content: str) -> Callable[[Path], None]:
            return lambda path: write_text(path, content)

        def table(name: str) -> Callable[[Path], None]:
            return lambda path: tables.write(name, getattr(self, name), path)

        writers = {
            "summary.json": text(self.summary_to_json()),
            **{f"{name}.parquet": table(name) for name in TABLES},
            "scenario.yaml": text(format_scenario_yaml(replace_network(self.scenario, NETWORK))),
            "provenance.json": text(format_json(self.provenance)),
        }
        network = read_network(self.scenario)
        if network is not None:
            writers[NETWORK] = lambda path: _write_bytes(path, network)
        return writers

    def __repr__(self) -> str:
        sizes = ", ".join(f"{f.name} {len(getattr(self, f.name))}" for f in fields(self) if f.name in TABLES)
        changes, name = describe_changes(self.provenance), escape_unsafe(self.scenario["name"])
        return f"<RunResult {name}, seed {self.seed}: rows {sizes}{changes and f'; {changes}'}>"


def collect_provenance(
    scenario: Mapping[str, Any], seed: int, started: datetime, duration_seconds: float
) -> dict[str, Any]:
    """Collect what is needed to reproduce a result, or to see why another machine's result differs.

    Args:
        scenario: the resolved scenario, as in `RunResult.scenario`.
        seed: the seed of the run.
        started: start of the run, with a time zone.
        duration_seconds: length of the run in seconds.

    Returns:
        `seed`, `scenario_sha256` and `code_sha256` (hashes), `version` (of cpsim), `commit` (only if cpsim runs from
        a checkout under git), `versions` (of Python and the libraries, by name), `added_levers` (of other packages:
        name, distribution and version), `platform`, `started` (ISO 8601) and `duration_seconds`.

    Raises:
        OutputError: the user's network file can no longer be read.

    >>> from datetime import UTC
    >>> provenance = collect_provenance({"name": "small"}, 7, datetime(2026, 1, 5, 12, tzinfo=UTC), 12.3456)
    >>> provenance["seed"], provenance["started"], provenance["duration_seconds"]
    (7, '2026-01-05T12:00:00+00:00', 12.346)
    """
    return {
        "seed": seed,
        "scenario_sha256": hash_scenario(scenario),
        **describe_environment(started, duration_seconds),
    }


def describe_environment(started: datetime, duration_seconds: float) -> dict[str, Any]:
    """Describe the code, the machine and the time; arguments as for `collect_provenance`."""
    commit = find_commit()
    return {
        "version": VERSION,
        "code_sha256": hash_code(),
        **({} if commit is None else {"commit": commit}),
        "versions": list_versions(),
        "added_levers": list_added_levers(),
        "platform": platform.platform(),
        "started": started.isoformat(timespec="seconds"),
        "duration_seconds": round(duration_seconds, 3),
    }


def format_scenario_yaml(scenario: Mapping[str, Any]) -> str:
    """Write a resolved scenario as YAML in block style, with keys in the scenario's own order.

    >>> print(format_scenario_yaml({"name": "small", "clock": {"years": 2}}), end="")
    name: small
    clock:
      years: 2
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.allow_unicode = True
    yaml.width = 110
    text = io.StringIO()
    yaml.dump(dict(scenario), text)
    return text.getvalue()


def hash_scenario(scenario: Mapping[str, Any]) -> str:
    """Hash the settings and the content of the user's own network file, independently of that file's path (SHA-256).

    Settings that differ only in how they are written, such as 0 and 0.0, have the same hash.

    >>> hash_scenario({"moves": 0}) == hash_scenario({"moves": 0.0})
    True
    """
    settings = json.dumps(_unify_numbers(replace_network(scenario, NETWORK)), default=str)
    digest = hashlib.sha256(settings.encode())
    digest.update(read_network(scenario) or b"")
    return digest.hexdigest()


def _unify_numbers(value: Any) -> Any:
    """Replace whole numbers that are written as decimals by integers."""
    if isinstance(value, Mapping):
        return {key: _unify_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_unify_numbers(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def list_versions() -> dict[str, str]:
    """List the versions of Python, cpsim and the libraries that affect a result."""
    return {"python": platform.python_version(), **{name: _find_version(name) for name in _PACKAGES}}


def _find_version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # cpsim run from its source tree; the hash identifies the code
        return "not installed"


def _check_summary(summary: Mapping[str, Any]) -> Summary:
    """Return the summary in the order of `SUMMARY`, as plain floats."""
    missing = [name for name in SUMMARY if name not in summary]
    unknown = [name for name in summary if name not in SUMMARY]
    if missing or unknown:
        raise ValueError(f"summary: missing names {missing}, undocumented names {unknown}")
    return {name: _simplify(summary[name]) for name in SUMMARY}


def _simplify(value: Any) -> Value:
    if isinstance(value, Mapping):
        return {str(part): float(number) for part, number in value.items()}
    return None if value is None or math.isnan(value) else float(value)


def convert_tuples_to_lists(value: Any) -> Any:
    """Replace tuples in settings by lists, as YAML does, so that a saved and loaded result equals the original.

    >>> convert_tuples_to_lists({"seeds": (1, 2)})
    {'seeds': [1, 2]}
    """
    if isinstance(value, Mapping):
        return {key: convert_tuples_to_lists(inner) for key, inner in value.items()}
    return [convert_tuples_to_lists(inner) for inner in value] if isinstance(value, list | tuple) else value


def format_json(data: Any) -> str:
    """Return the text of a JSON file; characters that could control a terminal are written as escapes.

    Raises:
        ValueError: a number is not finite, which JSON cannot represent.

    >>> print(format_json({"seed": 1}), end="")
    {
      "seed": 1
    }
    """
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
    return UNSAFE_IN_PARAGRAPHS.sub(lambda match: json.dumps(match[0])[1:-1], text) + "\n"


def _write_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write a text file as UTF-8 with the same line ends on every system."""
    path.write_text(content, encoding="utf-8", newline="\n")
