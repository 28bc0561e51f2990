"""The dials: the only things a policy lever may turn, and the only traces of policy that casework may read.

Governance and casework meet here and nowhere else. A lever that wants to change what happens to children must say
which dial it turns; a decision that wants to depend on policy must say which dial it reads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from cpsim.agents.columns import Column

Family = Literal["threshold", "information", "capacity", "ties", "money"]

Composition = Literal["adds", "multiplies", "chances", "largest", "state"]
"""How several levers turn one dial: they add, multiply, are chances of which one suffices, or the largest counts; what
is a state is changed on a day and then lives on by itself."""


@dataclass(frozen=True)
class Dial:
    """One thing that levers may turn.

    Attributes:
        name: how scenarios, probes and tables call it: `table.column`.
        table: table of the model that holds it.
        column: column of that table.
        unit: its unit.
        composes: how several levers turn it together.
        neutral: value at which it changes nothing; None where every agent has its own.
        family: which of the five ways to change a system it belongs to.
        read_by: what reads it.
        says: one sentence on its meaning.
    """

    name: str
    table: str
    column: str
    unit: str
    composes: Composition
    neutral: float | None
    family: Family
    read_by: tuple[str, ...]
    says: str


NEUTRAL: dict[Composition, float | None] = {
    "adds": 0.0,
    "multiplies": 1.0,
    "chances": 0.0,
    "largest": 0.0,
    "state": None,
}
"""What changes nothing, by rule of composition."""


def _dial(name: str, unit: str, composes: Composition, family: Family, read_by: str, says: str) -> Dial:
    table, column = name.split(".")
    return Dial(
        name, table, column, unit, composes, NEUTRAL[composes], family, tuple(read_by.split(", ")), says
    )


DIALS: tuple[Dial, ...] = (
    _dial(
        "organisations.share_threshold_shift",
        "log_odds",
        "adds",
        "threshold",
        "sharing",
        "added to the worry at which this organisation tells social care; below zero it tells sooner",
    ),
    _dial(
        "organisations.group_threshold_shift",
        "log_odds",
        "adds",
        "threshold",
        "sharing",
        "added to that worry for children of the smaller group only",
    ),
    _dial(
        "teams.screening_threshold_shift",
        "log_odds",
        "adds",
        "threshold",
        "screening",
        "added to the worry at which this front door accepts a contact as a referral",
    ),
    _dial(
        "organisations.attention_factor",
        "multiplier",
        "multiplies",
        "information",
        "noticing",
        "factor on the share of the signs that could be noticed to which somebody here attends",
    ),
    _dial(
        "organisations.group_exposure",
        "multiplier",
        "multiplies",
        "information",
        "noticing",
        "factor on that share for children of the smaller group only",
    ),
    _dial(
        "organisations.recording_factor",
        "multiplier",
        "multiplies",
        "information",
        "recording",
        "factor on the chance that a noticed concern is written down here",
    ),
    _dial(
        "organisations.credibility_shift",
        "log_odds",
        "adds",
        "information",
        "screening",
        "added to the weight that the front door gives to this sender's word",
    ),
    _dial(
        "organisations.attendance_factor",
        "multiplier",
        "multiplies",
        "information",
        "conference",
        "factor on the chance that somebody from here comes to a child protection conference",
    ),
    _dial(
        "organisations.lookup",
        "probability",
        "chances",
        "information",
        "sharing",
        "chance that a worried professional here looks the child up in a shared record",
    ),
    _dial(
        "organisations.lookup_reach",
        "share",
        "largest",
        "information",
        "sharing",
        "share of what the other agencies hold that such a look shows",
    ),
    _dial(
        "organisations.false_match",
        "probability",
        "chances",
        "information",
        "sharing",
        "chance that such a look shows the file of another child",
    ),
    _dial(
        "teams.records_shown",
        "share",
        "largest",
        "information",
        "screening",
        "share of what the agencies hold that this front door reads beside a message",
    ),
    _dial(
        "teams.accuracy",
        "multiplier",
        "multiplies",
        "information",
        "screening, assessment",
        "factor on how well this team tells harm from no harm",
    ),
    _dial(
        "teams.capacity_factor",
        "multiplier",
        "multiplies",
        "capacity",
        "assessment, protection",
        "factor on the casework hours that this team's workers have in a week",
    ),
    _dial(
        "teams.paid_factor",
        "multiplier",
        "multiplies",
        "money",
        "cost",
        "factor on the hours of this team's workers that have to be paid for",
    ),
    _dial(
        "teams.exit_factor",
        "multiplier",
        "multiplies",
        "capacity",
        "workforce",
        "factor on the rate at which this team's workers leave",
    ),
    _dial(
        "teams.contact_load",
        "multiplier",
        "multiplies",
        "capacity",
        "assessment",
        "factor on the hours that contacts and referrals take at this front door",
    ),
    _dial(
        "teams.workload_factor",
        "multiplier",
        "multiplies",
        "capacity",
        "assessment",
        "factor on the hours that a case takes in this team",
    ),
    _dial(
        "organisations.wrong_authority",
        "probability",
        "chances",
        "ties",
        "delivery",
        "chance that a message from here goes to another authority than the child's",
    ),
    _dial(
        "organisations.absorbed_by",
        "index",
        "state",
        "ties",
        "life",
        "row of the organisation that serves this one's children now; its own row unless it was merged",
    ),
    _dial(
        "organisations.file_lost",
        "probability",
        "state",
        "information",
        "life",
        "chance that a file of this organisation got lost when it was absorbed by another",
    ),
    _dial(
        "ties.trust",
        "trust_0_1",
        "state",
        "ties",
        "sharing, delivery",
        "how far the sender trusts the receiver; restructuring breaks it, working together builds it",
    ),
    _dial(
        "ties.delivery",
        "multiplier",
        "multiplies",
        "ties",
        "delivery",
        "factor on the chance that a message over this tie arrives",
    ),
    _dial(
        "authorities.supply_in_need",
        "multiplier",
        "multiplies",
        "money",
        "protection",
        "factor on what a week of a child-in-need service achieves: the share of it that money buys",
    ),
    _dial(
        "authorities.supply_on_plan",
        "multiplier",
        "multiplies",
        "money",
        "protection",
        "factor on what a week of a plan achieves: the share of it that money buys",
    ),
    _dial(
        "authorities.council_deficit",
        "share",
        "adds",
        "money",
        "pooled budgets",
        "deficit of the council as a share of its budget",
    ),
    _dial(
        "authorities.health_deficit",
        "share",
        "adds",
        "money",
        "pooled budgets",
        "deficit of the health bodies as a share of their budget",
    ),
    _dial(
        "authorities.council_ringfenced",
        "share",
        "chances",
        "money",
        "pooled budgets",
        "share of the council's budget that may not be moved",
    ),
    _dial(
        "authorities.health_ringfenced",
        "share",
        "chances",
        "money",
        "pooled budgets",
        "share of the health bodies' budget that may not be moved",
    ),
    _dial(
        "authorities.council_pooled",
        "share",
        "adds",
        "money",
        "pooled budgets",
        "share of the council's money for joint packages that is in a pool",
    ),
    _dial(
        "authorities.health_pooled",
        "share",
        "adds",
        "money",
        "pooled budgets",
        "share of the health bodies' money for joint packages that is in a pool",
    ),
    _dial(
        "authorities.agreement_delay",
        "weeks",
        "adds",
        "money",
        "pooled budgets",
        "weeks longer than usual that it takes to agree on a joint package; below zero it is quicker",
    ),
    _dial(
        "authorities.pool_overhead",
        "share",
        "adds",
        "money",
        "cost",
        "share of the money for services that setting up and running pools takes",
    ),
    _dial(
        "authorities.tier_gap_closed",
        "share",
        "chances",
        "money",
        "tiers of need",
        "share of the gap between money and need that somebody closes between the tiers",
    ),
    _dial(
        "authorities.initiative_load",
        "load",
        "adds",
        "capacity",
        "initiatives",
        "what the initiatives that run here weigh together; its power is the core time that they take",
    ),
    _dial(
        "authorities.initiative_drain",
        "per_year",
        "adds",
        "capacity",
        "initiatives",
        "share of workers who would move to those initiatives in a year if nobody kept them",
    ),
    _dial(
        "authorities.movers_retained",
        "share",
        "chances",
        "capacity",
        "initiatives",
        "share of those who would move to an initiative that a workforce plan keeps",
    ),
)


def dial_column(name: str) -> Column[Any]:
    """The attribute of an agent that views a dial.

    Raises:
        KeyError: there is no such dial.
    """
    dial = {dial.name: dial for dial in DIALS}[name]
    low = -math.inf if dial.composes in ("adds", "state") else 0.0
    high = 1.0 if dial.composes in ("chances", "largest") else math.inf
    says = f"{dial.says[:1].upper()}{dial.says[1:]}"
    return Column[Any](
        dial.table, dial.column, doc=says, unit=dial.unit, low=low, high=high, settable=dial.unit != "index"
    )


def table_text() -> str:
    """The dials as a table of plain text, one dial a line, for printing."""
    header = ("dial", "unit", "neutral", "levers", "family", "read by", "meaning")
    lines = [header] + [
        (
            dial.name,
            dial.unit,
            "own value" if dial.neutral is None else f"{dial.neutral:g}",
            dial.composes,
            dial.family,
            ", ".join(dial.read_by),
            dial.says,
        )
        for dial in DIALS
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
