"""The comparison of several scenarios on the same seeds: differences, for which children, and conclusions."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, Self

import pandas as pd
from pydantic import Field

from cpsim.constants import MAX_SEED
from cpsim.formatting import format_count
from cpsim.results import tables
from cpsim.results.carried import read_network, replace_network
from cpsim.results.checks import check_comparison_table
from cpsim.results.comparison_tables import COMPARISON_TABLES, HEADLINES, NEWLY_MISSED, NEWLY_REACHED
from cpsim.results.display import Described
from cpsim.results.folder import create_folder_atomically, make_file_stem
from cpsim.results.loading import FileModel, Provenance, describe_changes, open_folder
from cpsim.results.names import STOPS
from cpsim.results.run_result import convert_tuples_to_lists, format_json, format_scenario_yaml, write_text
from cpsim.scenario.text import escape_unsafe

_SCENARIOS = "scenarios"


@dataclass(eq=False, repr=False)
class Comparison(Described):
    """Two or more arms, each run on the same seeds; the first is the reference.

    Raises:
        ValueError: on construction, if a table lacks a documented column or has an undocumented one.

    >>> import cpsim
    >>> from cpsim.parallel.engine import open_in_process_engine
    >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> lower = town | {"name": "lower", "front_door": {"referral_threshold": 1.0}}
    >>> comparison = cpsim.compare(town, lower, seeds=2, prevalences=(), engine=open_in_process_engine())
    >>> comparison.reference, comparison.others, comparison.pairing
    ('small', ('lower',), {'lower': 'harm'})

    A lower threshold at the front door accepts more contacts as referrals:

    >>> rows = comparison.select_rows().set_index("outcome")
    >>> bool(rows.loc["referrals_per_10k_year", "difference"] > 0)
    True

    `turns` has the numbers of spells whose fate changes, as means over seeds, and two methods select the spells:

    >>> protected, missed = comparison.select_newly_reached("lower"), comparison.select_newly_missed("lower")
    >>> (comparison.turns["spells"] * len(comparison.seeds)).tolist() == [len(protected), len(missed)]
    True

    A saved comparison is read back as it was; its folder has the scenario of each arm:

    >>> comparison.list_scenario_files()
    {'small': 'scenarios/1-small.yaml', 'lower': 'scenarios/2-lower.yaml'}
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     again = Comparison.load(comparison.save(Path(folder, "lower")))
    >>> again.to_json() == comparison.to_json()
    True
    """

    arms: tuple[str, ...]
    """Distinct names of the arms; the first is the reference."""
    scenarios: dict[str, dict[str, Any]]
    """The resolved scenario of each arm as plain values; written as YAML it can be run again."""
    pairing: dict[str, str]
    """What each other arm shares with the reference in a seed: a code of `PAIRINGS`."""
    seeds: tuple[int, ...]
    """The seeds on which every arm was run."""
    prevalences: tuple[float | None, ...]
    """Shares of children in significant harm if no one intervened; None, always first, is that of the scenarios."""
    primary: str
    """Name of the outcome by which the comparison is judged first."""
    interest: float
    """Smallest difference of interest in the primary outcome, in its unit."""
    pilot: int | None
    """Number of seeds from which the number of all seeds followed; None if it was fixed in advance."""
    near: dict[str, list[str]]
    """Arm -> names of the outcomes that its events and settings touch directly, in the order of its events."""
    runs: pd.DataFrame
    """One row a prevalence, arm and seed, with every outcome of the summary."""
    differences: pd.DataFrame
    """One row a prevalence, outcome and arm other than the reference. `COMPARISON_TABLES` documents the columns of
    this and the following tables."""
    children: pd.DataFrame
    """One row an arm, seed and spell of harm at the scenarios' own prevalence: its fate in reference and arm. An arm
    with other children than the reference has no rows."""
    flows: pd.DataFrame
    """One row an arm and pair of fates (in the reference and in the arm) that occurs."""
    turns: pd.DataFrame
    """One row an arm and change of fate: children newly reached, and children newly missed."""
    prices: pd.DataFrame
    """One row a prevalence and arm: cost of each week of unprotected harm averted, where that can be said."""
    provenance: dict[str, Any]
    """Versions, hashes, platform and time."""

    def __post_init__(self) -> None:
        for name in COMPARISON_TABLES:
            setattr(self, name, tables.conform(name, getattr(self, name), COMPARISON_TABLES))
        self.scenarios = {arm: convert_tuples_to_lists(self.scenarios[arm]) for arm in self.arms}

    @property
    def reference(self) -> str:
        """The arm with which the others are compared."""
        return self.arms[0]

    @property
    def others(self) -> tuple[str, ...]:
        """The arms that are compared with the reference."""
        return self.arms[1:]

    def select_rows(self, prevalence: float | None = None, table: str = "differences") -> pd.DataFrame:
        """Select the rows of a table at one prevalence.

        Args:
            prevalence: share of children in significant harm if no one intervened, one of `prevalences`; None is that
                of the scenarios.
            table: `runs`, `differences` or `prices`.
        """
        frame: pd.DataFrame = getattr(self, table)
        column = frame["prevalence"]
        return frame[column.isna() if prevalence is None else column == prevalence]

    def select_newly_reached(self, arm: str) -> pd.DataFrame:
        """Select the rows of `children` that were missed in the reference and protected in time in the arm."""
        return self._select_changed(arm, NEWLY_REACHED)

    def select_newly_missed(self, arm: str) -> pd.DataFrame:
        """Select the rows of `children` that were protected in time in the reference and missed in the arm."""
        return self._select_changed(arm, NEWLY_MISSED)

    def _select_changed(self, arm: str, turn: str) -> pd.DataFrame:
        own = self.children[self.children["arm"] == arm]
        missed, protected = ("before", "after") if turn == NEWLY_REACHED else ("after", "before")
        return own[own[missed].isin(list(STOPS)) & (own[protected] == "protected")]

    def save(self, folder: str | os.PathLike[str], extra: Callable[[Path], None] | None = None) -> Path:
        """Write the comparison into a new folder and return its path.

        If scenarios use the user's own networks, the folder contains copies, which the scenarios name.

        Args:
            folder: must not exist; missing parent folders are created.
            extra: writes further files (figures, a report) into the folder before it gets its final name.

        Raises:
            OutputError: the folder exists or cannot be written. No partial folder remains.
        """
        with create_folder_atomically(folder) as hidden:
            for name, writer in self._list_writers().items():
                (hidden / name).parent.mkdir(exist_ok=True)
                writer(hidden / name)
            if extra is not None:
                extra(hidden)
        return Path(folder).absolute()

    @classmethod
    def load(cls, folder: str | os.PathLike[str], *, anyway: bool = False) -> Self:
        """Read a comparison's folder; the user's own networks are read from the copies in it.

        Args:
            folder: the folder.
            anyway: read it even if files have changed since they were written; the provenance lists them under
                `changed_files`, and everything that shows the result says so.

        Raises:
            ChangedFileError: a file has changed since it was written.
            InvalidFileError: the content of a file cannot belong to this comparison.
            OutputError: a file is missing.
        """
        with open_folder(folder, "a comparison", anyway=anyway) as reader:
            reader.read(
                "comparison.json", "provenance.json", *(f"{name}.parquet" for name in COMPARISON_TABLES)
            )
            _, head = reader.read_json("comparison.json", _Head)
            provenance, _ = reader.read_json("provenance.json", Provenance)
            scenario_files = _name_scenario_files(head.arms)
            with reader.report("comparison.json"):
                head.check(scenario_files)
            reader.read(*scenario_files.values())
            scenarios = {
                arm: reader.read_scenario(name, str(PurePosixPath(name).with_suffix(".graphml")))[0]
                for arm, name in scenario_files.items()
            }
            frames = {name: reader.read_table(name, COMPARISON_TABLES) for name in COMPARISON_TABLES}
            for name, frame in frames.items():
                with reader.report(f"{name}.parquet"):
                    check_comparison_table(name, frame, head.arms, head.seeds, head.prevalences)
            return cls(
                arms=tuple(head.arms),
                scenarios=scenarios,
                pairing=dict(head.pairing),
                seeds=tuple(head.seeds),
                prevalences=tuple(head.prevalences),
                primary=head.primary,
                interest=head.interest,
                pilot=head.pilot,
                near=dict(head.near),
                provenance=reader.mark(provenance),
                **frames,
            )

    def to_json(self) -> str:
        """Return the text of `comparison.json`: arms, headline outcomes, changes of fate, costs and sentences."""
        return format_json(
            {
                "arms": self.arms,
                "reference": self.reference,
                "scenario_files": self.list_scenario_files(),
                "pairing": self.pairing,
                "seeds": self.seeds,
                "prevalences": self.prevalences,
                "primary": self.primary,
                "interest": self.interest,
                "pilot": self.pilot,
                "near": self.near,
                "headlines": _convert_rows(self.differences[self.differences["outcome"].isin(HEADLINES)]),
                "turns": _convert_rows(self.turns),
                "prices": _convert_rows(self.prices),
                "sentences": self.describe(),
            }
        )

    def list_scenario_files(self) -> dict[str, str]:
        """List the file of each arm's scenario: arm -> path relative to the comparison's folder."""
        return _name_scenario_files(self.arms)

    def _list_writers(self) -> dict[str, Callable[[Path], None]]:
        """Map each file name to the function that writes it."""

        def text(content: str) -> Callable[[Path], None]:
            return lambda path: write_text(path, content)

        def table(name: str) -> Callable[[Path], None]:
            return lambda path: tables.write(name, getattr(self, name), path, COMPARISON_TABLES)

        def scenario(arm: str) -> Callable[[Path], None]:
            return lambda path: _write_scenario(self.scenarios[arm], path)

        return {
            "comparison.json": text(self.to_json()),
            **{f"{name}.parquet": table(name) for name in COMPARISON_TABLES},
            "differences.csv": text(self.differences.to_csv(index=False, lineterminator="\n")),
            **{name: scenario(arm) for arm, name in self.list_scenario_files().items()},
            "provenance.json": text(format_json(self.provenance)),
        }

    def __repr__(self) -> str:
        changes = describe_changes(self.provenance)
        seeds = format_count(len(self.seeds), "seed")
        return f"<Comparison of {escape_unsafe(', '.join(self.arms))}: {seeds}{changes and f'; {changes}'}>"


class _Head(FileModel):
    """What `comparison.json` contains; the tables have the rest."""

    arms: list[str] = Field(min_length=2)
    scenario_files: dict[str, str]
    pairing: dict[str, Literal["harm", "children", "seed"]]
    seeds: list[Annotated[int, Field(ge=0, le=MAX_SEED)]] = Field(min_length=1)
    prevalences: list[Annotated[float, Field(gt=0, lt=1)] | None] = Field(min_length=1)
    primary: str
    interest: float = Field(gt=0)
    pilot: Annotated[int, Field(ge=1)] | None
    near: dict[str, list[str]]

    def check(self, scenario_files: Mapping[str, str]) -> None:
        """Check that the parts agree with each other.

        Raises:
            ValueError: they do not.
        """
        for name in ("arms", "seeds", "prevalences"):
            values = getattr(self, name)
            if len(set(values)) < len(values):
                raise ValueError(f"{name}: a value is given twice")
        if set(self.pairing) != set(self.arms[1:]):
            raise ValueError(f"pairing: expected the arms {self.arms[1:]}, not {list(self.pairing)}")
        if set(self.near) != set(self.pairing):
            raise ValueError(f"near: expected the arms {self.arms[1:]}, not {list(self.near)}")
        if self.scenario_files != scenario_files:
            raise ValueError(f"scenario_files: expected {dict(scenario_files)}")
        if self.prevalences[0] is not None:
            raise ValueError(f"prevalences: expected null first, not {self.prevalences[0]}")


def _name_scenario_files(arms: Sequence[str]) -> dict[str, str]:
    return {
        arm: f"{_SCENARIOS}/{number}-{make_file_stem(arm)}.yaml" for number, arm in enumerate(arms, start=1)
    }


def _write_scenario(scenario: Mapping[str, Any], path: Path) -> None:
    network = path.with_suffix(".graphml")
    content = read_network(scenario)
    write_text(path, format_scenario_yaml(replace_network(scenario, network.name)))
    if content is not None:
        network.write_bytes(content)


def _convert_rows(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Convert rows for JSON, with null for values that are not a number."""
    return [
        {
            str(name): None if isinstance(value, float) and math.isnan(value) else value
            for name, value in row.items()
        }
        for row in rows.to_dict("records")
    ]
