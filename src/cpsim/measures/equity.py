"""Who bears the misses and the false alarms: the most deprived fifth of areas beside the least deprived fifth."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cpsim.world import World
from cpsim.world.calendar import CHILDHOOD, WEEKS_PER_YEAR

_LEAST, _MOST = (1, 2), (9, 10)


def gap_in_misses(spells: pd.DataFrame) -> float | None:
    """Missed-risk rate of deciles 9 and 10 less that of deciles 1 and 2, in percentage points; None if undefined."""
    rates = []
    for deciles in (_MOST, _LEAST):
        result = spells.loc[spells["decile"].isin(deciles), "result_13w"]
        followed = result[result != "censored"]
        if followed.empty:
            return None
        rates.append(100 * float((followed == "missed").mean()))
    return rates[0] - rates[1]


def gap_in_false_alarms(world: World, family: NDArray[np.integer]) -> float | None:
    """False-alarm families per 10,000 children a year, deciles 9 and 10 less deciles 1 and 2; None if undefined.

    `family` holds the family of each false alarm in the judged weeks, shape (A,).
    """
    children = world.children
    decile = np.zeros(len(children.family_start) - 1, np.int64)
    decile[children.family] = children.decile
    first, last = world.warm_up, world.warm_up + world.judged
    lived = np.minimum(children.birth + CHILDHOOD, last) - np.maximum(children.birth, first)
    rates = []
    for deciles in (_MOST, _LEAST):
        years_lived = float(np.maximum(lived, 0)[np.isin(children.decile, deciles)].sum()) / WEEKS_PER_YEAR
        if years_lived == 0:
            return None
        rates.append(1e4 * float(np.isin(decile[family], deciles).sum()) / years_lived)
    return rates[0] - rates[1]
