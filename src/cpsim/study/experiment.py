"""Read an experiment file, and hold what it says about scenarios against the language of scenarios.

Before anything runs, every arm is a valid scenario, every path that varies leads to a setting, and the values at both
ends of its range are allowed there. Faults are told like those of a scenario: all at once, each with its place.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from cpsim.scenario import merge, read
from cpsim.scenario.language import in_reading_order
from cpsim.scenario.nodes import Node, child_path, from_values, rooted
from cpsim.scenario.problems import Place, Problem, ScenarioError, listed, shown
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import KNOWN_KINDS
from cpsim.scenario.validate import SCENARIOS
from cpsim.study import outcomes
from cpsim.study.definition import EXPERIMENTS, MAX_RUNS, MAX_YEARS, THE_ONLY_ARM, Definition
from cpsim.study.designs import number_of_points, table_of_points
from cpsim.study.points_file import Column, columns_of_file
from cpsim.study.vary import Scalar

_NO_RUN = ("name", "question", "claims", "extends")
"""Parts of a scenario that change no run."""
_A_FILE = "network.graphml"
_ENDS = ("from", "to", "low", "high")


@dataclass(frozen=True)
class Arm:
    """One of the alternatives that an experiment compares.

    Attributes:
        settings: what was written, laid over the base; varied values are put into it.
        scenario: the scenario that it makes where nothing varies.
    """

    settings: Node
    scenario: Scenario


@dataclass(frozen=True)
class Experiment:
    """An experiment whose every part is known to be sound.

    Attributes:
        definition: what the file says.
        folder: where the file lies; files that it names are found from there.
        arms: what is compared, by name, in the order of the file.
        points: the values of the varied settings: index `point`, a column for each path.
    """

    definition: Definition
    folder: Path
    arms: Mapping[str, Arm]
    points: pd.DataFrame

    @property
    def number_of_runs(self) -> int:
        """Arms times points times seeds."""
        return len(self.arms) * len(self.points) * len(self.definition.seeds_run)


def load_experiment(path: str | os.PathLike[str]) -> Experiment:
    """Read an experiment file.

    Raises:
        ScenarioError: it cannot be used; the error lists every fault with its file, line and column.
        LibraryMissing: its design needs a library that is not installed.
    """
    file = Path(path)
    problems: list[Problem] = []
    tree = merge.settings(file, problems)
    arms = _arms(tree, file, problems)
    columns = _columns(tree, file, problems)
    kinds = _kinds(columns, arms, problems)
    sound = {name: column for name, column in columns.items() if name in kinds}
    problems += _refused_values(sound, arms, file.parent)
    problems += _values_that_arms_lose(sound, arms)
    problems += _unknown_outcomes(tree, arms)
    base = _base_values(tree, sound, arms, problems)
    definition = EXPERIMENTS.validated(tree, problems)
    rows = _rows(sound)
    _refuse_too_many(definition, number_of_points(definition, len(rows)), tree)
    points = table_of_points(definition, kinds=kinds, base=base, listed=rows)
    return Experiment(definition, file.parent, arms, points)


def json_schema() -> dict[str, Any]:
    """The language of experiment files as JSON Schema; an arm is written like a scenario."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    schema, scenario = Definition.model_json_schema(), read.json_schema()
    whole = {key: part for key, part in scenario.items() if key not in ("$schema", "$defs")}
    arms = {**schema["properties"]["arms"], "additionalProperties": {"anyOf": [whole, {"type": "null"}]}}
    return {
        "$schema": dialect,
        **schema,
        "$defs": {**scenario["$defs"], **schema["$defs"]},
        "properties": {**schema["properties"], "arms": arms},
        "title": "A cpsim experiment",
    }


def _arms(tree: Node, file: Path, problems: list[Problem]) -> dict[str, Arm]:
    """The arms that are valid scenarios; the faults of the others are appended to `problems`."""
    base = _base(tree, file, problems)
    if base is None:
        return {}
    written = tree.beneath("arms")
    nothing = Node({}, "", Place(str(file)), Place(str(file)))
    given = (written.children if written else {}) or {THE_ONLY_ARM: nothing}
    arms: dict[str, Arm] = {}
    for name, node in given.items():
        if node.value is not None and not isinstance(node.value, dict):
            continue  # the schema will say so
        found: list[Problem] = []
        try:
            arms[name] = _arm(replace(node, value=node.children), base, tree, file, found)
        except ScenarioError as error:
            problems += (_within(problem, child_path("arms", name), file) for problem in error.problems)
    return arms


def _base(tree: Node, file: Path, problems: list[Problem]) -> Node | None:
    """The settings of the base; None, and its faults, if it is not a valid scenario."""
    named = tree.beneath("base")
    if named is not None and not isinstance(named.value, str):
        return None  # the schema will say so
    start = Place(str(file), 1, 1)
    named = named or Node(str(Definition.model_fields["base"].default), "base", start, start)
    try:
        path = merge.base_of(named, file)
    except ScenarioError as error:
        problems += error.problems
        return None
    found: list[Problem] = []
    try:
        settings = merge.from_file(path, found)
        read.from_tree(settings, path.parent, found)
    except ScenarioError as error:
        problems += error.problems
        problems.append(Problem("the scenario that this experiment starts from has faults", named.at, "base"))
        return None
    return settings


def _arm(node: Node, base: Node, tree: Node, file: Path, problems: list[Problem]) -> Arm:
    own = merge.from_part(rooted(node, ""), file, problems)
    settings = own if node.beneath("extends") else merge.merged(base, own)
    years = tree.beneath("years")
    if years is not None and type(years.value) is int and 1 <= years.value <= MAX_YEARS:
        settings = merge.put(settings, ["clock", "years"], rooted(years, "clock.years"))
    scenario = read.from_tree(settings, file.parent, problems)
    if scenario.network.graphml is not None:  # by its full path, wherever a worker reads it
        place = Place(str(file))
        found = Node(scenario.network.graphml, _A_FILE, place, place)
        settings = merge.put(settings, merge.steps_of(_A_FILE), found)
    return Arm(settings, scenario)


def _within(problem: Problem, part: str, file: Path) -> Problem:
    """A problem of a part of the file, under the path that it has in the whole."""
    if problem.file != str(file):
        return problem
    return replace(problem, path=f"{part}.{problem.path}" if problem.path else part)


def _columns(tree: Node, file: Path, problems: list[Problem]) -> dict[str, Column]:
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


def _kinds(columns: Mapping[str, Column], arms: Mapping[str, Arm], problems: list[Problem]) -> dict[str, str]:
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
    if path == _A_FILE:
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
    lever = _node_at(settings, [*steps[:2], "lever"])
    named = (*steps[:2], lever.value) if lever and isinstance(lever.value, str) else ()
    known = bool(named) and bool(SCENARIOS.guide.at(named))
    return (*named, *steps[2:]) if known else tuple(steps)


def _node_at(node: Node, steps: list[str | int]) -> Node | None:
    found: Node | None = node
    for step in steps:
        found = found.beneath(step) if found else None
    return found


def _refused_values(
    columns: Mapping[str, Column], arms: Mapping[str, Arm], folder: Path
) -> Iterator[Problem]:
    """Values that a scenario does not allow at their path, in one of the arms."""
    for path, column in columns.items():
        distinct = {repr(value.value): value for value in reversed(column.values)}
        for value in distinct.values():
            for name, arm in arms.items():
                try:
                    with_values(arm, {path: value}, folder)
                except ScenarioError as error:
                    yield _told_at(
                        value, path, error.problems[0], f"in arm {name}: " if len(arms) > 1 else ""
                    )
                    break


def _told_at(value: Node, path: str, problem: Problem, arm: str) -> Problem:
    elsewhere = f"{problem.path}: " if problem.path not in ("", path) else ""
    return Problem(f"{arm}{elsewhere}{problem.message}", value.at, value.path)


def with_values(arm: Arm, values: Mapping[str, Node], folder: Path) -> Scenario:
    """The scenario of an arm at some values of the varied settings.

    Raises:
        ScenarioError: the values make no valid scenario together.
    """
    settings = arm.settings
    for path, value in values.items():
        settings = merge.put(settings, merge.steps_of(path), replace(value, path=path, key_at=value.at))
    return read.from_tree(settings, folder, [])


def _values_that_arms_lose(columns: Mapping[str, Column], arms: Mapping[str, Arm]) -> Iterator[Problem]:
    """What an arm says of a varied setting would be lost without a word."""
    for path, column in columns.items():
        steps = merge.steps_of(path)
        said = {name: _node_at(arm.settings, steps) for name, arm in arms.items()}
        values = {name: shown(node.value) if node else "nothing" for name, node in said.items()}
        if len(set(values.values())) > 1:
            differing = listed(f"{name}: {value}" for name, value in values.items())
            message = (
                f"the arms differ in this setting ({differing}), but what varies is the same in all arms"
            )
            yield Problem(message, column.node.key_at, column.node.path)


def _unknown_outcomes(tree: Node, arms: Mapping[str, Arm]) -> Iterator[Problem]:
    kinds = {kind for arm in arms.values() for kind in arm.scenario.kinds} or set(KNOWN_KINDS)
    named = tree.beneath("outcomes")
    for node in named.value if named and isinstance(named.value, list) else ():
        if isinstance(node.value, str) and (sentence := outcomes.fault(node.value, sorted(kinds))):
            yield Problem(sentence, node.at, node.path)


def _base_values(
    tree: Node, columns: Mapping[str, Column], arms: Mapping[str, Arm], problems: list[Problem]
) -> dict[str, Scalar]:
    """Values of the varied settings where nothing varies, for the design that goes around them."""
    kind = _node_at(tree, ["design", "kind"])
    if kind is None or kind.value != "one_at_a_time" or not arms:
        return {}
    arm = next(iter(arms.values()))
    resolved = from_values(arm.scenario.model_dump(mode="json"), [])
    values: dict[str, Scalar] = {}
    for path, column in columns.items():
        steps = merge.steps_of(path)
        node = _node_at(arm.settings, steps) or (
            _node_at(resolved, steps) if steps[0] != "timeline" else None
        )
        if node is not None and isinstance(node.value, Scalar):
            values[path] = node.value
        else:
            message = "one_at_a_time goes around the value of the base, and the base has none here"
            problems.append(Problem(message, column.node.key_at, column.node.path))
    return values


def _rows(columns: Mapping[str, Column]) -> list[dict[str, Scalar]]:
    """The points of a list, row by row."""
    cells = [[node.value for node in column.values] for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=False)]


def _refuse_too_many(definition: Definition, points: int, tree: Node) -> None:
    runs = points * len(definition.arm_names) * len(definition.seeds_run)
    counted = f"{points:,} points x {len(definition.arm_names)} arms x {len(definition.seeds_run):,} seeds"
    allowed = definition.budget.runs
    too_many = []
    if runs > MAX_RUNS:
        too_many.append((["design"], f"{counted} are {runs:,} runs; at most {MAX_RUNS:,} are possible"))
    if allowed is not None and runs > allowed:
        too_many.append((["budget", "runs"], f"{counted} are {runs:,} runs; the budget allows {allowed:,}"))
    problems = [
        Problem(message, (_node_at(tree, [*steps]) or tree).at, ".".join(steps))
        for steps, message in too_many
    ]
    if problems:
        raise ScenarioError(in_reading_order(problems))
