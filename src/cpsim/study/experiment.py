"""Read an experiment file, and hold what it says about scenarios against the language of scenarios.

Before anything runs, every arm is a valid scenario, every path that varies leads to a setting, and the values at both
ends of its range are allowed there. Faults are told like those of a scenario: all at once, each with its place.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cpsim.scenario import merge, read
from cpsim.scenario.language import in_reading_order
from cpsim.scenario.nodes import Node
from cpsim.scenario.problems import Problem, ScenarioError
from cpsim.scenario.sections import KNOWN_KINDS
from cpsim.study import outcomes
from cpsim.study.arm import Arm, arms_of, with_values
from cpsim.study.definition import EXPERIMENTS, MAX_RUNS, Definition
from cpsim.study.designs import number_of_points, table_of_points
from cpsim.study.points_file import Column
from cpsim.study.varied_paths import base_values, columns_of, kinds_of, refused_values, values_that_arms_lose
from cpsim.study.vary import Scalar

__all__ = ["Arm", "Experiment", "json_schema", "load_experiment", "with_values"]


@dataclass(frozen=True)
class Experiment:
    """An experiment whose every part is known to be sound.

    Attributes:
        definition: what the file says.
        folder: where the file lies; files that it names are found from there.
        arms: what is compared, by name, in the order of the file.
        points: the values of the varied settings: index `point`, a column for each path.
    """

    definition: Definition
    folder: Path
    arms: Mapping[str, Arm]
    points: pd.DataFrame

    @property
    def number_of_runs(self) -> int:
        """Arms times points times seeds."""
        return len(self.arms) * len(self.points) * len(self.definition.seeds_run)


def load_experiment(path: str | os.PathLike[str]) -> Experiment:
    """Read an experiment file.

    Raises:
        ScenarioError: it cannot be used; the error lists every fault with its file, line and column.
        LibraryMissing: its design needs a library that is not installed.
    """
    file = Path(path)
    problems: list[Problem] = []
    tree = merge.settings(file, problems)
    arms = arms_of(tree, file, problems)
    columns = columns_of(tree, file, problems)
    kinds = kinds_of(columns, arms, problems)
    sound = {name: column for name, column in columns.items() if name in kinds}
    problems += refused_values(sound, kinds, arms, file.parent)
    problems += values_that_arms_lose(sound, arms)
    problems += _unknown_outcomes(tree, arms)
    base = base_values(tree, sound, arms, problems)
    definition = EXPERIMENTS.validated(tree, problems)
    rows = _rows(sound)
    _refuse_too_many(definition, number_of_points(definition, len(rows)), tree)
    points = table_of_points(definition, kinds=kinds, base=base, listed=rows)
    return Experiment(definition, file.parent, arms, points)


def json_schema() -> dict[str, Any]:
    """The language of experiment files as JSON Schema; an arm is written like a scenario."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    schema, scenario = Definition.model_json_schema(), read.json_schema()
    whole = {key: part for key, part in scenario.items() if key not in ("$schema", "$defs")}
    arms = {**schema["properties"]["arms"], "additionalProperties": {"anyOf": [whole, {"type": "null"}]}}
    return {
        "$schema": dialect,
        **schema,
        "$defs": {**scenario["$defs"], **schema["$defs"]},
        "properties": {**schema["properties"], "arms": arms},
        "title": "A cpsim experiment",
    }


def _unknown_outcomes(tree: Node, arms: Mapping[str, Arm]) -> Iterator[Problem]:
    kinds = {kind for arm in arms.values() for kind in arm.scenario.kinds} or set(KNOWN_KINDS)
    named = tree.beneath("outcomes")
    for node in named.value if named and isinstance(named.value, list) else ():
        if isinstance(node.value, str) and (sentence := outcomes.fault(node.value, sorted(kinds))):
            yield Problem(sentence, node.at, node.path)


def _rows(columns: Mapping[str, Column]) -> list[dict[str, Scalar]]:
    """The points of a list, row by row."""
    cells = [[node.value for node in column.values] for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=False)]


def _refuse_too_many(definition: Definition, points: int, tree: Node) -> None:
    runs = points * len(definition.arm_names) * len(definition.seeds_run)
    counted = f"{points:,} points x {len(definition.arm_names)} arms x {len(definition.seeds_run):,} seeds"
    allowed = definition.budget.runs
    too_many = []
    if runs > MAX_RUNS:
        too_many.append((["design"], f"{counted} are {runs:,} runs; at most {MAX_RUNS:,} are possible"))
    if allowed is not None and runs > allowed:
        too_many.append((["budget", "runs"], f"{counted} are {runs:,} runs; the budget allows {allowed:,}"))
    problems = [
        Problem(message, (tree.down(steps) or tree).at, ".".join(steps)) for steps, message in too_many
    ]
    if problems:
        raise ScenarioError(in_reading_order(problems))
