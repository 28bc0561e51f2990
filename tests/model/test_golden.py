"""The history of one small authority is the same on all machines and versions of Python."""

import json
from typing import Any

import pytest
from tests.model.authority import run_scenario
from tests.model.golden import HISTORY, SEED, load_frozen_scenario, summarise_history


@pytest.fixture(scope="module")
def history() -> dict[str, Any]:
    return summarise_history(run_scenario(load_frozen_scenario(), SEED))


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(HISTORY.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("part", ["weekly", "events", "results", "digests"])
def test_events_and_tables_are_those_of_the_golden_history(
    part: str, history: dict[str, Any], golden: dict[str, Any]
) -> None:
    assert history[part] == golden[part], "after an intended change, run: python -m tests.model.golden"


def test_outcomes_are_those_of_the_golden_history_to_seven_digits(
    history: dict[str, Any], golden: dict[str, Any]
) -> None:
    kept = [name for name in history["summary"] if name in golden["summary"]]
    assert kept == list(golden["summary"]), "an outcome is gone or has moved; a new one needs no new history"
    for name, value in golden["summary"].items():
        expected = value if isinstance(value, dict) or value is None else pytest.approx(value, rel=1e-7)
        found = history["summary"][name]
        assert found == (pytest.approx(value, rel=1e-7) if isinstance(value, dict) else expected), name
