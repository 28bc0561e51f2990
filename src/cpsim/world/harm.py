"""Adversity as it would run if nobody intervened (M1), and needs other than harm.

Spells follow each other in operational time: a child's hazard is the average onset times deprivation, family frailty
and an age profile, and the next spell begins where the accumulated hazard reaches an exponential amount. Severity is
one continuous scale; from `harm_cutoff` a spell counts as significant harm, below it as need.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.arrays import Bools, Floats, Integers, Ints
from cpsim.constants import NEVER, WEEKS_PER_YEAR
from cpsim.scenario.sections import Harm, Need, OtherNeed
from cpsim.world.calendar import AGE_BANDS, CHILDHOOD, at_each_age
from cpsim.world.population import Children
from cpsim.world.ranges import rows_of

"""A week that does not come (fits int16)."""

_SPAN, _SHIFT = 8_192, 2_048  # room for every week of the longest run, and for those before it, in one key

OTHER_NEEDS = ("disability", "family_stress", "older_teenager")


def _in_order(child: Ints, week: Integers) -> Ints:
    """One number for each child and week that sorts by child and then by week, shape (n,)."""
    return child * _SPAN + week + _SHIFT


@dataclass(frozen=True)
class Spells:
    """One row a spell of adversity, ordered by child and onset; S spells.

    Attributes:
        child: int64, shape (S,).
        onset, end: first week of the spell and first week after it, if nobody intervenes, int32, shape (S,).
        severity: float64, shape (S,), median 1.
        harm: whether it counts as significant harm, bool, shape (S,).
        serious: week of the first serious event, `NEVER` if none, int32, shape (S,).
        resistance: protection that ends the spell, in units of accumulated recovery, mean 1, float64, shape (S,).
        serious_mark: uniform that decides whether protection averts the serious event, float64, shape (S,).
    """

    child: Ints
    onset: NDArray[np.int32]
    end: NDArray[np.int32]
    severity: Floats
    harm: Bools
    serious: NDArray[np.int32]
    resistance: Floats
    serious_mark: Floats

    def of_children(self, child: Integers) -> tuple[Ints, Ints]:
        """All spells of each child in `child`: the index into `child`, and the row of the spell; shapes (n,)."""
        first, end = np.searchsorted(self.child, [child, child + 1])
        return rows_of(first, end - first)

    def at(self, child: Ints, week: Ints) -> Ints:
        """Row of the spell that each child would be in at `week` if nobody intervened, -1 outside any; shape (n,)."""
        if not len(self.child):
            return np.full(len(child), -1)
        found = np.full(len(child), -1)
        # Most children have no spell at all, and need not be searched for.
        asked = np.flatnonzero(np.isin(child, self.child))
        child, week = child[asked], week[asked]
        row = np.searchsorted(_in_order(self.child, self.onset), _in_order(child, week), side="right") - 1
        within = (row >= 0) & (self.child[row] == child) & (week < self.end[row])
        found[asked[within]] = row[within]
        return found


@dataclass(frozen=True)
class Needs:
    """One row a need other than harm, ordered by child and start; Q needs.

    Attributes:
        child: int64, shape (Q,).
        start, end: first week and first week after, int32, shape (Q,).
        reason: index into `OTHER_NEEDS`, int8, shape (Q,).
        apparent_severity: how harmful it looks to partners, on the scale of severity, float64, shape (Q,).
        asks: whether somebody asks for a service when it begins, bool, shape (Q,).
    """

    child: Ints
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    reason: NDArray[np.int8]
    apparent_severity: Floats
    asks: Bools

    def joined(self) -> tuple[Ints, Ints, Ints]:
        """Stretches in which a child has any such need: child, first week and first week after, shapes (n,)."""
        if not len(self.child):
            return (np.empty(0, np.int64),) * 3
        child = self.child
        # Along the needs in order, the furthest end so far; a need that begins beyond it begins a stretch.
        reached = np.maximum.accumulate(_in_order(child, self.end))
        begins = np.concatenate([[True], _in_order(child, self.start)[1:] > reached[:-1]])
        first = np.flatnonzero(begins)
        last = np.append(first[1:], len(child)) - 1
        return child[first], self.start[first].astype(np.int64), reached[last] - child[last] * _SPAN - _SHIFT


def draw_spells(settings: Harm, children: Children, weeks: int, seed: int) -> Spells:
    """Draw every spell of adversity of every child that touches weeks 0 to `weeks` (M1)."""
    families = len(children.family_start) - 1
    frailty = _gamma_mean_one(settings.family_frailty_shape, draws.dense(seed, "family frailty"), families)
    by_decile = np.exp(settings.deprivation_slope * (np.arange(1, 11) - 5.5))
    by_decile /= by_decile.mean()
    hazard = (
        settings.onset_per_year / WEEKS_PER_YEAR * by_decile[children.decile - 1] * frailty[children.family]
    )
    accumulated = np.concatenate([[0.0], np.cumsum(np.diff(AGE_BANDS) * at_each_age(settings.onset_by_age))])

    onset_draw, length_draw = draws.Stream(seed, "onset"), draws.Stream(seed, "length of spell")
    # A family that never meets adversity (hazard 0) waits for ever.
    active = np.flatnonzero(hazard > 0)
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
    onset = np.floor(children.birth[child] + at_age).astype(np.int32)
    end = np.minimum(onset + np.maximum(1, length.astype(np.int32)), children.birth[child] + CHILDHOOD)
    order = np.argsort(_in_order(child, onset), kind="stable")
    order = order[end[order] > 0]
    child, onset, end = child[order], onset[order], end[order].astype(np.int32)

    key = draws.keys(child, onset + CHILDHOOD)
    in_family = draws.dense(seed, "family severity").standard_normal(families)[children.family[child]]
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


def _gamma_mean_one(shape: float, generator: np.random.Generator, n: int) -> Floats:
    return generator.gamma(shape, 1 / shape, n)


def draw_needs(settings: OtherNeed, children: Children, weeks: int, seed: int) -> Needs:
    """Draw needs other than harm; at most one need of each kind begins in a child's life."""
    drawn = [
        _draw_need(getattr(settings, reason), index, children, weeks, seed)
        for index, reason in enumerate(OTHER_NEEDS)
    ]
    child, start, end, reason, apparent_severity, asks = (
        np.concatenate(column) for column in zip(*drawn, strict=True)
    )
    order = np.argsort(_in_order(child, start), kind="stable")
    return Needs(
        child=child[order],
        start=start[order].astype(np.int32),
        end=end[order].astype(np.int32),
        reason=reason[order].astype(np.int8),
        apparent_severity=apparent_severity[order],
        asks=asks[order],
    )


def _draw_need(
    settings: Need, reason: int, children: Children, weeks: int, seed: int
) -> tuple[Ints, Ints, Ints, Ints, Floats, Bools]:
    years = max(0, settings.to_age + 1 - settings.from_age)
    generator = draws.dense(seed, f"other need {OTHER_NEEDS[reason]}")
    u_happens, u_when, u_asks, z_length = (
        *generator.random((3, len(children.birth))),
        generator.standard_normal(len(children.birth)),
    )
    # The yearly rate holds per 10,000 children of any age, so a narrow band of ages carries it in fewer years.
    chance = settings.starts_per_10k_year / 10_000 * CHILDHOOD / WEEKS_PER_YEAR if years else 0.0
    child = np.flatnonzero(u_happens < chance)
    at_age = settings.from_age * WEEKS_PER_YEAR + u_when[child] * years * WEEKS_PER_YEAR
    start = np.floor(children.birth[child] + at_age).astype(np.int64)
    length = np.maximum(1, settings.median_weeks * np.exp(settings.spread_weeks * z_length[child]))
    end = np.minimum(start + length.astype(np.int64), children.birth[child] + CHILDHOOD)
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
