"""Outcomes: whether and how soon what agencies know reaches children's social care."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from cpsim.casework.log import Occurrence
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.measures.intervals import EventTimes
from cpsim.measures.outcomes.columns import ratio
from cpsim.measures.outcomes.counts import find_first_crossings
from cpsim.measures.outcomes.registry import BY_KIND, SHARE, WEEKS, outcome

if TYPE_CHECKING:
    import pandas as pd

    from cpsim.measures.outcomes.columns import Columns, OutcomeColumns


@outcome(
    unit=SHARE,
    label="Shared after crossing",
    meaning="Agencies whose evidence about a spell of harm crossed their threshold that sent a message within 4 "
    "weeks of the first crossing.",
    better="higher",
    axis="of first crossings",
)
def share_rate(run: OutcomeColumns) -> float | None:
    return ratio(run.count("first_crossings_shared"), run.count("first_crossings"))


@outcome(
    unit=SHARE,
    label="Shared after crossing, by kind",
    meaning="The same for each kind of agency whose evidence crossed.",
    better="higher",
    axis="of first crossings",
    parts=BY_KIND,
    part_label="Shared after crossing, {part}",
    noun="messages by {part} after crossing",
    change=(
        "the share of crossings after which {part} sent a message rose by {size}",
        "the share of crossings after which {part} sent a message fell by {size}",
    ),
    interest=0.01,
)
def share_rate_by_kind(run: Columns) -> dict[str, float] | None:
    site, shared = find_first_crossings(run)
    kind = run.world.sites.kind[site]
    shares = {
        name: ratio(shared[kind == code].sum(), (kind == code).sum())
        for code, name in enumerate(run.scenario.kinds)
    }
    return {name: share for name, share in shares.items() if share is not None} or None


@outcome(
    unit=WEEKS,
    label="Weeks to first message, by kind",
    meaning="Mean weeks from onset to the first message about the child from an agency of the kind, over spells that "
    "could be followed for 52 weeks; 52 for a spell without a message in that time.",
    better="lower",
    axis="weeks, 52 at most",
    parts=BY_KIND,
    part_label="Weeks to first message from {part}",
    noun="the delay of the first message from {part}",
    change=(
        "the first message from {part} about a child in harm came {size} later",
        "the first message from {part} about a child in harm came {size} sooner",
    ),
    interest=0.25,
)
def weeks_to_message_by_kind(run: Columns) -> dict[str, float] | None:
    sent, kinds = run.events.select(Occurrence.SHARED), run.scenario.kinds
    messages = EventTimes(
        sent.child.astype(np.int64) * len(kinds) + run.world.sites.kind[sent.site], sent.week
    )
    followed = run.spells[run.is_followed(WEEKS_PER_YEAR)]
    onset = followed["onset"].to_numpy(np.int64) + run.world.warm_up
    first = [
        messages.find_first(followed["child"].to_numpy(np.int64) * len(kinds) + code, onset)
        for code in range(len(kinds))
    ]
    return {
        kind: float(np.minimum(week - onset, WEEKS_PER_YEAR).mean())
        for kind, week in zip(kinds, first, strict=True)
        if len(followed)
    } or None


@outcome(
    unit=SHARE,
    label="Participation",
    meaning="Organisations that shared a concern or consulted a partner in a quarter, as a share of those that "
    "noticed a sign in it, over all quarters. Attendance at conferences is not recorded by organisation.",
    better="higher",
    axis="of organisations, by quarter",
)
def participation(run: OutcomeColumns) -> float | None:
    return ratio(run.count("quarters_with_sharing"), run.count("quarters_with_signs"))


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
        label=f"Weeks to first {name}, of those reached, by kind",
        meaning="The same by the kind of agency that was the first; only kinds that were.",
        better="lower",
        parts=BY_KIND,
        part_label=f"Weeks to first {name} from {{part}}, of those reached",
    )(compute_by_kind)


_register_time("share", "message", by="shared_by")
_register_time("referral", "referral", by="referred_by")
_register_time("assessment", "assessment")
