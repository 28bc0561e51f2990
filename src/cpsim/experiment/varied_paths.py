"""Check the varied settings of an experiment against the scenario schema and against every arm."""

from collections.abc import Iterator, Mapping
from itertools import islice, takewhile
from pathlib import Path

from cpsim.experiment.arm import GRAPHML_SETTING, Arm, build_arm_scenario
from cpsim.experiment.points_file import PointsColumn, read_points_file
from cpsim.experiment.variation import Scalar
from cpsim.scenario import merge
from cpsim.scenario.nodes import Node, read_values
from cpsim.scenario.problems import Problem, ScenarioError, format_options, format_value
from cpsim.scenario.schema import DESCRIPTIVE
from cpsim.scenario.validate import SCENARIOS

_LIMITS = ("from", "to", "low", "high")
_MAX_REFUSED = 10
"""Most refused values of a path that are reported: so many texts, low numbers and high numbers."""


def read_varied_columns(tree: Node, file: Path, problems: list[Problem]) -> dict[str, PointsColumn]:
    """Read the varied paths, and for each the values that are checked before anything runs."""
    design = tree.get("design")
    points_file = design.get("file") if design else None
    if points_file is not None and isinstance(points_file.value, str):
        return read_points_file(points_file, file, problems)
    vary = tree.get("vary")
    return {
        path: PointsColumn(node, _list_values_to_check(node))
        for path, node in (vary.children if vary else {}).items()
    }


def _list_values_to_check(node: Node) -> list[Node]:
    """List the values of a list, or the limits of a range."""
    limits = (node.get(limit) for limit in _LIMITS)
    found = node.value if isinstance(node.value, list) else [limit for limit in limits if limit is not None]
    return [value for value in found if isinstance(value.value, Scalar)]


def find_setting_kinds(
    columns: Mapping[str, PointsColumn], arms: Mapping[str, Arm], problems: list[Problem]
) -> dict[str, str]:
    """Find the kind of value that each path takes: `integer`, `number` or `other`.

    Paths that lead to no setting are left out and reported in `problems`.
    """
    kinds: dict[str, str] = {}
    first_arm = next(iter(arms.values())).settings if arms else None
    for path, column in columns.items():
        try:
            kinds[path] = _find_kind(path, first_arm)
        except ValueError as error:
            problems.append(Problem(str(error), column.node.key_at, column.node.path))
    return kinds


def _find_kind(path: str, settings: Node | None) -> str:
    """Find the kind of value that a path takes.

    Raises:
        ValueError: the path leads to no single setting that can vary; the message says why.
    """
    guide = SCENARIOS.guide
    location = _locate(merge.split_path(path), settings)
    if not location:
        raise ValueError("expected the path of a scenario setting, such as network.trust_start")
    if location[0] in DESCRIPTIVE:
        raise ValueError(f"{location[0]} has no effect on a run")
    if path == GRAPHML_SETTING:
        raise ValueError("a file cannot vary; define one arm for each file")
    for depth, step in enumerate(location):
        above = location[:depth]
        if not guide.find_fragments((*above, step)):
            names = format_options(guide.list_settings(above))
            hint = guide.suggest_setting(str(step), above)
            raise ValueError(f"there is no setting {format_value(step)} here{hint or ';'} allowed: {names}")
    types = {
        "other" if "enum" in part else part.get("type", "other") for part in guide.find_fragments(location)
    }
    types -= {"null", "object", "array"}
    if not types:
        inside = guide.list_settings(location)
        raise ValueError(
            f"expected a single setting, not a group{f'; choose one of {format_options(inside)}' if inside else ''}"
        )
    return next((kind for kind in ("number", "integer") if kind in types), "other")


def _locate(steps: list[str | int], settings: Node | None) -> tuple[str | int, ...]:
    """Insert the lever of an event into the steps, so that only the settings of that lever are allowed."""
    if len(steps) < 3 or steps[0] != "timeline" or settings is None:
        return tuple(steps)
    lever = settings.find([*steps[:2], "lever"])
    named = (*steps[:2], lever.value) if lever and isinstance(lever.value, str) else ()
    known = bool(named) and bool(SCENARIOS.guide.find_fragments(named))
    return (*named, *steps[2:]) if known else tuple(steps)


def find_refused_values(
    columns: Mapping[str, PointsColumn], kinds: Mapping[str, str], arms: Mapping[str, Arm], folder: Path
) -> Iterator[Problem]:
    """Find the values that a scenario does not allow at their path, in any of the arms; the first of each path.

    A setting has a lower and an upper limit, so numbers are tried from both ends until one is allowed.
    """
    for path, column in columns.items():
        distinct = list({repr(value.value): value for value in reversed(column.values)}.values())
        numbers, others = _separate_numbers(distinct, kinds[path])

        def refuse(value: Node, path: str = path) -> list[Problem]:
            return [*_find_refusals(value, path, arms, folder)]

        refused = [
            *islice((problems for value in others if (problems := refuse(value))), _MAX_REFUSED),
            *takewhile(bool, map(refuse, numbers[:_MAX_REFUSED])),
            *takewhile(bool, map(refuse, numbers[: -_MAX_REFUSED - 1 : -1])),
        ]
        yield from (problem for problems in refused for problem in problems)


def _separate_numbers(values: list[Node], kind: str) -> tuple[list[Node], list[Node]]:
    """Separate the numbers, sorted, from all other values; a decimal number is no number where a whole one belongs."""
    is_number = {
        id(node): type(node.value) is int or (kind, type(node.value)) == ("number", float) for node in values
    }
    numbers = sorted(
        (node for node in values if is_number[id(node)]), key=lambda node: float(str(node.value))
    )
    return numbers, [node for node in values if not is_number[id(node)]]


def _find_refusals(value: Node, path: str, arms: Mapping[str, Arm], folder: Path) -> Iterator[Problem]:
    for name, arm in arms.items():
        try:
            build_arm_scenario(arm, {path: value}, folder)
        except ScenarioError as error:
            problem = error.problems[0]
            where = f"in arm {name}: " if len(arms) > 1 else ""
            elsewhere = f"{problem.path}: " if problem.path not in ("", path) else ""
            yield Problem(f"{where}{elsewhere}{problem.message}", value.at, value.path)


def find_conflicts_between_arms(
    columns: Mapping[str, PointsColumn], arms: Mapping[str, Arm]
) -> Iterator[Problem]:
    """Find the varied settings to which the arms give different values, which the variation would override."""
    for path, column in columns.items():
        steps = merge.split_path(path)
        nodes = {name: arm.settings.find(steps) for name, arm in arms.items()}
        values = {name: format_value(node.value) if node else "not set" for name, node in nodes.items()}
        if len(set(values.values())) > 1:
            differing = format_options(f"{name}: {value}" for name, value in values.items())
            message = (
                f"the arms give this setting different values ({differing}), which vary would override; "
                "set it either in the arms or in vary"
            )
            yield Problem(message, column.node.key_at, column.node.path)


def read_base_values(
    tree: Node, columns: Mapping[str, PointsColumn], arms: Mapping[str, Arm], problems: list[Problem]
) -> dict[str, Scalar]:
    """Read the values of the varied settings in the first arm, for the design `one_at_a_time`."""
    kind = tree.find(["design", "kind"])
    if kind is None or kind.value != "one_at_a_time" or not arms:
        return {}
    arm = next(iter(arms.values()))
    resolved = read_values(arm.scenario.model_dump(mode="json"), [])
    values: dict[str, Scalar] = {}
    for path, column in columns.items():
        steps = merge.split_path(path)
        node = arm.settings.find(steps) or (resolved.find(steps) if steps[0] != "timeline" else None)
        if node is not None and isinstance(node.value, Scalar):
            values[path] = node.value
        else:
            message = "one_at_a_time starts from the value in the base, and the base has no value here"
            problems.append(Problem(message, column.node.key_at, column.node.path))
    return values
