"""Several scenarios on the same seeds: what differs, for which children, and what can be said about it."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd
from rich.console import Group
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from cpsim.results import tables
from cpsim.results.carried import network_content, with_network
from cpsim.results.comparison_printed import printed
from cpsim.results.comparison_tables import COMPARISON_TABLES, LOST, RESCUED
from cpsim.results.comparison_words import sentences
from cpsim.results.folder import OutputError, stem_of, whole
from cpsim.results.names import CAUSES
from cpsim.results.printed import as_text
from cpsim.results.run_result import as_yaml_gives_it, json_text, scenario_yaml, write_text

_SCENARIOS = "scenarios"


@dataclass(eq=False, repr=False)
class Comparison:
    """Two or more arms, each run on the same seeds; the first is the reference.

    Raises:
        ValueError: on construction, if a table lacks a described column or has one that is not.
    """

    arms: tuple[str, ...]
    """Names, each once; the first is the reference."""
    scenarios: dict[str, dict[str, Any]]
    """The resolved scenario of each arm as plain values; dumped as YAML it can be run again."""
    pairing: dict[str, str]
    """What each other arm has in common with the reference in a seed: a code of `PAIRINGS`."""
    seeds: tuple[int, ...]
    """The seeds that every arm was run on."""
    prevalences: tuple[float | None, ...]
    """Shares of children in significant harm if nobody intervened; None, always first, as the scenarios have it."""
    runs: pd.DataFrame
    """One row a prevalence, arm and seed, with every figure of the summary."""
    differences: pd.DataFrame
    """One row a prevalence, outcome and arm other than the reference; the columns are described in
    `COMPARISON_TABLES`, as those of the tables that follow."""
    children: pd.DataFrame
    """One row an arm, seed and spell of harm, at the scenarios' own prevalence: its fate in reference and arm. An arm
    whose children are others than those of the reference has no rows."""
    flows: pd.DataFrame
    """One row an arm and pair of fates that some spell has."""
    turns: pd.DataFrame
    """One row an arm and way to turn: children caught who were missed, and the reverse."""
    prices: pd.DataFrame
    """One row a prevalence and arm: what a week of unprotected harm averted costs, where that can be said."""
    provenance: dict[str, Any]
    """Versions, hashes, platform and time."""

    def __post_init__(self) -> None:
        for name in COMPARISON_TABLES:
            setattr(self, name, tables.conform(name, getattr(self, name), COMPARISON_TABLES))
        self.scenarios = {arm: as_yaml_gives_it(self.scenarios[arm]) for arm in self.arms}

    @property
    def reference(self) -> str:
        """The arm that the others are compared with."""
        return self.arms[0]

    @property
    def others(self) -> tuple[str, ...]:
        """The arms that are compared with the reference."""
        return self.arms[1:]

    def at(self, prevalence: float | None = None, table: str = "differences") -> pd.DataFrame:
        """The rows of `runs`, `differences` or `prices` at one prevalence; None is as the scenarios have it."""
        frame: pd.DataFrame = getattr(self, table)
        column = frame["prevalence"]
        return frame[column.isna() if prevalence is None else column == prevalence]

    def rescued(self, arm: str) -> pd.DataFrame:
        """The rows of `children` that were missed in the reference and protected in time in the arm."""
        return self._turned(arm, RESCUED)

    def lost(self, arm: str) -> pd.DataFrame:
        """The rows of `children` that were protected in time in the reference and missed in the arm."""
        return self._turned(arm, LOST)

    def _turned(self, arm: str, turn: str) -> pd.DataFrame:
        own = self.children[self.children["arm"] == arm]
        missed, caught = ("before", "after") if turn == RESCUED else ("after", "before")
        return own[own[missed].isin(list(CAUSES)) & (own[caught] == "protected")]

    def sentences(self) -> list[str]:
        """What was found about each arm, in plain words, and then what cannot be said."""
        return sentences(self)

    def save(self, folder: str | os.PathLike[str], extra: Callable[[Path], None] | None = None) -> Path:
        """Write the comparison's folder, whole or not at all, and return its path.

        Networks of the user's own go along: each scenario names the copy in the folder.

        Args:
            folder: must not exist; folders missing above it are made.
            extra: puts further files (figures, a report) into the folder before it gets its name.

        Raises:
            OutputError: the folder exists or cannot be written. Nothing is left behind.
        """
        with whole(folder) as hidden:
            for name, writer in self._writers().items():
                (hidden / name).parent.mkdir(exist_ok=True)
                writer(hidden / name)
            if extra is not None:
                extra(hidden)
        return Path(folder).absolute()

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Self:
        """Read a comparison's folder; networks of the user's own are the copies in it.

        Raises:
            OutputError: a file is missing or is not what a comparison writes.
        """
        source = Path(folder)
        try:
            head = json.loads((source / "comparison.json").read_text(encoding="utf-8"))
            return cls(
                arms=tuple(head["arms"]),
                scenarios={
                    arm: _read_scenario(source / name) for arm, name in head["scenario_files"].items()
                },
                pairing=head["pairing"],
                seeds=tuple(head["seeds"]),
                prevalences=tuple(head["prevalences"]),
                provenance=json.loads((source / "provenance.json").read_text(encoding="utf-8")),
                **{
                    name: tables.read(name, source / f"{name}.parquet", COMPARISON_TABLES)
                    for name in COMPARISON_TABLES
                },
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, YAMLError) as error:
            raise OutputError(f"{source}: not the folder of a comparison ({error})") from error

    def json(self) -> str:
        """The text of `comparison.json`: what was compared, the headlines, who was caught and lost, and in words."""
        return json_text(
            {
                "arms": self.arms,
                "reference": self.reference,
                "scenario_files": self.scenario_files(),
                "pairing": self.pairing,
                "seeds": self.seeds,
                "prevalences": self.prevalences,
                "headlines": _records(self.differences[self.differences["family"] == "headline"]),
                "turns": _records(self.turns),
                "prices": _records(self.prices),
                "sentences": self.sentences(),
            }
        )

    def scenario_files(self) -> dict[str, str]:
        """The file of each arm's scenario within the comparison's folder."""
        return {
            arm: f"{_SCENARIOS}/{number}-{stem_of(arm)}.yaml" for number, arm in enumerate(self.arms, start=1)
        }

    def _writers(self) -> dict[str, Callable[[Path], None]]:
        """File name -> what writes it."""

        def text(content: str) -> Callable[[Path], None]:
            return lambda path: write_text(path, content)

        def table(name: str) -> Callable[[Path], None]:
            return lambda path: tables.write(name, getattr(self, name), path, COMPARISON_TABLES)

        def scenario(arm: str) -> Callable[[Path], None]:
            return lambda path: _write_scenario(self.scenarios[arm], path)

        return {
            "comparison.json": text(self.json()),
            **{f"{name}.parquet": table(name) for name in COMPARISON_TABLES},
            "differences.csv": text(self.differences.to_csv(index=False, lineterminator="\n")),
            **{name: scenario(arm) for arm, name in self.scenario_files().items()},
            "provenance.json": text(json_text(self.provenance)),
        }

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(self.arms)}: {len(self.seeds)} seeds>"

    def __rich__(self) -> Group:
        return printed(self)

    def _repr_html_(self) -> str:
        from cpsim.results.html import comparison_html

        return comparison_html(self)

    def __str__(self) -> str:
        return as_text(self)


def _write_scenario(scenario: Mapping[str, Any], path: Path) -> None:
    network = path.with_suffix(".graphml")
    content = network_content(scenario)
    write_text(path, scenario_yaml(with_network(scenario, network.name)))
    if content is not None:
        network.write_bytes(content)


def _read_scenario(path: Path) -> dict[str, Any]:
    scenario = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return with_network(scenario, str(path.with_suffix(".graphml").absolute()))


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON has them: what is not a number is null."""
    return [
        {
            str(name): None if isinstance(value, float) and math.isnan(value) else value
            for name, value in row.items()
        }
        for row in rows.to_dict("records")
    ]
