"""Why a setting moves outcomes: the path from a setting over the dials that it turns to the steps that read them.

Nothing here is typed by hand: the dials are those that differ in a trial of the timeline, in which casework stands
still, and the steps are those whose stages declare that they read these dials. For a setting outside the timeline they
are the steps in whose modules the setting is read. Where nothing is known, nothing is said.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from cpsim.agents.dials import DIALS, Dial
from cpsim.dial_use import find_dial_uses
from cpsim.formatting import format_list, format_outcome_name, lower_first, pluralise
from cpsim.network.graphml import NetworkFileError
from cpsim.reach.effects import FIRST_OUTCOMES
from cpsim.reach.trial import find_first_change
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.read import from_mapping
from cpsim.scenario.schema import Scenario
from cpsim.stages.declarations import find_declaration
from cpsim.system import PLAN

__all__ = ["explain_setting"]

_MOST_STEPS, _MOST_OUTCOMES = 3, 3


def explain_setting(path: str, low: object, high: object, scenario: Mapping[str, Any]) -> str:
    """Say which dials a setting turns or which steps read it, and which outcomes move first; empty if nothing is known.

    Args:
        path: path of the setting.
        low: its lowest value.
        high: its highest value.
        scenario: resolved settings of a scenario with the other settings in force.

    >>> from cpsim.scenario import load
    >>> cut = load("small", {"timeline": [{"lever": "budget", "step": -0.2}]}).model_dump()
    >>> explain_setting("timeline[0].step", -0.2, 0.0, cut)  # doctest: +ELLIPSIS
    'It turns the dials “hours for casework” and “hours that are paid for”, which the step “governance” reads; ...'
    >>> explain_setting("front_door.screening_noise", 0.2, 0.9, {})
    'The step “screening” reads it; contacts per referral and referrals move first.'
    """
    if not path.startswith("timeline["):
        modules = list(_find_reading_modules(path))
        steps = [step for module in modules for step in _list_steps()[module]]
        return _join(f"The {_name_steps(steps)} it" if steps else "", modules)
    turned = _find_dials(path, low, high, scenario)
    modules = [module for dial in turned for module in _list_acting_modules(dial.name)]
    steps = [step for dial in turned for step in _list_steps_reading(dial.name)]
    labels = format_list(f"“{dial.label}”" for dial in turned)
    start = f"It turns the {pluralise(len(turned), 'dial')} {labels}, which the {_name_steps(steps)}"
    return _join(start if steps else "", modules)


def _find_dials(path: str, low: object, high: object, scenario: Mapping[str, Any]) -> list[Dial]:
    """Find the dials that differ in the first week in which the two values of a setting turn any differently."""
    try:
        both = [from_mapping(scenario, {path: value}) for value in (low, high)]
        found, _ = find_first_change(*both)
    except (ScenarioError, NetworkFileError):
        return []
    return [dial for dial in DIALS if dial.name in found]


def _list_steps_reading(dial: str) -> list[str]:
    """List the steps with a stage of a module that acts on a dial, which reads it or changes it from its value."""
    modules = _list_acting_modules(dial)
    return [
        step.name
        for step in PLAN
        for stage in step.stages
        if stage.__module__.removeprefix("cpsim.") in modules
        and dial in (*find_declaration(stage).reads, *find_declaration(stage).writes)
    ]


def _list_acting_modules(dial: str) -> list[str]:
    """List the modules that act on a dial; those that only measure it do not count."""
    return [module for module in find_dial_uses()[dial].read_by_modules if not module.startswith("measures.")]


def _name_steps(steps: Iterable[str]) -> str:
    """Name the first steps with their verb, such as "steps “sharing” and “screening” read"."""
    names = list(dict.fromkeys(steps))[:_MOST_STEPS]
    quoted = format_list(f"“{name}”" for name in names)
    return f"{pluralise(len(names), 'step')} {quoted} {pluralise(len(names), 'reads', 'read')}"


def _join(start: str, modules: Iterable[str]) -> str:
    """Add the outcomes that move first to what turns or reads a setting; empty without a start."""
    if not start:
        return ""
    first = dict.fromkeys(name for module in modules for name in FIRST_OUTCOMES.get(module, ()))
    labels = [
        lower_first(format_outcome_name(name.removesuffix(".<kind>")))
        for name in list(first)[:_MOST_OUTCOMES]
    ]
    return f"{start}; {format_list(labels)} move first." if labels else f"{start}."


@cache
def _list_steps() -> dict[str, tuple[str, ...]]:
    """List the steps that run the stages of each module; only the step of the same name if there is one."""
    steps: dict[str, tuple[str, ...]] = {}
    for step in PLAN:
        for stage in step.stages:
            module = stage.__module__.removeprefix("cpsim.")
            steps[module] = (*steps.get(module, ()), step.name)
    own = {module: module.rpartition(".")[2] for module in steps}
    return {module: (own[module],) if own[module] in names else names for module, names in steps.items()}


def _find_reading_modules(path: str) -> Iterator[str]:
    """Find the modules of the weekly steps whose code reads a setting of a section, such as `front_door.drift`."""
    section, *_, setting = path.split(".")
    for module in _list_steps():
        if not module.startswith("measures.") and (section, setting) in _list_settings_read(module):
            yield module


@cache
def _list_settings_read(module: str) -> frozenset[tuple[str, str]]:
    """List the settings that the code of a module reads, as section and name."""
    tree = ast.parse(inspect.getsource(importlib.import_module(f"cpsim.{module}")))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    held = {name: section for each in functions for name, section in _find_held_sections(each, "self.")}
    return frozenset(
        read for each in functions for read in _find_reads(each, held | dict(_find_held_sections(each, "")))
    )


def _find_reads(function: ast.FunctionDef, held: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Find the attributes of sections, or of variables that hold a section."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute):
            section = _find_section(node.value) or held.get(ast.unparse(node.value))
            if section is not None:
                yield section, node.attr


def _find_held_sections(function: ast.FunctionDef, start: str) -> Iterator[tuple[str, str]]:
    """Find the variables, or the attributes of the object, that hold a section of the scenario."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        (target,) = node.targets[:1]
        both = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
        pairs = zip(target.elts, node.value.elts, strict=False) if both else [(target, node.value)]  # type: ignore[attr-defined]
        for name, value in pairs:
            section = _find_section(value)
            if section is not None and ast.unparse(name).startswith(start):
                yield ast.unparse(name), section


def _find_section(node: ast.expr) -> str | None:
    """Return the section that an expression such as `state.scenario.front_door` stands for."""
    if not isinstance(node, ast.Attribute) or node.attr not in Scenario.model_fields:
        return None
    owner = ast.unparse(node.value).rpartition(".")[2]
    return node.attr if owner in ("scenario", "settings") else None
