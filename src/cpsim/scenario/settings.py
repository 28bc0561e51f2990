"""The single settings of a scenario file, each with its path, meaning, unit, limits and default."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from cpsim.scenario.events import TimelineEvent, load_levers
from cpsim.scenario.guide import Fragment, Guide
from cpsim.scenario.register import Parameter, load_register
from cpsim.scenario.schema import Scenario
from cpsim.scenario.starting_lines import format_in_one_line

_LEVERS = "levers"


class Setting(NamedTuple):
    """A single setting of a scenario file.

    Attributes:
        path: its path, such as `clock.years`; that of a lever's setting begins with `levers` and the lever. `<kind>`
            stands for a kind of agency and `[n]` for an entry of a list.
        meaning: what it means.
        unit: its unit; empty if it has none.
        allowed: the plausible range of a number of the register, such as `0 to 1`; for others, what is allowed.
        default: its default; None if it has none.
        required: whether it has to be given.
        parameter: its entry in the register; None for a setting that is no number of the model.

    >>> list_settings()["clock.years"].describe()
    'years of 52 weeks that are evaluated (years, plausible 1 to 20, default 5)'
    """

    path: str
    meaning: str
    unit: str
    allowed: str
    default: Any
    required: bool
    parameter: Parameter | None

    def describe(self, default: Any = None) -> str:
        """Describe it in a line: meaning, unit, range and default.

        Args:
            default: the default where it differs from the setting's own, such as the value that an institution gives.
        """
        allowed = f"plausible {self.allowed}" if self.parameter else self.allowed
        default = self.default if default is None else default
        without = "has to be given" if self.required else "may be left out"
        ending = without if default is None else f"default {format_in_one_line(default)}"
        return f"{self.meaning} ({', '.join(filter(None, (self.unit, allowed, ending)))})"

    def list_sources(self) -> tuple[str, ...]:
        """List its mechanism, its tag, its source, and its evidence; nothing if it is not in the register.

        >>> list_settings()["agencies.gp.conference_attendance"].list_sources()[3:]
        ('E454', 'E455', 'lea-cox-hall-1991')
        """
        row = self.parameter
        return (row.mechanism, row.tag, row.source, *row.evidence, *row.entries) if row else ()


@cache
def list_settings() -> dict[str, Setting]:
    """List all settings by path: those of the register in its order, then all others in the order of the schema.

    >>> settings = list_settings()
    >>> settings["agencies.gp.attention"].unit, settings["levers.duty.bound"].allowed
    ('share', 'true or false')
    """
    found = {row.id: _describe_parameter(row) for row in load_register().values()}
    schema = Scenario.model_json_schema()
    guide = Guide(schema)
    for path, fragment in find_leaves(schema, schema, ""):
        if "register" not in fragment and path != "timeline":
            found[path] = _describe_leaf(path, fragment, guide.describe_expected(_find_location(path)))
    for name, lever in load_levers().items():
        for setting, fragment in lever.model_json_schema()["properties"].items():
            if "register" not in fragment and setting not in TimelineEvent.model_fields:
                allowed = guide.describe_expected(("timeline", 0, name, setting))
                path = f"{_LEVERS}.{name}.{setting}"
                found[path] = _describe_leaf(path, fragment, allowed)
    return found


def split_lever_setting(path: str) -> tuple[str, str] | None:
    """Split the path of a lever's setting into the lever and the setting; None for any other path.

    >>> split_lever_setting("levers.hub.strength"), split_lever_setting("clock.years")
    (('hub', 'strength'), None)
    """
    first, _, rest = path.partition(".")
    lever, _, setting = rest.partition(".")
    return (lever, setting) if first == _LEVERS else None


def find_leaves(schema: Fragment, fragment: Fragment, path: str) -> Iterator[tuple[str, Fragment]]:
    """Find the single settings in a fragment of a JSON Schema, each with its path.

    Args:
        schema: the whole schema.
        fragment: the fragment.
        path: path of the fragment; empty for the whole schema.
    """
    within = find_inner_settings(schema, fragment)
    if not within:
        yield path, fragment
    for name, inner in within.items():
        yield from find_leaves(
            schema, inner, f"{path}{name}" if name == "[n]" else f"{path}.{name}".lstrip(".")
        )


def find_inner_settings(schema: Fragment, fragment: Fragment) -> dict[str, Fragment]:
    """Find the settings one level down; `<kind>` stands for any name and `[n]` for an entry of a list."""
    fragment = resolve_reference(schema, fragment)
    within: dict[str, Fragment] = dict(fragment.get("properties", {}))
    if isinstance(others := fragment.get("additionalProperties"), dict):
        within["<kind>"] = others
    if "properties" in resolve_reference(schema, fragment.get("items", {})):
        within["[n]"] = fragment["items"]
    return within


def resolve_reference(schema: Fragment, fragment: Fragment) -> Fragment:
    """Return the definition to which a fragment refers, or the fragment itself."""
    reference = fragment.get("$ref")
    definition: Fragment = schema["$defs"][reference.rsplit("/", 1)[1]] if reference else fragment
    return definition


def _find_location(path: str) -> tuple[str | int, ...]:
    steps = path.replace("[n]", ".0").split(".")
    return tuple(int(step) if step.isdigit() else step for step in steps)


def _describe_parameter(row: Parameter) -> Setting:
    allowed = f"{row.low:.10g} to {row.high:.10g}"
    return Setting(
        row.id, row.meaning, row.unit.replace("_", " "), allowed, row.default, required=False, parameter=row
    )


def _describe_leaf(path: str, fragment: Fragment, allowed: str) -> Setting:
    meaning, _, unit = fragment.get("description", "").partition(" [")
    default: Any = fragment.get("default")
    if default in ("", []):
        default = None
    elif fragment.get("format") == "date":
        default = date.fromisoformat(default)
    unit = unit.removesuffix("]").replace("_", " ")
    return Setting(path, meaning, unit, allowed, default, "default" not in fragment, parameter=None)
