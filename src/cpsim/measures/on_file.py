"""Pieces on file: when the evidence that agencies had recorded about a child crossed the baseline's threshold.

The evidence of a sign fades from the week in which it was noticed, and counts for a year. Files are pooled as in a
consultation (M5): the sum of all live files, discounted because agencies see some of the same signs, or the strongest
file alone if that is more. Sharing a concern does not take it off the file here. Nothing from later weeks is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cpsim.arrays import Bools, Floats, Ints
from cpsim.casework.log import FinishedLog, Occurrence
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.measures.conditions import child_harm_intervals
from cpsim.measures.intervals import EventTimes, sort_keys, split_keys
from cpsim.ranges import expand_ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cpsim.scenario.schema import Scenario
    from cpsim.world import World

MEMORY_WEEKS: Final = WEEKS_PER_YEAR
"""Weeks for which a sign counts."""


@dataclass(frozen=True)
class _Signs:
    """Signs noticed about children, in order of child and week; shapes (E,)."""

    child: Ints
    week: Ints
    kind: Ints
    evidence: Floats
    recorded: Bools


@dataclass(frozen=True)
class Crossings:
    """Weeks in which the evidence about a child was at or above the threshold after a sign or at an onset; shapes (n,).

    Attributes:
        child: rows of the children, in order of child and week, int64.
        week: int64.
        sign: whether a sign was noticed in this week, bool.
        known: whether the file of one agency was, bool.
        on_file: whether the pooled files were, bool.
        noticed: whether all that was noticed would have been, recorded or not, bool.
    """

    child: Ints
    week: Ints
    sign: Bools
    known: Bools
    on_file: Bools
    noticed: Bools

    def index(self, tier: str) -> EventTimes:
        """Index the weeks of a tier by child."""
        rows: Bools = getattr(self, tier)
        return EventTimes(self.child[rows], self.week[rows])


def find_crossings(scenario: Scenario, world: World, events: FinishedLog, spells: Ints) -> Crossings:
    """Find the weeks in which evidence about children was at or above `measures.on_file_threshold`.

    Evidence rises only when a sign is noticed, so those weeks are examined, and the week in which each spell began.

    Args:
        scenario: the scenario, for the threshold, fading and pooling.
        world: the children and organisations.
        events: the log of the run.
        spells: rows of spells whose onsets are examined, shape (J,).
    """
    signs = _collect_signs(scenario, world, events)
    onset_child, onset = world.spells.child[spells], world.spells.onset[spells].astype(np.int64)
    of_spell = np.isin(onset_child, signs.child)
    key = np.concatenate(
        [sort_keys(signs.child, signs.week), sort_keys(onset_child[of_spell], onset[of_spell])]
    )
    key.sort()
    key = key[np.diff(key, prepend=-1) > 0]
    child, week = split_keys(key)
    known, on_file, noticed = _judge(scenario, signs, child, week)
    sign = EventTimes(signs.child, signs.week).count_between(child, week, week) > 0
    some = noticed
    return Crossings(child[some], week[some], sign[some], known[some], on_file[some], noticed[some])


def _collect_signs(scenario: Scenario, world: World, events: FinishedLog) -> _Signs:
    """Collect the signs about children whose evidence would be enough if it did not fade; others never cross."""
    noticed, recorded = events.select(Occurrence.NOTICED), events.select(Occurrence.RECORDED)
    n, sites = len(world.children.birth), len(world.sites.kind)
    total = np.bincount(noticed.child, weights=np.maximum(noticed.value, 0), minlength=n)
    enough = total >= scenario.measures.on_file_threshold
    rows = np.flatnonzero(enough[noticed.child])
    child, week = noticed.child[rows].astype(np.int64), noticed.week[rows].astype(np.int64)
    order = np.argsort(sort_keys(child, week), kind="stable")
    rows, child, week = rows[order], child[order], week[order]
    # An organisation notices at most one sign of a child in a week.
    some = enough[recorded.child]
    written = EventTimes(
        recorded.child[some].astype(np.int64) * sites + recorded.site[some], recorded.week[some]
    )
    site = noticed.site[rows]
    return _Signs(
        child,
        week,
        world.sites.kind[site].astype(np.int64),
        noticed.value[rows].astype(np.float64),
        written.count_between(child * sites + site, week, week) > 0,
    )


def _judge(scenario: Scenario, signs: _Signs, child: Ints, week: Ints) -> tuple[Bools, Bools, Bools]:
    """Judge the evidence about children in some weeks: one file, pooled files, and all noticed; shapes (n,)."""
    kinds, threshold = len(scenario.agencies), scenario.measures.on_file_threshold
    keys = sort_keys(signs.child, signs.week)
    first = np.searchsorted(keys, sort_keys(child, week - MEMORY_WEEKS), side="right")
    upto = np.searchsorted(keys, sort_keys(child, week), side="right")
    of, row = expand_ranges(first, upto - first)
    faded = signs.evidence[row] * np.exp(
        -scenario.sharing.evidence_fading_per_week * (week[of] - signs.week[row])
    )
    # Most weeks need no closer look, since not even all signs together are enough.
    enough = np.bincount(of, weights=np.maximum(faded, 0), minlength=len(child)) >= threshold
    near = enough[of]
    of, row, faded = of[near], row[near], faded[near]
    file = signs.kind[row] * len(child) + of  # kind by kind, because NumPy sums whole rows faster

    def pool(weights: Floats) -> tuple[Floats, Floats]:
        held = np.bincount(file, weights=weights, minlength=len(child) * kinds).reshape(kinds, -1)
        live = held >= scenario.sharing.live_evidence
        discount = 1 + np.maximum(live.sum(axis=0) - 1, 0) * scenario.sharing.signal_correlation
        strongest: Floats = held.max(axis=0)
        return strongest, np.maximum((held * live).sum(axis=0) / discount, strongest)

    strongest, pooled = pool(faded * signs.recorded[row])
    _, all_noticed = pool(faded)
    known, on_file = strongest >= threshold, pooled >= threshold
    return known, on_file, on_file | (all_noticed >= threshold)


def find_tiers(crossings: Crossings, child: Ints, onset: Ints, last: Ints) -> NDArray[np.int8]:
    """Find how much the agencies had about each spell from its onset to week `last` (inclusive).

    Returns:
        Indexes into `cpsim.measures.chain.TIERS`, 3 where not even all that was noticed was enough, shape (J,).
    """
    had = [
        crossings.index(tier).count_between(child, onset, last) > 0
        for tier in ("known", "on_file", "noticed")
    ]
    tier: NDArray[np.int8] = np.select(had, [0, 1, 2], 3).astype(np.int8)
    return tier


@dataclass(frozen=True)
class Alarms:
    """Alarms that pooled records would have raised: pooled evidence crosses, for the first time in half a year.

    Attributes:
        child: rows of the children, in order of child and week, int64, shape (n,).
        week: int64, shape (n,).
        true: whether the child was in harm, or harm began within `measures.likely_harm_weeks`, bool, shape (n,).
    """

    child: Ints
    week: Ints
    true: Bools

    def select_weeks(self, first: int, end: int) -> Alarms:
        """Select the alarms of weeks `first` to `end` (exclusive)."""
        rows = (self.week >= first) & (self.week < end)
        return Alarms(self.child[rows], self.week[rows], self.true[rows])


def find_alarms(scenario: Scenario, world: World, events: FinishedLog, crossings: Crossings) -> Alarms:
    """Find the alarms of all children: the price of acting on pooled records.

    Args:
        scenario: the scenario, for the weeks between alarms and the weeks in which harm counts as likely.
        world: the children and their spells.
        events: the log of the run.
        crossings: the weeks in which evidence crossed.
    """
    settings = scenario.measures
    rows = crossings.on_file & crossings.sign
    child, week = crossings.child[rows], crossings.week[rows]
    same_child = np.diff(child, prepend=-1) == 0
    begins = ~same_child | (np.diff(week, prepend=0) > settings.alarm_gap_weeks)
    child, week = child[begins], week[begins]
    harm = child_harm_intervals(world, events)
    onsets = EventTimes(world.spells.child[world.spells.harm], world.spells.onset[world.spells.harm])
    likely = onsets.count_between(child, week, week + settings.likely_harm_weeks) > 0
    return Alarms(child, week, likely | (harm.count_open(child, week) > 0))
