"""Scales the onset of harm so that a given share of children is in significant harm at a time.

Official statistics do not say how many children are in significant harm, so a conclusion is shown for several shares.
Nothing else changes: thresholds, posts and budgets stay as they are.
"""

from collections.abc import Callable, Iterable
from math import ceil

import numpy as np

from cpsim.arrays import Weeks
from cpsim.formatting import format_percent_setting
from cpsim.scenario.clock import evaluated_weeks, total_weeks, warm_up_weeks
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import HarmSettings
from cpsim.world.authorities import draw_authorities
from cpsim.world.calendar import CHILDHOOD
from cpsim.world.harm import draw_spells
from cpsim.world.population import Children, draw_children

ADVERSITY, HARM = 0, 1
"""Positions of the two shares that `compute_prevalence` returns."""

_CHILDREN, _MOST_WORLDS = 70_000, 8
"""Children over whom a prevalence is measured, drawn with several seeds if need be; with few it would be noise."""
_LOWEST, _HIGHEST = 0.005, 0.6
_STEPS, _TOLERANCE = 12, 0.002
_DIGITS = 5


class PrevalenceUnreachable(ValueError):
    """No onset rate leads to the wanted share of children in harm."""


def compute_prevalence(scenario: Scenario) -> tuple[float, float]:
    """Return the shares of children in adversity and in significant harm if no one intervened.

    Both are means over the evaluated weeks of `scenario`, from 0 to 1.
    """
    return _prepare_measure(scenario)(scenario.harm)


def scale_to_prevalence(scenario: Scenario, prevalence: float) -> Scenario:
    """Return the scenario with onsets scaled until a given share of children is in significant harm.

    Args:
        scenario: the scenario.
        prevalence: share of all children in a mean evaluated week if no one intervened, between 0 and 1.

    Raises:
        PrevalenceUnreachable: no onset rate leads to this share.
    """
    return set_onset_rate(scenario, solve_onset_rate(scenario, HARM, prevalence))


def set_onset_rate(scenario: Scenario, onset_per_year: float) -> Scenario:
    """Return the scenario with another onset rate: onsets of adversity per child and year."""
    return scenario.model_copy(update={"harm": _replace_onset_rate(scenario, onset_per_year)})


def solve_onset_rate(scenario: Scenario, which: int, aim: float) -> float:
    """Find the onset rate at which a prevalence reaches a given value, by regula falsi on the logarithm.

    Prevalence grows more slowly than the onset rate: spells of one child do not overlap, and a few families carry most
    of them.

    Args:
        scenario: the scenario whose onsets are scaled.
        which: the prevalence, `ADVERSITY` or `HARM`.
        aim: its value, between 0 and 1.

    Returns:
        Onsets of adversity per child and year.

    Raises:
        PrevalenceUnreachable: no onset rate leads to this value.
    """
    measure = _prepare_measure(scenario)

    def log_ratio(onset: float) -> float:
        with np.errstate(divide="ignore"):
            return float(np.log(measure(_replace_onset_rate(scenario, float(np.exp(onset))))[which] / aim))

    low, high = np.log(_LOWEST), np.log(_HIGHEST)
    off_low, off_high = log_ratio(low), log_ratio(high)
    if not (np.isfinite(off_low) and off_low < 0 < off_high):
        raise PrevalenceUnreachable(
            f"no onset rate leads to {format_percent_setting(aim)} of children in harm at a time"
        )
    middle = low
    for _ in range(_STEPS):
        middle = low - off_low * (high - low) / (off_high - off_low)
        at_middle = log_ratio(middle)
        if abs(at_middle) < _TOLERANCE:
            break
        if at_middle < 0:
            low, off_low = middle, at_middle
        else:
            high, off_high = middle, at_middle
    return round(float(np.exp(middle)), _DIGITS)


def _replace_onset_rate(scenario: Scenario, onset_per_year: float) -> HarmSettings:
    return scenario.harm.model_copy(update={"onset_per_year": onset_per_year})


def _prepare_measure(scenario: Scenario) -> Callable[[HarmSettings], tuple[float, float]]:
    """Return a function from settings of harm to both prevalences; the children are drawn once."""
    weeks, first = total_weeks(scenario.clock), warm_up_weeks(scenario.clock)
    last = first + evaluated_weeks(scenario.clock)
    worlds = list(_draw_children(scenario, weeks))

    def count_weeks(begins: Weeks, ends: Weeks) -> Weeks:
        return (np.minimum(ends, last) - np.maximum(begins, first)).clip(0)

    child_weeks = sum(
        int(count_weeks(children.birth, children.birth + CHILDHOOD).sum()) for children, _ in worlds
    )

    def measure(harm: HarmSettings) -> tuple[float, float]:
        in_adversity = in_harm = 0
        for children, seed in worlds:
            spells = draw_spells(harm, children, weeks, seed)
            inside = count_weeks(spells.onset, spells.end)
            in_adversity += int(inside.sum())
            in_harm += int(inside[spells.harm].sum())
        return in_adversity / child_weeks, in_harm / child_weeks

    return measure


def _draw_children(scenario: Scenario, weeks: int) -> Iterable[tuple[Children, int]]:
    """Yield the children of the first seeds, each with its seed."""
    seed, worlds = 1, 1
    while seed <= worlds:
        authorities = draw_authorities(scenario.authorities, scenario.population, seed)
        worlds = min(_MOST_WORLDS, ceil(_CHILDREN / authorities.children.sum()))
        yield draw_children(scenario.population, authorities, weeks, seed), seed
        seed += 1
