"""What one run leaves behind: tables, summary, scenario and provenance; saved whole, loaded back equal."""

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
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Self

import pandas as pd
from rich.console import Group
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from cpsim.results import tables
from cpsim.results.carried import NETWORK, network_content, with_network
from cpsim.results.folder import OutputError, whole
from cpsim.results.names import SUMMARY
from cpsim.results.printed import as_text, printed

Value = float | dict[str, float] | None
Summary = dict[str, Value]

_NAMED = ("cpsim", "numpy", "mesa", "pandas", "scipy", "networkx", "pyarrow")


@dataclass(eq=False, repr=False)
class RunResult:
    """One local authority, or many, under one scenario and one seed.

    Raises:
        ValueError: on construction, if a table or the summary lacks a described name or has one that is not.
    """

    scenario: dict[str, Any]
    """The resolved scenario as plain values; dumped as YAML it can be run again."""
    seed: int
    """The seed of the world and of every decision."""
    summary: Summary
    """The names of `cpsim.results.SUMMARY`: a number, numbers by part, or None where undefined."""
    weekly: pd.DataFrame
    """One row a week, warm-up and run-off included; columns in `cpsim.results.TABLES["weekly"]`."""
    spells: pd.DataFrame
    """One row a spell of significant harm with onset in the evaluated years."""
    agencies: pd.DataFrame
    """One row an organisation."""
    ties: pd.DataFrame
    """One row a tie between two organisations."""
    events: pd.DataFrame
    """One row an event in a child's story."""
    authorities: pd.DataFrame
    """One row a local authority and evaluated year."""
    ratings: pd.DataFrame
    """One row a rating of a service by inspectors; none without an inspection in the timeline."""
    provenance: dict[str, Any]
    """Versions, hashes, platform and time; see `provenance`."""

    def __post_init__(self) -> None:
        for name in tables.TABLES:
            setattr(self, name, tables.conform(name, getattr(self, name)))
        self.scenario = as_yaml_gives_it(self.scenario)
        self.summary = _documented(self.summary)

    def save(self, folder: str | os.PathLike[str], extra: Callable[[Path], None] | None = None) -> Path:
        """Write the run's folder, whole or not at all, and return its path.

        A network of the user's own goes along: `scenario.yaml` names the copy in the folder.

        Args:
            folder: must not exist; folders missing above it are made.
            extra: puts further files (figures, a report) into the folder before it gets its name.

        Raises:
            OutputError: the folder exists or cannot be written. Nothing is left behind.
        """
        with whole(folder) as hidden:
            for name, writer in self._writers().items():
                writer(hidden / name)
            if extra is not None:
                extra(hidden)
        return Path(folder).absolute()

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Self:
        """Read a run's folder; a network of the user's own is the copy in it.

        Raises:
            OutputError: a file is missing or is not what a run writes.
        """
        source = Path(folder)
        try:
            provenance = json.loads((source / "provenance.json").read_text(encoding="utf-8"))
            scenario = YAML(typ="safe", pure=True).load(
                (source / "scenario.yaml").read_text(encoding="utf-8")
            )
            return cls(
                scenario=with_network(scenario, str((source / NETWORK).absolute())),
                seed=provenance["seed"],
                summary=json.loads((source / "summary.json").read_text(encoding="utf-8")),
                provenance=provenance,
                **{name: tables.read(name, source / f"{name}.parquet") for name in tables.TABLES},
            )
        except (OSError, ValueError, KeyError, TypeError, YAMLError) as error:
            raise OutputError(f"{source}: not the folder of a run ({error})") from error

    def summary_json(self) -> str:
        """The text of `summary.json`."""
        return json_text(self.summary)

    def _writers(self) -> dict[str, Callable[[Path], None]]:
        """File name -> what writes it."""

        def text(content: str) -> Callable[[Path], None]:
            return lambda path: write_text(path, content)

        def table(name: str) -> Callable[[Path], None]:
            return lambda path: tables.write(name, getattr(self, name), path)

        writers = {
            "summary.json": text(self.summary_json()),
            **{f"{name}.parquet": table(name) for name in tables.TABLES},
            "scenario.yaml": text(scenario_yaml(with_network(self.scenario, NETWORK))),
            "provenance.json": text(json_text(self.provenance)),
        }
        network = network_content(self.scenario)
        if network is not None:
            writers[NETWORK] = lambda path: _write_bytes(path, network)
        return writers

    def __repr__(self) -> str:
        sizes = ", ".join(
            f"{f.name} {len(getattr(self, f.name))}" for f in fields(self) if f.name in tables.TABLES
        )
        return f"<RunResult {self.scenario['name']}, seed {self.seed}: rows {sizes}>"

    def __rich__(self) -> Group:
        return printed(self)

    def _repr_html_(self) -> str:
        from cpsim.results.html import run_html

        return run_html(self)

    def __str__(self) -> str:
        return as_text(self)


def provenance(
    scenario: Mapping[str, Any], seed: int, started: datetime, duration_seconds: float
) -> dict[str, Any]:
    """Say what made a result: enough to make it again, and to see why another machine's differs.

    Args:
        scenario: the resolved scenario, as in `RunResult.scenario`.
        seed: the seed of the run.
        started: when the run began, with its time zone.
        duration_seconds: from the start to the end of the run, in seconds.

    Raises:
        OutputError: a network of the user's own can no longer be read.
    """
    return {
        "seed": seed,
        "scenario_sha256": scenario_sha256(scenario),
        **made_with(started, duration_seconds),
    }


def made_with(started: datetime, duration_seconds: float) -> dict[str, Any]:
    """The part of a provenance that tells of code, machine and time, whatever was made; arguments as `provenance`."""
    return {
        "code_sha256": code_sha256(),
        "versions": versions(),
        "platform": platform.platform(),
        "started": started.isoformat(timespec="seconds"),
        "duration_seconds": round(duration_seconds, 3),
    }


def scenario_yaml(scenario: Mapping[str, Any]) -> str:
    """The text of `scenario.yaml`: block style, keys in the scenario's own order."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.allow_unicode = True
    yaml.width = 110
    text = io.StringIO()
    yaml.dump(dict(scenario), text)
    return text.getvalue()


def scenario_sha256(scenario: Mapping[str, Any]) -> str:
    """One hash over the settings and what a network of the user's own holds, wherever that file lies."""
    settings = json.dumps(with_network(scenario, NETWORK), default=str)
    digest = hashlib.sha256(settings.encode())
    digest.update(network_content(scenario) or b"")
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions of Python, cpsim and the libraries that decide about a result."""
    return {"python": platform.python_version(), **{name: _version(name) for name in _NAMED}}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except (
        metadata.PackageNotFoundError
    ):  # cpsim itself, run from its source tree; the hash of the code tells more
        return "not installed"


@cache
def code_sha256() -> str:
    """One hash over the package's own source and data, so that an edited copy is told from a release."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(path for suffix in ("py", "csv", "yaml") for path in package.rglob(f"*.{suffix}")):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _documented(summary: Mapping[str, Any]) -> Summary:
    """The summary in the order of `SUMMARY`, as plain floats."""
    missing = [name for name in SUMMARY if name not in summary]
    unknown = [name for name in summary if name not in SUMMARY]
    if missing or unknown:
        raise ValueError(f"summary: missing names {missing}, names without a description {unknown}")
    return {name: _plain(summary[name]) for name in SUMMARY}


def _plain(value: Any) -> Value:
    if isinstance(value, Mapping):
        return {str(part): float(number) for part, number in value.items()}
    return None if value is None or math.isnan(value) else float(value)


def as_yaml_gives_it(value: Any) -> Any:
    """Settings with lists for tuples, so that a result equals itself when it is read back."""
    if isinstance(value, Mapping):
        return {key: as_yaml_gives_it(inner) for key, inner in value.items()}
    return [as_yaml_gives_it(inner) for inner in value] if isinstance(value, list | tuple) else value


def json_text(data: Any) -> str:
    """The text of a JSON file; a number that is not one is refused, since JSON has none."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _write_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write a text file with the same bytes on every system."""
    path.write_text(content, encoding="utf-8", newline="\n")
