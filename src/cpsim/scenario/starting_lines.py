"""Lines of a timeline to start from: one for each lever and each institution, valid as it stands.

`starting_lines.yaml`, next to this file, has the settings of levers that cannot do without; all others have defaults.
"""

import io
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from cpsim.scenario.events import load_levers
from cpsim.scenario.institutions import Institution, load_institutions

DATE = date(2006, 9, 1)
"""Date of a line to start from; it is within the years of most scenarios."""
_AUTHORITIES = "authorities"


class NoLineError(ValueError):
    """There is no line to start from; the message says why, as a clause.

    >>> build_line("adult_services_control")
    Traceback (most recent call last):
    ...
    cpsim.scenario.starting_lines.NoLineError: nothing in the model represents it, so no lever stands for it
    """


@cache
def _load_settings() -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name("starting_lines.yaml").read_text("utf-8")
    settings: dict[str, dict[str, Any]] = YAML(typ="safe", pure=True).load(text)
    return settings


def build_line(name: str, day: date = DATE) -> dict[str, Any]:
    """Build the line of a timeline with which the lever or the institution `name` begins.

    Args:
        name: name of a lever or an institution.
        day: its date.

    Raises:
        NoLineError: the institution has no levers, or the lever has settings without a default that only its author
            knows.

    >>> format_in_one_line(build_line("duty"))
    '{date: 2006-09-01, lever: duty, kinds: [school], bound: true, awareness: 0.45}'
    >>> build_line("gp_duty")["lever"]
    'gp_duty'
    """
    institution = None if name in load_levers() else load_institutions()[name]
    given = _merge_common(institution) if institution else _load_settings().get(name, {})
    if institution is None:
        lever = load_levers()[name]
        required = [
            setting for setting in lever.list_own_settings() if lever.model_fields[setting].is_required()
        ]
        if missing := [setting for setting in required if setting not in given]:
            raise NoLineError(f"it has no default for {', '.join(missing)}")
    return {"date": day, "lever": name, **given}


def _merge_common(institution: Institution) -> dict[str, Any]:
    """Merge what the levers of an institution need and it does not give: the names of authorities."""
    if not institution.levers:
        raise NoLineError("nothing in the model represents it, so no lever stands for it")
    needed = (_load_settings().get(lever["lever"], {}) for lever in institution.levers)
    return {key: value for settings in needed for key, value in settings.items() if key == _AUTHORITIES}


def needs_authorities(line: Mapping[str, Any]) -> bool:
    """Return whether a line needs more than one authority in the scenario, because it names one of them.

    >>> needs_authorities(build_line("takeover")), needs_authorities(build_line("duty"))
    (True, False)
    """
    return _AUTHORITIES in line


def list_main_settings(line: Mapping[str, Any]) -> dict[str, Any]:
    """List the settings that decide what a line does: those that it gives, and those that decide its size.

    The latter are those that its institution gives to a lever, or else those without which the lever has no effect.
    They have the values that they have in any case, so writing them changes nothing. Settings that differ between the
    levers of an institution are left out.

    >>> list_main_settings(build_line("shared_record"))
    {'lookup': 0.4, 'reach': 0.2, 'false_match': 0.01, 'extra_contacts': 0.15}
    >>> list_main_settings(build_line("partner_awareness"))  # schools and practices differ in awareness
    {}
    """
    own = {key: value for key, value in line.items() if key not in ("date", "lever")}
    return own | {key: value for key, value in _list_effective(line["lever"]) if key not in own}


def _list_effective(name: str) -> Iterator[tuple[str, Any]]:
    """List the main settings of a lever or an institution with the values that they have unless a line changes them."""
    institution = load_institutions().get(name)
    presets = institution.levers if institution else ({"lever": name},)
    levers = [load_levers()[preset["lever"]] for preset in presets]
    for key in dict.fromkeys(
        key
        for preset, lever in zip(presets, levers, strict=True)
        for key in lever.list_own_settings()
        if key in (preset if len(preset) > 1 else getattr(lever, "neutral", {}))
    ):
        values = [
            preset[key] if key in preset else lever.model_fields[key].get_default()
            for preset, lever in zip(presets, levers, strict=True)
            if key in lever.list_own_settings()
        ]
        if values[0] is not None and all(value == values[0] for value in values):
            yield key, values[0]


def format_in_one_line(value: Any) -> str:
    """Format a value as YAML in one line.

    >>> format_in_one_line({"children": 500, "kinds": ["gp"], "bound": True})
    '{children: 500, kinds: [gp], bound: true}'
    """
    if isinstance(value, int | float):  # without the library, because there are hundreds of numbers
        return str(value).lower() if isinstance(value, bool) else f"{value:.10g}"
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 10_000
    text = io.StringIO()
    yaml.dump(value, text)
    return text.getvalue().removesuffix("\n").removesuffix("\n...")
