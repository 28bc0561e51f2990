"""The dials: the values that policy levers can change and that casework, the workforce, ties and costs read.

Dials are the only connection between governance and casework. A lever affects children only through the dials that it
declares, and a decision of casework depends on policy only through the dials that it reads. Values that only pass from
one lever to another are signals, in `cpsim.agents.signals`.

Which levers turn a dial, and which modules read it, is not written here: `cpsim.dial_use` finds it from what levers and
modules declare next to their code.

>>> from cpsim.agents.dials import DIALS
>>> [dial.name for dial in DIALS if dial.family == "ties"][:2]
['organisations.wrong_authority', 'organisations.absorbed_by']
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal

from cpsim.agents.agent_column import AgentColumn

__all__ = ["DIALS", "Dial", "PolicyVariable"]

Family = Literal["threshold", "information", "capacity", "ties", "money"]

Composition = Literal["adds", "multiplies", "chances", "largest", "last", "state"]
"""How the effects of several levers on one dial or signal combine.

`adds`: effects are added. `multiplies`: effects are multiplied. `chances`: effects are independent probabilities, and
one success is enough. `largest`: the largest effect counts. `last`: the value of the last lever counts. `state`: a
lever changes the value on a date, and from then on the model itself changes it.
"""


@dataclass(frozen=True)
class PolicyVariable:
    """A value that levers change: a dial or a signal.

    Attributes:
        name: name in scenarios and tables, `table.column`.
        table: table of the model that holds the value.
        column: column of that table.
        unit: unit, as in the register of parameters.
        composes: how the effects of several levers combine.
        neutral: value without effect; None if every agent has a value of its own.
        description: meaning of the value.
        low: smallest value; what levers combine to is cut to it.
        high: largest value, likewise.

    >>> trust = next(dial for dial in DIALS if dial.name == "ties.trust")
    >>> trust.table, trust.column, trust.unit, trust.composes
    ('ties', 'trust', 'trust_0_1', 'state')
    """

    name: str
    table: str
    column: str
    unit: str
    composes: Composition
    neutral: float | None
    description: str
    low: float
    high: float


@dataclass(frozen=True)
class Dial(PolicyVariable):
    """A value that levers turn and that casework, the workforce, ties or costs read.

    Attributes:
        family: one of the five ways in which policy can change a system.
        label: what it turns, in a few words for a reader.

    >>> accuracy = next(dial for dial in DIALS if dial.name == "teams.accuracy")
    >>> accuracy.family, accuracy.neutral, accuracy.label
    ('information', 1.0, 'accuracy of judgement')
    """

    family: Family
    label: str


NEUTRAL: dict[Composition, float | None] = {
    "adds": 0.0,
    "multiplies": 1.0,
    "chances": 0.0,
    "largest": 0.0,
    "last": None,
    "state": None,
}
"""The value without effect, for each rule of composition."""

LARGEST_FACTOR: Final = 1e100
"""The largest multiplier, far beyond any effect, so that products of many levers stay finite."""

LEAST_ACCURACY: Final = 1e-6
"""The least accuracy of a team: the error of a judgement is divided by the accuracy, and must stay finite."""

LIMITS: dict[Composition, tuple[float, float]] = {
    "adds": (-math.inf, math.inf),
    "multiplies": (0.0, LARGEST_FACTOR),
    "chances": (0.0, 1.0),
    "largest": (0.0, 1.0),
    "last": (-math.inf, math.inf),
    "state": (-math.inf, math.inf),
}
"""The smallest and the largest value, for each rule of composition."""


def _dial(
    name: str,
    unit: str,
    composes: Composition,
    family: Family,
    label: str,
    description: str,
    *,
    low: float | None = None,
) -> Dial:
    table, column = name.split(".")
    lowest, high = LIMITS[composes]
    return Dial(
        name,
        table,
        column,
        unit,
        composes,
        NEUTRAL[composes],
        description,
        lowest if low is None else low,
        high,
        family,
        label,
    )


DIALS: tuple[Dial, ...] = (
    _dial(
        "organisations.share_threshold_shift",
        "log_odds",
        "adds",
        "threshold",
        "threshold for making contact",
        "added to this organisation's threshold for contacting children's social care; negative: contact sooner",
    ),
    _dial(
        "organisations.group_threshold_shift",
        "log_odds",
        "adds",
        "threshold",
        "threshold, smaller group",
        "added to the same threshold, for children of the smaller group only",
    ),
    _dial(
        "teams.screening_threshold_shift",
        "log_odds",
        "adds",
        "threshold",
        "threshold for a referral",
        "added to the threshold at which this front door accepts a contact as a referral",
    ),
    _dial(
        "organisations.attention_factor",
        "multiplier",
        "multiplies",
        "information",
        "signs noticed",
        "multiplier on the probability that a noticeable sign is noticed here",
    ),
    _dial(
        "organisations.group_exposure",
        "multiplier",
        "multiplies",
        "information",
        "signs noticed, smaller group",
        "multiplier on the same probability, for children of the smaller group only",
    ),
    _dial(
        "organisations.recording_factor",
        "multiplier",
        "multiplies",
        "information",
        "concerns recorded",
        "multiplier on the probability that a noticed concern is recorded here",
    ),
    _dial(
        "organisations.attendance_factor",
        "multiplier",
        "multiplies",
        "information",
        "attendance at conferences",
        "multiplier on the probability that this organisation attends a child protection conference",
    ),
    _dial(
        "organisations.lookup",
        "probability",
        "chances",
        "information",
        "lookups in a shared record",
        "probability that a practitioner here with a concern looks the child up in a shared record",
    ),
    _dial(
        "organisations.lookup_reach",
        "share",
        "largest",
        "information",
        "evidence in the shared record",
        "share of other agencies' evidence about the child that the shared record shows",
    ),
    _dial(
        "organisations.false_match",
        "probability",
        "chances",
        "information",
        "lookups of another child",
        "probability that the shared record shows the file of another child",
    ),
    _dial(
        "teams.records_shown",
        "share",
        "largest",
        "information",
        "records read with a message",
        "share of other agencies' records that this front door reads with each message",
    ),
    _dial(
        "teams.accuracy",
        "multiplier",
        "multiplies",
        "information",
        "accuracy of judgement",
        "multiplier on how well this team distinguishes harm from no harm; never below 0.000001, which is no better "
        "than chance",
        low=LEAST_ACCURACY,
    ),
    _dial(
        "teams.capacity_factor",
        "multiplier",
        "multiplies",
        "capacity",
        "hours for casework",
        "multiplier on the weekly casework hours of this team's social workers",
    ),
    _dial(
        "teams.paid_factor",
        "multiplier",
        "multiplies",
        "money",
        "hours that are paid for",
        "multiplier on the hours of this team's social workers that are paid for",
    ),
    _dial(
        "teams.exit_factor",
        "multiplier",
        "multiplies",
        "capacity",
        "social workers who leave",
        "multiplier on the rate at which this team's social workers leave",
    ),
    _dial(
        "teams.contact_load",
        "multiplier",
        "multiplies",
        "capacity",
        "hours that a contact takes",
        "multiplier on the hours that contacts and referrals take at this front door",
    ),
    _dial(
        "teams.workload_factor",
        "multiplier",
        "multiplies",
        "capacity",
        "hours that a case takes",
        "multiplier on the hours that a case takes in this team",
    ),
    _dial(
        "organisations.wrong_authority",
        "probability",
        "chances",
        "ties",
        "messages to the wrong authority",
        "probability that a message from here goes to an authority other than the child's",
    ),
    _dial(
        "organisations.absorbed_by",
        "index",
        "state",
        "ties",
        "organisation that serves children",
        "row of the organisation that now serves this one's children; its own row unless it has been merged",
    ),
    _dial(
        "organisations.file_lost",
        "probability",
        "state",
        "information",
        "files lost in a merger",
        "probability that a file of this organisation was lost when another organisation absorbed it",
    ),
    _dial(
        "ties.trust",
        "trust_0_1",
        "state",
        "ties",
        "trust between agencies",
        "trust of the sender in the receiver; restructuring destroys it, working together builds it",
    ),
    _dial(
        "ties.delivery",
        "multiplier",
        "multiplies",
        "ties",
        "messages delivered",
        "multiplier on the probability that a message over this tie is delivered",
    ),
    _dial(
        "authorities.supply_in_need",
        "multiplier",
        "multiplies",
        "money",
        "effect of child-in-need services",
        "multiplier on the effect of a week of child in need services, according to the money available",
    ),
    _dial(
        "authorities.supply_on_plan",
        "multiplier",
        "multiplies",
        "money",
        "effect of plans",
        "multiplier on the effect of a week on a child protection plan, according to the money available",
    ),
    _dial(
        "authorities.pool_overhead",
        "share",
        "adds",
        "money",
        "money spent on pooling",
        "share of the money for services that is spent on setting up and running pooled budgets",
    ),
)


def dial_column(name: str) -> AgentColumn[Any]:
    """Return the attribute with which an agent shows a dial.

    Raises:
        KeyError: there is no such dial.
    """
    dial = {dial.name: dial for dial in DIALS}[name]
    doc = f"{dial.description[:1].upper()}{dial.description[1:]}"
    return AgentColumn[Any](
        dial.table,
        dial.column,
        doc=doc,
        unit=dial.unit,
        low=dial.low,
        high=dial.high,
        settable=dial.unit != "index",
    )
