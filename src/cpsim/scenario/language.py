"""What a kind of file may say, and how a tree of settings becomes its root model or all that is wrong with it.

Scenarios and experiments are two such languages. Each has a root model, rules between its settings, and a word on
branches that it does not know; how faults are found, placed and told is the same for both.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cpsim.scenario.guide import Guide, Location
from cpsim.scenario.nodes import Node, child_path
from cpsim.scenario.problems import Problem, ScenarioError, did_you_mean, listed, shown

Root = TypeVar("Root", bound=BaseModel)
Finding = tuple[Location, str]

_MOST_CUTS = 4
_MOST_TOLD = 200
_LAST_STEP = re.compile(r"(\.[^.\[]*|\[\d+\])$")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Check(NamedTuple, Generic[Root]):
    """A rule between settings, and the sections that it must be able to trust.

    It trusts a section while neither the section nor a setting directly in it is at fault; a name with a full stop at
    its end (`vary.`) means everything below.
    """

    rule: Callable[[Root], Iterator[Finding]]
    reads: tuple[str, ...]


@dataclass(frozen=True)
class Language(Generic[Root]):
    """A kind of file.

    Attributes:
        root: the strict model of the whole file.
        checks: rules between its settings, asked once the schema is content with what they read.
        foundation: the setting that all others build upon; no rule is asked while it is at fault.
        unknown_branch: the problem with a node that belongs to no branch of its union.
    """

    root: type[Root]
    checks: Sequence[Check[Root]]
    foundation: str
    unknown_branch: Callable[[Node], Problem]

    @cached_property
    def guide(self) -> Guide:
        """What the schema allows at each place."""
        return Guide(self.root.model_json_schema())

    def validated(self, tree: Node, problems: list[Problem]) -> Root:
        """The root model that the settings make.

        Raises:
            ScenarioError: `problems` that reading left behind, and all that the schema and the rules find.
        """
        model, errors = self._attempt(tree)
        found = [*problems, *(self._problem(error, tree) for error in errors[:_MOST_TOLD])]
        remainder, sound = (model, tree) if model else self._remainder(tree, errors)
        if remainder is not None:
            contradictions = self._contradictions(remainder, sound, {problem.path for problem in found})
            found += islice(contradictions, _MOST_TOLD)
        if found or model is None:
            raise ScenarioError(in_reading_order(found)[:_MOST_TOLD])
        return model

    def _remainder(self, tree: Node, errors: list[ErrorDetails]) -> tuple[Root | None, Node]:
        """What stays of a faulty file when its faults are cut out: one cut may leave a part that cannot stand."""
        for _ in range(_MOST_CUTS):
            tree = _without(tree, {_culprit(error, tree).path for error in errors})
            model, errors = self._attempt(tree)
            if model is not None:
                return model, tree
        return None, tree

    def _attempt(self, tree: Node) -> tuple[Root | None, list[ErrorDetails]]:
        try:
            return self.root.model_validate(self._plain(tree, ())), []
        except ValidationError as error:
            return None, error.errors(include_url=False)

    def _plain(self, node: Node, location: Location) -> Any:
        """The bare values; a text becomes a date where the schema wants one, so that quoted dates are dates too."""
        if isinstance(node.value, dict):
            return {key: self._plain(child, (*location, key)) for key, child in node.value.items()}
        if isinstance(node.value, list):
            return [self._plain(child, (*location, index)) for index, child in enumerate(node.value)]
        if (
            isinstance(node.value, str)
            and _ISO_DATE.fullmatch(node.value)
            and self.guide.wants_date(location)
        ):
            try:
                return date.fromisoformat(node.value)
            except ValueError:
                return node.value
        return node.value

    def _location(self, location: tuple[int | str, ...], tree: Node) -> Location:
        """A location without the steps that name neither a node of the tree nor a branch, for the guide."""
        steps: Location = ()
        node = tree
        for step in location:
            beneath = node.beneath(step)
            if beneath is not None or self.guide.at((*steps, step)):
                steps, node = (*steps, step), beneath or node
        return steps

    def _problem(self, error: ErrorDetails, tree: Node) -> Problem:
        node = _culprit(error, tree)
        kind = error["type"]
        if kind in ("union_tag_invalid", "union_tag_not_found"):
            return self.unknown_branch(node)
        location = self._location(
            error["loc"][:-1] if kind in ("extra_forbidden", "missing") else error["loc"], tree
        )
        if kind == "extra_forbidden":
            name = str(error["loc"][-1])
            names = listed(self.guide.settings(location))
            hint = self.guide.hint(name, location)
            message = f"there is no setting {shown(name)} here{hint or ';'} allowed: {names}"
            return Problem(message, node.key_at, node.path)
        if kind == "missing":
            name = str(error["loc"][-1])
            message = f"this setting is missing; expected {self.guide.expected((*location, name))}"
            return Problem(message, node.key_at, child_path(node.path, name))
        return Problem(self._wrong_value(node, location), node.at, node.path)

    def _wrong_value(self, node: Node, location: Location) -> str:
        value = node.value
        expected = self.guide.expected(location)
        if not isinstance(value, str):
            return f"expected {expected}, not {shown(value)}"
        if self.guide.wants_date(location) and _ISO_DATE.fullmatch(value):
            return f"{value} is not in the calendar; expected {expected}"
        return f"expected {expected}, not {shown(value)}{did_you_mean(value, self.guide.choices(location))}"

    def _contradictions(self, model: Root, tree: Node, faulty: set[str]) -> Iterator[Problem]:
        """What the rules find, as far as the sections that they read are sound."""
        if self.foundation in faulty:
            return
        unsound = {part for path in faulty for part in (path, _LAST_STEP.sub("", path))}
        for rule, sections in self.checks:
            below = tuple(section for section in sections if section.endswith("."))
            if unsound.isdisjoint(sections) and not any(path.startswith(below) for path in faulty):
                for location, sentence in rule(model):
                    yield _contradiction(location, sentence, tree)


def in_reading_order(problems: list[Problem]) -> list[Problem]:
    """File by file from top to bottom, one problem for each place and path: a slip should not be told twice."""
    first: dict[tuple[Any, ...], Problem] = {}
    for problem in problems:
        first.setdefault((problem.place, problem.path), problem)
    files = list(dict.fromkeys(problem.file for problem in problems))
    return sorted(
        first.values(),
        key=lambda problem: (files.index(problem.file), problem.line or 0, problem.column or 0),
    )


def _trail(location: tuple[int | str, ...], tree: Node) -> Iterator[Node]:
    """The nodes on the way down; steps that name a branch of the schema lead nowhere in the tree."""
    node = tree
    for step in location:
        if (beneath := node.beneath(step)) is not None:
            node = beneath
            yield node


def _culprit(error: ErrorDetails, tree: Node) -> Node:
    """The deepest node that the error concerns."""
    return [tree, *_trail(error["loc"], tree)][-1]


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


def _contradiction(location: Location, sentence: str, tree: Node) -> Problem:
    node = [tree, *_trail(location, tree)][-1]
    place = node.key_at if isinstance(node.value, dict) else node.at  # a group is known by its name
    return Problem(sentence, place, node.path or ".".join(map(str, location)))
