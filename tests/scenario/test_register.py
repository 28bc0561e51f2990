"""The register defines every number: it is complete, its values are in range, and the schema uses all of them."""

import math
from collections.abc import Iterator
from typing import Any

import pytest

from cpsim.scenario.read import build_json_schema
from cpsim.scenario.register import UNITS, Parameter, load_register
from cpsim.scenario.sections import KNOWN_KINDS

ROWS = pytest.mark.parametrize("row", load_register().values(), ids=lambda row: row.id)


@ROWS
def test_every_parameter_has_a_meaning_a_symbol_a_tag_and_a_source(row: Parameter) -> None:
    assert row.meaning
    assert row.symbol or not row.mechanism or row.id == "duties.sanction", (
        "a parameter of a mechanism has a symbol"
    )
    assert row.tag in ("measured", "derived", "guess")
    assert row.source


@ROWS
def test_every_default_is_in_its_plausible_range_and_that_is_in_the_accepted_range(
    row: Parameter,
) -> None:
    lowest, highest = UNITS[row.unit]
    assert lowest <= row.low <= row.default <= row.high
    assert row.high <= highest or math.isinf(row.high)


def find_parameters(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "register" in part:
            yield part["register"]
        for inner in part.values():
            yield from find_parameters(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from find_parameters(inner)


def test_the_schema_uses_every_parameter_of_the_register_and_no_other() -> None:
    used = set(find_parameters(build_json_schema()))
    of_known_kinds = {
        row for row in load_register() if row.startswith(tuple(f"agencies.{kind}." for kind in KNOWN_KINDS))
    }
    assert used == set(load_register()) - of_known_kinds


def test_every_known_kind_has_every_parameter_of_a_kind() -> None:
    def parameters(kind: str) -> set[str]:
        prefix = f"agencies.{kind}."
        return {row.removeprefix(prefix) for row in load_register() if row.startswith(prefix)}

    for kind in KNOWN_KINDS:
        assert parameters(kind) == parameters("other")
