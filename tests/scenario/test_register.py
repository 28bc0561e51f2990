"""The register is the one home of every number: complete, within its own ranges, and used."""

import math
from collections.abc import Iterator
from typing import Any

import pytest

from cpsim.scenario.read import json_schema
from cpsim.scenario.register import UNITS, Parameter, register
from cpsim.scenario.sections import KNOWN_KINDS

ROWS = pytest.mark.parametrize("row", register().values(), ids=lambda row: row.id)


@ROWS
def test_every_number_says_what_it_means_how_it_is_known_and_from_where(row: Parameter) -> None:
    assert row.meaning
    assert row.symbol or not row.mechanism or row.id == "duties.sanction", "a mechanism's number has a symbol"
    assert row.tag in ("measured", "derived", "guess")
    assert row.source


@ROWS
def test_every_number_lies_within_its_plausible_range_and_that_within_what_is_accepted(
    row: Parameter,
) -> None:
    lowest, highest = UNITS[row.unit]
    assert lowest <= row.low <= row.default <= row.high
    assert row.high <= highest or math.isinf(row.high)


def numbers_of_the_schema(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "register" in part:
            yield part["register"]
        for inner in part.values():
            yield from numbers_of_the_schema(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from numbers_of_the_schema(inner)


def test_the_schema_uses_every_number_of_the_register_and_no_other() -> None:
    used = set(numbers_of_the_schema(json_schema()))
    of_known_kinds = {
        row for row in register() if row.startswith(tuple(f"agencies.{kind}." for kind in KNOWN_KINDS))
    }
    assert used == set(register()) - of_known_kinds


def test_every_known_kind_has_a_row_for_every_number_of_a_kind() -> None:
    def numbers(kind: str) -> set[str]:
        prefix = f"agencies.{kind}."
        return {row.removeprefix(prefix) for row in register() if row.startswith(prefix)}

    for kind in KNOWN_KINDS:
        assert numbers(kind) == numbers("other")
