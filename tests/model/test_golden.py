"""One small authority's history is the same on every machine and every Python."""

import json
from typing import Any

import pytest
from tests.model.authority import run_of
from tests.model.golden import HISTORY, SEED, frozen, history


@pytest.fixture(scope="module")
def lived() -> dict[str, Any]:
    return history(run_of(frozen(), SEED))


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(HISTORY.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("part", ["weekly", "events", "results", "digests"])
def test_what_happened_to_whom_and_when_is_what_happened_before(
    part: str, lived: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert lived[part] == kept[part], "meant to change? Then: python -m tests.model.golden"


def test_the_figures_are_what_they_were_to_seven_digits(lived: dict[str, Any], kept: dict[str, Any]) -> None:
    assert lived["summary"].keys() == kept["summary"].keys()
    for name, value in kept["summary"].items():
        expected = value if isinstance(value, dict) or value is None else pytest.approx(value, rel=1e-7)
        found = lived["summary"][name]
        assert found == (pytest.approx(value, rel=1e-7) if isinstance(value, dict) else expected), name
