"""What varies in an experiment, held against the language of scenarios and against every arm."""

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

from cpsim.scenario import merge
from cpsim.scenario.nodes import Node, from_values
from cpsim.scenario.problems import Problem, ScenarioError, listed, shown
from cpsim.scenario.validate import SCENARIOS
from cpsim.study.arm import A_FILE, Arm, with_values
from cpsim.study.points_file import Column, columns_of_file
from cpsim.study.vary import Scalar

_NO_RUN = ("name", "question", "claims", "extends")
"""Parts of a scenario that change no run."""
_ENDS = ("from", "to", "low", "high")


def columns_of(tree: Node, file: Path, problems: list[Problem]) -> dict[str, Column]:
    """What varies: the paths, and the values of each that are to be tried out before anything runs."""
    design = tree.beneath("design")
    listed_in = design.beneath("file") if design else None
    if listed_in is not None and isinstance(listed_in.value, str):
        return columns_of_file(listed_in, file, problems)
    vary = tree.beneath("vary")
    return {path: Column(node, _tried(node)) for path, node in (vary.children if vary else {}).items()}


def _tried(node: Node) -> list[Node]:
    """The values of a list, or the ends of a range."""
    ends = (node.beneath(end) for end in _ENDS)
    found = node.value if isinstance(node.value, list) else [end for end in ends if end is not None]
    return [value for value in found if isinstance(value.value, Scalar)]


def kinds_of(
    columns: Mapping[str, Column], arms: Mapping[str, Arm], problems: list[Problem]
) -> dict[str, str]:
    """What each path takes: `integer`, `number` or `word`; paths that lead nowhere are told."""
    kinds: dict[str, str] = {}
    some_arm = next(iter(arms.values())).settings if arms else None
    for path, column in columns.items():
        try:
            kinds[path] = _kind_of_setting(path, some_arm)
        except ValueError as error:
            problems.append(Problem(str(error), column.node.key_at, column.node.path))
    return kinds


def _kind_of_setting(path: str, settings: Node | None) -> str:
    guide = SCENARIOS.guide
    location = _location(merge.steps_of(path), settings)
    if not location:
        raise ValueError("expected a path of a scenario, such as network.trust_start")
    if location[0] in _NO_RUN:
        raise ValueError(f"{location[0]} changes no run")
    if path == A_FILE:
        raise ValueError("a file cannot vary; give each file an arm of its own")
    for depth, step in enumerate(location):
        above = location[:depth]
        if not guide.at((*above, step)):
            names = listed(guide.settings(above))
            hint = guide.hint(str(step), above)
            raise ValueError(f"there is no setting {shown(step)} here{hint or ';'} allowed: {names}")
    types = {"word" if "enum" in part else part.get("type", "word") for part in guide.at(location)}
    types -= {"null", "object", "array"}
    if not types:
        inside = guide.settings(location)
        raise ValueError(
            f"a single setting is needed, not a group{f'; choose one of {listed(inside)}' if inside else ''}"
        )
    return next((kind for kind in ("number", "integer") if kind in types), "word")


def _location(steps: list[str | int], settings: Node | None) -> tuple[str | int, ...]:
    """The steps with the lever of an event among them, so that the guide looks at that lever alone."""
    if len(steps) < 3 or steps[0] != "timeline" or settings is None:
        return tuple(steps)
    lever = settings.down([*steps[:2], "lever"])
    named = (*steps[:2], lever.value) if lever and isinstance(lever.value, str) else ()
    known = bool(named) and bool(SCENARIOS.guide.at(named))
    return (*named, *steps[2:]) if known else tuple(steps)


def refused_values(
    columns: Mapping[str, Column], kinds: Mapping[str, str], arms: Mapping[str, Arm], folder: Path
) -> Iterator[Problem]:
    """Values that a scenario does not allow at their path, in one of the arms."""
    for path, column in columns.items():
        distinct = list({repr(value.value): value for value in reversed(column.values)}.values())
        if any(_refusals(_doubtful(distinct, kinds[path]), path, arms, folder)):
            yield from _refusals(distinct, path, arms, folder)


def _doubtful(values: list[Node], kind: str) -> list[Node]:
    """Of many numbers only the smallest, the largest and the broken ones: the others lie between."""
    numbers = [
        node for node in values if type(node.value) is int or (kind, type(node.value)) == ("number", float)
    ]
    others = [node for node in values if node not in numbers]
    ends = [end(numbers, key=lambda node: float(str(node.value))) for end in (min, max)] if numbers else []
    return others + ends


def _refusals(values: list[Node], path: str, arms: Mapping[str, Arm], folder: Path) -> Iterator[Problem]:
    for value, (name, arm) in product(values, arms.items()):
        try:
            with_values(arm, {path: value}, folder)
        except ScenarioError as error:
            problem = error.problems[0]
            where = f"in arm {name}: " if len(arms) > 1 else ""
            elsewhere = f"{problem.path}: " if problem.path not in ("", path) else ""
            yield Problem(f"{where}{elsewhere}{problem.message}", value.at, value.path)


def values_that_arms_lose(columns: Mapping[str, Column], arms: Mapping[str, Arm]) -> Iterator[Problem]:
    """What an arm says of a varied setting would be lost without a word."""
    for path, column in columns.items():
        steps = merge.steps_of(path)
        said = {name: arm.settings.down(steps) for name, arm in arms.items()}
        values = {name: shown(node.value) if node else "nothing" for name, node in said.items()}
        if len(set(values.values())) > 1:
            differing = listed(f"{name}: {value}" for name, value in values.items())
            message = (
                f"the arms differ in this setting ({differing}), but what varies is the same in all arms"
            )
            yield Problem(message, column.node.key_at, column.node.path)


def base_values(
    tree: Node, columns: Mapping[str, Column], arms: Mapping[str, Arm], problems: list[Problem]
) -> dict[str, Scalar]:
    """Values of the varied settings where nothing varies, for the design that goes around them."""
    kind = tree.down(["design", "kind"])
    if kind is None or kind.value != "one_at_a_time" or not arms:
        return {}
    arm = next(iter(arms.values()))
    resolved = from_values(arm.scenario.model_dump(mode="json"), [])
    values: dict[str, Scalar] = {}
    for path, column in columns.items():
        steps = merge.steps_of(path)
        node = arm.settings.down(steps) or (resolved.down(steps) if steps[0] != "timeline" else None)
        if node is not None and isinstance(node.value, Scalar):
            values[path] = node.value
        else:
            message = "one_at_a_time goes around the value of the base, and the base has none here"
            problems.append(Problem(message, column.node.key_at, column.node.path))
    return values
