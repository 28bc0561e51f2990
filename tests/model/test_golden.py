"""The history of one small authority is the same on all machines and versions of Python."""

import json
from itertools import zip_longest
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


def find_changed_outcomes(found: dict[str, Any], golden: dict[str, Any]) -> list[str]:
    """Return the outcomes of the golden history that are gone, have moved or have another value to seven digits."""
    in_order = [name for name in found if name in golden]
    moved = [name for name, other in zip_longest(golden, in_order) if name != other][:1]
    return moved or [name for name, value in golden.items() if not _is_equal(found[name], value)]


def _is_equal(found: Any, value: Any) -> bool:
    if value is None or found is None:
        return found is value
    if isinstance(value, dict):
        same_parts = isinstance(found, dict) and found.keys() == value.keys()
        return same_parts and all(_is_equal(found[part], value[part]) for part in value)
    return bool(found == pytest.approx(value, rel=1e-7))


def test_outcomes_are_those_of_the_golden_history_to_seven_digits(
    history: dict[str, Any], golden: dict[str, Any]
) -> None:
    changed = find_changed_outcomes(history["summary"], golden["summary"])
    assert not changed, "after an intended change, run: python -m tests.model.golden"


def test_an_outcome_that_is_gone_renamed_moved_or_changed_is_detected(golden: dict[str, Any]) -> None:
    summary = golden["summary"]
    last = list(summary)[-1]
    for name, value in summary.items():
        others = {other: number for other, number in summary.items() if other != name}
        renamed = {f"{other}_2" if other == name else other: number for other, number in summary.items()}
        altered = {**value, next(iter(value)): 0.123} if isinstance(value, dict) else 0.123
        assert find_changed_outcomes(others, summary), f"{name} is gone"
        assert find_changed_outcomes(renamed, summary), f"{name} has another name"
        assert find_changed_outcomes(summary | {name: altered}, summary) == [name], "its value is another"
        assert name == last or find_changed_outcomes({**others, name: value}, summary), f"{name} has moved"


def test_an_additional_outcome_needs_no_new_history(golden: dict[str, Any]) -> None:
    assert not find_changed_outcomes(golden["summary"] | {"home_visits_per_10k": 1.0}, golden["summary"])
