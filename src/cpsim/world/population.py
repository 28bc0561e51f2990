"""Children, families and their neighbourhoods.

The members of a family share a neighbourhood, its decile of deprivation, a frailty, part of the bias with which
agencies read their signs, and membership of the larger or the smaller of two population groups.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.arrays import Bools, Integers, Ints
from cpsim.ranges import expand_ranges
from cpsim.scenario.sections import PopulationSettings
from cpsim.world.authorities import Authorities
from cpsim.world.calendar import CHILDHOOD

LARGEST_FAMILY = 4
"""The most children in a family."""
_FIRST_GAP, _MEAN_FURTHER_GAP = 60, 110  # weeks between births: at least 60, plus an exponential time
_LEAD_IN = 1_200  # families start this many weeks earlier, so that later siblings are not missing in week 0


@dataclass(frozen=True)
class Children:
    """Children, one row each, in order of birth; N children, F families.

    Attributes:
        birth: week of birth, negative for most, int32, shape (N,).
        family: row of the family, int32, shape (N,).
        area: the family's first neighbourhood, int16, shape (N,).
        decile: deprivation of that neighbourhood, 1 (least) to 10 (most), int8, shape (N,).
        group: whether the family belongs to the smaller group (M30), bool, shape (N,).
        by_family: children sorted by family, int32, shape (N,).
        family_start: family f is `by_family[family_start[f] : family_start[f + 1]]`, int32, shape (F + 1,).
    """

    birth: NDArray[np.int32]
    family: NDArray[np.int32]
    area: NDArray[np.int16]
    decile: NDArray[np.int8]
    group: Bools
    by_family: NDArray[np.int32]
    family_start: NDArray[np.int32]

    def find_by_family(self, family: Integers) -> tuple[Ints, Ints]:
        """Find all children of each family in `family`.

        Returns:
            The index into `family` and the child, both int64, shape (children found,).
        """
        start = self.family_start[family].astype(np.int64)
        of, row = expand_ranges(start, self.family_start[family + 1] - start)
        return of, self.by_family[row].astype(np.int64)


def count_families(settings: PopulationSettings, authorities: Authorities, weeks: int) -> int:
    """Count the families that are drawn for a run of `weeks`.

    Some of them have no child who is under 18 in these weeks.
    """
    births_per_week = float(authorities.children.sum()) / CHILDHOOD
    family_size = 1 + (LARGEST_FAMILY - 1) * settings.extra_sibling_chance
    return round(births_per_week / family_size * (_LEAD_IN + CHILDHOOD + weeks))


def draw_children(settings: PopulationSettings, authorities: Authorities, weeks: int, seed: int) -> Children:
    """Draw families and their children so that the number of children under 18 is steady from week 0 to `weeks`."""
    families = count_families(settings, authorities, weeks)
    size = 1 + draws.generator(seed, "family size").binomial(
        LARGEST_FAMILY - 1, settings.extra_sibling_chance, families
    )
    first = draws.generator(seed, "first birth").uniform(-CHILDHOOD - _LEAD_IN, weeks, families)
    gaps = _FIRST_GAP + draws.generator(seed, "gaps between births").exponential(
        _MEAN_FURTHER_GAP, (families, LARGEST_FAMILY)
    )
    gaps[:, 0] = 0.0
    births = first[:, None] + np.cumsum(gaps, axis=1)
    exists = (np.arange(LARGEST_FAMILY) < size[:, None]) & (births > -CHILDHOOD) & (births < weeks)
    family, _ = np.nonzero(exists)
    birth = np.floor(births[exists]).astype(np.int16)
    order = np.argsort(birth, kind="stable")
    # Children are still in order of family here, so the inverse of the sort by birth gives that order back.
    by_family = np.empty(len(order), np.int32)
    by_family[order] = np.arange(len(order))
    family, birth = family[order], birth[order]
    area = draws.generator(seed, "neighbourhood").integers(0, authorities.total_areas, families)
    group = draws.generator(seed, "smaller group").random(families) < settings.group_share
    return Children(
        birth=birth.astype(np.int32),
        family=family.astype(np.int32),
        area=area[family].astype(np.int16),
        decile=authorities.deprivation_decile(area)[family],
        group=group[family],
        by_family=by_family,
        family_start=np.concatenate([[0], np.cumsum(np.bincount(family, minlength=families))]).astype(
            np.int32
        ),
    )
