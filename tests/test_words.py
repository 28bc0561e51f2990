"""The words of the project are plain English: some words of an older dialect may not come back.

Run by itself, as `python -m tests.test_words`, it lists the places without pytest; `.ci/run` calls it first.
"""

import re
import sys
from pathlib import Path

from tests.files import ROOT, list_project_files

SUFFIXES = {".cff", ".csv", ".j2", ".md", ".py", ".toml", ".vue", ".yaml"}

NEVER = re.compile(r"(?<![a-z])(told|lived|whoever|anew)(?![a-z])", re.IGNORECASE)
"""Words that always have a plainer one: reported, simulated, whichever or anyone who, again."""

RARELY = re.compile(r"(?<![a-z])(beside|somebody|nobody)(?![a-z])", re.IGNORECASE)
"""Words that usually have a plainer one: next to or as well as, someone or an agency, no one or none."""


def text_files() -> list[Path]:
    """The text files of the project that people read, this one left out."""
    return [path for path in list_project_files() if path.suffix in SUFFIXES and path != Path(__file__)]


def places() -> list[str]:
    """Every place where a word to avoid is used, as `file:line: text`."""
    found = []
    for path in text_files():
        name = path.relative_to(ROOT).as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if NEVER.search(line) or RARELY.search(line):
                found.append(f"{name}:{number}: {line.strip()}")
    return found


def test_no_word_of_the_older_dialect_is_used() -> None:
    found = places()
    assert not found, "write these lines in plain English:\n" + "\n".join(found)


if __name__ == "__main__":
    if found := places():
        sys.exit("\n".join([*found, "write these lines in plain English: see tests/test_words.py"]))
