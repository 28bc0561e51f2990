"""Reads a scenario from a file, a name or a mapping, and writes it back to YAML."""

import io
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from cpsim.scenario import merge, nodes, sources
from cpsim.scenario.institutions import add_institutions_to_schema, expand_institutions
from cpsim.scenario.merge import Overrides
from cpsim.scenario.nodes import Node
from cpsim.scenario.paths import UnreadableFileError, check_file, resolve_within
from cpsim.scenario.problems import Problem
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sources import MAX_NETWORK_BYTES, NETWORK_ENDINGS, find_shipped_scenarios
from cpsim.scenario.validate import SCENARIOS

__all__ = [
    "AnyScenario",
    "Overrides",
    "build_json_schema",
    "find_shipped_scenarios",
    "from_mapping",
    "load",
    "resolve_scenario",
    "to_yaml",
]

AnyScenario = Scenario | str | os.PathLike[str] | Mapping[str, Any]
"""What can be given for a scenario in Python: a `Scenario`, the name of a shipped one, a file, or a mapping."""


def resolve_scenario(given: AnyScenario, overrides: Overrides = ()) -> Scenario:
    """Find the scenario that is given, and lay `overrides` over it in their order.

    Args:
        given: a `Scenario`, the name of a shipped one, a file, or a mapping.
        overrides: values by path, or texts `path=value`.

    Raises:
        ScenarioError: it cannot be used.

    >>> resolve_scenario("small", {"clock.years": 2}).clock.years
    2
    """
    if isinstance(given, str | os.PathLike):
        return load(given, overrides)
    if isinstance(given, Scenario):
        unchanged = isinstance(overrides, list | tuple | Mapping) and not overrides
        return given if unchanged else from_mapping(given.model_dump(mode="python"), overrides)
    return from_mapping(given, overrides)


def load(path_or_name: str | os.PathLike[str], overrides: Overrides = ()) -> Scenario:
    """Read a scenario from a file, or by its name one that comes with cpsim.

    Args:
        path_or_name: the path of a YAML file, or the bare name of a shipped scenario such as `baseline`.
        overrides: laid over the file in their order; values by path, such as `{"sharing.share_noise": 0.4}`, or texts
            `path=value`, such as `sharing.share_noise=0.4`, whose values are read as YAML.

    Raises:
        ScenarioError: it cannot be used; the error lists every problem with its file, line and column.
        TypeError: it is neither a path nor a name.

    Warns:
        ScenarioWarning: an event has no effect, because its date is after the run.

    >>> load("small").population.children
    10000
    """
    if not isinstance(path_or_name, str | os.PathLike):
        raise TypeError(
            "load reads a file or a scenario that comes with cpsim, not a value of type "
            f"{type(path_or_name).__name__}; give a mapping to cpsim.run, or make a scenario of it with "
            "cpsim.scenario.from_mapping"
        )
    tree, root, problems = _read_tree(path_or_name, overrides)
    return from_tree(tree, root, problems, warn=True)


def load_with_places(
    path_or_name: str | os.PathLike[str], overrides: Overrides = ()
) -> tuple[Scenario, Node]:
    """Read a scenario as `load` does, and return it with the nodes that remember where its settings were written.

    Raises:
        ScenarioError: it cannot be used; the error lists every problem with its file, line and column.
    """
    tree, root, problems = _read_tree(path_or_name, overrides)
    return from_tree(tree, root, problems, warn=True), tree


def _read_tree(
    path_or_name: str | os.PathLike[str], overrides: Overrides
) -> tuple[Node, Path, list[Problem]]:
    """Read the settings of a scenario; return them with the folder of its file and the problems so far."""
    path = sources.find_scenario(path_or_name)
    problems: list[Problem] = []
    tree = merge.apply_overrides(merge.read_file(path, problems), overrides, problems)
    return tree, path.parent, problems


def from_mapping(settings: Mapping[str, Any], overrides: Overrides = ()) -> Scenario:
    """Make a scenario from nested dictionaries with the names of a scenario file.

    Values are taken as they are: dates may be `datetime.date`, numbers may be NumPy's, lists may be tuples, and None
    means that a setting is left out. The mapping may extend a scenario that comes with cpsim, by its name.

    Args:
        settings: sections and settings by name, as in a scenario file.
        overrides: laid over the settings in their order, as for `load`.

    Raises:
        ScenarioError: it cannot be used; the error lists every problem with its path.

    >>> from_mapping({"extends": "small", "name": "year #1"}).name
    'year #1'
    """
    problems: list[Problem] = []
    tree = merge.read_mapping(nodes.read_values(settings, problems), problems)
    return from_tree(merge.apply_overrides(tree, overrides, problems), Path(), problems, warn=True)


def from_tree(tree: Node, root: Path, problems: list[Problem], *, warn: bool = False) -> Scenario:
    """Make a scenario from a tree of settings whose files are below the folder `root`.

    Args:
        tree: the settings.
        root: the folder.
        problems: problems from reading.
        warn: whether to warn of events that have no effect; not wanted where one scenario is made again and again.

    Raises:
        ScenarioError: `problems` from reading, and everything that is wrong with the tree.
    """
    expanded = expand_institutions(_resolve_graphml(tree, root, problems), problems)
    scenario = SCENARIOS.validate(expanded, problems)
    if warn:
        SCENARIOS.warn(scenario, expanded)
    return scenario


def _resolve_graphml(tree: Node, root: Path, problems: list[Problem]) -> Node:
    """Replace the name of the GraphML file by its full path, so that the run can take place in another folder.

    A scenario file may only name a network file in its own folder tree. Python and `--set` come from the user and may
    name any file.
    """
    network = tree.get("network")
    graphml = network.get("graphml") if network else None
    if network is None or graphml is None or not isinstance(graphml.value, str):
        return tree
    try:
        if graphml.at.line is None:
            path = Path(graphml.value)
        else:
            path = resolve_within(root, Path(graphml.at.file).parent, graphml.value, NETWORK_ENDINGS)
        check_file(path, MAX_NETWORK_BYTES)
    except UnreadableFileError as error:
        problems.append(Problem(f"{graphml.value}: {error}", graphml.at, graphml.path))
        return tree
    except ValueError as error:
        problems.append(Problem(str(error), graphml.at, graphml.path))
        return tree
    found = replace(graphml, value=str(path.resolve()))
    return replace(
        tree,
        value={**tree.children, "network": replace(network, value={**network.children, "graphml": found})},
    )


def to_yaml(scenario: Scenario) -> str:
    """Write the scenario with every setting filled in, as YAML that `load` reads back to an equal scenario.

    >>> from tempfile import TemporaryDirectory
    >>> scenario = load("small", {"clock.years": 2})
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "two_years.yaml")
    ...     _ = file.write_text(to_yaml(scenario), encoding="utf-8")
    ...     load(file) == scenario
    True
    """
    yaml = YAML(pure=True)
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    settings = scenario.model_dump(exclude={"extends"}, exclude_none=True)
    yaml.allow_unicode = True
    text = io.StringIO()
    yaml.dump(settings, text)
    return text.getvalue()


def build_json_schema() -> dict[str, Any]:
    """Build the JSON Schema of scenario files: every setting with its description, unit and limits.

    An editor that knows the schema completes the names of settings and marks values that are not allowed.

    >>> years = build_json_schema()["$defs"]["ClockSettings"]["properties"]["years"]
    >>> years["description"], years["minimum"], years["maximum"]
    ('years of 52 weeks that are evaluated [years]', 1, 100)
    """
    dialect = "https://json-schema.org/draft/2020-12/schema"
    schema = add_institutions_to_schema(Scenario.model_json_schema())
    return {"$schema": dialect, **schema, "title": "A cpsim scenario"}
