"""From a file, a name or a mapping to a `Scenario`, and back to YAML."""

import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from cpsim.scenario import merge, nodes, sources
from cpsim.scenario.institutions import expanded, with_institutions
from cpsim.scenario.nodes import Node
from cpsim.scenario.problems import Problem, shown
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sources import shipped
from cpsim.scenario.validate import SCENARIOS

__all__ = ["AnyScenario", "from_mapping", "json_schema", "load", "resolved", "shipped", "to_yaml"]

AnyScenario = Scenario | str | os.PathLike[str] | Mapping[str, Any]
"""What stands for a scenario in a call from Python: itself, the name of a shipped one, a file, or a mapping."""


def resolved(given: AnyScenario, overrides: Sequence[str] = ()) -> Scenario:
    """The scenario that is meant, with `overrides`, texts `path=value`, laid over it in their order.

    Raises:
        ScenarioError: it cannot be used.
    """
    if isinstance(given, str | os.PathLike):
        return load(given, overrides)
    if isinstance(given, Scenario):
        return from_mapping(given.model_dump(mode="python"), overrides) if overrides else given
    return from_mapping(given, overrides)


def load(path_or_name: str | os.PathLike[str], overrides: Sequence[str] = ()) -> Scenario:
    """Read a scenario: the bare name of one that comes with cpsim (`baseline`), or the path of a YAML file.

    `overrides` are texts `path=value`, such as `sharing.share_noise=0.4`, laid over the file in their order.

    Raises:
        ScenarioError: it cannot be used; the error lists every fault with its file, line and column.
    """
    path = sources.find(path_or_name)
    problems: list[Problem] = []
    tree = merge.overridden(merge.from_file(path, problems), overrides, problems)
    return from_tree(tree, path.parent, problems)


def from_mapping(settings: Mapping[str, Any], overrides: Sequence[str] = ()) -> Scenario:
    """A scenario from nested dictionaries with the names of a scenario file; numbers may be NumPy's, dates `date`s.

    The mapping may extend a scenario that comes with cpsim, by its name.

    Raises:
        ScenarioError: it cannot be used; the error lists every fault with its path.
    """
    problems: list[Problem] = []
    tree = merge.from_mapping(nodes.from_values(settings, problems), problems)
    return from_tree(merge.overridden(tree, overrides, problems), Path(), problems)


def from_tree(tree: Node, root: Path, problems: list[Problem]) -> Scenario:
    """The scenario of a tree of settings whose files lie below `root`.

    Raises:
        ScenarioError: `problems` that reading left behind, and all that is wrong with the tree.
    """
    return SCENARIOS.validated(expanded(_with_graphml_found(tree, root, problems), problems), problems)


def _with_graphml_found(tree: Node, root: Path, problems: list[Problem]) -> Node:
    """The tree with the GraphML file by its full path, so that it is found wherever the run happens.

    A file may only name a file of its own folder tree; Python and `--set` speak for the user and may name any.
    """
    network = tree.beneath("network")
    graphml = network.beneath("graphml") if network else None
    if network is None or graphml is None or not isinstance(graphml.value, str):
        return tree
    try:
        if graphml.at.line is None:
            path = Path(graphml.value)
        else:
            path = sources.within(root, Path(graphml.at.file).parent, graphml.value)
        if not path.is_file():
            raise ValueError(f"there is no file {shown(str(path))}")
    except (OSError, ValueError) as error:
        problems.append(Problem(str(error), graphml.at, graphml.path))
        return tree
    found = replace(graphml, value=str(path.resolve()))
    return replace(
        tree,
        value={**tree.children, "network": replace(network, value={**network.children, "graphml": found})},
    )


def to_yaml(scenario: Scenario) -> str:
    """The scenario with every setting filled in, as YAML that `load` reads back to an equal scenario."""
    yaml = YAML(pure=True)
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    settings = scenario.model_dump(exclude={"extends"}, exclude_none=True)
    # Written as they are, these would be read back as ordinary line ends.
    yaml.allow_unicode = not set("\x85\u2028\u2029") & set(scenario.name + scenario.question)
    text = io.StringIO()
    yaml.dump(settings, text)
    return text.getvalue()


def json_schema() -> dict[str, Any]:
    """The scenario language as JSON Schema: every setting with its sentence, unit and limits; the same each time."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    schema = with_institutions(Scenario.model_json_schema())
    return {"$schema": dialect, **schema, "title": "A cpsim scenario"}
