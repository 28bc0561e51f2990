"""Problems in a scenario file: where they are, what is wrong and what to write instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from itertools import islice
from pathlib import PurePath
from typing import Any, NamedTuple

from cpsim.scenario.text import escape_unsafe

_MAX_QUOTE = 60
_MAX_COMPARED = 500
_MAX_LISTED = 40
_OTHER_START = 0.85
"""Least similarity of an option that does not begin with the same letter."""


class Place(NamedTuple):
    """Where a value was written: a file with line and column, or another source such as `--set`.

    Attributes:
        file: path of the file, `--set`, or empty for a mapping from Python.
        line: line in the file, from 1; None if the source has no lines.
        column: column in the line, in characters, from 1; None if the source has no lines.
    """

    file: str = ""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True)
class Problem:
    """One problem in a scenario.

    Attributes:
        message: what is wrong, and what is allowed or likely to be intended.
        place: where the value was written.
        path: the setting that it concerns, such as `timeline[0].date`.

    >>> print(Problem("expected a number, not 'many'", Place("duty.yaml", 3, 12), "clock.years"))
    duty.yaml:3:12: clock.years: expected a number, not 'many'
    """

    message: str
    place: Place = Place()
    path: str = ""

    def __post_init__(self) -> None:
        """Escape what cannot be printed, since most messages quote the file."""
        object.__setattr__(self, "message", escape_unsafe(self.message))

    @property
    def file(self) -> str:
        """Path of the file, `--set`, or empty for a mapping from Python."""
        return self.place.file

    @property
    def line(self) -> int | None:
        """Line in the file, from 1; None if there is none."""
        return self.place.line

    @property
    def column(self) -> int | None:
        """Column in the line, in characters, from 1; None if there is none."""
        return self.place.column

    def __str__(self) -> str:
        file, line, column = self.place
        if line is None:
            parts = [" ".join(part for part in (file, self.path) if part), self.message]
        else:
            parts = [f"{file}:{line}:{column}", self.path, self.message]
        return escape_unsafe(": ".join(part for part in parts if part))


class ScenarioError(ValueError):
    """A scenario that cannot be used.

    Its text has one line for each problem.

    Attributes:
        problems: all problems that were found, without duplicates.

    >>> from cpsim.scenario import load
    >>> try:
    ...     load("small", {"population.childrens": 500, "clock.years": "two"})
    ... except ScenarioError as error:
    ...     print(error)  # doctest: +ELLIPSIS
    clock.years: expected a whole number from 1 to 100, not 'two'
    population.childrens: there is no setting 'childrens' here; did you mean 'children'? allowed: children, ...
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(dict.fromkeys(problems))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class ScenarioWarning(UserWarning):
    """Part of a valid scenario has no effect, or practically none."""


def find_nearest(text: str, options: Iterable[str], *, cutoff: float = 0.75) -> str | None:
    """Find the option with the spelling closest to `text`, as `list_nearest` does; None if none is similar enough.

    >>> find_nearest("Front-Door", ["front_door", "sharing"])
    'front_door'
    """
    return next(iter(list_nearest(text, options, 1, cutoff=cutoff)), None)


def list_nearest(text: str, options: Iterable[str], limit: int, *, cutoff: float = 0.75) -> list[str]:
    """List the options with the spelling closest to `text`, the closest first, ignoring case and hyphens.

    Comparison is slow for long texts and many options, so texts longer than 60 characters and options after the first
    500 are not compared.

    Args:
        text: the text to match.
        options: the allowed spellings.
        limit: the most options to list.
        cutoff: least similarity of a match, 0 to 1; by default one mistake in a word of four letters, and not two.

    >>> list_nearest("merge", ["merger", "merged", "police"], 3)
    ['merger', 'merged']
    """
    if len(text) > _MAX_QUOTE:
        return []
    plain = {_simplify(option): option for option in islice(options, _MAX_COMPARED)}
    typed = _simplify(text)
    same_start = [option for option in plain if option[:1] == typed[:1]]
    close = get_close_matches(typed, plain, n=limit, cutoff=max(cutoff, _OTHER_START))
    close = close or get_close_matches(typed, same_start, n=limit, cutoff=cutoff)
    return [plain[option] for option in close]


def _simplify(text: str) -> str:
    return text.lower().replace("-", "_").replace(" ", "_")


def suggest_nearest(text: str, options: Iterable[str]) -> str:
    """Suggest the option with the closest spelling, as a clause for a message; empty if none is close.

    >>> suggest_nearest("polise", ["school", "police"])
    "; did you mean 'police'?"
    """
    near = find_nearest(text, options)
    return f"; did you mean {near!r}?" if near is not None else ""


def format_options(options: Iterable[str]) -> str:
    """Format the first 40 options as one line, or `nothing` if there are none.

    >>> format_options(["gp", "school"])
    'gp, school'
    """
    return ", ".join(islice(options, _MAX_LISTED)) or "nothing"


def format_value(value: Any) -> str:
    """Format a value from an untrusted file, or from Python: quoted, escaped and cut to 60 characters.

    >>> format_value("many"), format_value(True), format_value([1, 2]), format_value(None)
    ("'many'", 'true', 'a list', 'nothing (null)')
    >>> format_value({1, 2}), format_value(10**100)
    ('a value of type set', 'a number of more than 60 digits')
    """
    if isinstance(value, dict):
        return "a group of settings" if value else "an empty group"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float | date | PurePath):
        return f"a value of type {type(value).__name__}"
    if isinstance(value, int) and abs(value) >= 10**_MAX_QUOTE:  # Python refuses to write very long numbers
        return f"a number of more than {_MAX_QUOTE} digits"
    text = repr(str(value) if isinstance(value, PurePath) else value)
    return text if len(text) <= _MAX_QUOTE else f"{text[:_MAX_QUOTE]}..."
