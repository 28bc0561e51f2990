"""A tree of settings to a `Scenario`, or to all that is wrong with it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import islice
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cpsim.scenario.checks import CHECKS
from cpsim.scenario.events import levers
from cpsim.scenario.guide import Guide, Location
from cpsim.scenario.institutions import institutions
from cpsim.scenario.nodes import Node, child_path
from cpsim.scenario.problems import Problem, ScenarioError, did_you_mean, listed, shown
from cpsim.scenario.schema import Scenario

_MOST_CUTS = 4
_MOST_TOLD = 200
_LAST_STEP = re.compile(r"(\.[^.\[]*|\[\d+\])$")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@cache
def guide() -> Guide:
    """The guide to the scenario language."""
    return Guide(Scenario.model_json_schema())


def validated(tree: Node, problems: list[Problem]) -> Scenario:
    """The scenario that the settings make.

    Raises:
        ScenarioError: `problems` that reading left behind, and all that the schema and the rules find.
    """
    scenario, errors = _attempt(tree)
    found = [*problems, *(_problem(error, tree) for error in errors[:_MOST_TOLD])]
    remainder, sound = (scenario, tree) if scenario else _remainder(tree, errors)
    if remainder is not None:
        contradictions = _contradictions(remainder, sound, {problem.path for problem in found})
        found += islice(contradictions, _MOST_TOLD)
    if found or scenario is None:
        raise ScenarioError(_in_reading_order(found)[:_MOST_TOLD])
    return scenario


def _remainder(tree: Node, errors: list[ErrorDetails]) -> tuple[Scenario | None, Node]:
    """What stays of a faulty scenario when its faults are cut out: one cut may leave a part that cannot stand."""
    for _ in range(_MOST_CUTS):
        tree = _without(tree, {_culprit(error, tree).path for error in errors})
        scenario, errors = _attempt(tree)
        if scenario is not None:
            return scenario, tree
    return None, tree


def _attempt(tree: Node) -> tuple[Scenario | None, list[ErrorDetails]]:
    try:
        return Scenario.model_validate(_plain(tree, ())), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def _plain(node: Node, location: Location) -> Any:
    """The bare values; a text becomes a date where the schema wants one, so that quoted dates are dates too."""
    if isinstance(node.value, dict):
        return {key: _plain(child, (*location, key)) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(child, (*location, index)) for index, child in enumerate(node.value)]
    if isinstance(node.value, str) and _ISO_DATE.fullmatch(node.value) and guide().wants_date(location):
        try:
            return date.fromisoformat(node.value)
        except ValueError:
            return node.value
    return node.value


def _trail(location: tuple[int | str, ...], tree: Node) -> Iterator[tuple[str | int, Node]]:
    """The steps of a location that lead through the tree; those that name a branch of the schema are left out."""
    node = tree
    for step in location:
        if (beneath := node.beneath(step)) is not None:
            node = beneath
            yield step, node


def _location(location: tuple[int | str, ...], tree: Node) -> Location:
    """A location without the steps that name neither a node of the tree nor a lever, for the guide."""
    steps: Location = ()
    node = tree
    for step in location:
        beneath = node.beneath(step)
        if beneath is not None or guide().at((*steps, step)):
            steps, node = (*steps, step), beneath or node
    return steps


def _culprit(error: ErrorDetails, tree: Node) -> Node:
    """The deepest node that the error concerns."""
    return [tree, *(node for _, node in _trail(error["loc"], tree))][-1]


def _problem(error: ErrorDetails, tree: Node) -> Problem:
    node = _culprit(error, tree)
    kind = error["type"]
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _no_such_lever(node)
    location = _location(error["loc"][:-1] if kind in ("extra_forbidden", "missing") else error["loc"], tree)
    if kind == "extra_forbidden":
        name = str(error["loc"][-1])
        names = listed(guide().settings(location))
        hint = guide().hint(name, location)
        message = f"there is no setting {shown(name)} here{hint or ';'} allowed: {names}"
        return Problem(message, node.key_at, node.path)
    if kind == "missing":
        name = str(error["loc"][-1])
        message = f"this setting is missing; expected {guide().expected((*location, name))}"
        return Problem(message, node.key_at, child_path(node.path, name))
    return Problem(_wrong_value(node, location), node.at, node.path)


def _no_such_lever(node: Node) -> Problem:
    """An event that does not say what changes, or names a lever that nobody has."""
    told = node.beneath("lever")
    known = f"{listed(levers())}, and the institutions that `cpsim show institutions` lists"
    if told is None or not isinstance(told.value, str):
        path, at = child_path(node.path, "lever"), told.at if told else node.at
        return Problem(f"this setting is missing; expected the name of a lever: {known}", at, path)
    hint = did_you_mean(told.value, [*levers(), *institutions()])
    message = f"there is no lever {shown(told.value)}{hint or f'; there are {known}'}"
    return Problem(message, told.at, told.path)


def _wrong_value(node: Node, location: Location) -> str:
    value = node.value
    expected = guide().expected(location)
    if not isinstance(value, str):
        return f"expected {expected}, not {shown(value)}"
    if guide().wants_date(location) and _ISO_DATE.fullmatch(value):
        return f"{value} is not in the calendar; expected {expected}"
    return f"expected {expected}, not {shown(value)}{did_you_mean(value, guide().choices(location))}"


def _without(node: Node, paths: set[str]) -> Node:
    """The tree without the nodes at these paths."""
    if isinstance(node.value, dict):
        kept = {key: _without(child, paths) for key, child in node.value.items() if child.path not in paths}
        return replace(node, value=kept)
    if isinstance(node.value, list):
        return replace(
            node, value=[_without(child, paths) for child in node.value if child.path not in paths]
        )
    return node


def _contradictions(scenario: Scenario, tree: Node, faulty: set[str]) -> Iterator[Problem]:
    """What the rules find, as far as the sections that they read are sound."""
    if "extends" in faulty:
        return
    unsound = {part for path in faulty for part in (path, _LAST_STEP.sub("", path))}
    for rule, sections in CHECKS:
        if unsound.isdisjoint(sections):
            for location, sentence in rule(scenario):
                yield _contradiction(location, sentence, tree)


def _contradiction(location: Location, sentence: str, tree: Node) -> Problem:
    node = [tree, *(node for _, node in _trail(location, tree))][-1]
    place = node.key_at if isinstance(node.value, dict) else node.at  # a group is known by its name
    return Problem(sentence, place, node.path or ".".join(map(str, location)))


def _in_reading_order(problems: list[Problem]) -> list[Problem]:
    """File by file from top to bottom, one problem for each place and path: a slip should not be told twice."""
    first: dict[tuple[Any, ...], Problem] = {}
    for problem in problems:
        first.setdefault((problem.place, problem.path), problem)
    files = list(dict.fromkeys(problem.file for problem in problems))
    return sorted(
        first.values(),
        key=lambda problem: (files.index(problem.file), problem.line or 0, problem.column or 0),
    )
