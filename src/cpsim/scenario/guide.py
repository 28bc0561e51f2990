"""What the schema allows at each place, in words: read off the JSON Schema, so the two cannot drift apart."""

from collections.abc import Iterator
from typing import Any

from cpsim.scenario.problems import did_you_mean, listed, nearest

Location = tuple[str | int, ...]
Fragment = dict[str, Any]


class Guide:
    """Answers what may stand at a location of a file."""

    def __init__(self, schema: Fragment) -> None:
        self._schema = schema
        self._definitions: dict[str, Fragment] = schema.get("$defs", {})

    def at(self, location: Location) -> list[Fragment]:
        """The alternatives that may stand at a location; none if nothing may."""
        fragments = list(self._alternatives(self._schema))
        for step in location:
            fragments = [
                alternative
                for fragment in fragments
                for beneath in self._beneath(fragment, step)
                for alternative in self._alternatives(beneath)
            ]
        return fragments

    def _alternatives(self, fragment: Fragment) -> Iterator[Fragment]:
        """The fragment with references followed, one for each branch of a union."""
        if "$ref" in fragment:
            yield from self._alternatives(self._definitions[fragment["$ref"].rsplit("/", 1)[1]])
        for union in ("anyOf", "oneOf", "allOf"):
            for branch in fragment.get(union, ()):
                yield from self._alternatives(branch)
        if not fragment.keys() & {"$ref", "anyOf", "oneOf", "allOf"}:
            yield fragment

    @staticmethod
    def _beneath(fragment: Fragment, step: str | int) -> Iterator[Fragment]:
        others = fragment.get("additionalProperties")
        if isinstance(step, int):
            yield from [fragment["items"]] if "items" in fragment else []
        elif step in fragment.get("properties", {}):
            yield fragment["properties"][step]
        elif step == fragment.get("title") or step in _constants(fragment):
            yield fragment  # the branch of a union, named by its class or by what tells it from the others
        elif isinstance(others, dict):
            yield others

    def settings(self, location: Location) -> list[str]:
        """The names of the settings that a group may have."""
        names = (name for fragment in self.at(location) for name in fragment.get("properties", {}))
        return list(dict.fromkeys(names))

    def choices(self, location: Location) -> list[str]:
        """The words that may stand at a location, if it is a choice among words."""
        fragments = self.at(location)
        words = [word for fragment in fragments for word in fragment.get("enum", [fragment.get("const")])]
        return [word for word in words if isinstance(word, str)]

    def wants_date(self, location: Location) -> bool:
        """Whether a date may stand there."""
        return any(fragment.get("format") == "date" for fragment in self.at(location))

    def expected(self, location: Location) -> str:
        """What may stand there, in words: `a number from 0 to 1`."""
        # That a setting may be left out goes without saying.
        fragments = [fragment for fragment in self.at(location) if fragment.get("type") != "null"]
        return " or ".join(dict.fromkeys(map(_described, fragments))) or "nothing"

    def hint(self, name: str, location: Location) -> str:
        """A clause that proposes the setting meant by an unknown `name`: a neighbour, or its namesake elsewhere."""
        if close := did_you_mean(name, self.settings(location)):
            return close
        elsewhere = {leaf.rsplit(".", 1)[-1]: leaf for leaf in self._leaves(self._schema, "")}
        near = nearest(name, elsewhere, cutoff=0.8)
        return f"; did you mean {elsewhere[near]!r}?" if near else ""

    def _leaves(self, fragment: Fragment, path: str) -> Iterator[str]:
        """Paths of all single settings; a group whose names are free is shown as `<name>`."""
        for alternative in self._alternatives(fragment):
            properties = dict(alternative.get("properties", {}))
            if isinstance(others := alternative.get("additionalProperties"), dict):
                properties["<name>"] = others
            for name, beneath in properties.items():
                below = f"{path}.{name}" if path else name
                leaves = list(self._leaves(beneath, below))
                yield from leaves or [below]


def _constants(fragment: Fragment) -> list[Any]:
    """The settings of a group that can have only one value."""
    return [beneath["const"] for beneath in fragment.get("properties", {}).values() if "const" in beneath]


def _described(fragment: Fragment) -> str:
    if "const" in fragment or "enum" in fragment:
        choices = fragment.get("enum", [fragment.get("const")])
        return choices[0] if len(choices) == 1 else f"one of {listed(map(str, choices))}"
    kind = str(fragment.get("type", "anything"))
    if kind in ("integer", "number"):
        return ("a whole number" if kind == "integer" else "a number") + _limits(fragment)
    if kind == "string":
        return (
            "a date such as 2006-05-01" if fragment.get("format") == "date" else f"text{_lengths(fragment)}"
        )
    if kind == "array":
        return "a list that is not empty" if fragment.get("minItems") else "a list"
    if kind == "object":
        names = listed(fragment["properties"]) if fragment.get("properties") else "names of your choice"
        return f"a group of settings ({names})"
    return {"boolean": "true or false", "null": "null"}.get(kind, kind)


def _limits(fragment: Fragment) -> str:
    low, high = fragment.get("minimum"), fragment.get("maximum")
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}" if abs(high) < 1e6 else f" from {low:g} to {high:,}"
    parts = (
        f"of at least {low:g}" if low is not None else "",
        f"above {fragment['exclusiveMinimum']:g}" if "exclusiveMinimum" in fragment else "",
        f"of at most {high:g}" if high is not None else "",
        f"below {fragment['exclusiveMaximum']:g}" if "exclusiveMaximum" in fragment else "",
    )
    words = " and ".join(part for part in parts if part)
    return f" {words}" if words else ""


def _lengths(fragment: Fragment) -> str:
    low, high = fragment.get("minLength"), fragment.get("maxLength")
    parts = (f"at least {low}" if low else "", f"at most {high:,}" if high else "")
    words = " and ".join(part for part in parts if part)
    return f" of {words} characters" if words else ""
