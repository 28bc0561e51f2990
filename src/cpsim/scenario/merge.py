"""One scenario out of several layers: what it extends, what it says itself, and what `--set` overrides.

A later layer wins setting by setting. Lists are replaced whole. A heading with nothing under it changes nothing. Each
value keeps the place where it was written, so a fault is reported in the file that holds it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cpsim.scenario.nodes import Node, child_path, from_text
from cpsim.scenario.problems import Place, Problem, ScenarioError
from cpsim.scenario.sources import by_name, is_name, read_text, within

MAX_FILES = 20

_HERE = Place("--set")
_STEP = re.compile(r"(?:^|\.)([^.\[\]\s]+)|\[(\d{1,6})\]")


def merged(under: Node, over: Node) -> Node:
    """`over` laid on `under`."""
    if not isinstance(under.value, dict):
        return over
    if over.value is None:
        return under
    if not isinstance(over.value, dict):
        return over
    entries = dict(under.value)
    for key, node in over.value.items():
        entries[key] = merged(entries[key], node) if key in entries else node
    return replace(over, value=entries)


def from_file(path: Path, problems: list[Problem]) -> Node:
    """The settings of a file laid over those of the file that it extends, and so on down.

    Faults that leave the rest readable are appended to `problems`.

    Raises:
        ScenarioError: the file itself cannot be read as a group of settings.
    """
    return from_part(settings(path, problems), path, problems)


def from_part(node: Node, path: Path, problems: list[Problem]) -> Node:
    """The settings of a scenario that stands in the file `path`, laid over those of the file that it extends."""
    return _with_base(node, path, path.parent, (path.resolve(),), problems)


def from_mapping(node: Node, problems: list[Problem]) -> Node:
    """The settings of a mapping laid over those of the shipped scenario that it extends."""
    return _with_base(node, None, None, (), problems)


def settings(path: Path, problems: list[Problem]) -> Node:
    """The group of settings that a file holds, by itself.

    Raises:
        ScenarioError: the file cannot be read, is empty, or holds something else.
    """
    node = from_text(read_text(path), str(path), problems)
    start = Place(str(path), 1, 1)
    if node is None or node.value is None:
        raise ScenarioError([*problems, Problem("the file is empty; it says at least `name: ...`", start)])
    if not isinstance(node.value, dict):
        message = "a file is a group of settings, each written `name: value`, not a list or a single value"
        raise ScenarioError([*problems, Problem(message, node.at)])
    return node


def _with_base(
    node: Node, file: Path | None, root: Path | None, chain: tuple[Path, ...], problems: list[Problem]
) -> Node:
    own = {key: child for key, child in node.children.items() if key != "extends"}
    extends = node.children.get("extends")
    if extends is None or extends.value is None:
        return replace(node, value=own)
    try:
        base = _base_file(extends, file, root, chain)
        under = _with_base(settings(base, problems), base, root, (*chain, base.resolve()), problems)
    except ScenarioError as error:
        problems += error.problems
        if all(problem.path != extends.path for problem in error.problems):
            problems.append(
                Problem("the scenario that this one extends has faults", extends.at, extends.path)
            )
        return replace(node, value=own)
    return merged(under, replace(node, value=own))


def base_of(named: Node, path: Path) -> Path:
    """The file of the scenario that a file `path` names somewhere: a shipped one, or one of its own folder tree.

    Raises:
        ScenarioError: there is no such file, or it lies elsewhere.
    """
    return _base_file(named, path, path.parent, ())


def _base_file(extends: Node, file: Path | None, root: Path | None, chain: tuple[Path, ...]) -> Path:
    """The file that `extends` names, once it is known to be harmless."""
    text = extends.value
    if not isinstance(text, str):
        raise _refusal(extends, "expected the name of a shipped scenario, or a file beside this one")
    if is_name(text):
        base = by_name(text, file.parent if file else Path(), extends.at, extends.path)
    elif file is None or root is None:
        raise _refusal(
            extends, "a mapping can extend only a scenario that comes with cpsim; load a file instead"
        )
    else:
        try:
            base = within(root, file.parent, text)
        except ValueError as error:
            raise _refusal(extends, str(error)) from None
        if not base.is_file():
            raise _missing(extends, base)
    if base.resolve() in chain:
        circle = " -> ".join(path.name for path in (*chain, base))
        raise _refusal(extends, f"scenarios extend each other in a circle: {circle}")
    if len(chain) >= MAX_FILES:
        raise _refusal(extends, f"a chain of more than {MAX_FILES} files")
    return base


def _refusal(extends: Node, message: str) -> ScenarioError:
    return ScenarioError([Problem(message, extends.at, extends.path)])


def _missing(extends: Node, base: Path) -> ScenarioError:
    try:
        read_text(base)
    except ScenarioError as error:
        return _refusal(extends, f"{base}: {error.problems[0].message}")
    return _refusal(extends, f"{base} is not an ordinary file")


def overridden(node: Node, overrides: Sequence[str], problems: list[Problem]) -> Node:
    """The settings with each `path=value` laid over them, the last one uppermost; values are read as YAML."""
    for override in overrides:
        try:
            node = _overridden(node, override, problems)
        except ScenarioError as error:
            problems += error.problems
    return node


def _overridden(node: Node, override: str, problems: list[Problem]) -> Node:
    path, equals, text = override.partition("=")
    path = path.strip()
    steps = steps_of(path)
    if not equals or not steps:
        raise _wrong("expected path=value, such as clock.years=3 or timeline[0].date=2006-05-01", override)
    if steps[0] == "extends":
        raise _wrong("a scenario says in its own file what it extends", path)
    value = from_text(text, _HERE.file, problems, path=path, lines=False)
    return put(node, steps, value or Node(None, path, _HERE, _HERE))


def steps_of(path: str) -> list[str | int]:
    """`timeline[0].date` as its steps down; empty if the path cannot be read."""
    matches = list(_STEP.finditer(path))
    if "".join(match[0] for match in matches) != path:
        return []
    return [match[1] if match[2] is None else int(match[2]) for match in matches]


def put(node: Node, steps: list[str | int], new: Node) -> Node:
    """The tree with `new` laid over what stands `steps` down.

    Raises:
        ScenarioError: the steps lead into a list that is shorter, or into a single value.
    """
    if not steps:
        return replace(merged(node, new), key_at=new.key_at)
    step, rest = steps[0], steps[1:]
    return (
        _put_in_list(node, step, rest, new) if isinstance(step, int) else _put_in_group(node, step, rest, new)
    )


def _put_in_list(node: Node, index: int, rest: list[str | int], new: Node) -> Node:
    if not isinstance(node.value, list):
        raise _wrong("this is not a list with entries", node.path or new.path, new.at)
    if index >= len(node.value):
        message = f"the list has {len(node.value)} entries, counted from 0"
        raise _wrong(message, child_path(node.path, index), new.at)
    items = [put(item, rest, new) if place == index else item for place, item in enumerate(node.value)]
    return replace(node, value=items)


def _put_in_group(node: Node, name: str, rest: list[str | int], new: Node) -> Node:
    """A group that is missing on the way is made."""
    if isinstance(node.value, list):
        raise _wrong(f"this is a list; choose an entry, such as {node.path}[0]", node.path, new.at)
    if not isinstance(node.value, dict) and node.value is not None:
        raise _wrong("this is a single value and has no settings inside", node.path, new.at)
    missing = Node(None, child_path(node.path, name), new.at, new.at)
    return replace(node, value={**node.children, name: put(node.children.get(name, missing), rest, new)})


def _wrong(message: str, path: str, place: Place = _HERE) -> ScenarioError:
    return ScenarioError([Problem(message, place, path)])
