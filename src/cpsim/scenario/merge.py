"""Builds one scenario from several layers: the scenario that it extends, its own settings, and overrides.

A later layer wins setting by setting. Lists are replaced whole. A heading with nothing under it changes nothing. Each
value keeps the place where it was written, so that an error is reported in the file that contains it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from cpsim.scenario.nodes import MAX_DEPTH, Node, child_path, parse_text, read_values
from cpsim.scenario.paths import is_file, resolve_within
from cpsim.scenario.problems import Place, Problem, ScenarioError, format_value
from cpsim.scenario.sources import SCENARIO_ENDINGS, find_by_name, is_scenario_name, read_text
from cpsim.scenario.text import describe_curly_quotes

MAX_FILES = 20
_MAX_PATH, _MAX_SHOWN = 20_000, 60

Overrides = Sequence[str] | Mapping[str, Any]
"""Settings laid over a scenario: values by path, as in `{"clock.years": 3}`, or texts `path=value` as `--set` takes.

Values are merged as they are. Only texts are read as YAML.
"""

_Reader = Callable[[list[Problem]], tuple[list[str | int], Node]]

_COMMAND_LINE = Place("--set")
_STEP = re.compile(r"(?:^|\.)([^.\[\]\s]+)|\[(\d{1,6})\]")


def merge_nodes(under: Node, over: Node) -> Node:
    """Lay `over` on top of `under`, setting by setting."""
    if not isinstance(under.value, dict):
        return over
    if over.value is None:
        return under
    if not isinstance(over.value, dict):
        return over
    entries = dict(under.value)
    for key, node in over.value.items():
        entries[key] = merge_nodes(entries[key], node) if key in entries else node
    return replace(over, value=entries)


def read_file(path: Path, problems: list[Problem]) -> Node:
    """Read the settings of a file and lay them over those of the file that it extends, and so on down.

    Problems that leave the rest readable are appended to `problems`.

    Raises:
        ScenarioError: the file itself cannot be read as a group of settings.
    """
    return read_part(read_settings(path, problems), path, problems)


def read_part(node: Node, path: Path, problems: list[Problem]) -> Node:
    """Lay a scenario that is written in the file `path` over the file that it extends."""
    return _resolve_base(node, path, path.parent, (path.resolve(),), problems)


def read_mapping(node: Node, problems: list[Problem]) -> Node:
    """Lay the settings of a mapping over those of the shipped scenario that it extends.

    Raises:
        ScenarioError: it is not a mapping.
    """
    if not isinstance(node.value, dict):
        message = (
            f'expected settings by name, such as {{"clock": {{"years": 3}}}}, not {format_value(node.value)}'
        )
        raise ScenarioError(problems or [Problem(message, node.at)])
    return _resolve_base(node, None, None, (), problems)


def read_settings(path: Path, problems: list[Problem]) -> Node:
    """Read the group of settings that a file contains, without the file that it extends.

    Raises:
        ScenarioError: the file cannot be read, is empty, or does not contain a group of settings.
    """
    node = parse_text(read_text(path), str(path), problems)
    start = Place(str(path), 1, 1)
    if node is None or node.value is None:
        raise ScenarioError([*problems, Problem("the file is empty; it needs at least `name: ...`", start)])
    if not isinstance(node.value, dict):
        message = "a file is a group of settings, each written `name: value`, not a list or a single value"
        raise ScenarioError([*problems, Problem(message, node.at)])
    return node


def _resolve_base(
    node: Node, file: Path | None, root: Path | None, chain: tuple[Path, ...], problems: list[Problem]
) -> Node:
    own = {key: child for key, child in node.children.items() if key != "extends"}
    extends = node.children.get("extends")
    if extends is None or extends.value is None:
        return replace(node, value=own)
    try:
        base = _find_base(extends, file, root, chain)
        under = _resolve_base(read_settings(base, problems), base, root, (*chain, base.resolve()), problems)
    except ScenarioError as error:
        problems += error.problems
        if all(problem.path != extends.path for problem in error.problems):
            problems.append(
                Problem("the scenario that this one extends has errors", extends.at, extends.path)
            )
        return replace(node, value=own)
    return merge_nodes(under, replace(node, value=own))


def find_base(named: Node, path: Path) -> Path:
    """Find the file of the scenario that the file `path` names: a shipped one, or one in its own folder tree.

    Raises:
        ScenarioError: there is no such file, or it is outside the folder tree.
    """
    return _find_base(named, path, path.parent, ())


def list_extended_files(node: Node, path: Path) -> Iterator[Path]:
    """List the files of the scenarios that a scenario written in the file `path` extends, one after the other.

    Raises:
        ScenarioError: one of them cannot be found or read.
    """
    root = path.parent
    chain: tuple[Path, ...] = (path.resolve(),)
    while (extends := node.children.get("extends")) is not None and extends.value is not None:
        path = _find_base(extends, path, root, chain)
        yield path
        chain = (*chain, path.resolve())
        node = read_settings(path, [])


def _find_base(extends: Node, file: Path | None, root: Path | None, chain: tuple[Path, ...]) -> Path:
    """Find the file that `extends` names, and refuse one that is outside `root` or already in the chain."""
    text = extends.value
    if not isinstance(text, str):
        raise _refuse(extends, "expected the name of a shipped scenario, or a file next to this one")
    if message := describe_curly_quotes(text):
        raise _refuse(extends, message)
    if is_scenario_name(text):
        base = find_by_name(text, file.parent if file else Path(), extends.at, extends.path)
    elif file is None or root is None:
        raise _refuse(
            extends, "a mapping can extend only a scenario that comes with cpsim; load a file instead"
        )
    else:
        try:
            base = resolve_within(root, file.parent, text, SCENARIO_ENDINGS)
        except ValueError as error:
            raise _refuse(extends, str(error)) from None
        if not is_file(base):
            raise _refuse_missing(extends, base)
    if base.resolve() in chain:
        circle = " -> ".join(path.name for path in (*chain, base))
        raise _refuse(extends, f"scenarios extend each other in a circle: {circle}")
    if len(chain) >= MAX_FILES:
        raise _refuse(extends, f"a chain of more than {MAX_FILES} files")
    return base


def _refuse(extends: Node, message: str) -> ScenarioError:
    return ScenarioError([Problem(message, extends.at, extends.path)])


def _refuse_missing(extends: Node, base: Path) -> ScenarioError:
    try:
        read_text(base)
    except ScenarioError as error:
        return _refuse(extends, f"{base}: {error.problems[0].message}")
    return _refuse(extends, f"{base} is not an ordinary file")


def apply_overrides(node: Node, overrides: Overrides, problems: list[Problem]) -> Node:
    """Lay overrides over the settings in their order; of two for one setting, the last wins.

    Problems are appended to `problems`, and an override that has one is left out.

    >>> problems: list[Problem] = []
    >>> node = read_values({"clock": {"years": 5}}, problems)
    >>> apply_overrides(node, {"clock.years": 3}, problems).find(["clock", "years"]).value
    3
    >>> apply_overrides(node, ["clock.years=4"], problems).find(["clock", "years"]).value
    4
    """
    try:
        readers = _list_readers(overrides)
    except ScenarioError as error:
        problems += error.problems
        readers = []
    for read in readers:
        try:
            steps, value = read(problems)
            node = set_at_path(node, steps, value)
        except ScenarioError as error:
            problems += error.problems
    return node


def _list_readers(overrides: Any) -> list[_Reader]:
    """List the functions that read the overrides, one for each.

    Raises:
        ScenarioError: they are neither a mapping nor a list.
    """
    if isinstance(overrides, Mapping):
        return [partial(_read_pair, path, value) for path, value in overrides.items()]
    if isinstance(overrides, list | tuple):
        return [partial(_read_text, text) for text in overrides]
    message = 'expected overrides by path, such as {"clock.years": 3}, or a list of texts, such as ["clock.years=3"]'
    raise _error(f"{message}, not {format_value(overrides)}", "", Place())


def _read_pair(path: Any, value: Any, problems: list[Problem]) -> tuple[list[str | int], Node]:
    """The steps to a setting and its new value, both given in Python."""
    steps = split_path(path) if isinstance(path, str) else []
    if not steps:
        raise _error("expected the path of a setting, such as clock.years", format_value(path), Place())
    _check_steps(steps, path, Place())
    return steps, read_values(value, problems, path=path)


def _read_text(override: Any, problems: list[Problem]) -> tuple[list[str | int], Node]:
    """The steps to a setting and its new value, written `path=value`; the value is read as YAML."""
    path, equals, text = override.partition("=") if isinstance(override, str) else ("", "", "")
    path = path.strip()
    steps = split_path(path)
    if not equals or not steps:
        message = "expected path=value, such as clock.years=3 or timeline[0].date=2006-05-01"
        short = isinstance(override, str) and len(override) <= _MAX_SHOWN
        raise _error(message, override if short else format_value(override), _COMMAND_LINE)
    _check_steps(steps, path, _COMMAND_LINE)
    value = parse_text(text, _COMMAND_LINE.file, problems, path=path, lines=False)
    return steps, value or Node(None, path, _COMMAND_LINE, _COMMAND_LINE)


def _check_steps(steps: list[str | int], path: str, place: Place) -> None:
    if len(steps) > MAX_DEPTH:
        raise _error(f"nested more than {MAX_DEPTH} deep", format_value(path), place)
    if steps[0] == "extends":
        raise _error("`extends` can only be set in the scenario's own file", path, place)


def split_path(path: str) -> list[str | int]:
    """Split the path of a setting into steps; an empty list if it cannot be read or is far too long.

    >>> split_path("timeline[0].date")
    ['timeline', 0, 'date']
    >>> split_path("clock..years")
    []
    """
    if len(path) > _MAX_PATH:
        return []
    matches = list(_STEP.finditer(path))
    if "".join(match[0] for match in matches) != path:
        return []
    return [match[1] if match[2] is None else int(match[2]) for match in matches]


def set_at_path(node: Node, steps: list[str | int], new: Node) -> Node:
    """Lay `new` over what is `steps` down from `node`.

    Raises:
        ScenarioError: the steps lead past the end of a list, or into a single value.
    """
    if not steps:
        return replace(merge_nodes(node, new), key_at=new.key_at)
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        return _set_in_list(node, step, rest, new)
    return _set_in_group(node, step, rest, new)


def _set_in_list(node: Node, index: int, rest: list[str | int], new: Node) -> Node:
    if not isinstance(node.value, list):
        raise _error("this is not a list with entries", node.path or new.path, new.at)
    if index >= len(node.value):
        entries = "1 entry" if len(node.value) == 1 else f"{len(node.value)} entries"
        message = f"the list has {entries}, counted from 0"
        raise _error(message, child_path(node.path, index), new.at)
    items = [
        set_at_path(item, rest, new) if place == index else item for place, item in enumerate(node.value)
    ]
    return replace(node, value=items)


def _set_in_group(node: Node, name: str, rest: list[str | int], new: Node) -> Node:
    """Set a value in a group; a group that is missing on the way is created."""
    if isinstance(node.value, list):
        raise _error(f"this is a list; choose an entry, such as {node.path}[0]", node.path, new.at)
    if not isinstance(node.value, dict) and node.value is not None:
        raise _error("this is a single value and has no settings inside", node.path, new.at)
    missing = Node(None, child_path(node.path, name), new.at, new.at)
    entry = set_at_path(node.children.get(name, missing), rest, new)
    return replace(node, value={**node.children, name: entry})


def _error(message: str, path: str, place: Place) -> ScenarioError:
    return ScenarioError([Problem(message, place, path)])
