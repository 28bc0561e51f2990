"""A gap compares two parts of the children, each by its own number."""

import numpy as np
import pandas as pd
import pytest
from tests.model.authority import model_of, scenario

from cpsim.casework.log import FinishedLog
from cpsim.measures.equity import (
    ComparedGroups,
    compare_by_deprivation,
    compare_by_group,
    false_alarm_gap,
    missed_risk_gap,
)
from cpsim.measures.weekly import find_false_alarms

RESULTS = pd.Series(["missed", "protected", "censored", "missed", "self_resolved", "missed"])


def test_the_gap_in_misses_is_in_points_and_leaves_out_whom_nobody_could_follow() -> None:
    smaller = np.array([True, True, True, False, False, False])
    assert missed_risk_gap(RESULTS, compare_by_group(smaller)) == pytest.approx(100 * (1 / 2 - 2 / 3))
    assert missed_risk_gap(RESULTS, compare_by_group(~smaller)) == pytest.approx(100 * (2 / 3 - 1 / 2))


def test_a_gap_to_a_side_without_anybody_is_undefined() -> None:
    assert missed_risk_gap(RESULTS, compare_by_group(np.ones(6, np.bool_))) is None
    only_censored = np.array([False, False, True, False, False, False])
    assert missed_risk_gap(RESULTS, compare_by_group(only_censored)) is None


def test_the_middle_of_the_scale_of_deprivation_is_on_neither_side() -> None:
    most, least = compare_by_deprivation(np.arange(1, 11))
    assert np.flatnonzero(most).tolist() == [8, 9]
    assert np.flatnonzero(least).tolist() == [0, 1]


def test_false_alarms_are_counted_by_family_and_set_against_the_years_that_children_have_lived() -> None:
    model = model_of(scenario("population.group_share=0.4"), collect=False)
    while model.running:
        model.step()
    world = model.world
    first, last = world.warm_up, world.warm_up + world.evaluated_weeks
    family, week, _ = find_false_alarms(world, FinishedLog(model.casework.log))
    family = family[(week >= first) & (week < last)]
    rates = []
    for side in (True, False):
        weeks, alarmed = 0, set()
        for child, group in enumerate(world.children.group):
            if group == side:
                born = int(world.children.birth[child])
                weeks += max(min(born + 18 * 52, last) - max(born, first), 0)
                alarmed.add(int(world.children.family[child]))
        alarms = sum(int(one) in alarmed for one in family)
        assert alarms > 0
        rates.append(1e4 * alarms / (weeks / 52))
    gap = false_alarm_gap(world, family, compare_by_group(world.children.group))
    assert gap == pytest.approx(rates[0] - rates[1])
    nobody = ComparedGroups(np.zeros_like(world.children.group), world.children.group)
    assert false_alarm_gap(world, family, nobody) is None
