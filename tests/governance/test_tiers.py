"""Tiers of need: money that follows indicators moves between tiers, and reallocation moves it back."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.model.authority import build_model, replace_sections, scenario

from cpsim.scenario.problems import ScenarioError

FROM = date(2006, 4, 3)

NEED = {"need_universal": 0.5, "need_targeted": 0.3, "need_acute": 0.2}


def supply(*timeline: dict[str, Any]) -> tuple[float, float]:
    """Return the supply of child in need services and of child protection plans."""
    model = build_model(replace_sections(scenario(), timeline=list(timeline)), collect=False)
    for week in range(52, 52 + 53):
        model.timeline.apply_levers(week)
    authorities = model.tables["authorities"]
    return authorities["supply_in_need"].item(), authorities["supply_on_plan"].item()


def tiers(**weights: float) -> dict[str, Any]:
    return {"date": FROM, "lever": "tiers", **NEED, **weights}


def reallocate(share: float) -> dict[str, Any]:
    return {"date": FROM, "lever": "reallocation", "share": share}


SKEWED = tiers(universal=0.6, targeted=0.1, acute=0.3)


def test_money_for_the_acute_tier_is_missing_in_the_targeted_tier() -> None:
    in_need, on_plan = supply(SKEWED)
    assert in_need == pytest.approx(0.1 / 0.3)
    assert on_plan == pytest.approx(0.3 / 0.2)


def test_supply_for_children_in_need_falls_with_the_weight_of_the_targeted_tier() -> None:
    supplies = [
        supply(tiers(universal=0.5, targeted=weight, acute=0.2))[0] for weight in (0.3, 0.2, 0.1, 0.0)
    ]
    assert supplies[0] == 1
    assert supplies == sorted(supplies, reverse=True)
    assert supplies[-1] == 0


@pytest.mark.parametrize("closed_share", [0.0, 0.4, 1.0])
def test_the_total_money_does_not_change(closed_share: float) -> None:
    """Supply weighted by need adds up to 1, although universal supply has no dial and is computed here."""
    in_need, on_plan = supply(SKEWED, reallocate(closed_share))
    universal = 1 + (1 - closed_share) * (0.6 / 0.5 - 1)
    assert 0.5 * universal + 0.3 * in_need + 0.2 * on_plan == pytest.approx(1)


def test_only_ratios_of_weights_matter() -> None:
    assert supply(tiers(universal=0.3, targeted=0.05, acute=0.15)) == pytest.approx(supply(SKEWED))


def test_reallocation_closes_a_share_of_the_gap_and_a_second_one_more() -> None:
    gaps = [
        1 - np.array(supply(SKEWED, *plans))
        for plans in ([], [reallocate(0.4)], [reallocate(0.4), reallocate(0.5)])
    ]
    assert gaps[1] == pytest.approx(0.6 * gaps[0])
    assert gaps[2] == pytest.approx(0.3 * gaps[0])


def test_reallocation_has_no_effect_without_a_gap() -> None:
    assert supply(reallocate(0.6)) == (1, 1)


def test_tiers_without_any_money_are_refused() -> None:
    with pytest.raises(ScenarioError, match="no tier gets any money"):
        supply(tiers(universal=0.0, targeted=0.0, acute=0.0))


def test_a_tier_without_need_is_refused() -> None:
    with pytest.raises(ScenarioError, match="need_acute"):
        supply(SKEWED | {"need_acute": 0.0})
