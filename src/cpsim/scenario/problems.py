"""What is wrong with a scenario, said so that its author can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any, NamedTuple

_LONGEST_QUOTE = 60
_MOST_OPTIONS = 500
_MOST_LISTED = 40


class Place(NamedTuple):
    """Where a value was written: a file and a position in it, or another source such as `--set`.

    Lines and columns count from 1; they are None where the source has none.
    """

    file: str = ""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True)
class Problem:
    """One fault: where it stands, which setting it concerns (`path`), what is wrong and what would be right."""

    message: str
    place: Place = Place()
    path: str = ""

    @property
    def file(self) -> str:
        """The file, `--set`, or nothing for a mapping."""
        return self.place.file

    @property
    def line(self) -> int | None:
        """The line in the file, from 1."""
        return self.place.line

    @property
    def column(self) -> int | None:
        """The column in the line, in characters, from 1."""
        return self.place.column

    def __str__(self) -> str:
        file, line, column = self.place
        if line is None:
            parts = [" ".join(part for part in (file, self.path) if part), self.message]
        else:
            parts = [f"{file}:{line}:{column}", self.path, self.message]
        return printable(": ".join(part for part in parts if part))


class ScenarioError(ValueError):
    """A scenario that cannot be used; `problems` holds every fault that was found, and the text has a line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(dict.fromkeys(problems))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def nearest(word: str, options: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The option spelt most like `word`, whatever its capitals and hyphens; None if none comes near.

    A word too long to be a slip is not compared, nor are options beyond the first few hundred: it would take for ever.
    """
    if len(word) > _LONGEST_QUOTE:
        return None
    by_form = {option.lower(): option for option in islice(options, _MOST_OPTIONS)}
    close = get_close_matches(word.lower().replace("-", "_").replace(" ", "_"), by_form, n=1, cutoff=cutoff)
    return by_form[close[0]] if close else None


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """A clause that proposes the nearest option, or nothing."""
    near = nearest(word, options)
    return f"; did you mean {near!r}?" if near is not None else ""


def listed(options: Iterable[str]) -> str:
    """Options in a row, not endlessly many, or a word for none."""
    return ", ".join(islice(options, _MOST_LISTED)) or "nothing"


def shown(value: Any) -> str:
    """A value from a stranger's file, quoted, escaped and shortened."""
    if isinstance(value, dict):
        return "a group of settings" if value else "an empty group"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."


def printable(text: str) -> str:
    """The text with an escape for each character that could move a terminal's cursor."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
