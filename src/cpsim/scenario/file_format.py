"""Validates a tree of settings against the format of its file, and reports every problem with its place.

Scenarios, experiments and lessons each have such a format: a root model, rules between settings, and a message for an
unknown branch. How problems are found, placed and worded is the same for all.
"""

import inspect
import re
import warnings
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cpsim.scenario.guide import Guide, Location
from cpsim.scenario.intended import read_as_list, suggest_reading
from cpsim.scenario.nodes import ISO_DATE, Node, child_path
from cpsim.scenario.problems import (
    Problem,
    ScenarioError,
    ScenarioWarning,
    format_options,
    format_value,
    suggest_nearest,
)
from cpsim.scenario.sections import UNSAFE_TEXT
from cpsim.scenario.syntax import describe_missing_colon

Root = TypeVar("Root", bound=BaseModel)
Finding = tuple[Location, str]

_MAX_CUTS = 4
MAX_REPORTED = 200
"""Most problems of a file that are reported."""
_LAST_STEP = re.compile(r"(\.[^.\[]*|\[\d+\])$")


class Check(NamedTuple, Generic[Root]):
    """A rule between settings, and the sections that it reads.

    The rule is applied only if these sections, and the settings directly in them, have no problems. A name that ends
    in a full stop (`vary.`) means everything below it. One that ends in brackets (`timeline[]`) means each entry of a
    list by itself: what the rule finds about an entry is left out if anything in that entry has a problem.
    """

    rule: Callable[[Root], Iterator[Finding]]
    reads: tuple[str, ...]


@dataclass(frozen=True)
class FileFormat(Generic[Root]):
    """The format of a kind of file.

    Attributes:
        root: the strict model of the whole file.
        checks: rules between settings, applied once the schema accepts what they read.
        foundation: the setting on which all others build; no rule is applied while it has a problem.
        unknown_branch: describes the problem with a node that belongs to no branch of its union.
        cautions: rules for a valid model that find what is allowed but has practically no effect.
        synonyms: names that authors use for settings of the root -> the setting.
    """

    root: type[Root]
    checks: Sequence[Check[Root]]
    foundation: str
    unknown_branch: Callable[[Node], Problem]
    cautions: Sequence[Callable[[Root], Iterator[Finding]]] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def guide(self) -> Guide:
        """What the schema allows in each place."""
        return Guide(self.root.model_json_schema())

    def validate(self, tree: Node, problems: list[Problem]) -> Root:
        """Make the root model from the settings.

        Raises:
            ScenarioError: `problems` from reading, and everything that the schema and the rules find.
        """
        model, errors = self._validate_tree(tree)
        faults = [self._describe_error(error, tree) for error in errors[:MAX_REPORTED]]
        found = [*problems, *_drop_other_branches(faults)]
        remainder, sound = (model, tree) if model else self._cut_errors(tree, errors)
        if remainder is not None:
            contradictions = self._find_contradictions(remainder, sound, {problem.path for problem in found})
            found += islice(contradictions, MAX_REPORTED)
        if found or model is None:
            raise ScenarioError(sort_in_reading_order(found)[:MAX_REPORTED])
        return model

    def warn(self, model: Root, tree: Node) -> None:
        """Warn of what the cautions find in a valid model; the warnings are shown for the code that called cpsim.

        Args:
            model: the model.
            tree: the settings that it was made from.
        """
        for caution in self.cautions:
            for location, sentence in caution(model):
                problem = _place_contradiction(location, sentence, tree)
                warnings.warn(str(problem), ScenarioWarning, stacklevel=_count_own_calls())

    def _cut_errors(self, tree: Node, errors: list[ErrorDetails]) -> tuple[Root | None, Node]:
        """Cut out what is wrong, or mend it, until the rest is valid; one cut may leave a part not valid without it."""
        for _ in range(_MAX_CUTS):
            others: dict[str, Node | None] = {}
            for error in errors:
                node = _find_culprit(error, tree)
                others[node.path] = others.get(node.path) or self._read_as_list(node, error, tree)
            tree = _replace_paths(tree, others)
            model, errors = self._validate_tree(tree)
            if model is not None:
                return model, tree
        return None, tree

    def _read_as_list(self, node: Node, error: ErrorDetails, tree: Node) -> Node | None:
        """Read a text in place of a list as that list, so that the rules see what is in it; None if it is not one."""
        fragments = self.guide.find_fragments(self._schema_location(error["loc"], tree))
        for parts in filter(None, (read_as_list(node.value, fragment) for fragment in fragments)):
            entries = [
                Node(part, child_path(node.path, index), node.at, node.key_at)
                for index, part in enumerate(parts)
            ]
            return replace(node, value=entries)
        return None

    def _validate_tree(self, tree: Node) -> tuple[Root | None, list[ErrorDetails]]:
        try:
            return self.root.model_validate(_read_plain_values(tree)), []
        except ValidationError as error:
            return None, error.errors(include_url=False)

    def _schema_location(self, location: tuple[int | str, ...], tree: Node) -> Location:
        """A location without the steps that name neither a node of the tree nor a branch of the schema."""
        steps: Location = ()
        node = tree
        for step in location:
            child = node.get(step)
            if child is not None or self.guide.find_fragments((*steps, step)):
                steps, node = (*steps, step), child or node
        return steps

    def _describe_error(self, error: ErrorDetails, tree: Node) -> Problem:
        node = _find_culprit(error, tree)
        kind = error["type"]
        if kind in ("union_tag_invalid", "union_tag_not_found"):
            return self.unknown_branch(node)
        if kind == UNSAFE_TEXT:
            return Problem(error["msg"], node.at, node.path)
        location = self._schema_location(
            error["loc"][:-1] if kind in ("extra_forbidden", "missing") else error["loc"], tree
        )
        if kind == "extra_forbidden":
            name = str(error["loc"][-1])
            return Problem(self._describe_unknown_setting(name, location), node.key_at, node.path)
        if kind == "missing":
            name = str(error["loc"][-1])
            message = f"this setting is missing; expected {self.guide.describe_expected((*location, name))}"
            return Problem(message, node.key_at, child_path(node.path, name))
        if kind == "too_long" and isinstance(node.value, list):
            limit = error["ctx"]["max_length"]
            return Problem(f"{len(node.value):,} entries; at most {limit:,} are allowed", node.at, node.path)
        return Problem(self._describe_value_error(node, location), node.at, node.path)

    def _describe_value_error(self, node: Node, location: Location) -> str:
        value = node.value
        expected = self.guide.describe_expected(location)
        if isinstance(value, str) and self.guide.is_date(location) and ISO_DATE.fullmatch(value):
            return f"{value} is not in the calendar; expected {expected}"
        hint = suggest_reading(value, self.guide.find_fragments(location))
        if not hint and isinstance(value, str):
            hint = suggest_nearest(value, self.guide.list_choices(location))
        return f"expected {expected}, not {format_value(value)}{hint}"

    def _describe_unknown_setting(self, name: str, location: Location) -> str:
        if set(name) & set("{["):
            return describe_missing_colon(name)
        if "." in name and (nested := self._describe_dotted_name(name.split("."), location)):
            return nested
        synonym = self.synonyms.get(name.lower()) if not location else None
        hint = f"; did you mean {synonym!r}?" if synonym else self.guide.suggest_setting(name, location)
        names = format_options(self.guide.list_settings(location))
        return f"there is no setting {format_value(name)} here{hint or ';'} allowed: {names}"

    def _describe_dotted_name(self, steps: list[str], location: Location) -> str:
        """Describe a name such as `clock.years`, a path as for `--set`; empty if it does not begin with a group."""
        *groups, name = steps
        within = (*location, *groups)
        if not all(steps) or not self.guide.list_settings(within):
            return ""
        if name not in self.guide.list_settings(within):
            return self._describe_unknown_setting(name, within)
        text = f"{name}: ..."
        for group in reversed(groups):
            text = f"{group}: {{{text}}}"
        return f"there is no setting {format_value('.'.join(steps))} here; in a file, write `{text}`"

    def _find_contradictions(self, model: Root, tree: Node, faulty: set[str]) -> Iterator[Problem]:
        """What the rules find, for rules whose sections have no problems."""
        if self.foundation in faulty:
            return
        unsound = {part for path in faulty for part in (path, _LAST_STEP.sub("", path))}
        faulty_entries = {_find_entry(path) for path in faulty}
        for rule, sections in self.checks:
            below = tuple(section for section in sections if section.endswith("."))
            entries = tuple(section.removesuffix("]") for section in sections if section.endswith("[]"))
            if unsound.isdisjoint(sections) and not any(path.startswith(below) for path in faulty):
                for location, sentence in rule(model):
                    problem = _place_contradiction(location, sentence, tree)
                    if not (problem.path.startswith(entries) and _find_entry(problem.path) in faulty_entries):
                        yield problem


def _read_plain_values(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _read_plain_values(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_read_plain_values(child) for child in node.value]
    return node.value


def _drop_other_branches(faults: list[Problem]) -> list[Problem]:
    """Drop what is wrong with a whole value if something within it is wrong: then it is of the right type.

    Where a setting may be a number or a list, a list with a faulty entry is reported as no number too.
    """
    within = {part for fault in faults for part in _list_parents(fault.path)}
    return [fault for fault in faults if fault.path not in within]


def _list_parents(path: str) -> Iterator[str]:
    """Yield the paths of the groups and lists that a setting is in."""
    while path := _LAST_STEP.sub("", path) if _LAST_STEP.search(path) else "":
        yield path


def _find_entry(path: str) -> str:
    """The path of the entry of a list that a setting is in, such as `timeline[0]`; the path itself if it is in none."""
    return path[: path.find("]") + 1] or path


def find_repeats(entries: Iterable[Hashable]) -> Iterator[tuple[int, str]]:
    """Find the entries of a list that are also earlier in it; yields the index of each and a message.

    >>> list(find_repeats(["school", "gp", "school"]))
    [(2, "'school' is in this list twice; remove one of the two")]
    """
    seen: set[Hashable] = set()
    for index, entry in enumerate(entries):
        if entry in seen:
            yield index, f"{format_value(entry)} is in this list twice; remove one of the two"
        seen.add(entry)


def sort_in_reading_order(problems: list[Problem]) -> list[Problem]:
    """Sort problems file by file from top to bottom, and keep one for each place and path."""
    first: dict[tuple[Any, ...], Problem] = {}
    for problem in problems:
        first.setdefault((problem.place, problem.path), problem)
    files = list(dict.fromkeys(problem.file for problem in problems))
    return sorted(
        first.values(),
        key=lambda problem: (files.index(problem.file), problem.line or 0, problem.column or 0),
    )


def _walk_down(location: tuple[int | str, ...], tree: Node) -> Iterator[Node]:
    """The nodes on the way down; steps that name a branch of the schema have no node."""
    node = tree
    for step in location:
        if (child := node.get(step)) is not None:
            node = child
            yield node


def _find_culprit(error: ErrorDetails, tree: Node) -> Node:
    """The deepest node that the error concerns."""
    return [tree, *_walk_down(error["loc"], tree)][-1]


def _replace_paths(node: Node, others: Mapping[str, Node | None]) -> Node:
    """Copy the tree with other nodes at these paths, or with none."""

    def copy(child: Node) -> Node | None:
        return others[child.path] if child.path in others else _replace_paths(child, others)

    if isinstance(node.value, dict):
        pairs = ((key, copy(child)) for key, child in node.value.items())
        return replace(node, value={key: child for key, child in pairs if child is not None})
    if isinstance(node.value, list):
        return replace(node, value=[child for child in map(copy, node.value) if child is not None])
    return node


def _place_contradiction(location: Location, sentence: str, tree: Node) -> Problem:
    node = [tree, *_walk_down(location, tree)][-1]
    place = node.key_at if isinstance(node.value, dict) else node.at  # a group is known by its name
    return Problem(sentence, place, node.path or ".".join(map(str, location)))


def _count_own_calls() -> int:
    """Count the functions of cpsim that are being called one by another, up to and including this one."""
    count, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "cpsim":
        count, frame = count + 1, frame.f_back
    return count
