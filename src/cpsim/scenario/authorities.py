"""What sets the authorities of a scenario apart: their names, and how far each differs from the average."""

import numpy as np

from cpsim.arrays import Floats
from cpsim.scenario.sections import Authorities


def authority_names(settings: Authorities) -> tuple[str, ...]:
    """The names of all authorities in order: those that the scenario names, then authority-04 and so on."""
    named = tuple(authority.name for authority in settings.named)
    numbers = range(len(named) + 1, settings.count + 1)
    return named + tuple(f"authority-{number:02d}" for number in numbers)


def shifts(settings: Authorities, trait: str, spread: float, z: Floats) -> Floats:
    """By how much each authority differs in a trait, shape (A,): what it says itself, else drawn, 0 on average.

    Args:
        trait: name of the setting with which a named authority says its own.
        spread: standard deviation among the others.
        z: standard normal numbers, shape (A,).
    """
    said = _said(settings, trait)
    drawn = spread * z
    silent = np.isnan(said)
    return np.where(silent, drawn - drawn[silent].sum() / max(silent.sum(), 1), said)


def multipliers(settings: Authorities, trait: str, spread: float, z: Floats) -> Floats:
    """The factor by which each authority differs in a trait, shape (A,): its own, else drawn, 1 on average.

    Arguments as in `shifts`; `spread` is that of the logarithm.
    """
    said = _said(settings, trait)
    drawn = np.exp(spread * z)
    silent = np.isnan(said)
    return np.where(silent, drawn * silent.sum() / max(drawn[silent].sum(), 1e-9), said)


def _said(settings: Authorities, trait: str) -> Floats:
    """What each authority says of a trait itself, NaN where it says nothing, shape (A,)."""
    said = np.full(settings.count, np.nan)
    for row, authority in enumerate(settings.named):
        value = getattr(authority, trait)
        said[row] = np.nan if value is None else value
    return said
