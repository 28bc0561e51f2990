"""Spells of adversity without intervention (M1), and needs other than harm.

A child's hazard is the average onset rate, multiplied by factors for deprivation, family frailty and age. The next
spell begins when the accumulated hazard reaches an exponentially distributed amount. Severity is one continuous scale;
a spell whose severity is at least `harm_cutoff` counts as significant harm, a less severe one as need.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.arrays import Bools, Floats, Integers, Ints
from cpsim.constants import NEVER, WEEKS_PER_YEAR
from cpsim.ranges import expand_ranges
from cpsim.scenario.sections import HarmSettings, NeedSettings, OtherNeedSettings
from cpsim.world.calendar import AGE_BANDS, CHILDHOOD, values_by_age_band
from cpsim.world.population import Children

# A sort key of child and week has room for every week of the longest run and of its history.
_SPAN, _SHIFT = 16_384, 2_048

_LEAST_HAZARD = 1e-30
"""A rate of onset per week below which no uniform number is small enough for a spell in a childhood."""


OTHER_NEEDS = ("disability", "family_stress", "older_teenager")
"""Reasons of need other than harm."""


def _sort_key(child: Ints, week: Integers) -> Ints:
    """Return a key that sorts by child and then by week, int64, shape (n,)."""
    return child * _SPAN + week + _SHIFT


@dataclass(frozen=True)
class Spells:
    """Spells of adversity, one row each, sorted by child and onset; S spells.

    Attributes:
        child: int64, shape (S,).
        onset, end: first week of the spell, and first week after it if no one intervenes, int32, shape (S,).
        severity: float64, shape (S,), median 1.
        harm: whether the spell counts as significant harm, bool, shape (S,).
        serious: week of the first serious event, `NEVER` if none, int32, shape (S,).
        resistance: accumulated protection that ends the spell, float64, shape (S,), mean 1.
        serious_mark: uniform number that decides whether protection averts the serious event, float64, shape (S,).
    """

    child: Ints
    onset: NDArray[np.int32]
    end: NDArray[np.int32]
    severity: Floats
    harm: Bools
    serious: NDArray[np.int32]
    resistance: Floats
    serious_mark: Floats

    def find_by_child(self, child: Integers) -> tuple[Ints, Ints]:
        """Find all spells of each child in `child`.

        Returns:
            The index into `child` and the row of the spell, both int64, shape (spells found,).
        """
        first, end = np.searchsorted(self.child, [child, child + 1])
        return expand_ranges(first, end - first)


@dataclass(frozen=True)
class Needs:
    """Needs other than harm, one row each, sorted by child and start; Q needs.

    Attributes:
        child: int64, shape (Q,).
        start, end: first week of the need and first week after it, int32, shape (Q,).
        reason: index into `OTHER_NEEDS`, int8, shape (Q,).
        apparent_severity: severity of harm that it looks like to partner agencies, float64, shape (Q,).
        requests_help: whether the family or someone else asks for a service when it begins, bool, shape (Q,).
    """

    child: Ints
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    reason: NDArray[np.int8]
    apparent_severity: Floats
    requests_help: Bools


def draw_spells(settings: HarmSettings, children: Children, weeks: int, seed: int) -> Spells:
    """Draw all spells of adversity that overlap the weeks from 0 to `weeks` (M1)."""
    families = len(children.family_start) - 1
    frailty = _gamma_mean_one(
        settings.family_frailty_shape, draws.generator(seed, "family frailty"), families
    )
    by_decile = np.exp(settings.deprivation_slope * (np.arange(1, 11) - 5.5))
    by_decile /= by_decile.mean()
    hazard = (
        settings.onset_per_year / WEEKS_PER_YEAR * by_decile[children.decile - 1] * frailty[children.family]
    )
    child, at_age, length = _draw_onsets(settings, children, weeks, seed, hazard)
    onset = np.floor(children.birth[child] + at_age).astype(np.int32)
    # A spell ends with childhood at the latest, however long it was drawn.
    length = np.maximum(1, np.minimum(length, CHILDHOOD).astype(np.int32))
    end = np.minimum(onset + length, children.birth[child] + CHILDHOOD)
    order = np.argsort(_sort_key(child, onset), kind="stable")
    order = order[end[order] > 0]
    child, onset, end = child[order], onset[order], end[order].astype(np.int32)

    key = draws.keys(child, onset + CHILDHOOD)
    in_family = draws.generator(seed, "family severity").standard_normal(families)[children.family[child]]
    own = draws.Stream(seed, "severity").normal(key)
    share = settings.severity_family_correlation
    severity = np.exp(settings.severity_spread * (np.sqrt(share) * in_family + np.sqrt(1 - share) * own))
    harm = severity >= settings.harm_cutoff
    exposure = -np.log(draws.Stream(seed, "serious event").uniform(key))
    with np.errstate(divide="ignore"):
        wait = exposure / (settings.serious_event_per_week * severity**settings.serious_event_power)
    serious = np.where(harm & (onset + wait < end), np.floor(onset + np.minimum(wait, NEVER)), NEVER)
    return Spells(
        child=child,
        onset=onset,
        end=end,
        severity=severity,
        harm=harm,
        serious=serious.astype(np.int32),
        resistance=-np.log(draws.Stream(seed, "resistance").uniform(key)),
        serious_mark=draws.Stream(seed, "serious event averted").uniform(key),
    )


def _draw_onsets(
    settings: HarmSettings, children: Children, weeks: int, seed: int, hazard: Floats
) -> tuple[Ints, Floats, Floats]:
    """Draw when spells start before week `weeks`, one spell of each child after the other (M1).

    Args:
        settings: the settings of harm.
        children: the children of the world.
        weeks: number of weeks of the run.
        seed: the seed of the world.
        hazard: each child's rate of onset per week, before the multiplier of its age, shape (N,).

    Returns:
        The child, the age at onset and the length of each spell, in weeks, shape (S,).
    """
    accumulated = np.concatenate(
        [[0.0], np.cumsum(np.diff(AGE_BANDS) * values_by_age_band(settings.onset_by_age))]
    )
    onset_draw, length_draw = draws.Stream(seed, "onset"), draws.Stream(seed, "length of spell")
    # Families with a hazard of practically 0 never have a spell.
    active = np.flatnonzero(hazard > _LEAST_HAZARD)
    age = np.zeros(len(active))
    found: list[tuple[Ints, Floats, Floats]] = [(active[:0], age[:0], age[:0])]
    turn = 0
    while len(active):
        key = draws.keys(active, turn)
        due = np.interp(age, AGE_BANDS, accumulated) - np.log(onset_draw.uniform(key)) / hazard[active]
        happens = due < accumulated[-1]
        active, key = active[happens], key[happens]
        onset = np.interp(due[happens], accumulated, AGE_BANDS)
        length = 1 + settings.spell_median_weeks * np.exp(settings.spell_spread * length_draw.normal(key))
        before_the_end = children.birth[active] + onset < weeks
        active, onset, length = active[before_the_end], onset[before_the_end], length[before_the_end]
        found.append((active, onset, length))
        age = onset + length + settings.reentry_gap_weeks
        still_a_child = age < CHILDHOOD
        active, age = active[still_a_child], age[still_a_child]
        turn += 1
    child, at_age, length = (np.concatenate(column) for column in zip(*found, strict=True))
    return child, at_age, length


def _gamma_mean_one(shape: float, generator: np.random.Generator, n: int) -> Floats:
    """Draw `n` gamma-distributed numbers with mean 1."""
    return generator.gamma(shape, 1 / shape, n)


def draw_needs(settings: OtherNeedSettings, children: Children, weeks: int, seed: int) -> Needs:
    """Draw needs other than harm; a child has at most one need for each reason."""
    drawn = [
        _draw_need(getattr(settings, reason), index, children, weeks, seed)
        for index, reason in enumerate(OTHER_NEEDS)
    ]
    child, start, end, reason, apparent_severity, requests_help = (
        np.concatenate(column) for column in zip(*drawn, strict=True)
    )
    order = np.argsort(_sort_key(child, start), kind="stable")
    return Needs(
        child=child[order],
        start=start[order].astype(np.int32),
        end=end[order].astype(np.int32),
        reason=reason[order].astype(np.int8),
        apparent_severity=apparent_severity[order],
        requests_help=requests_help[order],
    )


def _draw_need(
    settings: NeedSettings, reason: int, children: Children, weeks: int, seed: int
) -> tuple[Ints, Ints, Ints, Ints, Floats, Bools]:
    years = max(0, settings.to_age + 1 - settings.from_age)
    generator = draws.generator(seed, f"other need {OTHER_NEEDS[reason]}")
    u_happens, u_when, u_asks, z_length = (
        *generator.random((3, len(children.birth))),
        generator.standard_normal(len(children.birth)),
    )
    # The yearly rate is per 10,000 children of all ages, so a narrow age range has the whole rate in fewer years.
    chance = settings.starts_per_10k_year / 10_000 * CHILDHOOD / WEEKS_PER_YEAR if years else 0.0
    child = np.flatnonzero(u_happens < chance)
    at_age = settings.from_age * WEEKS_PER_YEAR + u_when[child] * years * WEEKS_PER_YEAR
    start = np.floor(children.birth[child] + at_age).astype(np.int64)
    length = np.maximum(1, settings.median_weeks * np.exp(settings.spread_weeks * z_length[child]))
    length = np.minimum(length, CHILDHOOD).astype(np.int64)
    end = np.minimum(start + length, children.birth[child] + CHILDHOOD)
    touches = (end > 0) & (start < weeks)
    child, start, end = child[touches], start[touches], end[touches]
    return (
        child,
        start,
        end,
        np.full(len(child), reason),
        np.full(len(child), settings.apparent_severity),
        u_asks[child] < settings.help_request_chance,
    )
