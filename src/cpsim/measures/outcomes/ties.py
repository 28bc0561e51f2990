"""Outcomes: trust between agencies and the delivery of their messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cpsim.casework.log import Occurrence
from cpsim.measures.intervals import EventTimes
from cpsim.measures.outcomes.columns import ratio
from cpsim.measures.outcomes.registry import SHARE, outcome

if TYPE_CHECKING:
    from cpsim.measures.outcomes.columns import Columns

_IN_TIME_FOR_DELIVERY: Final = 4  # weeks


@outcome(
    unit="0 to 1",
    label="Trust between agencies",
    meaning="Mean trust on ties between agencies, weighted by use.",
    better="higher",
    digits=2,
    axis="0 to 1",
)
def trust_mean(run: Columns) -> float:
    return float(run.evaluated["trust_mean"].mean())


@outcome(
    unit=SHARE,
    label="Messages delivered",
    meaning="Messages read at the right front door within 4 weeks, as a share of those sent.",
    better="higher",
    axis="of messages sent",
)
def delivery_rate(run: Columns) -> float | None:
    sent, delivered = run.select(Occurrence.SHARED), run.events.select(Occurrence.DELIVERED)
    sites = len(run.world.sites.kind)
    arrived = EventTimes(delivered.child.astype(np.int64) * sites + delivered.site, delivered.week)
    key = sent.child.astype(np.int64) * sites + sent.site
    in_time = arrived.count_between(key, sent.week, sent.week + _IN_TIME_FOR_DELIVERY) > 0
    return ratio(float(in_time.sum()), len(in_time))
