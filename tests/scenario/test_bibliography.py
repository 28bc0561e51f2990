"""The bibliography is in CSL-JSON, every entry of it is used, and its official numbers are well formed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from citeproc.source.json import CiteProcJSON

from cpsim.scenario import bibliography
from cpsim.scenario.bibliography import Reference, load_bibliography
from cpsim.scenario.evidence import CHECKED, Evidence, load_evidence
from cpsim.scenario.register import load_register

ITEMS: list[dict[str, Any]] = json.loads(
    Path(bibliography.__file__).with_name("bibliography.json").read_text("utf-8")
)
ENTRIES = pytest.mark.parametrize("item", ITEMS, ids=lambda item: item["id"])
REFERENCES = pytest.mark.parametrize("reference", load_bibliography().values(), ids=lambda row: row.key)
EVIDENCE = pytest.mark.parametrize("evidence", load_evidence().values(), ids=lambda row: row.id)


@ENTRIES
def test_citeproc_reads_an_entry_without_a_warning(item: dict[str, Any]) -> None:
    (key,) = CiteProcJSON([item])
    assert key == item["id"]


def test_keys_are_unique_and_in_alphabetical_order() -> None:
    keys = [item["id"] for item in ITEMS]
    assert keys == sorted(set(keys))


def test_every_entry_is_the_source_of_a_parameter_or_of_a_figure() -> None:
    used = {key for row in load_register().values() for key in row.entries}
    used |= {key for row in load_evidence().values() for key in (row.entry, row.read_in) if key}
    assert used == set(load_bibliography())


@ENTRIES
def test_an_entry_can_be_found(item: dict[str, Any]) -> None:
    assert {"DOI", "URL", "ISBN", "number", "publisher", "page", "container-title", "note"} & item.keys()
    assert re.fullmatch(r"10\.\d{4,}/\S+", item.get("DOI", "10.1000/none"))
    assert re.fullmatch(r"https?://[^\s/]+\.[^\s/]+/\S*", item.get("URL", "https://example.org/"))


@pytest.mark.parametrize("isbn", [item["ISBN"] for item in ITEMS if "ISBN" in item])
def test_the_check_digit_of_an_isbn_is_right(isbn: str) -> None:
    digits = [10 if digit == "X" else int(digit) for digit in isbn if digit != "-"]
    if len(digits) == 10:
        assert sum((10 - place) * digit for place, digit in enumerate(digits)) % 11 == 0
    else:
        assert len(digits) == 13
        assert sum((3 if place % 2 else 1) * digit for place, digit in enumerate(digits)) % 10 == 0


@REFERENCES
def test_a_reference_is_formatted_as_one_line_with_its_title(reference: Reference) -> None:
    text = reference.format()
    assert reference.title in text
    assert "\n" not in text
    assert ".." not in text.removesuffix(reference.address)


@EVIDENCE
def test_a_figure_has_a_publication_and_says_how_it_was_checked(evidence: Evidence) -> None:
    assert evidence.entry in load_bibliography()
    assert evidence.read_in == "" or evidence.read_in in load_bibliography()
    assert evidence.checked in CHECKED
    assert evidence.format_figure()
    assert (evidence.low is None) == (evidence.high is None)
