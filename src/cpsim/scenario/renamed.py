"""Names that were changed before the first release, so that an error for an old name gives the new one."""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Renaming(NamedTuple):
    """One name that was changed: the kind of thing it names, its old name and its new one."""

    kind: str
    old: str
    new: str


@cache
def list_renamings() -> tuple[Renaming, ...]:
    """Every name that was changed, in the order of `renamed.csv`."""
    text = Path(__file__).with_name("renamed.csv").read_text(encoding="utf-8")
    return tuple(Renaming(**row) for row in csv.DictReader(text.splitlines()))


def find_new_names(kind: str, old: str) -> list[str]:
    """The names that replaced an old name, several where one name had several meanings; none if it was never used.

    >>> find_new_names("setting", "share_bar")
    ['share_threshold']
    """
    return [renaming.new for renaming in list_renamings() if (renaming.kind, renaming.old) == (kind, old)]


def suggest_new_name(kind: str, old: str) -> str:
    """A clause that gives the new name of something that was renamed, or an empty text.

    >>> suggest_new_name("lever", "bars")
    "; it is now called 'thresholds'"
    """
    names = " or ".join(map(repr, find_new_names(kind, old)))
    return f"; it is now called {names}" if names else ""
