"""Outcomes: whether and how soon what agencies know reaches children's social care."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np

from cpsim.casework.log import Occurrence
from cpsim.measures.intervals import EventTimes
from cpsim.measures.ledger import select_evaluated_spells
from cpsim.measures.outcomes.columns import ratio
from cpsim.measures.outcomes.registry import BY_KIND, SHARE, WEEKS, outcome

if TYPE_CHECKING:
    import pandas as pd

    from cpsim.arrays import Bools, Ints
    from cpsim.measures.outcomes.columns import Columns, OutcomeColumns

_SHARED_WITHIN: Final = 4  # weeks after an agency's evidence crossed its threshold
_QUARTER: Final = 13  # weeks


@outcome(
    unit=SHARE,
    label="Shared after crossing",
    meaning="Agencies whose evidence about a spell of harm crossed their threshold that sent a message within 4 "
    "weeks of the first crossing.",
    better="higher",
    axis="of first crossings",
)
def share_rate(run: Columns) -> float | None:
    _, shared = _find_first_crossings(run)
    return ratio(shared.sum(), len(shared))


@outcome(
    unit=SHARE,
    label="Shared after crossing, by kind",
    meaning="The same for each kind of agency whose evidence crossed.",
    better="higher",
    axis="of first crossings",
    parts=BY_KIND,
)
def share_rate_by_kind(run: Columns) -> dict[str, float] | None:
    site, shared = _find_first_crossings(run)
    kind = run.world.sites.kind[site]
    shares = {
        name: ratio(shared[kind == code].sum(), (kind == code).sum())
        for code, name in enumerate(run.scenario.kinds)
    }
    return {name: share for name, share in shares.items() if share is not None} or None


def _find_first_crossings(run: Columns) -> tuple[Ints, Bools]:
    """Find the first crossing of each organisation about each evaluated spell.

    Returns:
        The organisation, and whether it sent a message about the child within 4 weeks, shapes (n,).
    """
    spells, sites = run.world.spells, len(run.world.sites.kind)
    crossed, sent = run.events.select(Occurrence.THRESHOLD_CROSSED), run.events.select(Occurrence.SHARED)
    evaluated = np.zeros(len(spells.child), np.bool_)
    evaluated[select_evaluated_spells(run.world)] = True
    row, spell = spells.find_by_child(crossed.child)
    week = crossed.week[row].astype(np.int64)
    during = evaluated[spell] & (week >= spells.onset[spell]) & (week < spells.end[spell])
    row, spell, week = row[during], spell[during], week[during]
    _, first = np.unique(spell * sites + crossed.site[row], return_index=True)  # events are in order of week
    row, week = row[first], week[first]
    child, site = crossed.child[row].astype(np.int64), crossed.site[row].astype(np.int64)
    messages = EventTimes(sent.child.astype(np.int64) * sites + sent.site, sent.week)
    return site, messages.count_between(child * sites + site, week, week + _SHARED_WITHIN) > 0


@outcome(
    unit=SHARE,
    label="Participation",
    meaning="Organisations that shared a concern or consulted a partner in a quarter, as a share of those that "
    "noticed a sign in it, over all quarters. Attendance at conferences is not recorded by organisation.",
    better="higher",
    axis="of organisations, by quarter",
)
def participation(run: Columns) -> float | None:
    def list_active(*occurrences: int) -> Ints:
        quarters = []
        for occurrence in occurrences:
            events = run.select(occurrence)
            quarter = (events.week.astype(np.int64) - run.world.warm_up) // _QUARTER
            quarters.append(quarter * len(run.world.sites.kind) + events.site)
        return np.unique(np.concatenate(quarters))

    noticed = list_active(Occurrence.NOTICED)
    return ratio(np.isin(noticed, list_active(Occurrence.SHARED, Occurrence.CONSULTED)).sum(), len(noticed))


@outcome(
    unit="standard deviations",
    label="Discrimination at the front door",
    meaning="How well the front door tells contacts about children in harm from others (d'): z of the share of the "
    "former that become referrals, minus z of that of the latter.",
    better="higher",
    digits=2,
    is_difference=True,
    axis="standard deviations",
)
def effective_dprime(run: OutcomeColumns) -> float | None:
    in_harm, referred = run.count("contacts_in_harm"), run.count("referrals_in_harm")
    others, others_referred = run.total("contacts") - in_harm, run.total("referrals") - referred
    if not in_harm or not others:
        return None
    return _find_z(referred, in_harm) - _find_z(others_referred, others)


def _find_z(part: float, whole: float) -> float:
    """Standard normal quantile of a share, which is kept away from 0 and 1 by half a case."""
    least = 1 / (2 * whole)
    return NormalDist().inv_cdf(min(max(part / whole, least), 1 - least))


def _register_time(step: str, name: str, by: str | None = None) -> None:
    """Register the median time from onset to a first step, among the spells that reached it."""

    def weeks(run: OutcomeColumns) -> pd.Series[float]:
        return (run.spells[f"first_{step}"] - run.spells["onset"]).dropna()

    def compute(run: OutcomeColumns) -> float | None:
        reached = weeks(run)
        return float(reached.median()) if len(reached) else None

    compute.__name__ = f"weeks_to_first_{step}_median_reached"
    outcome(
        unit=WEEKS,
        label=f"Weeks to first {name}, of those reached",
        meaning=f"Median weeks from onset to the first {name} among the spells of harm that reached it.",
        better="lower",
    )(compute)
    if by is None:
        return

    def compute_by_kind(run: OutcomeColumns) -> dict[str, float] | None:
        medians = weeks(run).groupby(run.spells[by].astype("str")).median()
        return {kind: float(medians[kind]) for kind in run.scenario.kinds if kind in medians.index} or None

    compute_by_kind.__name__ = f"weeks_to_first_{step}_by_kind"
    outcome(
        unit=WEEKS,
        label=f"Weeks to first {name}, by kind",
        meaning="The same by the kind of agency that was the first; only kinds that were.",
        better="lower",
        parts=BY_KIND,
    )(compute_by_kind)


_register_time("share", "message", by="shared_by")
_register_time("referral", "referral", by="referred_by")
_register_time("assessment", "assessment")
