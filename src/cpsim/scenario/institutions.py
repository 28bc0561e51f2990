"""Historical institutions: named sets of levers, and how a line of a timeline that names one becomes its levers.

`institutions.yaml` beside this file holds them as data. None of them has code of its own: what an institution does
is what its levers do with the settings that it gives them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from cpsim.scenario.events import Event, levers
from cpsim.scenario.nodes import Node, child_path, from_values
from cpsim.scenario.problems import Problem, did_you_mean, listed, shown

COMMON = ("date", "until", "authorities")
"""Settings that a line hands on to every lever of its institution."""


@dataclass(frozen=True)
class Institution:
    """One institution or policy of the reform years, and what it turns here.

    Attributes:
        id: the word by which a timeline calls it.
        theme: the group in which it is listed.
        name: its name in words.
        history: what it was, with its year.
        binds: whom it bound or concerned.
        cannot_show: what the model leaves out of it; if it has no levers, why not.
        levers: its levers, each as a line of a timeline without a date.
    """

    id: str
    theme: str
    name: str
    history: str
    binds: str
    cannot_show: str
    levers: tuple[Mapping[str, Any], ...]

    @property
    def classes(self) -> tuple[type[Event], ...]:
        """The class of each of its levers."""
        return tuple(levers()[lever["lever"]] for lever in self.levers)

    @property
    def settings(self) -> tuple[str, ...]:
        """What a line that names it may say besides `lever`: the common settings and all those of its levers."""
        own = (
            name for lever in self.classes for name in lever.model_fields if name not in Event.model_fields
        )
        return (*COMMON, *dict.fromkeys(own))


@cache
def institutions() -> dict[str, Institution]:
    """All institutions by the word that calls them, theme by theme."""
    text = files("cpsim.scenario").joinpath("institutions.yaml").read_text("utf-8")
    themes = YAML(typ="safe", pure=True).load(text)
    return {
        word: Institution(word, theme, levers=tuple(about.pop("levers")), **about)
        for theme, within in themes.items()
        for word, about in within.items()
    }


def expanded(tree: Node, problems: list[Problem]) -> Node:
    """The settings of a scenario with each line of the timeline that names an institution replaced by its levers.

    What the institution says stands where the user named it, what the user says stays where it was written, so that
    a fault is told at the user's line. Faults are appended to `problems`.
    """
    timeline = tree.beneath("timeline")
    if timeline is None or not isinstance(timeline.value, list):
        return tree
    lines = [lever for line in timeline.value for lever in _levers_of(line, problems)]
    return replace(tree, value={**tree.children, "timeline": replace(timeline, value=lines)})


def _levers_of(line: Node, problems: list[Problem]) -> list[Node]:
    """A line as its levers: itself, if it names no institution."""
    called = line.beneath("lever")
    if called is None or not isinstance(called.value, str) or called.value in levers():
        return [line]
    institution = institutions().get(called.value)
    if institution is None:
        return [line]
    told = {key: node for key, node in line.children.items() if key != "lever"}
    problems += _unknown(told, institution)
    return [
        replace(line, value={**_given(preset, institution.id, line, called), **_meant(told, lever)})
        for preset, lever in zip(institution.levers, institution.classes, strict=True)
    ]


def _given(preset: Mapping[str, Any], institution: str, line: Node, called: Node) -> dict[str, Node]:
    """What an institution says to one of its levers, as if it stood where the institution is named."""
    values = from_values({**preset, "institution": institution}, [])
    return {key: _moved(node, child_path(line.path, key), called) for key, node in values.children.items()}


def _moved(node: Node, path: str, called: Node) -> Node:
    value = node.value
    if isinstance(value, dict):
        value = {key: _moved(child, child_path(path, key), called) for key, child in value.items()}
    elif isinstance(value, list):
        value = [_moved(child, child_path(path, index), called) for index, child in enumerate(value)]
    return Node(value, path, called.at, called.key_at)


def _meant(told: Mapping[str, Node], lever: type[Event]) -> dict[str, Node]:
    """What a line says that concerns one of the levers."""
    return {key: node for key, node in told.items() if key in (*COMMON, *lever.own_settings())}


def _unknown(told: Mapping[str, Node], institution: Institution) -> Iterator[Problem]:
    for key, node in told.items():
        if key not in institution.settings:
            hint = did_you_mean(key, institution.settings)
            allowed = listed(institution.settings)
            message = f"{institution.id} has no setting {shown(key)}{hint or ';'} allowed: {allowed}"
            yield Problem(message, node.key_at, node.path)


def with_institutions(schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of scenarios in which a line of the timeline may also name an institution."""
    shapes = {f"institution_{word}": _shape(about) for word, about in institutions().items()}
    timeline = schema["properties"]["timeline"]
    lines = [timeline["items"], *({"$ref": f"#/$defs/{name}"} for name in shapes)]
    properties = {**schema["properties"], "timeline": {**timeline, "items": {"anyOf": lines}}}
    return {**schema, "$defs": {**schema["$defs"], **shapes}, "properties": properties}


def _shape(institution: Institution) -> dict[str, Any]:
    """JSON Schema of a line that names an institution; its settings are those of its levers."""
    classes = institution.classes or tuple(levers().values())[:1]  # any lever has the common settings
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
