"""The same world with more harm or less: onsets scaled until a wanted share of children is in harm at a time.

Official figures do not say how many children are in significant harm, so a conclusion is shown at several answers.
Nothing else changes: thresholds, posts and budgets stay as they are.
"""

from collections.abc import Callable, Iterable
from math import ceil

import numpy as np

from cpsim.arrays import Weeks
from cpsim.scenario.clock import evaluated_weeks, warm_up_weeks, weeks_of
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import Harm
from cpsim.world.authorities import draw_authorities
from cpsim.world.calendar import CHILDHOOD
from cpsim.world.harm import draw_spells
from cpsim.world.population import Children, draw_children

ADVERSITY, HARM = 0, 1
_CHILDREN, _MOST_WORLDS = 70_000, 8
"""A stock of few children is noise: it is measured over so many of them, drawn with several seeds if need be."""
_LOWEST, _HIGHEST = 0.005, 0.6
_TURNS, _NEAR = 12, 0.002
_DIGITS = 5


class Unreachable(ValueError):
    """No number of onsets leads to the wanted share of children in harm."""


def stocks(scenario: Scenario) -> tuple[float, float]:
    """Shares of children in adversity and in significant harm in a mean judged week if nobody intervened."""
    return _stocks(scenario)(scenario.harm)


def with_prevalence(scenario: Scenario, prevalence: float) -> Scenario:
    """The scenario with onsets scaled until so many children are in significant harm in a mean judged week.

    Args:
        scenario: the scenario.
        prevalence: share of all children, if nobody intervened.

    Raises:
        Unreachable: no number of onsets leads there.
    """
    return with_onset(scenario, scaled_onset(scenario, HARM, prevalence))


def with_onset(scenario: Scenario, onset_per_year: float) -> Scenario:
    """The scenario with another number of onsets of adversity a year for each child."""
    return scenario.model_copy(update={"harm": _harm(scenario, onset_per_year)})


def scaled_onset(scenario: Scenario, which: int, aim: float) -> float:
    """Onsets a year for each child at which a stock is `aim`, found by regula falsi on the logarithm.

    The stock grows more slowly than onsets: nobody is in two spells at once, and few families carry most of them.

    Args:
        scenario: whose onsets are scaled.
        which: the stock, `ADVERSITY` or `HARM`.
        aim: its share of children.

    Raises:
        Unreachable: no number of onsets leads there.
    """
    measured = _stocks(scenario)

    def off(onset: float) -> float:
        with np.errstate(divide="ignore"):
            return float(np.log(measured(_harm(scenario, float(np.exp(onset))))[which] / aim))

    low, high = np.log(_LOWEST), np.log(_HIGHEST)
    off_low, off_high = off(low), off(high)
    if not (np.isfinite(off_low) and off_low < 0 < off_high):
        raise Unreachable(f"no number of onsets has {100 * aim:g} % of children in harm at a time")
    middle = low
    for _ in range(_TURNS):
        middle = low - off_low * (high - low) / (off_high - off_low)
        at_middle = off(middle)
        if abs(at_middle) < _NEAR:
            break
        if at_middle < 0:
            low, off_low = middle, at_middle
        else:
            high, off_high = middle, at_middle
    return round(float(np.exp(middle)), _DIGITS)


def _harm(scenario: Scenario, onset_per_year: float) -> Harm:
    return scenario.harm.model_copy(update={"onset_per_year": onset_per_year})


def _stocks(scenario: Scenario) -> Callable[[Harm], tuple[float, float]]:
    """Stocks as a function of the settings of harm; the children are drawn once."""
    weeks, first = weeks_of(scenario.clock), warm_up_weeks(scenario.clock)
    last = first + evaluated_weeks(scenario.clock)
    worlds = list(_children(scenario, weeks))

    def within(begins: Weeks, ends: Weeks) -> Weeks:
        return (np.minimum(ends, last) - np.maximum(begins, first)).clip(0)

    lived = sum(int(within(children.birth, children.birth + CHILDHOOD).sum()) for children, _ in worlds)

    def of(harm: Harm) -> tuple[float, float]:
        in_adversity = in_harm = 0
        for children, seed in worlds:
            spells = draw_spells(harm, children, weeks, seed)
            inside = within(spells.onset, spells.end)
            in_adversity += int(inside.sum())
            in_harm += int(inside[spells.harm].sum())
        return in_adversity / lived, in_harm / lived

    return of


def _children(scenario: Scenario, weeks: int) -> Iterable[tuple[Children, int]]:
    """The children of the first seeds, and the seed of each."""
    seed, worlds = 1, 1
    while seed <= worlds:
        authorities = draw_authorities(scenario.authorities, scenario.population, seed)
        worlds = min(_MOST_WORLDS, ceil(_CHILDREN / authorities.children.sum()))
        yield draw_children(scenario.population, authorities, weeks, seed), seed
        seed += 1
