"""Outcomes: trust between agencies and the delivery of their messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.measures.outcomes.columns import ratio
from cpsim.measures.outcomes.registry import SHARE, outcome

if TYPE_CHECKING:
    from cpsim.measures.outcomes.columns import OutcomeColumns


@outcome(
    unit="0 to 1",
    label="Trust between agencies",
    meaning="Mean trust on ties between agencies, weighted by use.",
    better="higher",
    digits=2,
    axis="0 to 1",
    change=("trust between agencies rose by {size}", "trust between agencies fell by {size}"),
    interest=0.01,
)
def trust_mean(run: OutcomeColumns) -> float:
    return float(run.evaluated["trust_mean"].mean())


@outcome(
    unit=SHARE,
    label="Messages delivered",
    meaning="Messages read at the right front door within 4 weeks, as a share of those sent.",
    better="higher",
    axis="of messages sent",
    noun="the share of messages delivered in time",
    change=(
        "the share of messages delivered in time rose by {size}",
        "the share of messages delivered in time fell by {size}",
    ),
    interest=0.01,
)
def delivery_rate(run: OutcomeColumns) -> float | None:
    return ratio(run.count("messages_delivered_in_time"), run.total("messages_sent"))
