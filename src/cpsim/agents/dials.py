"""The dials: the values that policy levers can change and that casework reads.

Dials are the only connection between governance and casework. A lever affects children only through the dials that it
declares, and a decision of casework depends on policy only through the dials that it reads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from cpsim.agents.columns import AgentColumn

Family = Literal["threshold", "information", "capacity", "ties", "money"]

Composition = Literal["adds", "multiplies", "chances", "largest", "state"]
"""How the effects of several levers on one dial combine.

`adds`: effects are added. `multiplies`: effects are multiplied. `chances`: effects are independent probabilities, and
one success is enough. `largest`: the largest effect counts. `state`: a lever changes the value on a date, and from then
on the model itself changes it.
"""


@dataclass(frozen=True)
class Dial:
    """A value that levers can change.

    Attributes:
        name: name in scenarios and tables, `table.column`.
        table: table of the model that holds the value.
        column: column of that table.
        unit: unit, as in the register of parameters.
        composes: how the effects of several levers combine.
        neutral: value without effect; None if every agent has a value of its own.
        family: one of the five ways in which policy can change a system.
        read_by: steps and parts of the model that read the value.
        description: meaning of the value.
    """

    name: str
    table: str
    column: str
    unit: str
    composes: Composition
    neutral: float | None
    family: Family
    read_by: tuple[str, ...]
    description: str


NEUTRAL: dict[Composition, float | None] = {
    "adds": 0.0,
    "multiplies": 1.0,
    "chances": 0.0,
    "largest": 0.0,
    "state": None,
}
"""The value without effect, for each rule of composition."""


def _dial(
    name: str, unit: str, composes: Composition, family: Family, read_by: str, description: str
) -> Dial:
    table, column = name.split(".")
    return Dial(
        name,
        table,
        column,
        unit,
        composes,
        NEUTRAL[composes],
        family,
        tuple(read_by.split(", ")),
        description,
    )


DIALS: tuple[Dial, ...] = (
    _dial(
        "organisations.share_threshold_shift",
        "log_odds",
        "adds",
        "threshold",
        "sharing",
        "added to this organisation's threshold for contacting children's social care; negative: contact sooner",
    ),
    _dial(
        "organisations.group_threshold_shift",
        "log_odds",
        "adds",
        "threshold",
        "sharing",
        "added to the same threshold, for children of the smaller group only",
    ),
    _dial(
        "teams.screening_threshold_shift",
        "log_odds",
        "adds",
        "threshold",
        "screening",
        "added to the threshold at which this front door accepts a contact as a referral",
    ),
    _dial(
        "organisations.attention_factor",
        "multiplier",
        "multiplies",
        "information",
        "noticing",
        "multiplier on the probability that a noticeable sign is noticed here",
    ),
    _dial(
        "organisations.group_exposure",
        "multiplier",
        "multiplies",
        "information",
        "noticing",
        "multiplier on the same probability, for children of the smaller group only",
    ),
    _dial(
        "organisations.recording_factor",
        "multiplier",
        "multiplies",
        "information",
        "recording",
        "multiplier on the probability that a noticed concern is recorded here",
    ),
    _dial(
        "organisations.credibility_shift",
        "log_odds",
        "adds",
        "information",
        "screening",
        "added to the credibility of this organisation's messages at the front door",
    ),
    _dial(
        "organisations.attendance_factor",
        "multiplier",
        "multiplies",
        "information",
        "conference",
        "multiplier on the probability that this organisation attends a child protection conference",
    ),
    _dial(
        "organisations.lookup",
        "probability",
        "chances",
        "information",
        "sharing",
        "probability that a practitioner here with a concern looks the child up in a shared record",
    ),
    _dial(
        "organisations.lookup_reach",
        "share",
        "largest",
        "information",
        "sharing",
        "share of other agencies' evidence about the child that the shared record shows",
    ),
    _dial(
        "organisations.false_match",
        "probability",
        "chances",
        "information",
        "sharing",
        "probability that the shared record shows the file of another child",
    ),
    _dial(
        "teams.records_shown",
        "share",
        "largest",
        "information",
        "screening",
        "share of other agencies' records that this front door reads with each message",
    ),
    _dial(
        "teams.accuracy",
        "multiplier",
        "multiplies",
        "information",
        "screening, assessment",
        "multiplier on how well this team distinguishes harm from no harm",
    ),
    _dial(
        "teams.capacity_factor",
        "multiplier",
        "multiplies",
        "capacity",
        "assessment, protection",
        "multiplier on the weekly casework hours of this team's social workers",
    ),
    _dial(
        "teams.paid_factor",
        "multiplier",
        "multiplies",
        "money",
        "cost",
        "multiplier on the hours of this team's social workers that are paid for",
    ),
    _dial(
        "teams.exit_factor",
        "multiplier",
        "multiplies",
        "capacity",
        "workforce",
        "multiplier on the rate at which this team's social workers leave",
    ),
    _dial(
        "teams.contact_load",
        "multiplier",
        "multiplies",
        "capacity",
        "assessment",
        "multiplier on the hours that contacts and referrals take at this front door",
    ),
    _dial(
        "teams.workload_factor",
        "multiplier",
        "multiplies",
        "capacity",
        "assessment",
        "multiplier on the hours that a case takes in this team",
    ),
    _dial(
        "organisations.wrong_authority",
        "probability",
        "chances",
        "ties",
        "delivery",
        "probability that a message from here goes to an authority other than the child's",
    ),
    _dial(
        "organisations.absorbed_by",
        "index",
        "state",
        "ties",
        "life",
        "row of the organisation that now serves this one's children; its own row unless it has been merged",
    ),
    _dial(
        "organisations.file_lost",
        "probability",
        "state",
        "information",
        "life",
        "probability that a file of this organisation was lost when another organisation absorbed it",
    ),
    _dial(
        "ties.trust",
        "trust_0_1",
        "state",
        "ties",
        "sharing, delivery",
        "trust of the sender in the receiver; restructuring destroys it, working together builds it",
    ),
    _dial(
        "ties.delivery",
        "multiplier",
        "multiplies",
        "ties",
        "delivery",
        "multiplier on the probability that a message over this tie is delivered",
    ),
    _dial(
        "authorities.supply_in_need",
        "multiplier",
        "multiplies",
        "money",
        "protection",
        "multiplier on the effect of a week of child in need services, according to the money available",
    ),
    _dial(
        "authorities.supply_on_plan",
        "multiplier",
        "multiplies",
        "money",
        "protection",
        "multiplier on the effect of a week on a child protection plan, according to the money available",
    ),
    _dial(
        "authorities.council_deficit",
        "share",
        "adds",
        "money",
        "pooled budgets",
        "the council's deficit as a share of its budget",
    ),
    _dial(
        "authorities.health_deficit",
        "share",
        "adds",
        "money",
        "pooled budgets",
        "the health bodies' deficit as a share of their budget",
    ),
    _dial(
        "authorities.council_ringfenced",
        "share",
        "chances",
        "money",
        "pooled budgets",
        "share of the council's budget that is ring-fenced",
    ),
    _dial(
        "authorities.health_ringfenced",
        "share",
        "chances",
        "money",
        "pooled budgets",
        "share of the health bodies' budget that is ring-fenced",
    ),
    _dial(
        "authorities.council_pooled",
        "share",
        "adds",
        "money",
        "pooled budgets",
        "share of the council's money for joint packages that is in a pooled budget",
    ),
    _dial(
        "authorities.health_pooled",
        "share",
        "adds",
        "money",
        "pooled budgets",
        "share of the health bodies' money for joint packages that is in a pooled budget",
    ),
    _dial(
        "authorities.agreement_delay",
        "weeks",
        "adds",
        "money",
        "pooled budgets",
        "additional weeks that it takes to agree a joint package; negative: it takes less time",
    ),
    _dial(
        "authorities.pool_overhead",
        "share",
        "adds",
        "money",
        "cost",
        "share of the money for services that is spent on setting up and running pooled budgets",
    ),
    _dial(
        "authorities.tier_gap_closed",
        "share",
        "chances",
        "money",
        "tiers of need",
        "share of the gap between money and need that is closed by moving money between the tiers",
    ),
    _dial(
        "authorities.initiative_load",
        "load",
        "adds",
        "capacity",
        "initiatives",
        "combined load of all initiatives that run here, from which the core time that they take is computed",
    ),
    _dial(
        "authorities.initiative_drain",
        "per_year",
        "adds",
        "capacity",
        "initiatives",
        "share of social workers who would move to these initiatives each year without a workforce plan",
    ),
    _dial(
        "authorities.movers_retained",
        "share",
        "chances",
        "capacity",
        "initiatives",
        "share of the social workers who would move to an initiative that a workforce plan retains",
    ),
)


def dial_column(name: str) -> AgentColumn[Any]:
    """Return the attribute with which an agent shows a dial.

    Raises:
        KeyError: there is no such dial.
    """
    dial = {dial.name: dial for dial in DIALS}[name]
    low = -math.inf if dial.composes in ("adds", "state") else 0.0
    high = 1.0 if dial.composes in ("chances", "largest") else math.inf
    doc = f"{dial.description[:1].upper()}{dial.description[1:]}"
    return AgentColumn[Any](
        dial.table, dial.column, doc=doc, unit=dial.unit, low=low, high=high, settable=dial.unit != "index"
    )


def format_dial_table() -> str:
    """Return the dials as a plain-text table with one line per dial, for printing."""
    header = ("dial", "unit", "neutral", "levers", "family", "read by", "meaning")
    lines = [header] + [
        (
            dial.name,
            dial.unit,
            "own value" if dial.neutral is None else f"{dial.neutral:g}",
            dial.composes,
            dial.family,
            ", ".join(dial.read_by),
            dial.description,
        )
        for dial in DIALS
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
