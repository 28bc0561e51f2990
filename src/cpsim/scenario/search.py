"""Searches for words in what is explained: in any order, in any spelling of a name, and by words of the field."""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


@cache
def load_synonyms() -> dict[str, tuple[str, ...]]:
    """Load the words under which something can be found that is called by other ones, in lower case.

    >>> load_synonyms()["database"]
    ('contactpoint', 'shared record', 'index')
    """
    text = Path(__file__).with_name("synonyms.csv").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        found[row["word"]] = (*found.get(row["word"], ()), row["meaning"].lower())
    return found


def select_rows(words: Sequence[str], rows: Mapping[str, T], text: Callable[[T], str]) -> list[T]:
    """Select the rows that mention all words, as they are or as a word of the same meaning; all rows for no words.

    A name such as `gp_duty` is searched as it is; if nothing has this name, its words are searched one by one.

    Args:
        words: the words, in upper or lower case.
        rows: name of each row -> row.
        text: function that returns the text of a row.

    >>> rows = {"duty": "a duty to co-operate of GP practices", "hub": "a multi-agency hub"}
    >>> select_rows(["gp_duty"], rows, str) == [rows["duty"]]
    True
    """
    simple = {name: _simplify(text(row)) for name, row in rows.items()}
    phrases = [_simplify(word) for word in words]
    parts = [part for phrase in phrases for part in phrase.split()]
    for wanted in (phrases, parts):
        found = [row for name, row in rows.items() if all(_mentions(simple[name], word) for word in wanted)]
        if found:
            return found
    return []


def _simplify(text: str) -> str:
    """The words of a text in lower case with one space between them."""
    return " ".join(re.split(r"[\W_]+", text.lower())).strip()


def _mentions(text: str, phrase: str) -> bool:
    """Whether a word of the text begins with the phrase, or with a phrase of the same meaning."""
    meanings = (phrase, *map(_simplify, load_synonyms().get(phrase, ())))
    return any(f" {meaning}" in f" {text}" for meaning in meanings)
