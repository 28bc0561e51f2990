"""Descriptions of what a file may contain at each place, derived from the JSON Schema."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from cpsim.scenario.problems import find_nearest, format_options, suggest_nearest
from cpsim.scenario.renamed import find_new_names

_ELSEWHERE = 0.93
"""Least similarity of a setting of another group, which is meant only if it is spelt almost alike."""
_COMMON_WORDS = 0.5
"""Least share of the words of two names of settings that they have in common."""

Location = tuple[str | int, ...]
Fragment = dict[str, Any]


class Guide:
    """Look-up of the values and settings that a JSON Schema allows at a location of a file.

    A location is a tuple of setting names and list indices, such as `("timeline", 0, "date")`.

    >>> guide = Guide({"properties": {"years": {"type": "integer", "minimum": 1, "maximum": 100}}})
    >>> guide.list_settings(())
    ['years']
    >>> guide.describe_expected(("years",))
    'a whole number from 1 to 100'
    >>> guide.suggest_setting("yeers", ())
    "; did you mean 'years'?"
    """

    def __init__(self, schema: Fragment) -> None:
        self._schema = schema
        self._definitions: dict[str, Fragment] = schema.get("$defs", {})

    def find_fragments(self, location: Location) -> list[Fragment]:
        """Find the schema fragments for a location, one for each alternative; none if nothing is allowed."""
        fragments = list(self._expand_alternatives(self._schema))
        for step in location:
            fragments = [
                alternative
                for fragment in fragments
                for child in self._find_children(fragment, step)
                for alternative in self._expand_alternatives(child)
            ]
        return fragments

    def _expand_alternatives(self, fragment: Fragment) -> Iterator[Fragment]:
        """Follow references, and yield one fragment for each branch of a union."""
        if "$ref" in fragment:
            yield from self._expand_alternatives(self._definitions[fragment["$ref"].rsplit("/", 1)[1]])
        for union in ("anyOf", "oneOf", "allOf"):
            for branch in fragment.get(union, ()):
                yield from self._expand_alternatives(branch)
        if not fragment.keys() & {"$ref", "anyOf", "oneOf", "allOf"}:
            yield fragment

    @staticmethod
    def _find_children(fragment: Fragment, step: str | int) -> Iterator[Fragment]:
        """Yield what is one step below a fragment: a list entry, a setting, or the fragment itself for its own tag."""
        others = fragment.get("additionalProperties")
        if isinstance(step, int):
            yield from [fragment["items"]] if "items" in fragment else []
        elif step in fragment.get("properties", {}):
            yield fragment["properties"][step]
        elif step == fragment.get("title") or step in _list_constants(fragment):
            yield fragment  # pydantic names the branch of a union by its class or by its discriminator
        elif isinstance(others, dict):
            yield others

    def list_settings(self, location: Location) -> list[str]:
        """List the names of the settings that are allowed in a group."""
        names = (
            name for fragment in self.find_fragments(location) for name in fragment.get("properties", {})
        )
        return list(dict.fromkeys(names))

    def list_choices(self, location: Location) -> list[str]:
        """List the texts that are allowed at a location; empty unless it is a choice among fixed texts."""
        fragments = self.find_fragments(location)
        values = [value for fragment in fragments for value in fragment.get("enum", [fragment.get("const")])]
        return [value for value in values if isinstance(value, str)]

    def is_date(self, location: Location) -> bool:
        """Whether a date is allowed at a location."""
        return any(fragment.get("format") == "date" for fragment in self.find_fragments(location))

    def describe_expected(self, location: Location) -> str:
        """Describe what is allowed at a location, as in `a number from 0 to 1`."""
        # Null only means that the setting may be left out.
        fragments = [fragment for fragment in self.find_fragments(location) if fragment.get("type") != "null"]
        return " or ".join(dict.fromkeys(map(_describe_fragment, fragments))) or "nothing"

    def suggest_setting(self, name: str, location: Location) -> str:
        """Suggest a setting for an unknown `name`: its new name, or the closest one of the same group or elsewhere.

        The clause begins with a semicolon; it is empty if no setting is close.
        """
        here, elsewhere = self.list_settings(location), self._path_by_name
        for renamed in find_new_names("setting", name):
            if renamed in here or renamed in elsewhere:
                return f"; it is now called {(renamed if renamed in here else elsewhere[renamed])!r}"
        if close := suggest_nearest(name, here) or _suggest_by_words(name, here):
            return close
        near = find_nearest(name, elsewhere, cutoff=_ELSEWHERE)
        return f"; did you mean {elsewhere[near]!r}?" if near else ""

    @cached_property
    def _path_by_name(self) -> dict[str, str]:
        """Path of each setting by its name; of several with one name, that of the last."""
        return {path.rsplit(".", 1)[-1]: path for path in self._list_paths(self._schema, "")}

    def _list_paths(self, fragment: Fragment, path: str) -> Iterator[str]:
        """Yield the paths of all single settings; a group with free names is written `<name>`."""
        for alternative in self._expand_alternatives(fragment):
            properties = dict(alternative.get("properties", {}))
            if isinstance(others := alternative.get("additionalProperties"), dict):
                properties["<name>"] = others
            for name, child in properties.items():
                child_path = f"{path}.{name}" if path else name
                below = list(self._list_paths(child, child_path))
                yield from below or [child_path]


def _suggest_by_words(name: str, settings: list[str]) -> str:
    """Suggest the settings that have half of their words in common with a name; empty if there are none.

    >>> _suggest_by_words("posts_per_10k_children", ["hours_core", "assessment_posts_per_10k", "exit_per_year"])
    "; did you mean 'assessment_posts_per_10k'?"
    """
    words = set(name.lower().split("_"))
    close = [
        setting
        for setting in settings
        if len(words & set(setting.split("_"))) >= _COMMON_WORDS * len(words | set(setting.split("_")))
    ]
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""


def _list_constants(fragment: Fragment) -> list[Any]:
    """List the values of the settings of a group that allow only one value."""
    return [child["const"] for child in fragment.get("properties", {}).values() if "const" in child]


def _describe_fragment(fragment: Fragment) -> str:
    if "const" in fragment or "enum" in fragment:
        choices = fragment.get("enum", [fragment.get("const")])
        return choices[0] if len(choices) == 1 else f"one of {format_options(map(str, choices))}"
    kind = str(fragment.get("type", "anything"))
    if kind in ("integer", "number"):
        return ("a whole number" if kind == "integer" else "a number") + _format_limits(fragment)
    if kind == "string":
        return (
            "a date such as 2006-05-01"
            if fragment.get("format") == "date"
            else f"text{_format_lengths(fragment)}"
        )
    if kind == "array":
        return "a list that is not empty" if fragment.get("minItems") else "a list"
    if kind == "object":
        names = (
            format_options(fragment["properties"]) if fragment.get("properties") else "names of your choice"
        )
        return f"a group of settings ({names})"
    return {"boolean": "true or false", "null": "null"}.get(kind, kind)


def _format_limits(fragment: Fragment) -> str:
    low, high = fragment.get("minimum"), fragment.get("maximum")
    if low is not None and high is not None:
        return f" from {low:.10g} to {high:.10g}"
    parts = (
        f"of at least {low:.10g}" if low is not None else "",
        f"above {fragment['exclusiveMinimum']:.10g}" if "exclusiveMinimum" in fragment else "",
        f"of at most {high:.10g}" if high is not None else "",
        f"below {fragment['exclusiveMaximum']:.10g}" if "exclusiveMaximum" in fragment else "",
    )
    limits = " and ".join(part for part in parts if part)
    return f" {limits}" if limits else ""


def _format_lengths(fragment: Fragment) -> str:
    low, high = fragment.get("minLength"), fragment.get("maxLength")
    parts = (f"at least {low}" if low else "", f"at most {high:,}" if high else "")
    limits = " and ".join(part for part in parts if part)
    return f" of {limits} characters" if limits else ""
