"""How far each local authority of a scenario differs from the average."""

import numpy as np

from cpsim.arrays import Floats
from cpsim.scenario.sections import AuthoritySettings


def trait_shifts(settings: AuthoritySettings, trait: str, spread: float, z: Floats) -> Floats:
    """Return the amount by which each authority differs from the average in a trait, shape (A,).

    An authority that gives no value of its own gets `spread * z`, centred so that these authorities average 0.

    Args:
        settings: the authorities of a scenario.
        trait: name of the setting with which a named authority gives its own value.
        spread: standard deviation among the other authorities.
        z: standard normal numbers, shape (A,).

    >>> settings = AuthoritySettings(count=3, named=[{"name": "Ashford", "deprivation": 2}])
    >>> trait_shifts(settings, "deprivation", 1.0, np.array([0.5, 1.0, -0.5])).tolist()
    [2.0, 0.75, -0.75]
    """
    own = _read_own_values(settings, trait)
    drawn = spread * z
    without_own = np.isnan(own)
    return np.where(without_own, drawn - drawn[without_own].sum() / max(without_own.sum(), 1), own)


def trait_multipliers(settings: AuthoritySettings, trait: str, spread: float, z: Floats) -> Floats:
    """Return the factor by which each authority differs from the average in a trait, shape (A,).

    An authority that gives no value of its own gets `exp(spread * z)`, scaled so that these authorities average 1.

    Args:
        settings: the authorities of a scenario.
        trait: name of the setting with which a named authority gives its own value.
        spread: standard deviation of the logarithm among the other authorities.
        z: standard normal numbers, shape (A,).

    >>> settings = AuthoritySettings(count=3, named=[{"name": "Ashford", "size": 0.5}])
    >>> trait_multipliers(settings, "size", 0.0, np.zeros(3)).tolist()
    [0.5, 1.0, 1.0]
    """
    own = _read_own_values(settings, trait)
    drawn = np.exp(spread * z)
    without_own = np.isnan(own)
    return np.where(without_own, drawn * without_own.sum() / max(drawn[without_own].sum(), 1e-9), own)


def _read_own_values(settings: AuthoritySettings, trait: str) -> Floats:
    """Return the value that each authority gives for a trait, NaN where it gives none, shape (A,)."""
    own = np.full(settings.count, np.nan)
    for row, authority in enumerate(settings.named):
        value = getattr(authority, trait)
        own[row] = np.nan if value is None else value
    return own


def size_multipliers(settings: AuthoritySettings, z: Floats) -> Floats:
    """Return the size of each authority relative to `population.children`; regions have their own averages, shape (A,).

    Args:
        settings: the authorities of a scenario.
        z: standard normal numbers, shape (A,).

    >>> settings = AuthoritySettings(count=2, size_spread=0.4, regions=[{"name": "North", "count": 2, "size": 0.5}])
    >>> size_multipliers(settings, np.array([0.3, -0.8])).mean().round(12)
    np.float64(0.5)
    """
    size = trait_multipliers(settings, "size", settings.size_spread, z)
    first = 0
    for region in settings.regions:
        own = slice(first, first + region.count)
        size[own] *= region.size * region.count / size[own].sum()
        first += region.count
    return size
