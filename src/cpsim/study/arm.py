"""The arms of an experiment: each a valid scenario, written as what it changes of the base."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cpsim.scenario import merge, read
from cpsim.scenario.nodes import Node, child_path, rooted
from cpsim.scenario.problems import Place, Problem, ScenarioError
from cpsim.scenario.schema import Scenario
from cpsim.study.definition import MAX_YEARS, THE_ONLY_ARM, Definition

A_FILE = "network.graphml"
"""The one setting of a scenario that names a file."""


@dataclass(frozen=True)
class Arm:
    """One of the alternatives that an experiment compares.

    Attributes:
        settings: what was written, laid over the base.
        scenario: the scenario that it makes where nothing varies.
    """

    settings: Node
    scenario: Scenario


def with_values(arm: Arm, values: Mapping[str, Node], folder: Path) -> Scenario:
    """The scenario of an arm at some values of the varied settings, by path.

    Args:
        arm: the arm.
        values: the values, each with the place where it was written.
        folder: where the experiment lies.

    Raises:
        ScenarioError: the values make no valid scenario together.
    """
    settings = arm.settings
    for path, value in values.items():
        settings = merge.put(settings, merge.steps_of(path), replace(value, path=path, key_at=value.at))
    return read.from_tree(settings, folder, [])


def arms_of(tree: Node, file: Path, problems: list[Problem]) -> dict[str, Arm]:
    """The arms that are valid scenarios; the faults of the others are appended to `problems`."""
    base = _base(tree, file, problems)
    if base is None:
        return {}
    written = tree.beneath("arms")
    nothing = Node({}, "", Place(str(file)), Place(str(file)))
    given = (written.children if written else {}) or {THE_ONLY_ARM: nothing}
    arms: dict[str, Arm] = {}
    for name, node in given.items():
        if node.value is not None and not isinstance(node.value, dict):
            continue  # the schema will say so
        found: list[Problem] = []
        try:
            arms[name] = _arm(replace(node, value=node.children), base, tree, file, found)
        except ScenarioError as error:
            problems += (_within(problem, child_path("arms", name), file) for problem in error.problems)
    return arms


def _base(tree: Node, file: Path, problems: list[Problem]) -> Node | None:
    """The settings of the base; None, and its faults, if it is not a valid scenario."""
    named = tree.beneath("base")
    if named is not None and not isinstance(named.value, str):
        return None  # the schema will say so
    start = Place(str(file), 1, 1)
    named = named or Node(str(Definition.model_fields["base"].default), "base", start, start)
    try:
        path = merge.base_of(named, file)
    except ScenarioError as error:
        problems += error.problems
        return None
    found: list[Problem] = []
    try:
        settings = merge.from_file(path, found)
        read.from_tree(settings, path.parent, found)
    except ScenarioError as error:
        problems += error.problems
        problems.append(Problem("the scenario that this experiment starts from has faults", named.at, "base"))
        return None
    return settings


def _arm(node: Node, base: Node, tree: Node, file: Path, problems: list[Problem]) -> Arm:
    own = merge.from_part(rooted(node, ""), file, problems)
    settings = own if node.beneath("extends") else merge.merged(base, own)
    years = tree.beneath("years")
    if years is not None and type(years.value) is int and 1 <= years.value <= MAX_YEARS:
        settings = merge.put(settings, ["clock", "years"], rooted(years, "clock.years"))
    scenario = read.from_tree(settings, file.parent, problems)
    if scenario.network.graphml is not None:  # by its full path, wherever a worker reads it
        place = Place(str(file))
        found = Node(scenario.network.graphml, A_FILE, place, place)
        settings = merge.put(settings, merge.steps_of(A_FILE), found)
    return Arm(settings, scenario)


def _within(problem: Problem, part: str, file: Path) -> Problem:
    """A problem of a part of the file, under the path that it has in the whole."""
    if problem.file != str(file):
        return problem
    return replace(problem, path=f"{part}.{problem.path}" if problem.path else part)
