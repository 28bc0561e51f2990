"""Names of the local authorities of a scenario, and how far each differs from the average."""

import numpy as np

from cpsim.arrays import Floats
from cpsim.scenario.sections import AuthoritySettings


def authority_names(settings: AuthoritySettings) -> tuple[str, ...]:
    """Return the names of all authorities in order: those of the regions, or the named ones and then numbered ones.

    >>> authority_names(AuthoritySettings(count=3, named=[{"name": "Ashford"}]))
    ('Ashford', 'authority-02', 'authority-03')
    >>> authority_names(AuthoritySettings(count=2, regions=[{"name": "North", "count": 2}]))
    ('North 01', 'North 02')
    """
    if settings.regions:
        return tuple(
            f"{region.name} {number:02d}"
            for region in settings.regions
            for number in range(1, region.count + 1)
        )
    named = tuple(authority.name for authority in settings.named)
    numbers = range(len(named) + 1, settings.count + 1)
    return named + tuple(f"authority-{number:02d}" for number in numbers)


def list_expected_sizes(settings: AuthoritySettings) -> Floats:
    """List the expected size of each authority relative to `population.children`, float64, shape (A,).

    >>> list_expected_sizes(AuthoritySettings(count=3, named=[{"name": "Ashford", "size": 0.5}])).tolist()
    [0.5, 1.0, 1.0]
    """
    if settings.regions:
        return np.repeat(
            [region.size for region in settings.regions], [region.count for region in settings.regions]
        )
    own = [1.0 if authority.size is None else authority.size for authority in settings.named]
    return np.array(own + [1.0] * (settings.count - len(own)))


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
