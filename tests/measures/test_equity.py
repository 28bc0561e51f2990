"""Gaps between two groups of children, each measured by its own rate."""

import numpy as np
import pandas as pd
import pytest
from tests.model.authority import build_model, scenario

from cpsim.casework.log import FinishedLog
from cpsim.measures.assessments import find_assessments
from cpsim.measures.equity import (
    assessed_neither_gap,
    compare_by_deprivation,
    compare_by_group,
    count_child_weeks,
    count_in_families,
    missed_risk_gap,
)

RESULTS = pd.Series(["missed", "protected", "censored", "missed", "self_resolved", "missed"])


def test_the_missed_risk_gap_is_in_percentage_points_and_leaves_out_censored_spells() -> None:
    smaller = np.array([True, True, True, False, False, False])
    assert missed_risk_gap(RESULTS, compare_by_group(smaller)) == pytest.approx(100 * (1 / 2 - 2 / 3))
    assert missed_risk_gap(RESULTS, compare_by_group(~smaller)) == pytest.approx(100 * (2 / 3 - 1 / 2))


def test_a_gap_is_undefined_if_one_group_is_empty() -> None:
    assert missed_risk_gap(RESULTS, compare_by_group(np.ones(6, np.bool_))) is None
    only_censored = np.array([False, False, True, False, False, False])
    assert missed_risk_gap(RESULTS, compare_by_group(only_censored)) is None


def test_the_middle_deciles_of_deprivation_are_in_neither_group() -> None:
    most, least = compare_by_deprivation(np.arange(1, 11))
    assert np.flatnonzero(most).tolist() == [8, 9]
    assert np.flatnonzero(least).tolist() == [0, 1]


def test_assessed_families_are_counted_by_group_and_divided_by_child_years() -> None:
    model = build_model(scenario("population.group_share=0.4"), collect=False)
    while model.running:
        model.step()
    world = model.world
    first, last = world.warm_up, world.warm_up + world.evaluated_weeks
    measures = model.settings.measures
    family = (
        find_assessments(measures, world, FinishedLog(model.casework.log)).select_weeks(first, last).family
    )
    rates = []
    for smaller in (True, False):
        weeks, assessed = 0, set()
        for child, group in enumerate(world.children.group):
            if group == smaller:
                born = int(world.children.birth[child])
                weeks += max(min(born + 18 * 52, last) - max(born, first), 0)
                assessed.add(int(world.children.family[child]))
        families = sum(int(one) in assessed for one in family)
        assert families > 0
        rates.append(1e4 * families / (weeks / 52))
    groups = compare_by_group(world.children.group)
    gap = assessed_neither_gap(
        [count_in_families(world, family, members) for members in groups],
        [count_child_weeks(world, members) for members in groups],
    )
    assert gap == pytest.approx(rates[0] - rates[1])
    no_child = np.zeros_like(world.children.group)
    assert count_child_weeks(world, no_child) == count_in_families(world, family, no_child) == 0
    assert assessed_neither_gap((0, 5), (0, 52)) is None
