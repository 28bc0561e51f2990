"""Gaps in missed risk and in false alarms between two groups of children."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cpsim.arrays import Bools, Integers
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.world import World
from cpsim.world.calendar import CHILDHOOD

if TYPE_CHECKING:
    import pandas as pd


class ComparedGroups(NamedTuple):
    """Two groups that are compared: a gap is the rate in `group` minus the rate in `reference`; bool, shape (n,)."""

    group: Bools
    reference: Bools


def compare_by_deprivation(decile: Integers) -> ComparedGroups:
    """Compare the most deprived fifth of areas with the least deprived fifth.

    Args:
        decile: decile of deprivation of each row, from 1 (least deprived) to 10, shape (n,).

    >>> groups = compare_by_deprivation(np.array([1, 5, 10]))
    >>> groups.group.tolist(), groups.reference.tolist()
    ([False, False, True], [True, False, False])
    """
    return ComparedGroups(decile >= 9, decile <= 2)


def compare_by_group(smaller: Bools) -> ComparedGroups:
    """Compare the smaller group of the population with the larger one.

    Args:
        smaller: whether each row is of the smaller group, shape (n,).
    """
    return ComparedGroups(smaller, ~smaller)


def missed_risk_gap(result: pd.Series, groups: ComparedGroups) -> float | None:
    """Difference of the missed-risk rates in percentage points; None if one group has no spell that was followed.

    Args:
        result: result of each spell of harm, shape (J,).
        groups: which spells are of children in each group, shapes (J,).

    >>> import pandas as pd
    >>> result = pd.Series(["missed", "protected", "protected", "censored"])
    >>> missed_risk_gap(result, compare_by_group(np.array([True, True, False, False])))
    50.0
    """
    rates = []
    for members in groups:
        followed = result[members & (result != "censored").to_numpy()]
        if followed.empty:
            return None
        rates.append(100 * float((followed == "missed").mean()))
    return rates[0] - rates[1]


def false_alarm_gap(world: World, family: Integers, groups: ComparedGroups) -> float | None:
    """Difference in false-alarm families per 10,000 children a year; None if one group has no children.

    Args:
        world: the children and the weeks that are evaluated.
        family: family of each false alarm in the evaluated weeks, shape (F,).
        groups: which children are in each group, shapes (N,).
    """
    children = world.children
    first, last = world.warm_up, world.warm_up + world.evaluated_weeks
    weeks = np.minimum(children.birth + CHILDHOOD, last) - np.maximum(children.birth, first)
    rates = []
    for members in groups:
        child_years = float(np.maximum(weeks, 0)[members].sum()) / WEEKS_PER_YEAR
        if child_years == 0:
            return None
        in_group = np.zeros(len(children.family_start) - 1, np.bool_)
        in_group[children.family[members]] = True
        rates.append(1e4 * float(in_group[family].sum()) / child_years)
    return rates[0] - rates[1]
