"""Historical institutions: named sets of levers, and their expansion in the timeline of a scenario.

The institutions are data in `institutions.yaml`, in this folder, and have no code of their own: the effect of an
institution is that of its levers with the settings that it gives them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from cpsim.scenario.events import TimelineEvent, load_levers
from cpsim.scenario.nodes import Node, child_path, read_values
from cpsim.scenario.problems import Problem, ScenarioError, format_options, format_value, suggest_nearest

MAX_EVENTS = 1_000
"""Most events of a timeline, with an institution as one."""
COMMON = ("date", "until", "authorities")
"""Settings of a line that apply to every lever of its institution."""


@dataclass(frozen=True)
class Institution:
    """A historical institution or policy, with the levers that represent it.

    Attributes:
        id: its name in timelines.
        theme: heading under which it is listed.
        name: its full name.
        history: what it was, with dates.
        applies_to: the bodies to which it applied.
        cannot_show: what the model leaves out of it; for an institution without levers, why it has none.
        levers: its levers, each as a line of a timeline without a date.
    """

    id: str
    theme: str
    name: str
    history: str
    applies_to: str
    cannot_show: str
    levers: tuple[Mapping[str, Any], ...]

    @property
    def classes(self) -> tuple[type[TimelineEvent], ...]:
        """Classes of its levers, in order."""
        return tuple(load_levers()[lever["lever"]] for lever in self.levers)

    @property
    def settings(self) -> tuple[str, ...]:
        """Names of the settings that a line may give with `lever`: the common ones and those of its levers."""
        own = (
            name
            for lever in self.classes
            for name in lever.model_fields
            if name not in TimelineEvent.model_fields
        )
        return (*COMMON, *dict.fromkeys(own))


@cache
def load_institutions() -> dict[str, Institution]:
    """Load all institutions, by id and in the order of their themes.

    >>> load_institutions()["pct_merger"].theme
    'Health and other partners'
    """
    text = Path(__file__).with_name("institutions.yaml").read_text("utf-8")
    themes = YAML(typ="safe", pure=True).load(text)
    return {
        name: Institution(name, theme, levers=tuple(entry.pop("levers")), **entry)
        for theme, entries in themes.items()
        for name, entry in entries.items()
    }


def expand_institutions(tree: Node, problems: list[Problem]) -> Node:
    """Replace each line of a timeline that names an institution by the levers of the institution.

    Settings of the institution get the position at which the user named it, so that errors point to the user's line.

    Args:
        tree: the settings of a scenario.
        problems: list to which errors are added.

    Raises:
        ScenarioError: the timeline has too many events.
    """
    timeline = tree.get("timeline")
    if timeline is None or not isinstance(timeline.value, list):
        return tree
    if len(timeline.value) > MAX_EVENTS:
        message = f"{len(timeline.value):,} events; at most {MAX_EVENTS:,} are allowed"
        raise ScenarioError([*problems, Problem(message, timeline.key_at, timeline.path)])
    lines = [lever for line in timeline.value for lever in _expand_line(line, problems)]
    return replace(tree, value={**tree.children, "timeline": replace(timeline, value=lines)})


def _expand_line(line: Node, problems: list[Problem]) -> list[Node]:
    """Return the levers of a line that names an institution, or else the line itself."""
    name = line.get("lever")
    if name is None or not isinstance(name.value, str) or name.value in load_levers():
        return [line]
    institution = load_institutions().get(name.value)
    if institution is None:
        return [line]
    given = {key: node for key, node in line.children.items() if key != "lever"}
    problems += _find_unknown_settings(given, institution)
    return [
        replace(
            line,
            value={**_place_preset(preset, institution.id, line, name), **_select_settings(given, lever)},
        )
        for preset, lever in zip(institution.levers, institution.classes, strict=True)
    ]


def _place_preset(preset: Mapping[str, Any], institution: str, line: Node, name: Node) -> dict[str, Node]:
    """Return the settings that an institution gives to one of its levers, with the position of its name."""
    values = read_values({**preset, "institution": institution}, [])
    return {key: _place_node(node, child_path(line.path, key), name) for key, node in values.children.items()}


def _place_node(node: Node, path: str, name: Node) -> Node:
    """Return a node under another path, with all positions replaced by that of the institution's name."""
    value = node.value
    if isinstance(value, dict):
        value = {key: _place_node(child, child_path(path, key), name) for key, child in value.items()}
    elif isinstance(value, list):
        value = [_place_node(child, child_path(path, index), name) for index, child in enumerate(value)]
    return Node(value, path, name.at, name.key_at)


def _select_settings(given: Mapping[str, Node], lever: type[TimelineEvent]) -> dict[str, Node]:
    """Return the settings of a line that apply to one of the levers."""
    return {key: node for key, node in given.items() if key in (*COMMON, *lever.list_own_settings())}


def _find_unknown_settings(given: Mapping[str, Node], institution: Institution) -> Iterator[Problem]:
    """Report the settings of a line that no lever of its institution has."""
    for key, node in given.items():
        if key not in institution.settings:
            hint = suggest_nearest(key, institution.settings)
            allowed = format_options(institution.settings)
            message = f"{institution.id} has no setting {format_value(key)}{hint or ';'} allowed: {allowed}"
            yield Problem(message, node.key_at, node.path)


def add_institutions_to_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of scenarios extended by timeline lines that name an institution."""
    shapes = {f"institution_{name}": _build_line_schema(entry) for name, entry in load_institutions().items()}
    timeline = schema["properties"]["timeline"]
    lines = [timeline["items"], *({"$ref": f"#/$defs/{name}"} for name in shapes)]
    properties = {**schema["properties"], "timeline": {**timeline, "items": {"anyOf": lines}}}
    return {**schema, "$defs": {**schema["$defs"], **shapes}, "properties": properties}


def _build_line_schema(institution: Institution) -> dict[str, Any]:
    """Return the JSON Schema of a line that names an institution; its settings are those of its levers."""
    classes = institution.classes or tuple(load_levers().values())[:1]  # any lever has the common settings
    refer = {
        name: {"$ref": f"#/$defs/{lever.__name__}/properties/{name}"}
        for lever in reversed(classes)
        for name in lever.model_fields
        if name in institution.settings
    }
    return {
        "title": institution.name,
        "description": institution.history,
        "type": "object",
        "properties": {"lever": {"const": institution.id, "description": institution.name}, **refer},
        "required": ["lever"],
        "additionalProperties": False,
    }
