"""Children, families and the neighbourhoods that they come from.

Families share a neighbourhood, a decile of deprivation, a frailty, a way of being misread, and whether they belong to
the smaller of two groups of the population. Along the neighbourhoods of an authority deprivation rises.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.arrays import Bools, Integers, Ints
from cpsim.scenario.sections import Population
from cpsim.world.authorities import Authorities
from cpsim.world.calendar import CHILDHOOD
from cpsim.world.ranges import rows_of

_LARGEST_FAMILY = 4
_FIRST_GAP, _MEAN_FURTHER_GAP = 60, 110  # weeks between births: at least 60, then exponential
_LEAD_IN = 1_200  # first births this many weeks before anybody counts, so that later siblings are not missing


@dataclass(frozen=True)
class Children:
    """One row a child, in order of birth; N children, F families.

    Attributes:
        birth: week of birth, before the run's first week for most, int32, shape (N,).
        family: row of the family, int64, shape (N,).
        area: the family's first neighbourhood, int16, shape (N,).
        decile: deprivation of that neighbourhood, 1 (least) to 10 (most), int8, shape (N,).
        group: whether the family belongs to the smaller group (M30), bool, shape (N,).
        by_family: children ordered by family, int64, shape (N,); family f has rows
            `family_start[f] : family_start[f + 1]` of it.
        family_start: int64, shape (F + 1,).
    """

    birth: NDArray[np.int32]
    family: Ints
    area: NDArray[np.int16]
    decile: NDArray[np.int8]
    group: Bools
    by_family: Ints
    family_start: Ints

    def of_families(self, family: Integers) -> tuple[Ints, Ints]:
        """All children of each family in `family`: the index into `family`, and the child; shapes (n,)."""
        start = self.family_start[family]
        of, row = rows_of(start, self.family_start[family + 1] - start)
        return of, self.by_family[row]


def draw_children(settings: Population, authorities: Authorities, weeks: int, seed: int) -> Children:
    """Draw families and their children, born so that the number under 18 is steady from week 0 to `weeks`."""
    births_per_week = float(authorities.children.sum()) / CHILDHOOD
    family_size = 1 + (_LARGEST_FAMILY - 1) * settings.extra_sibling_chance
    span = _LEAD_IN + CHILDHOOD + weeks
    families = round(births_per_week / family_size * span)
    size = 1 + draws.dense(seed, "family size").binomial(
        _LARGEST_FAMILY - 1, settings.extra_sibling_chance, families
    )
    first = draws.dense(seed, "first birth").uniform(-CHILDHOOD - _LEAD_IN, weeks, families)
    gaps = _FIRST_GAP + draws.dense(seed, "gaps between births").exponential(
        _MEAN_FURTHER_GAP, (families, _LARGEST_FAMILY)
    )
    gaps[:, 0] = 0.0
    births = first[:, None] + np.cumsum(gaps, axis=1)
    exists = (np.arange(_LARGEST_FAMILY) < size[:, None]) & (births > -CHILDHOOD) & (births < weeks)
    family, _ = np.nonzero(exists)
    birth = np.floor(births[exists]).astype(np.int16)
    order = np.argsort(birth, kind="stable")
    # So far children stand family by family, each in order of birth: where they go is the way back to that.
    by_family = np.empty_like(order)
    by_family[order] = np.arange(len(order))
    family, birth = family[order], birth[order]
    area = draws.dense(seed, "neighbourhood").integers(0, authorities.all_areas, families)
    group = draws.dense(seed, "smaller group").random(families) < settings.group_share
    return Children(
        birth=birth.astype(np.int32),
        family=family,
        area=area[family].astype(np.int16),
        decile=authorities.decile_of(area)[family],
        group=group[family],
        by_family=by_family,
        family_start=np.concatenate([[0], np.cumsum(np.bincount(family, minlength=families))]),
    )
