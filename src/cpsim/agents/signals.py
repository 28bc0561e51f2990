"""The signals: the values that levers pass to levers applied after them, such as a deficit that limits a pooled budget.

Casework never reads a signal. A signal affects children only if a lever that reads it turns a dial. Measures may report
a signal in the results.

>>> from cpsim.agents.signals import SIGNALS
>>> [signal.name for signal in SIGNALS if signal.table == "organisations"]
['organisations.duty_bound', 'organisations.duty_awareness', 'organisations.duty_sanction']
"""

from __future__ import annotations

from dataclasses import dataclass

from cpsim.agents.dials import LIMITS, NEUTRAL, Composition, PolicyVariable

__all__ = ["SIGNALS", "Signal"]


@dataclass(frozen=True)
class Signal(PolicyVariable):
    """A value that levers send and that levers applied after them read.

    >>> deficit = next(signal for signal in SIGNALS if signal.name == "authorities.council_deficit")
    >>> deficit.description, deficit.composes
    ("the council's deficit as a share of its budget", 'adds')
    """


def _signal(name: str, unit: str, composes: Composition, description: str) -> Signal:
    table, column = name.split(".")
    return Signal(name, table, column, unit, composes, NEUTRAL[composes], description, *LIMITS[composes])


SIGNALS: tuple[Signal, ...] = (
    _signal(
        "organisations.duty_bound",
        "true_false",
        "last",
        "whether the duty to co-operate binds this organisation",
    ),
    _signal(
        "organisations.duty_awareness",
        "share",
        "last",
        "share of this organisation's staff who know of the duty to co-operate",
    ),
    _signal(
        "organisations.duty_sanction",
        "share",
        "last",
        "strength of the sanction for not sharing here",
    ),
    _signal(
        "authorities.council_deficit",
        "share",
        "adds",
        "the council's deficit as a share of its budget",
    ),
    _signal(
        "authorities.health_deficit",
        "share",
        "adds",
        "the health bodies' deficit as a share of their budget",
    ),
    _signal(
        "authorities.council_ringfenced",
        "share",
        "chances",
        "share of the council's budget that is ring-fenced",
    ),
    _signal(
        "authorities.health_ringfenced",
        "share",
        "chances",
        "share of the health bodies' budget that is ring-fenced",
    ),
    _signal(
        "authorities.council_pooled",
        "share",
        "adds",
        "share of the council's money for joint packages that is in a pooled budget",
    ),
    _signal(
        "authorities.health_pooled",
        "share",
        "adds",
        "share of the health bodies' money for joint packages that is in a pooled budget",
    ),
    _signal(
        "authorities.agreement_delay",
        "weeks",
        "adds",
        "additional weeks that it takes to agree a joint package; negative: it takes less time",
    ),
    _signal(
        "authorities.tier_gap_closed",
        "share",
        "chances",
        "share of the gap between money and need that is closed by moving money between the tiers",
    ),
    _signal(
        "authorities.initiative_load",
        "load",
        "adds",
        "combined load of all initiatives that run here, from which the core time that they take is computed",
    ),
    _signal(
        "authorities.initiative_drain",
        "per_year",
        "adds",
        "share of social workers who would move to these initiatives each year without a workforce plan",
    ),
    _signal(
        "authorities.movers_retained",
        "share",
        "chances",
        "share of the social workers who would move to an initiative that a workforce plan retains",
    ),
)
