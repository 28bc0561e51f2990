"""Reads YAML text, or values of Python, into nodes: plain values that remember where they were written.

Only the parser's events are used: no tag is followed and no object is constructed. Size and depth are counted as the
events arrive, so that a hostile text is refused before it uses much memory.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import PurePath
from typing import Any, NamedTuple, NoReturn, TypeGuard

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

from cpsim.scenario.problems import Place, Problem, ScenarioError, format_value
from cpsim.scenario.syntax import NO_SPACE, describe_lookalike, explain_syntax_error
from cpsim.scenario.text import replace_lookalike

MAX_DEPTH = 24
MAX_NODES = 10_000
MAX_DIGITS = 18

# What the scanner may raise on a hostile text besides its own errors; escapes beyond Unicode overflow, for example.
_SCANNER_ERRORS = (
    YAMLError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)

# The core schema of YAML 1.2, in which `yes` and `1:30` are texts.
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
"""A text in the form of a date, which need not be in the calendar."""
_NO_DATE = "NaT"  # a missing date of pandas, which is a date of Python without a day
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True, slots=True)
class Node:
    """A value, its path in the file (`timeline[0].date`), and where it and its key were written."""

    value: "str | int | float | bool | date | dict[str, Node] | list[Node] | None"
    path: str
    at: Place
    key_at: Place

    @property
    def children(self) -> "dict[str, Node]":
        """The settings of a group; empty for a list or a single value."""
        return self.value if isinstance(self.value, dict) else {}

    def get(self, step: str | int) -> "Node | None":
        """The node one step down, if there is one."""
        if isinstance(self.value, list) and isinstance(step, int):
            return self.value[step] if 0 <= step < len(self.value) else None
        return self.children.get(str(step))

    def find(self, steps: Sequence[str | int]) -> "Node | None":
        """The node several steps down, if there is one."""
        node: Node | None = self
        for step in steps:
            node = node.get(step) if node else None
        return node


def child_path(path: str, step: str | int) -> str:
    """The path one step below `path`; a key that is not a short plain word is quoted and shortened.

    >>> child_path("timeline", 0), child_path("timeline[0]", "date")
    ('timeline[0]', 'timeline[0].date')
    """
    if isinstance(step, int):
        return f"{path}[{step}]"
    word = step if re.fullmatch(r"[\w-]{1,60}", step) else format_value(step)
    return f"{path}.{word}" if path else word


def move_to_path(node: Node, path: str) -> Node:
    """Give the node and everything below it another path; the places where they were written stay."""
    value = node.value
    if isinstance(value, dict):
        value = {key: move_to_path(child, child_path(path, key)) for key, child in value.items()}
    elif isinstance(value, list):
        value = [move_to_path(child, child_path(path, index)) for index, child in enumerate(value)]
    return replace(node, value=value, path=path)


def to_values(node: Node) -> Any:
    """The plain values of a node: nested mappings and lists, without the places where they were written.

    >>> to_values(read_values({"clock": {"years": 3}}, []))
    {'clock': {'years': 3}}
    """
    if isinstance(node.value, dict):
        return {key: to_values(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [to_values(child) for child in node.value]
    return node.value


def parse_text(
    text: str,
    source: str,
    problems: list[Problem],
    *,
    path: str = "",
    lines: bool = True,
    dates: bool = False,
    limit: int = MAX_NODES,
) -> Node | None:
    """Read one YAML document; None if it is empty.

    Problems that leave the rest readable are appended to `problems`.

    Args:
        text: the document.
        source: the file or option that it comes from, for messages.
        problems: list to which problems are appended.
        path: path of the setting that the document is the value of.
        lines: False where line numbers would mean nothing to the author, as on the command line.
        dates: whether a text without quotes that looks like a date is one, for a file that no schema describes.
        limit: most values, with aliases written out.

    Raises:
        ScenarioError: the text is not YAML, is too large or too deep, or holds several documents.
    """
    return _TextReader(text, source, problems, lines=lines, dates=dates, limit=limit).read_document(path)


def read_values(values: Any, problems: list[Problem], *, path: str = "") -> Node:
    """Read values of Python into nodes: mappings, lists, tuples, arrays, text, numbers, dates, paths and None.

    Values stay what they are: a date stays a date, and a text is never read as YAML. NumPy scalars become the numbers
    of Python that they are equal to, and a settings object becomes a mapping of its settings.

    Args:
        values: the values, nested as in a scenario file.
        problems: list to which problems with single values are appended.
        path: path of the setting that they are the value of.

    Raises:
        ScenarioError: the values are too many or too deep, or contain themselves.

    >>> read_values({"name": "year #1: a test"}, []).find(["name"]).value
    'year #1: a test'
    """
    return _ValueReader("", problems, MAX_NODES).read(values, path, depth=0)


class _Reader:
    """Counts the values that are read and collects problems."""

    def __init__(self, source: str, problems: list[Problem], limit: int) -> None:
        self._source = source
        self._limit = limit
        self._problems = problems
        self._count = 0

    def _count_value(self, depth: int, place: Place, path: str) -> None:
        self._count += 1
        if self._count > self._limit:
            self._refuse(f"more than {self._limit:,} values, aliases written out", place, path)
        if depth > MAX_DEPTH:
            self._refuse(f"nested more than {MAX_DEPTH} deep", place, path)

    def _refuse(self, message: str, place: Place, path: str = "") -> NoReturn:
        raise ScenarioError([*self._problems, Problem(message, place, path)])

    def _report(self, message: str, place: Place, path: str) -> None:
        self._problems.append(Problem(message, place, path))

    def _check_text(self, text: str, place: Place, path: str) -> str:
        """The text; half a surrogate pair, which UTF-8 cannot store, is replaced and reported."""
        if any("\ud800" <= character <= "\udfff" for character in text):
            self._report("the text holds half of a character pair, which UTF-8 cannot store", place, path)
            return ascii(text)
        return text

    def _check_number(self, number: float, place: Place, path: str) -> float | str:
        """The number; one that is infinite, not a number or too long is reported and replaced by a text."""
        if isinstance(number, int):
            if abs(number) < 10**MAX_DIGITS:
                return number
            self._report(f"a number of more than {MAX_DIGITS} digits is too large", place, path)
        elif math.isfinite(number):
            return number
        else:
            self._report("a finite number is needed, not infinity or not-a-number", place, path)
        return "?"


class _ValueReader(_Reader):
    """Reads values of Python into nodes."""

    def read(self, value: Any, path: str, depth: int) -> Node:
        place = Place(self._source)
        self._count_value(depth, place, path)
        return Node(self._read_content(value, path, depth), path, place, place)

    def _read_content(self, value: Any, path: str, depth: int) -> Any:
        if isinstance(value, type):
            return self._read_scalar(value, path)
        if hasattr(value, "model_dump"):  # a settings object; a file is read without pydantic
            value = value.model_dump()
        elif hasattr(value, "dtype") and hasattr(value, "tolist"):
            if value.size > self._limit:
                self._refuse(f"more than {self._limit:,} values", Place(self._source), path)
            value = _convert_array(value)
        if isinstance(value, Mapping):
            return {
                key: self.read(item, child_path(path, key), depth + 1)
                for key, item in value.items()
                if self._is_name(key, path)
            }
        if isinstance(value, list | tuple):
            return [self.read(item, child_path(path, index), depth + 1) for index, item in enumerate(value)]
        return self._read_scalar(value, path)

    def _is_name(self, key: Any, path: str) -> bool:
        """Whether a key can be the name of a setting; reported if not."""
        if isinstance(key, str):
            return True
        self._report(
            f"the name of a setting must be text, not {format_value(key)}", Place(self._source), path
        )
        return False

    def _read_scalar(self, value: Any, path: str) -> Any:
        place = Place(self._source)
        if isinstance(value, datetime):
            if str(value) == _NO_DATE:
                return _NO_DATE
            if value.time() == time() and value.tzinfo is None:
                return value.date()
            self._report(f"expected a date without a time of day, not {value}", place, path)
            return "?"
        if isinstance(value, date | bool) or value is None:
            return value
        if isinstance(value, str):
            return self._check_text(str(value), place, path)
        if isinstance(value, int | float):
            return self._check_number(value, place, path)
        if isinstance(value, PurePath):
            return self._check_text(str(value), place, path)
        self._report(f"a value of type {type(value).__name__} cannot be a setting", place, path)
        return "?"


def _convert_array(value: Any) -> Any:
    """Convert a scalar or an array of NumPy or pandas to values of Python; what has none keeps its type."""
    import numpy as np  # only here, because a file is read without NumPy

    numpy = isinstance(value, np.generic | np.ndarray)
    kind = value.dtype.kind if numpy else ""
    if kind in ("m", "V"):  # durations, some of which would become numbers, and records
        return list(value) if value.ndim else value[()]
    if kind != "M":
        return value.tolist()
    for unit in ("datetime64[D]", "datetime64[us]"):
        converted = value.astype(unit)
        if (converted.astype(value.dtype) == value).all():  # NumPy does not report an overflow
            return converted.tolist()
    return np.datetime_as_string(value).tolist()


class _TextReader(_Reader):
    """Reads the events of the YAML parser into nodes."""

    def __init__(
        self, text: str, source: str, problems: list[Problem], *, lines: bool, dates: bool, limit: int
    ) -> None:
        super().__init__(source, problems, limit)
        self._dates = dates
        self._text = text
        self._events = YAML(typ="safe", pure=True).parse(text)
        self._lines = lines
        self._last = Place(source, 1, 1) if lines else Place(source)
        self._scalar: ScalarEvent | None = None
        self._anchors: dict[str, Node] = {}

    def read_document(self, path: str) -> Node | None:
        self._next_event(path)
        if not isinstance(self._next_event(path), DocumentStartEvent):
            return None
        node = self._read_node(self._next_event(path), path, depth=0)
        self._next_event(path)
        if isinstance(self._next_event(path), DocumentStartEvent):
            self._refuse("a second document begins here; a file is one document", self._last, path)
        return node

    def _place_of(self, mark: StreamMark | None) -> Place:
        return self._last if mark is None else self._build_place(mark.line, mark.column)

    def _build_place(self, line: int, column: int) -> Place:
        """The place of a character, whose line and column are counted from 0."""
        return Place(self._source, line + 1, column + 1) if self._lines else Place(self._source)

    def _next_event(self, path: str) -> Event:
        try:
            event: Event = next(self._events)
        except MarkedYAMLError as error:
            begins = self._scalar.start_mark if self._scalar else None
            message, place = explain_syntax_error(self._text, error, begins)
            self._refuse(message, self._build_place(*place) if place else self._last, path)
        except _SCANNER_ERRORS as error:
            self._refuse(f"this is not YAML: {format_value(str(error))}", self._last, path)
        if not isinstance(event, StreamStartEvent | DocumentEndEvent):
            self._last = self._place_of(event.start_mark)
        if isinstance(event, ScalarEvent):
            self._scalar = event
        return event

    def _read_node(self, event: Event, path: str, depth: int) -> Node:
        at = self._last
        self._count_value(depth, at, path)
        if isinstance(event, AliasEvent):
            return self._read_alias(str(event.anchor), path, depth)
        assert isinstance(event, ScalarEvent | CollectionStartEvent)
        if event.ctag is not None:
            self._report(
                f"tags such as {format_value(str(event.ctag))} are refused; write a plain value", at, path
            )
        node = Node(self._read_content(event, path, depth), path, at, at)
        if event.anchor is not None:
            self._anchors[str(event.anchor)] = node
        return node

    def _read_content(self, event: Event, path: str, depth: int) -> Any:
        if isinstance(event, MappingStartEvent):
            return self._read_mapping(path, depth)
        if isinstance(event, ScalarEvent):
            return self._read_scalar(event, path)
        return self._read_list(path, depth)

    def _read_list(self, path: str, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := self._next_event(path), SequenceEndEvent):
            items.append(self._read_node(event, child_path(path, len(items)), depth + 1))
        return items

    def _read_mapping(self, path: str, depth: int) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        number: _Number | None = None
        while not isinstance(event := self._next_event(path), MappingEndEvent):
            key_at = self._last
            key = self._read_key(event, path, depth)
            value_path = path if key is None else child_path(path, key)
            value_event = self._next_event(value_path)
            value = self._read_node(value_event, value_path, depth + 1)
            if key is not None and _is_plain(event) and _is_plain(value_event) and not value_event.value:
                if number is not None and self._continues(number, event):
                    number = number._replace(end=event.end_mark.index)
                    written = self._text[number.start : number.end]
                    entries[number.name] = replace(entries[number.name], value=written)
                    continue
                key, value = self._add_space(key, value, key_at, path)
            number = _find_number(key, value_event)
            if key in entries:
                first = entries[key].key_at.line
                where = f"; the first is on line {first}" if first is not None else ""
                self._report(f"{format_value(key)} is given twice{where}", key_at, value.path)
            elif key is not None:
                at = key_at if value.value is None else value.at  # an empty value has no place of its own
                entries[key] = replace(value, at=at, key_at=key_at)
        return entries

    def _continues(self, number: "_Number", event: ScalarEvent) -> bool:
        """Whether a name without a value is the rest of a number with a comma, as in `{years: 2,5}`."""
        between = self._text[number.end : event.start_mark.index]
        return between == "," and event.value.isdigit()

    def _add_space(self, key: str, value: Node, key_at: Place, path: str) -> tuple[str, Node]:
        """The name and the value of a setting that has no space after its colon, which is reported."""
        match = NO_SPACE.fullmatch(key)
        if match is None:
            return key, value
        name, text = match[1], match[2]
        value_path = child_path(path, name)
        self._report(f"there is no space after `{name}:`; write `{name}: {text[:60]}`", key_at, value_path)
        return name, replace(value, value=self._read_plain(text, value_path), path=value_path)

    def _read_key(self, event: Event, path: str, depth: int) -> str | None:
        """The name of a setting; None if it cannot be one, which is reported."""
        at = self._last
        if not isinstance(event, ScalarEvent):
            self._read_node(event, path, depth + 1)
            self._report("the name of a setting must be a single word", at, path)
        elif event.ctag is not None:
            self._report("the name of a setting cannot have a tag", at, path)
        elif event.value == "<<" and event.implicit[0]:
            self._report(
                "merge keys (<<) are not part of YAML 1.2; use `extends`, or write the settings out", at, path
            )
        elif not event.value:
            self._report("a setting without a name", at, path)
        else:
            self._refuse_lookalike(event, path)
            return self._check_text(event.value, at, path)
        return None

    def _refuse_lookalike(self, event: ScalarEvent, path: str) -> None:
        """Refuse a name with a character that only looks like one of the keyboard; what follows is misread."""
        for offset, character in enumerate(event.value):
            if replace_lookalike(character):
                place = self._build_place(event.start_mark.line, event.start_mark.column + offset)
                self._refuse(describe_lookalike(character), place, path)

    def _read_alias(self, anchor: str, path: str, depth: int) -> Node:
        at = self._last
        if anchor not in self._anchors:
            self._refuse(f"*{anchor} refers to nothing that is complete before it", at, path)
        return self._copy_node(self._anchors[anchor], path, depth)

    def _copy_node(self, node: Node, path: str, depth: int) -> Node:
        """Copy a node to another path and count its values, so that aliases of aliases cannot use up memory."""
        self._count_value(depth, self._last, path)
        value = node.value
        if isinstance(value, dict):
            value = {
                key: self._copy_node(item, child_path(path, key), depth + 1) for key, item in value.items()
            }
        elif isinstance(value, list):
            value = [
                self._copy_node(item, child_path(path, index), depth + 1) for index, item in enumerate(value)
            ]
        return replace(node, value=value, path=path)

    def _read_scalar(self, event: ScalarEvent, path: str) -> Any:
        if event.implicit[0]:
            return self._read_plain(event.value, path)
        return self._check_text(event.value, self._last, path)

    def _read_plain(self, text: str, path: str) -> Any:
        """The value of a text without quotes."""
        at = self._last
        if text in _NULL:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if self._dates and ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
        if _NOT_FINITE.fullmatch(text):
            return self._check_number(math.nan, at, path)
        if _WHOLE.fullmatch(text):
            return self._check_number(int(text[: MAX_DIGITS + 2]), at, path)
        if _DECIMAL.fullmatch(text):
            return self._check_number(float(text), at, path)
        return self._check_text(text, at, path)


class _Number(NamedTuple):
    """A number that a setting has, and where it begins and ends in the text; a comma may follow it."""

    name: str
    start: int
    end: int


def _find_number(name: str | None, value: Event) -> _Number | None:
    """The number that a setting has; None if its value is anything else."""
    if name is None or not _is_plain(value) or not _DECIMAL.fullmatch(value.value):
        return None
    return _Number(name, value.start_mark.index, value.end_mark.index)


def _is_plain(event: Event) -> TypeGuard[ScalarEvent]:
    """Whether an event is a single value without quotes."""
    return isinstance(event, ScalarEvent) and bool(event.implicit[0])
