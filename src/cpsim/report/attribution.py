"""The part of a run's page that asks which stage answers for what was missed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cpsim.plot.readings import readings
from cpsim.report.blocks import Column, Group, Paragraph, Points, Section, Table
from cpsim.report.pictures import picture
from cpsim.report.words import count, with_names
from cpsim.results.printed import UNDEFINED, percent

if TYPE_CHECKING:
    from cpsim.results.attribution import Attribution

_TITLE = "Which stage answers for it"
_SAYS = (
    "Three readings of the same misses, because failures have more than one cause. The ledger asks where the furthest "
    "chain of concern had stopped; but for, who would have been rescued, had that stage alone been perfect; Shapley, "
    "how to share out what all stages together would have rescued."
)


def which_stage(attribution: Attribution) -> Section:
    """The three readings in sentences, in a picture and in a table."""
    caption = "The three do not add up to one another, and are not meant to: each answers its own question."
    told = tuple(with_names(sentence, (attribution.scenario,)) for sentence in attribution.sentences())
    return Section(
        "stages",
        _TITLE,
        (
            Paragraph(_SAYS),
            Points(told),
            picture(readings(attribution), _TITLE, _shows(attribution), caption),
            _table(attribution),
        ),
    )


def _shows(attribution: Attribution) -> str:
    told = "; ".join(
        f"{row['stage']}: ledger {_share(row['ledger_share'])}, but for {_share(row['but_for_share'])}, Shapley "
        f"{_share(row['shapley_share'])}"
        for row in attribution.table.to_dict("records")
    )
    missed = count(attribution.missed, "spell")
    return f"Three panels of bars, a bar a stage, as shares of {missed} missed. {told}."


def _table(attribution: Attribution) -> Table:
    columns = (
        Column("Stage"), Column("Ledger", True), Column("But for", True), Column("Shapley", True),
        Column("95 % interval of Shapley", True), Column("Rescued", True), Column("Newly missed", True),
    )  # fmt: skip
    rows = tuple(
        (
            f"{row['stage'][0].upper()}{row['stage'][1:]} ({row['causes']})",
            _share(row["ledger_share"]),
            _share(row["but_for_share"]),
            _share(row["shapley_share"]),
            _between(row["shapley_low"], row["shapley_high"]),
            f"{row['rescued']:,.1f}",
            f"{row['newly_missed']:,.1f}",
        )
        for row in attribution.table.to_dict("records")
    )
    caption = "Shares of the missed by stage; rescued and newly missed spells a seed if it alone were perfect"
    return Table(caption, columns, (Group(rows),))


def _share(share: float) -> str:
    if math.isnan(share):
        return UNDEFINED
    return f"−{percent(-share)}" if share < 0 else percent(share)


def _between(low: float, high: float) -> str:
    return UNDEFINED if math.isnan(low) else f"{_share(low)} to {_share(high)}"
