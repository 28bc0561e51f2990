"""Whether arms can be compared: whether they evaluate the same years, and whether they have the same children.

Every command that compares arms asks `check_arms`. Arms that evaluate other years are refused. Arms with other children
are compared without pairing, because two runs with the same seed then have nothing in common that chance would cancel.
"""

import re
from collections.abc import Mapping
from typing import Any

Settings = Mapping[str, Any]
"""The settings of a scenario as `Scenario.model_dump` returns them, as Python or JSON values."""

_MEASURED = {"clock": "years", "measures": "deadlines"}
"""Sections that say what is evaluated, and what their settings are about."""

_OF_CHILDREN = {
    "population": ("children", "children_per_area", "extra_sibling_chance", "group_share"),
    "authorities": ("count", "named", "size_spread", "deprivation_spread"),
}
"""Settings on which the children of a seed depend, apart from the clock."""

_OF_NAMED = ("size", "deprivation")
"""Traits of a named authority on which its children depend."""


class ArmsDifferError(ValueError):
    """Two arms evaluate different years or deadlines, so their outcomes cannot be compared."""


def check_arms(arms: Mapping[str, Settings]) -> dict[str, str]:
    """Check that arms evaluate the same years and deadlines, and find those with other children than the first.

    Args:
        arms: settings by name of the arm, the reference first.

    Returns:
        For each arm with other children than the first, a sentence with the settings that differ and what to do.

    Raises:
        ArmsDifferError: an arm evaluates other years or deadlines than the first.

    >>> from cpsim.scenario.read import load
    >>> arms = {name: load("small", {"population.children": n}).model_dump() for name, n in (("a", 200), ("b", 400))}
    >>> print(check_arms(arms)["b"])
    b has other children than a, so they are compared without pairing: population.children is 200 in a and 400 in b.
    Make these settings equal to pair them.
    """
    if not arms:
        return {}
    (first, reference), *others = arms.items()
    found = {}
    for name, settings in others:
        _refuse_different_measures(first, reference, name, settings)
        differing = _find_differences(_select_of_children(reference), _select_of_children(settings))
        if differing:
            found[name] = (
                f"{name} has other children than {first}, so they are compared without pairing: "
                f"{_describe_differences(differing, first, name)}. Make these settings equal to pair them."
            )
    return found


def changes_children(path: str) -> bool:
    """Return whether the children of a seed depend on a setting.

    >>> changes_children("population.children"), changes_children("authorities.named[0].size")
    (True, True)
    >>> changes_children("network.trust_start"), changes_children("authorities.named[0].money")
    (False, False)
    """
    section, *below = re.split(r"[.\[]", path)
    if section == "clock":
        return below[0] != "start"
    if below[:1] == ["named"]:
        return below[-1] in _OF_NAMED
    return below[:1] != [] and below[0] in _OF_CHILDREN.get(section, ())


def _refuse_different_measures(first: str, reference: Settings, name: str, settings: Settings) -> None:
    ours, theirs = ({section: one[section] for section in _MEASURED} for one in (reference, settings))
    differing = _find_differences(ours, theirs)
    if differing:
        what = _MEASURED[next(iter(differing)).split(".")[0]]
        options = " and ".join(f"{path}={their}" for path, (_, their) in differing.items())
        raise ArmsDifferError(
            f"{first} and {name} evaluate different {what}: {_describe_differences(differing, first, name)}. "
            f"Make them equal, for example with {options}, after --set or in a file."
        )


def _select_of_children(settings: Settings) -> dict[str, dict[str, Any]]:
    """Select the settings on which the children depend; the spread of one authority has no effect."""
    selected = {
        section: {name: settings[section][name] for name in names} for section, names in _OF_CHILDREN.items()
    }
    places = selected["authorities"]
    traits = [{trait: named[trait] for trait in _OF_NAMED} for named in places["named"]]
    while traits and set(traits[-1].values()) == {None}:
        traits.pop()  # an authority without traits of its own is drawn like one without a name
    places["named"] = traits
    if places["count"] == 1:
        del places["size_spread"], places["deprivation_spread"]
    return selected


def _find_differences(ours: Settings, theirs: Settings) -> dict[str, tuple[Any, Any]]:
    """Find the settings that differ between the same sections of two scenarios, by path."""
    return {
        f"{section}.{name}": (ours[section].get(name), theirs[section].get(name))
        for section in ours
        for name in {**ours[section], **theirs[section]}
        if ours[section].get(name) != theirs[section].get(name)
    }


def _describe_differences(differing: Mapping[str, tuple[Any, Any]], first: str, name: str) -> str:
    return ", ".join(
        f"{path} differ" if isinstance(our, list) else f"{path} is {our} in {first} and {their} in {name}"
        for path, (our, their) in differing.items()
    )
