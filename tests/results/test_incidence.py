"""The cumulative incidence of first events, checked against cases worked out by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.results.synthetic import run_result

from cpsim.results.incidence import FIRST_EVENTS, WEEKS, cumulative_incidence

NEVER = pd.NA


def spells(*rows: dict[str, Any]) -> pd.DataFrame:
    """Create spells that begin in week 10, of five-year-old children, each in a family of its own."""
    usual = {
        "onset": 10, "age_years": 5.0, "serious_week": NEVER, "first_protected": NEVER,
        "end_untreated": 200, "end_actual": 200,
    }  # fmt: skip
    table = pd.DataFrame([{**usual, "family": number, **row} for number, row in enumerate(rows)])
    weeks = ["serious_week", "first_protected", "end_untreated", "end_actual"]
    return table.astype({**dict.fromkeys(weeks, "Int32"), "onset": "int32"})


def share(table: pd.DataFrame, event: str, week: int) -> float:
    found = cumulative_incidence(table).set_index(["event", "week"])["share"]
    return float(found[event, week])


def test_each_spell_counts_by_its_first_event() -> None:
    table = spells(
        {"first_protected": 14, "end_actual": 40},
        {"end_untreated": 16, "end_actual": 16, "first_protected": NEVER},
        {"serious_week": 12, "first_protected": 20},
        {},
    )
    assert [share(table, event, 3) for event in FIRST_EVENTS] == [0.25, 0, 0]
    assert [share(table, event, 4) for event in FIRST_EVENTS] == [0.25, 0.25, 0]
    assert [share(table, event, WEEKS) for event in FIRST_EVENTS] == [0.25, 0.25, 0.25]


def test_protection_in_the_week_of_a_serious_event_comes_too_late() -> None:
    table = spells({"serious_week": 15, "first_protected": 15})
    assert share(table, "serious_event", 5) == 1
    assert share(table, "protected", WEEKS) == 0


def test_protection_at_onset_counts_from_week_zero() -> None:
    assert share(spells({"first_protected": 10}, {}), "protected", 0) == 0.5


def test_harm_that_protection_ends_at_once_counts_as_protected() -> None:
    assert share(spells({"end_untreated": 60, "end_actual": 13, "first_protected": 13}), "protected", 3) == 1


def test_children_who_turn_18_count_until_then() -> None:
    almost_18 = {"age_years": 18 - 5 / 52}
    table = spells(almost_18, almost_18, {"first_protected": 20}, {})
    assert share(table, "protected", 9) == 0
    assert share(table, "protected", 10) == pytest.approx(0.5), "one of the two who are still followed"


def test_shares_never_decrease_and_never_exceed_one() -> None:
    curves = cumulative_incidence(run_result(years=2, spells=2000).spells)
    table = curves.pivot_table("share", index="week", columns="event")
    assert (table.diff().dropna() >= 0).all(axis=None)
    assert (table.sum(axis=1) <= 1 + 1e-9).all()


def test_intervals_contain_the_share_and_narrow_with_more_families() -> None:
    def width(number: int) -> float:
        curves = cumulative_incidence(run_result(years=2, spells=number).spells)
        assert (curves["low"] <= curves["share"] + 1e-9).all()
        assert (curves["high"] >= curves["share"] - 1e-9).all()
        return float((curves["high"] - curves["low"]).mean())

    assert width(3200) == pytest.approx(width(200) / 4, rel=0.35)


def test_intervals_take_correlation_between_siblings_into_account() -> None:
    alike = [{"first_protected": 12}, {}] * 40
    alone, together = spells(*alike), spells(*alike)
    together["family"] = np.repeat(np.arange(40), 2)
    apart = together.assign(family=np.tile([0, 1], 40))

    def width(table: pd.DataFrame) -> float:
        curves = cumulative_incidence(table)
        return float((curves["high"] - curves["low"]).max())

    assert width(together) == pytest.approx(0, abs=1e-9), "every family has one spell of each kind"
    assert width(alone) < width(apart)


def test_without_spells_shares_are_undefined() -> None:
    assert cumulative_incidence(spells({}).iloc[:0])["share"].isna().all()
