"""The dials: the only things a policy lever may turn, and the only traces of policy that casework may read.

Governance and casework meet here and nowhere else. A lever that wants to change what happens to children must say
which dial it turns; a decision that wants to depend on policy must say which dial it reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Family = Literal["threshold", "information", "capacity", "ties", "money"]


@dataclass(frozen=True)
class Dial:
    """One thing that levers may turn.

    Attributes:
        name: how scenarios, probes and tables call it: `table.column`.
        table: table of the model that holds it.
        column: column of that table.
        unit: its unit.
        neutral: value at which it changes nothing; None where the scenario gives every agent its own, and neutral is
            to leave that alone.
        family: which of the five ways to change a system it belongs to.
        turned_by: the kinds of lever that turn it.
        read_by: the stages of casework that read it.
        says: one sentence on its meaning.
    """

    name: str
    table: str
    column: str
    unit: str
    neutral: float | None
    family: Family
    turned_by: tuple[str, ...]
    read_by: tuple[str, ...]
    says: str


def _dial(
    name: str, unit: str, neutral: float | None, family: Family, turned_by: str, read_by: str, says: str
) -> Dial:
    table, column = name.split(".")
    return Dial(
        name,
        table,
        column,
        unit,
        neutral,
        family,
        tuple(turned_by.split(", ")),
        tuple(read_by.split(", ")),
        says,
    )


DIALS: tuple[Dial, ...] = (
    _dial(
        "organisations.share_bar_shift",
        "log_odds",
        0.0,
        "threshold",
        "duties, sanctions, scandal, inspection",
        "sharing",
        "added to the worry at which this organisation tells social care; below zero it tells sooner",
    ),
    _dial(
        "teams.screen_bar_shift",
        "log_odds",
        0.0,
        "threshold",
        "duties, scandal, inspection, leadership",
        "screening",
        "added to the worry at which this front door accepts a contact as a referral",
    ),
    _dial(
        "organisations.attention",
        "share",
        None,
        "information",
        "restructuring, leadership, initiatives",
        "noticing",
        "share of the signs that could be noticed to which somebody here attends",
    ),
    _dial(
        "organisations.recording",
        "probability",
        None,
        "information",
        "information systems, duties",
        "recording",
        "chance that a noticed concern is written down here",
    ),
    _dial(
        "organisations.credibility",
        "log_odds",
        None,
        "information",
        "leadership, restructuring",
        "screening",
        "weight that the front door adds to this sender's word",
    ),
    _dial(
        "teams.accuracy",
        "multiplier",
        1.0,
        "information",
        "workforce, leadership, initiatives",
        "screening, assessment",
        "factor on how well this team tells harm from no harm",
    ),
    _dial(
        "teams.capacity_factor",
        "multiplier",
        1.0,
        "capacity",
        "budgets, workforce, restructuring, intervention",
        "assessment, protection",
        "factor on the casework hours that this team's workers have in a week",
    ),
    _dial(
        "ties.trust",
        "trust_0_1",
        None,
        "ties",
        "restructuring, leadership",
        "sharing, delivery",
        "how far the sender trusts the receiver; restructuring breaks it, working together builds it",
    ),
    _dial(
        "ties.delivery",
        "multiplier",
        1.0,
        "ties",
        "information systems, restructuring",
        "delivery",
        "factor on the chance that a message over this tie arrives",
    ),
)


def table_text() -> str:
    """The dials as a table of plain text, one dial a line, for printing."""
    header = ("dial", "unit", "neutral", "family", "turned by", "read by", "meaning")
    lines = [header] + [
        (
            dial.name,
            dial.unit,
            "own value" if dial.neutral is None else f"{dial.neutral:g}",
            dial.family,
            ", ".join(dial.turned_by),
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
