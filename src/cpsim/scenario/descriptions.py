"""Settings in words: their names, meanings and units, from the descriptions in the schema and in the levers."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args, get_origin

from cpsim.scenario.events import load_levers
from cpsim.scenario.schema import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["SettingDescription", "describe_setting", "describe_settings", "find_lever"]

_EVENT = re.compile(r"timeline\[(\d+)\]\.(\w+)")
_UNIT = re.compile(r" \[(\w+)\]$")
_INDEX = re.compile(r"\[(\d+)\]")
_ABBREVIATIONS = ("gp", "pct")


@dataclass(frozen=True)
class SettingDescription:
    """A setting in words.

    Attributes:
        path: its path in a scenario, such as `timeline[0].awareness`.
        name: its name in words, different from that of every other setting described with it.
        meaning: what it means, without its unit; empty if it is not documented.
        unit: its unit, as in the register of parameters; empty if it has none.

    >>> (share,) = describe_settings(["timeline[0].awareness"], {"timeline": [{"lever": "duty"}]}).values()
    >>> share.name, share.meaning, share.unit
    ('duty awareness', 'share of staff who know of the duty', 'share')
    """

    path: str
    name: str
    meaning: str
    unit: str


def describe_settings(paths: Iterable[str], scenario: Mapping[str, Any]) -> dict[str, SettingDescription]:
    """Describe settings in words, by path; settings of the same name are distinguished by their section or event.

    Args:
        paths: paths of settings.
        scenario: resolved settings of a scenario, which has the events that the paths name; may be empty.

    >>> found = describe_settings(["front_door.referral_threshold", "agencies.gp.attention"], {})
    >>> found["agencies.gp.attention"].name
    'GP attention'
    >>> threshold = found["front_door.referral_threshold"]
    >>> threshold.name, threshold.meaning, threshold.unit
    ('referral threshold', 'evidence at which a contact becomes a referral', 'log_odds')
    """
    names = {path: _name_setting(path, scenario) for path in paths}
    repeated = {name for name, count in Counter(names.values()).items() if count > 1}
    found: dict[str, SettingDescription] = {}
    for path, name in names.items():
        description = describe_setting(path, scenario)
        unit = _UNIT.search(description)
        found[path] = SettingDescription(
            path,
            f"{name} ({_name_place(path)})" if name in repeated else name,
            _UNIT.sub("", description),
            unit[1] if unit else "",
        )
    return found


def _name_setting(path: str, scenario: Mapping[str, Any]) -> str:
    """Name a setting by its lever, or else by its path below the section, such as "GP attention"."""
    _, *steps = (_INDEX.sub("", step) for step in path.split("."))
    lever = find_lever(path, scenario)
    words = [lever or "", *(step.upper() if step in _ABBREVIATIONS else step for step in steps or [path])]
    return " ".join(filter(None, words)).replace("_", " ")


def _name_place(path: str) -> str:
    """Name what distinguishes settings of the same name: the number of the event or list entry, or the section."""
    numbers = [int(index) + 1 for index in _INDEX.findall(path)]
    section = _INDEX.sub("", path.partition(".")[0]).replace("_", " ")
    if section == "timeline":
        section = "event"
    return " ".join([section, *map(str, numbers)])


def find_lever(path: str, scenario: Mapping[str, Any]) -> str | None:
    """Find the name of the lever whose setting is at a path; None if it is no setting of an event of the scenario.

    >>> find_lever("timeline[0].step", {"timeline": [{"lever": "budget", "step": 0}]})
    'budget'
    """
    match = _EVENT.fullmatch(path)
    events = scenario.get("timeline", ())
    if match is None or int(match[1]) >= len(events):
        return None
    return str(events[int(match[1])]["lever"])


def describe_setting(path: str, scenario: Mapping[str, Any]) -> str:
    """Return the meaning of the setting at a path with its unit; empty if it is not documented.

    Args:
        path: path of a setting.
        scenario: resolved settings of a scenario, which has the event that the path names; may be empty.

    >>> describe_setting("front_door.load_target", {})
    'load at which the thresholds do not drift [ratio]'
    """
    lever = load_levers().get(find_lever(path, scenario) or "")
    if lever is not None:
        field = lever.model_fields.get(path.rpartition(".")[2])
        return (field.description or "") if field else ""
    return _find_description(path.split("."))


def _find_description(path: Sequence[str]) -> str:
    kind: Any = Scenario
    description: str | None = None
    for step in path:
        if get_origin(kind) is dict:
            kind, description = get_args(kind)[1], None
        elif field := getattr(kind, "model_fields", {}).get(step):
            kind, description = field.annotation, field.description
        else:
            return ""
    return description or ""
