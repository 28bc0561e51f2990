"""The map of the local authorities: neighbourhoods form one long line, and each authority is a stretch of it.

Neighbourhoods that are close to each other on the line share schools and practices, and families move along the line.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.arrays import Floats, Integers, Ints
from cpsim.scenario.authorities import authority_names
from cpsim.scenario.places import choose_children_per_area
from cpsim.scenario.sections import AuthoritySettings, PopulationSettings
from cpsim.scenario.traits import size_multipliers, trait_shifts


@dataclass(frozen=True)
class Authorities:
    """The local authorities, one row each, in their order along the line; A authorities.

    Attributes:
        names: shape (A,).
        first_area: first neighbourhood of each authority, int64, shape (A,).
        areas: number of neighbourhoods in each authority, int64, shape (A,).
        children: expected number of children living there at any time, float64, shape (A,).
        deprivation: deciles by which the authority is more deprived than the average, float64, shape (A,).
    """

    names: tuple[str, ...]
    first_area: Ints
    areas: Ints
    children: Floats
    deprivation: Floats

    def __len__(self) -> int:
        return len(self.names)

    @property
    def total_areas(self) -> int:
        """Number of neighbourhoods in all authorities."""
        return int(self.areas.sum())

    def find_authority(self, area: Integers) -> Ints:
        """Return the authority of each neighbourhood, int64, same shape as `area`."""
        authority: Ints = np.searchsorted(self.first_area, area, side="right") - 1
        return authority

    def position_in_authority(self, area: Integers, authority: Integers) -> Ints:
        """Return the position of each neighbourhood in its authority, counted from 0, same shape as `area`."""
        before: Ints = area - self.first_area[authority]
        return before

    def deprivation_decile(self, area: Integers) -> NDArray[np.int8]:
        """Return the deprivation of each neighbourhood, 1 (least) to 10 (most), int8, same shape as `area`.

        Deprivation rises along each authority, and the authority's own deprivation shifts all its neighbourhoods.

        >>> one = Authorities(("Anyshire",), np.array([0]), np.array([5]), np.array([9_000.0]), np.array([0.0]))
        >>> one.deprivation_decile(np.arange(5)).tolist()
        [2, 4, 6, 8, 10]
        """
        authority = self.find_authority(area)
        decile = 1 + np.floor(
            10 * (self.position_in_authority(area, authority) + 0.5) / self.areas[authority]
            + self.deprivation[authority]
        )
        clipped: NDArray[np.int8] = np.clip(decile, 1, 10).astype(np.int8)
        return clipped


def draw_authorities(settings: AuthoritySettings, population: PopulationSettings, seed: int) -> Authorities:
    """Draw the size and deprivation of each authority and place the authorities along the line."""
    key = draws.keys(np.arange(settings.count), 0)
    size_z = draws.Stream(seed, "size of an authority").normal(key)
    deprivation_z = draws.Stream(seed, "deprivation of an authority").normal(key)
    size = size_multipliers(settings, size_z)
    areas = np.maximum(np.round(size * population.children / choose_children_per_area(population)), 1).astype(
        np.int64
    )
    return Authorities(
        names=authority_names(settings),
        first_area=np.cumsum(areas) - areas,
        areas=areas,
        children=float(size.sum() * population.children) * areas / areas.sum(),
        deprivation=trait_shifts(settings, "deprivation", settings.deprivation_spread, deprivation_z),
    )
