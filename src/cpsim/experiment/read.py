"""Read an experiment file and check it against the scenario schema.

Before anything runs, every arm is a valid scenario, every varied path leads to a setting, and the values at both ends
of its range are allowed there. Errors are reported like those of a scenario: all at once, each with its place.

In the example of `Experiment`, `experiment` has one arm, `small`, and a Latin hypercube of two points.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd

from cpsim.experiment import outcomes
from cpsim.experiment.arm import Arm, build_arm_scenario, find_incomparable_arms, read_arms
from cpsim.experiment.definition import EXPERIMENTS, MAX_RUNS, Definition
from cpsim.experiment.designs import build_points_table, number_of_points
from cpsim.experiment.points_file import PointsColumn
from cpsim.experiment.source_files import read_source_files
from cpsim.experiment.variation import Scalar
from cpsim.experiment.varied_paths import (
    find_conflicts_between_arms,
    find_refused_values,
    find_setting_kinds,
    read_base_values,
    read_varied_columns,
)
from cpsim.formatting import format_count, format_decimals
from cpsim.scenario import merge
from cpsim.scenario.file_format import MAX_REPORTED, sort_in_reading_order
from cpsim.scenario.nodes import Node
from cpsim.scenario.problems import Problem, ScenarioError
from cpsim.scenario.sections import KNOWN_KINDS
from cpsim.world.comparable import check_arms

__all__ = ["Arm", "Experiment", "build_arm_scenario", "load_experiment"]


@dataclass(frozen=True)
class Experiment:
    """A valid experiment.

    Attributes:
        definition: the content of the file.
        folder: the folder of the file; other files that it names are relative to this folder.
        arms: the arms by name, in the order of the file.
        points: the values of the varied settings: index `point` (int64), a column for each path (float64, int64, or
            what the setting holds).
        source_files: the content of the file, and of the files in its folder that it names, by path in the folder.

    >>> list(experiment.arms), experiment.points.columns.tolist()
    (['small'], ['network.trust_start'])
    >>> experiment.number_of_runs == 1 * len(experiment.points) * len(experiment.definition.seeds_run)
    True
    >>> experiment.other_children  # all arms simulate the same children
    {}
    """

    definition: Definition
    folder: Path
    arms: Mapping[str, Arm]
    points: pd.DataFrame
    source_files: Mapping[str, bytes]

    @property
    def other_children(self) -> dict[str, str]:
        """A sentence about each arm with other children than the first, which is compared with it without pairing."""
        return check_arms({name: arm.scenario.model_dump() for name, arm in self.arms.items()})

    @property
    def number_of_runs(self) -> int:
        """Number of runs: arms times points times seeds."""
        return len(self.arms) * len(self.points) * len(self.definition.seeds_run)


def load_experiment(path: str | os.PathLike[str]) -> Experiment:
    """Read an experiment file.

    Raises:
        ScenarioError: the file has errors; the exception lists every error with its file, line and column.
        MissingLibraryError: the design needs a library that is not installed.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> text = '''
    ... name: trust
    ... base: small
    ... arms: {small: {population: {children: 500}, clock: {years: 1, warm_up_years: 1}}}
    ... vary: {network.trust_start: [0.3, 0.6]}
    ... seeds: 1
    ... outcomes: [missed_risk_rate]
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "trust.yaml")
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     load_experiment(file).points["network.trust_start"].tolist()
    [0.3, 0.6]
    """
    file = Path(path)
    problems: list[Problem] = []
    tree = merge.read_settings(file, problems)
    arms = read_arms(tree, file, problems)
    columns = read_varied_columns(tree, file, problems)
    kinds = find_setting_kinds(columns, arms, problems)
    valid = {path: columns[path] for path in kinds}
    if tree.find(["design", "file"]) is not None:
        whole = {
            path: column.convert_whole_numbers() for path, column in valid.items() if kinds[path] == "integer"
        }
        valid |= whole
    problems += find_refused_values(valid, kinds, arms, file.parent)
    problems += find_conflicts_between_arms(valid, arms)
    problems += find_incomparable_arms(arms, tree)
    problems += islice(_find_unknown_outcomes(tree, arms), MAX_REPORTED)
    base = read_base_values(tree, valid, arms, problems)
    definition = EXPERIMENTS.validate(tree, problems)
    rows = _list_rows(valid)
    _check_number_of_runs(definition, number_of_points(definition, len(rows)), tree)
    points = build_points_table(definition, kinds=kinds, base=base, file_rows=rows)
    return Experiment(definition, file.parent, arms, points, read_source_files(tree, file, arms, definition))


def _find_unknown_outcomes(tree: Node, arms: Mapping[str, Arm]) -> Iterator[Problem]:
    kinds = {kind for arm in arms.values() for kind in arm.scenario.kinds} or set(KNOWN_KINDS)
    named = tree.get("outcomes")
    for node in named.value if named and isinstance(named.value, list) else ():
        if isinstance(node.value, str) and (
            message := outcomes.find_outcome_problem(node.value, sorted(kinds))
        ):
            yield Problem(message, node.at, node.path)


def _list_rows(columns: Mapping[str, PointsColumn]) -> list[dict[str, Scalar]]:
    """List the points of a points file, row by row."""
    cells = [[node.value for node in column.values] for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=False)]


def _check_number_of_runs(definition: Definition, points: int, tree: Node) -> None:
    runs = points * len(definition.arm_names) * len(definition.seeds_run)
    factors = {"point": points, "arm": len(definition.arm_names), "seed": len(definition.seeds_run)}
    product = " x ".join(format_count(number, noun) for noun, number in factors.items())
    allowed = definition.budget.runs
    too_many = []
    if runs > MAX_RUNS:
        too_many.append(
            (
                ["design"],
                f"{product} = {format_count(runs, 'run')}; at most {format_decimals(MAX_RUNS)} are possible",
            )
        )
    if allowed is not None and runs > allowed:
        budget = f"{product} = {format_count(runs, 'run')}; the budget allows {format_decimals(allowed)}"
        too_many.append((["budget", "runs"], budget))
    problems = [
        Problem(message, (tree.find(steps) or tree).at, ".".join(steps)) for steps, message in too_many
    ]
    if problems:
        raise ScenarioError(sort_in_reading_order(problems))
