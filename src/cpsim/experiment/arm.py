"""Arms of an experiment: each is a valid scenario, written as its changes to the base scenario.

In the examples, `experiment` has one arm, `small`, of 500 children.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cpsim.experiment.definition import DEFAULT_ARM, MAX_ARMS, MAX_YEARS, Definition
from cpsim.network.graphml import check_own_network
from cpsim.scenario import merge, read
from cpsim.scenario.nodes import Node, child_path, move_to_path
from cpsim.scenario.problems import Place, Problem, ScenarioError
from cpsim.scenario.schema import Scenario
from cpsim.scenario.tiles import refuse_tiles
from cpsim.world.comparable import ArmsDifferError, check_arms

GRAPHML_SETTING = "network.graphml"
"""The only setting of a scenario that names a file."""


@dataclass(frozen=True)
class Arm:
    """One of the alternatives that an experiment compares.

    Attributes:
        settings: the settings of the base scenario, overridden by those of the arm.
        scenario: the resulting scenario, before any varied setting is applied.

    >>> arm = experiment.arms["small"]
    >>> arm.scenario.population.children
    500
    """

    settings: Node
    scenario: Scenario


def build_arm_scenario(arm: Arm, values: Mapping[str, Node], folder: Path) -> Scenario:
    """Build the scenario of an arm with given values of the varied settings.

    Args:
        arm: the arm.
        values: values by path, each with the place where it was written.
        folder: the folder of the experiment file.

    Raises:
        ScenarioError: the combined values do not make a valid scenario.

    >>> from cpsim.scenario.nodes import read_values
    >>> values = read_values({"network.trust_start": 0.3}, []).children
    >>> build_arm_scenario(experiment.arms["small"], values, experiment.folder).network.trust_start
    0.3
    """
    settings = arm.settings
    for path, value in values.items():
        settings = merge.set_at_path(
            settings, merge.split_path(path), replace(value, path=path, key_at=value.at)
        )
    return read.from_tree(settings, folder, [])


def read_arms(tree: Node, file: Path, problems: list[Problem]) -> dict[str, Arm]:
    """Read the arms that are valid scenarios; append the errors of the others to `problems`.

    Raises:
        ScenarioError: there are too many.
    """
    base = _read_base(tree, file, problems)
    if base is None:
        return {}
    written = tree.get("arms")
    empty = Node({}, "", Place(str(file)), Place(str(file)))
    given = (written.children if written else {}) or {DEFAULT_ARM: empty}
    if written is not None and len(given) > MAX_ARMS:
        message = f"{len(given):,} arms; at most {MAX_ARMS} are allowed"
        raise ScenarioError([*problems, Problem(message, written.key_at, written.path)])
    arms: dict[str, Arm] = {}
    for name, node in given.items():
        if node.value is not None and not isinstance(node.value, dict):
            continue  # the schema check reports this
        found: list[Problem] = []
        try:
            arms[name] = _read_arm(replace(node, value=node.children), base, tree, file, found)
        except ScenarioError as error:
            problems += (_prefix_path(problem, child_path("arms", name), file) for problem in error.problems)
    return arms


def find_incomparable_arms(arms: Mapping[str, Arm], tree: Node) -> Iterator[Problem]:
    """Find the arms that evaluate other years or deadlines than the first, in the experiment file `tree`."""
    first, *others = arms or [""]
    for name in others:
        try:
            check_arms({each: arms[each].scenario.model_dump() for each in (first, name)})
        except ArmsDifferError as error:
            node = tree.find(["arms", name]) or tree
            yield Problem(str(error), node.key_at, child_path("arms", name))


def _read_base(tree: Node, file: Path, problems: list[Problem]) -> Node | None:
    """Read the settings of the base scenario; if it is invalid, append its errors and return None."""
    named = tree.get("base")
    if named is not None and not isinstance(named.value, str):
        return None  # the schema check reports this
    start = Place(str(file), 1, 1)
    named = named or Node(str(Definition.model_fields["base"].default), "base", start, start)
    try:
        path = merge.find_base(named, file)
    except ScenarioError as error:
        problems += error.problems
        return None
    found: list[Problem] = []
    try:
        settings = merge.read_file(path, found)
        read.from_tree(settings, path.parent, found)
    except ScenarioError as error:
        problems += error.problems
        problems.append(Problem("the base scenario of this experiment has errors", named.at, "base"))
        return None
    return settings


def _read_arm(node: Node, base: Node, tree: Node, file: Path, problems: list[Problem]) -> Arm:
    own = merge.read_part(move_to_path(node, ""), file, problems)
    settings = own if node.get("extends") else merge.merge_nodes(base, own)
    years = tree.get("years")
    if years is not None and type(years.value) is int and 1 <= years.value <= MAX_YEARS:
        settings = merge.set_at_path(settings, ["clock", "years"], move_to_path(years, "clock.years"))
    scenario = read.from_tree(settings, file.parent, problems, warn=True)
    refuse_tiles(scenario)
    check_own_network(scenario, settings)
    if scenario.network.graphml is not None:  # a full path, because workers may have another current folder
        place = Place(str(file))
        found = Node(scenario.network.graphml, GRAPHML_SETTING, place, place)
        settings = merge.set_at_path(settings, merge.split_path(GRAPHML_SETTING), found)
    return Arm(settings, scenario)


def _prefix_path(problem: Problem, part: str, file: Path) -> Problem:
    """Change the path of a problem from one within a part of the file to one within the whole file."""
    if problem.file != str(file):
        return problem
    return replace(problem, path=f"{part}.{problem.path}" if problem.path else part)
