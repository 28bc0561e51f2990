"""Gaps in missed risk and in assessments without need or harm between two groups of children."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cpsim.arrays import Bools, Integers
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.world import World
from cpsim.world.calendar import CHILDHOOD

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def count_child_weeks(world: World, members: Bools) -> float:
    """Count the evaluated weeks in which the children of a group are under 18.

    Args:
        world: the children and the weeks that are evaluated.
        members: which children are in the group, shape (N,).
    """
    children = world.children
    first, last = world.warm_up, world.warm_up + world.evaluated_weeks
    weeks = np.minimum(children.birth + CHILDHOOD, last) - np.maximum(children.birth, first)
    return float(np.maximum(weeks, 0)[members].sum())


def count_in_families(world: World, family: Integers, members: Bools) -> float:
    """Count the rows that concern a family with a child of a group.

    Args:
        world: the children.
        family: family of each row, shape (F,).
        members: which children are in the group, shape (N,).
    """
    in_group = np.zeros(len(world.children.family_start) - 1, np.bool_)
    in_group[world.children.family[members]] = True
    return float(in_group[family].sum())


def assessed_neither_gap(families: Sequence[float], child_weeks: Sequence[float]) -> float | None:
    """Difference in families assessed without need or harm per 10,000 children a year; None if a group has no children.

    Args:
        families: number of such families in the group and in the reference.
        child_weeks: weeks that the children of each are observed.

    >>> assessed_neither_gap((3, 1), (52_000, 52_000))
    20.0
    """
    if not all(child_weeks):
        return None
    group, reference = (
        1e4 * number / (weeks / WEEKS_PER_YEAR) for number, weeks in zip(families, child_weeks, strict=True)
    )
    return group - reference
