"""YAML text to plain values that remember where they stood.

Only the parser's events are used: no tag is ever obeyed, no object is ever constructed, and size and depth are counted
as the events arrive, so a hostile text is refused before it has grown into anything.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamStartEvent,
)

from cpsim.scenario.problems import Place, Problem, ScenarioError, shown

MAX_DEPTH = 24
MAX_NODES = 20_000
MAX_DIGITS = 18

# What a scanner may raise on a hostile text, besides its own errors: escapes beyond Unicode overflow, for example.
_SCANNER_FAULTS = (
    YAMLError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)

# The core schema of YAML 1.2: `yes` and `1:30` are texts.
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

_PLAIN_WORDS = (
    (
        "mapping values are not allowed",
        "a colon followed by a space is not allowed here; put the text in quotes",
    ),
    ("<stream end>", "the text ends inside an open bracket"),
    ("found unexpected end of stream", "the text ends inside an open quote"),
    ("could not find expected ':'", "a setting is written `name: value`; the colon is missing"),
    ("expected <block end>", "this line is not indented like its neighbours"),
    ("expected ',' or", "a comma or a closing bracket is missing"),
    ("cannot start any token", "this character cannot begin a value; put the text in quotes"),
)


@dataclass(frozen=True, slots=True)
class Node:
    """A value, its path in the file (`timeline[0].date`), and where it and its key were written."""

    value: "str | int | float | bool | dict[str, Node] | list[Node] | None"
    path: str
    at: Place
    key_at: Place

    @property
    def children(self) -> "dict[str, Node]":
        """The settings of a group; empty for a list or a single value."""
        return self.value if isinstance(self.value, dict) else {}

    def beneath(self, step: str | int) -> "Node | None":
        """The node one step down, if there is one."""
        if isinstance(self.value, list) and isinstance(step, int):
            return self.value[step] if 0 <= step < len(self.value) else None
        return self.children.get(str(step))

    def down(self, steps: Sequence[str | int]) -> "Node | None":
        """The node several steps down, if there is one."""
        node: Node | None = self
        for step in steps:
            node = node.beneath(step) if node else None
        return node


def child_path(path: str, step: str | int) -> str:
    """The path one step below `path`; a key that is not a plain, short word is quoted and shortened."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    word = step if re.fullmatch(r"[\w-]{1,60}", step) else shown(step)
    return f"{path}.{word}" if path else word


def rooted(node: Node, path: str) -> Node:
    """The node and all below it under another path, each still knowing where it was written."""
    value = node.value
    if isinstance(value, dict):
        value = {key: rooted(child, child_path(path, key)) for key, child in value.items()}
    elif isinstance(value, list):
        value = [rooted(child, child_path(path, index)) for index, child in enumerate(value)]
    return replace(node, value=value, path=path)


def from_text(
    text: str, source: str, problems: list[Problem], *, path: str = "", lines: bool = True
) -> Node | None:
    """Read one YAML document; None if it is empty. `lines=False` if positions in the text mean nothing to its author.

    Faults that leave the rest readable are appended to `problems`.

    Raises:
        ScenarioError: the text is not YAML, is too large or too deep, or holds several documents.
    """
    return _TextReader(text, source, problems, lines=lines).document(path)


def from_values(values: Any, problems: list[Problem]) -> Node:
    """Read nested mappings, lists, texts, numbers and dates of Python (or NumPy) as if they had stood in a file.

    Raises:
        ScenarioError: the values are too many or too deep, or contain themselves.
    """
    return _ValueReader("", problems).node(values, "", depth=0)


class _Reader:
    """Counts what is read and collects what is wrong."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        self._source = source
        self._problems = problems
        self._count = 0

    def _counted(self, depth: int, place: Place, path: str) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            self._refuse(f"more than {MAX_NODES:,} values, aliases written out", place, path)
        if depth > MAX_DEPTH:
            self._refuse(f"nested more than {MAX_DEPTH} deep", place, path)

    def _refuse(self, message: str, place: Place, path: str = "") -> NoReturn:
        raise ScenarioError([*self._problems, Problem(message, place, path)])

    def _complain(self, message: str, place: Place, path: str) -> None:
        self._problems.append(Problem(message, place, path))

    def _text(self, text: str, place: Place, path: str) -> str:
        """The text; half a surrogate pair, which no file could hold, is replaced and reported."""
        if any("\ud800" <= character <= "\udfff" for character in text):
            self._complain("the text holds half of a character pair, which UTF-8 cannot store", place, path)
            return ascii(text)
        return text

    def _finite(self, number: float, place: Place, path: str) -> float | str:
        """The number; one that is not a number, not finite or absurdly long is reported and becomes a text."""
        if isinstance(number, int):
            if abs(number) < 10**MAX_DIGITS:
                return number
            self._complain(f"a number of more than {MAX_DIGITS} digits is too large", place, path)
        elif math.isfinite(number):
            return number
        else:
            self._complain("a finite number is needed, not infinity or not-a-number", place, path)
        return "?"


class _ValueReader(_Reader):
    """Values of Python to nodes."""

    def node(self, value: Any, path: str, depth: int) -> Node:
        place = Place(self._source)
        self._counted(depth, place, path)
        return Node(self._content(value, path, depth), path, place, place)

    def _content(self, value: Any, path: str, depth: int) -> Any:
        if isinstance(value, Mapping):
            return {
                str(key): self.node(item, child_path(path, str(key)), depth + 1)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.node(item, child_path(path, index), depth + 1) for index, item in enumerate(value)]
        return self._scalar(value, path)

    def _scalar(self, value: Any, path: str) -> Any:
        place = Place(self._source)
        if hasattr(value, "dtype") and getattr(value, "ndim", 1) == 0:
            value = value.item()  # numbers out of a NumPy design matrix
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str):
            return self._text(str(value), place, path)
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            return self._finite(value, place, path)
        self._complain(f"a {type(value).__name__} has no place in a file of settings", place, path)
        return "?"


class _TextReader(_Reader):
    """Events of the YAML parser to nodes."""

    def __init__(self, text: str, source: str, problems: list[Problem], *, lines: bool) -> None:
        super().__init__(source, problems)
        self._events = YAML(typ="safe", pure=True).parse(text)
        self._lines = lines
        self._last = Place(source, 1, 1) if lines else Place(source)
        self._anchors: dict[str, Node] = {}

    def document(self, path: str) -> Node | None:
        self._next(path)
        if not isinstance(self._next(path), DocumentStartEvent):
            return None
        node = self._node(self._next(path), path, depth=0)
        self._next(path)
        if isinstance(self._next(path), DocumentStartEvent):
            self._refuse("a second document begins here; a file is one document", self._last, path)
        return node

    def _place(self, mark: StreamMark | None) -> Place:
        if mark is None:
            return self._last
        return Place(self._source, mark.line + 1, mark.column + 1) if self._lines else Place(self._source)

    def _next(self, path: str) -> Event:
        try:
            event: Event = next(self._events)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._refuse(_in_plain_words(str(error.problem or error.context)), self._place(mark), path)
        except _SCANNER_FAULTS as error:
            self._refuse(f"this is not YAML: {shown(str(error))}", self._last, path)
        if not isinstance(event, StreamStartEvent | DocumentEndEvent):
            self._last = self._place(event.start_mark)
        return event

    def _node(self, event: Event, path: str, depth: int) -> Node:
        at = self._last
        self._counted(depth, at, path)
        if isinstance(event, AliasEvent):
            return self._alias(str(event.anchor), path, depth)
        assert isinstance(event, ScalarEvent | CollectionStartEvent)
        if event.ctag is not None:
            self._complain(
                f"tags such as {shown(str(event.ctag))} are refused; write a plain value", at, path
            )
        node = Node(self._content(event, path, depth), path, at, at)
        if event.anchor is not None:
            self._anchors[str(event.anchor)] = node
        return node

    def _content(self, event: Event, path: str, depth: int) -> Any:
        if isinstance(event, MappingStartEvent):
            return self._mapping(path, depth)
        if isinstance(event, ScalarEvent):
            return self._scalar(event, path)
        return self._list(path, depth)

    def _list(self, path: str, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := self._next(path), SequenceEndEvent):
            items.append(self._node(event, child_path(path, len(items)), depth + 1))
        return items

    def _mapping(self, path: str, depth: int) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        while not isinstance(event := self._next(path), MappingEndEvent):
            key_at = self._last
            key = self._key(event, path, depth)
            value_path = path if key is None else child_path(path, key)
            value = self._node(self._next(value_path), value_path, depth + 1)
            if key in entries:
                first = entries[key].key_at.line
                where = f"; the first is on line {first}" if first is not None else ""
                self._complain(f"{shown(key)} is given twice{where}", key_at, value_path)
            elif key is not None:
                at = key_at if value.value is None else value.at  # nothing stands nowhere
                entries[key] = replace(value, at=at, key_at=key_at)
        return entries

    def _key(self, event: Event, path: str, depth: int) -> str | None:
        """The name of a setting; None, and a complaint, if it cannot be one."""
        at = self._last
        if not isinstance(event, ScalarEvent):
            self._node(event, path, depth + 1)
            self._complain("the name of a setting must be a single word", at, path)
        elif event.ctag is not None:
            self._complain("the name of a setting cannot have a tag", at, path)
        elif event.value == "<<" and event.implicit[0]:
            self._complain(
                "merge keys (<<) are not part of YAML 1.2; use `extends`, or write the settings out", at, path
            )
        elif not event.value:
            self._complain("a setting without a name", at, path)
        else:
            return self._text(event.value, at, path)
        return None

    def _alias(self, anchor: str, path: str, depth: int) -> Node:
        at = self._last
        if anchor not in self._anchors:
            self._refuse(f"*{anchor} refers to nothing that is complete before it", at, path)
        return self._copy(self._anchors[anchor], path, depth)

    def _copy(self, node: Node, path: str, depth: int) -> Node:
        """The node again under another path, counted value by value, so that aliases of aliases cannot explode."""
        self._counted(depth, self._last, path)
        value = node.value
        if isinstance(value, dict):
            value = {key: self._copy(item, child_path(path, key), depth + 1) for key, item in value.items()}
        elif isinstance(value, list):
            value = [self._copy(item, child_path(path, index), depth + 1) for index, item in enumerate(value)]
        return replace(node, value=value, path=path)

    def _scalar(self, event: ScalarEvent, path: str) -> Any:
        at, text = self._last, event.value
        if not event.implicit[0]:
            return self._text(text, at, path)
        if text in _NULL:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if _NOT_FINITE.fullmatch(text):
            return self._finite(math.nan, at, path)
        if _WHOLE.fullmatch(text):
            return self._finite(int(text[: MAX_DIGITS + 2]), at, path)
        if _DECIMAL.fullmatch(text):
            return self._finite(float(text), at, path)
        return self._text(text, at, path)


def _in_plain_words(problem: str) -> str:
    """The scanner's message in words that say what to do."""
    if "'\\t'" in problem:
        return "a tab stands where YAML allows only spaces; indent with spaces"
    for technical, plain in _PLAIN_WORDS:
        if technical in problem:
            return plain
    return f"this is not YAML: {problem}"
