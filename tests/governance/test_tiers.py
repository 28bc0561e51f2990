"""Tiers of need: money is moved between them and not made, and what follows indicators leaves somebody without."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.model.authority import changed, model_of, scenario

from cpsim.scenario.problems import ScenarioError

FROM = date(2006, 4, 3)

NEED = {"need_universal": 0.5, "need_targeted": 0.3, "need_acute": 0.2}


def supply(*timeline: dict[str, Any]) -> tuple[float, float]:
    """What money buys for children in need and for those on a plan."""
    model = model_of(changed(scenario(), timeline=list(timeline)), collect=False)
    for week in range(52, 52 + 53):
        model.timeline.apply_levers(week)
    authorities = model.tables["authorities"]
    return authorities["supply_in_need"].item(), authorities["supply_on_plan"].item()


def tiers(**weights: float) -> dict[str, Any]:
    return {"date": FROM, "lever": "tiers", **NEED, **weights}


def closes(share: float) -> dict[str, Any]:
    return {"date": FROM, "lever": "reallocation", "share": share}


SKEWED = tiers(universal=0.6, targeted=0.1, acute=0.3)


def test_what_indicators_give_to_the_acute_tier_is_missing_in_the_middle() -> None:
    in_need, on_plan = supply(SKEWED)
    assert in_need == pytest.approx(0.1 / 0.3)
    assert on_plan == pytest.approx(0.3 / 0.2)


def test_the_less_indicators_weigh_the_middle_the_less_children_in_need_get() -> None:
    given = [supply(tiers(universal=0.5, targeted=weight, acute=0.2))[0] for weight in (0.3, 0.2, 0.1, 0.0)]
    assert given[0] == 1
    assert given == sorted(given, reverse=True)
    assert given[-1] == 0


@pytest.mark.parametrize("closed", [0.0, 0.4, 1.0])
def test_money_is_moved_and_not_made(closed: float) -> None:
    """What universal services get turns no dial; it is what remains when the need of the three tiers weighs them."""
    in_need, on_plan = supply(SKEWED, closes(closed))
    universal = 1 + (1 - closed) * (0.6 / 0.5 - 1)
    assert 0.5 * universal + 0.3 * in_need + 0.2 * on_plan == pytest.approx(1)


def test_only_how_weights_compare_matters() -> None:
    assert supply(tiers(universal=0.3, targeted=0.05, acute=0.15)) == pytest.approx(supply(SKEWED))


def test_a_joint_plan_closes_a_part_of_the_gap_and_two_plans_more_of_it() -> None:
    gaps = [1 - np.array(supply(SKEWED, *plans)) for plans in ([], [closes(0.4)], [closes(0.4), closes(0.5)])]
    assert gaps[1] == pytest.approx(0.6 * gaps[0])
    assert gaps[2] == pytest.approx(0.3 * gaps[0])


def test_where_there_is_no_gap_a_plan_closes_none() -> None:
    assert supply(closes(0.6)) == (1, 1)


def test_money_that_goes_nowhere_is_refused() -> None:
    with pytest.raises(ScenarioError, match="no tier gets any money"):
        supply(tiers(universal=0.0, targeted=0.0, acute=0.0))


def test_a_tier_that_nobody_needs_is_refused() -> None:
    with pytest.raises(ScenarioError, match="need_acute"):
        supply(SKEWED | {"need_acute": 0.0})
