"""Who bears the misses and the false alarms: two parts of the children beside each other."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from cpsim.arrays import Bools, Integers
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.world import World
from cpsim.world.calendar import CHILDHOOD


class ComparedGroups(NamedTuple):
    """Who is compared with whom, bool, shape (n,): a gap is the rate of `these` less that of `those`."""

    group: Bools
    reference: Bools


def compare_by_deprivation(decile: Integers) -> ComparedGroups:
    """The most deprived fifth of areas beside the least deprived fifth; `decile` from 1 to 10, shape (n,)."""
    return ComparedGroups(decile >= 9, decile <= 2)


def compare_by_group(smaller: Bools) -> ComparedGroups:
    """The smaller group of the population beside the larger one, shape (n,)."""
    return ComparedGroups(smaller, ~smaller)


def missed_risk_gap(result: pd.Series, sides: ComparedGroups) -> float | None:
    """Difference of the missed-risk rates in percentage points; None if undefined.

    `result` is what had become of each spell, and `sides` says whose it was; shapes (J,).
    """
    rates = []
    for side in sides:
        followed = result[side & (result != "censored").to_numpy()]
        if followed.empty:
            return None
        rates.append(100 * float((followed == "missed").mean()))
    return rates[0] - rates[1]


def false_alarm_gap(world: World, family: Integers, sides: ComparedGroups) -> float | None:
    """Difference of the false-alarm families per 10,000 children a year; None if undefined.

    `family` holds the family of each false alarm in the judged weeks, shape (A,); `sides` are of children, shape (N,).
    """
    children = world.children
    first, last = world.warm_up, world.warm_up + world.evaluated_weeks
    lived = np.minimum(children.birth + CHILDHOOD, last) - np.maximum(children.birth, first)
    rates = []
    for side in sides:
        years_lived = float(np.maximum(lived, 0)[side].sum()) / WEEKS_PER_YEAR
        if years_lived == 0:
            return None
        theirs = np.zeros(len(children.family_start) - 1, np.bool_)
        theirs[children.family[side]] = True
        rates.append(1e4 * float(theirs[family].sum()) / years_lived)
    return rates[0] - rates[1]
