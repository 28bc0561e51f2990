"""Why two scenarios do not have the same children, and how they can be given the same ones."""

from collections.abc import Iterator, Mapping
from typing import Any

from cpsim.scenario.schema import Scenario
from cpsim.world.world import world_settings

_MOST_OPTIONS = 8


def describe_other_children(one: Scenario, other: Scenario) -> str:
    """Describe why two scenarios do not have the same children for every seed, and what to add; empty if they do.

    >>> from cpsim.scenario.read import load
    >>> describe_other_children(load("small"), load("baseline"))
    'they differ in population.children; for the children of small, add --set population.children=10000'
    >>> describe_other_children(load("small"), load("merger_imposed"))
    ''
    """
    ours, theirs = world_settings(one), world_settings(other)
    differing = dict(_find_differences(ours, theirs))
    if not differing:
        same_order = list(ours["agencies"]) == list(theirs["agencies"])
        return "" if same_order else "they differ in the order of the agencies"
    paths = ", ".join("authorities.named" if path == "named" else path for path in differing)
    values = {path: value for path, value in differing.items() if isinstance(value, str | int | float)}
    if len(values) < len(differing) or len(values) > _MOST_OPTIONS:
        return f"they differ in {paths}"
    options = " ".join(f"--set {path}={_format(value)}" for path, value in values.items())
    return f"they differ in {paths}; for the children of {one.name}, add {options}"


def _find_differences(
    ours: Mapping[str, Any], theirs: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, Any]]:
    """Yield the path of each setting that differs, and our value; None for a group that only one of them has."""
    for name in {**ours, **theirs}:
        place = f"{path}.{name}" if path else name
        own, other = ours.get(name), theirs.get(name)
        if isinstance(own, dict) and isinstance(other, dict):
            yield from _find_differences(own, other, place)
        elif own != other:
            yield place, None if own is None or other is None else own


def _format(value: Any) -> str:
    """Write a value as `--set` reads it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
