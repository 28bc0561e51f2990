"""The words of the project are plain English: an older dialect and misleading names of measures may not come back.

Run by itself, as `python -m tests.test_words`, it lists the places without pytest; `.ci/run` calls it first.
"""

import re
import sys
from pathlib import Path

from tests.files import ROOT, list_project_files

HISTORY = "CHANGELOG.md"
"""The file that may name what was removed."""

SUFFIXES = {".cff", ".csv", ".j2", ".md", ".py", ".toml", ".vue", ".yaml"}

NEVER = re.compile(r"(?<![a-z])(told|lived|whoever|anew)(?![a-z])", re.IGNORECASE)
"""Words that always have a plainer one: reported, simulated, whichever or anyone who, again."""

RARELY = re.compile(r"(?<![a-z])(beside|somebody|nobody)(?![a-z])", re.IGNORECASE)
"""Words that usually have a plainer one: next to or as well as, someone or an agency, no one or none."""


MISLEADING = re.compile(
    r"false alarms?|false-alarm famil|causes? of (a|the|each) miss|causes? of misses|by cause\b|frequent causes"
    r"|closed too early|wrongly assessed|troubled for nothing|(?<![a-z_])avoidable",
    re.IGNORECASE,
)
"""Names of measures that claim more than is known: a code of the ledger is no cause, and an assessment no alarm."""

EXACT = re.compile(
    r"section 47|section 17|enquir|signal detection|perfect stages|no practitioner could", re.IGNORECASE
)
"""What a line says that uses such a name correctly, such as a false alarm of a section 47 enquiry."""


def text_files() -> list[Path]:
    """The text files of the project that people read, this one left out."""
    return [path for path in list_project_files() if path.suffix in SUFFIXES and path != Path(__file__)]


def misleads(line: str) -> bool:
    """Return whether a line calls a measure by a misleading name."""
    return bool(MISLEADING.search(line) and not EXACT.search(line))


def places() -> list[str]:
    """Every place where a word to avoid is used, as `file:line: text`."""
    found = []
    for path in text_files():
        name = path.relative_to(ROOT).as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if NEVER.search(line) or RARELY.search(line) or (name != HISTORY and misleads(line)):
                found.append(f"{name}:{number}: {line.strip()}")
    return found


def test_no_word_of_the_older_dialect_and_no_misleading_name_of_a_measure_is_used() -> None:
    found = places()
    assert not found, "write these lines in plain English:\n" + "\n".join(found)


def test_a_name_is_misleading_unless_the_line_makes_it_exact() -> None:
    assert misleads("The most frequent causes of misses were queues.")
    assert misleads("A lower threshold leads to more false alarms.")
    assert misleads("Of the serious events 3 were avoidable.")
    assert not misleads("A false alarm is a section 47 enquiry without harm.")
    assert not misleads("The harm was unavoidable.")


if __name__ == "__main__":
    if found := places():
        sys.exit("\n".join([*found, "write these lines in plain English: see tests/test_words.py"]))
