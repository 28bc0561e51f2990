"""Where the authorities lie: all their neighbourhoods form one long line, of which each owns a stretch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.arrays import Floats, Integers, Ints
from cpsim.scenario.authorities import authority_names, multipliers, shifts
from cpsim.scenario.sections import Authorities as AuthoritySettings
from cpsim.scenario.sections import Population


@dataclass(frozen=True)
class Authorities:
    """The local authorities, one row each, in the order in which they lie on the line; A authorities.

    Attributes:
        names: shape (A,).
        first_area: the neighbourhood with which its stretch begins, int64, shape (A,).
        areas: number of its neighbourhoods, int64, shape (A,).
        children: children that are expected to live there at a time, float64, shape (A,).
        deprivation: deciles by which its neighbourhoods are more deprived than the average, float64, shape (A,).
    """

    names: tuple[str, ...]
    first_area: Ints
    areas: Ints
    children: Floats
    deprivation: Floats

    def __len__(self) -> int:
        return len(self.names)

    @property
    def all_areas(self) -> int:
        """Number of neighbourhoods on the whole line."""
        return int(self.areas.sum())

    def of_area(self, area: Integers) -> Ints:
        """The authority in which each neighbourhood lies, any shape."""
        authority: Ints = np.searchsorted(self.first_area, area, side="right") - 1
        return authority

    def along(self, area: Integers, authority: Ints) -> Ints:
        """How many neighbourhoods of its authority lie before each neighbourhood, any shape."""
        before: Ints = area - self.first_area[authority]
        return before

    def decile_of(self, area: Integers) -> NDArray[np.int8]:
        """Deprivation of each neighbourhood, 1 (least) to 10 (most), any shape.

        It rises along each authority's stretch, and all of an authority is shifted by its own deprivation.
        """
        authority = self.of_area(area)
        decile = 1 + np.floor(
            10 * (self.along(area, authority) + 0.5) / self.areas[authority] + self.deprivation[authority]
        )
        clipped: NDArray[np.int8] = np.clip(decile, 1, 10).astype(np.int8)
        return clipped


def draw_authorities(settings: AuthoritySettings, population: Population, seed: int) -> Authorities:
    """Lay out the authorities; they differ in size and deprivation as far as the scenario says."""
    rows = np.arange(settings.count)

    def z(what: str) -> Floats:
        return draws.Stream(seed, what).normal(draws.keys(rows, 0))

    size = multipliers(settings, "size", settings.size_spread, z("size of an authority"))
    areas = np.maximum(np.round(size * population.children / population.children_per_area), 1).astype(
        np.int64
    )
    return Authorities(
        names=authority_names(settings),
        first_area=np.cumsum(areas) - areas,
        areas=areas,
        children=float(size.sum() * population.children) * areas / areas.sum(),
        deprivation=shifts(
            settings, "deprivation", settings.deprivation_spread, z("deprivation of an authority")
        ),
    )
