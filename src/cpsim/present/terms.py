"""What the words mean: links from the name of an outcome to its unit, meaning and better direction on the same page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from cpsim.formatting import format_outcome_name
from cpsim.measures.outcomes import OUTCOMES
from cpsim.measures.outcomes.registry import SHARE
from cpsim.present.blocks import PageColumn, PageTable, RowGroup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cpsim.measures.outcomes import Outcome
    from cpsim.present.blocks import Block, Text

_DIRECTIONS = {"lower": "lower is better", "higher": "higher is better", None: "neither is better"}


def link_term(name: str) -> Markup:
    """Write an outcome in words, as a link to what it means, which `create_terms` puts at the end of the page.

    Args:
        name: name of an outcome, or one with a part, such as `chain_stopped_at.C3`.

    >>> str(link_term("missed_risk_rate"))
    '<a href="#term-missed_risk_rate">Missed risk</a>'
    """
    return Markup('<a href="#term-{}">{}</a>').format(_find_outcome(name).name, format_outcome_name(name))


def create_terms(names: Iterable[str]) -> tuple[Block, ...]:
    """Create the table of what outcomes mean, in the order of their labels; none without names.

    Args:
        names: names of the outcomes that the page shows; each is listed once.

    >>> table, = create_terms(["utilisation_mean", "missed_risk_rate", "missed_risk_rate"])
    >>> [str(row[0]) for row in table.groups[0].rows]
    ['<span id="term-utilisation_mean">Hours demanded</span>', '<span id="term-missed_risk_rate">Missed risk</span>']
    """
    outcomes = {outcome.name: outcome for outcome in map(_find_outcome, names)}
    rows = tuple(_create_row(each) for each in sorted(outcomes.values(), key=lambda each: each.label))
    columns = PageColumn("Term"), PageColumn("Meaning"), PageColumn("Unit"), PageColumn("Direction")
    return (PageTable("Meaning of the outcomes on this page", columns, (RowGroup(rows),)),) if rows else ()


def _find_outcome(name: str) -> Outcome:
    return OUTCOMES[name.partition(".")[0]]


def _create_row(outcome: Outcome) -> tuple[Text, ...]:
    term = Markup('<span id="term-{}">{}</span>').format(outcome.name, outcome.label)
    unit = "share, as a percentage" if outcome.unit == SHARE else outcome.unit
    return term, outcome.meaning, unit, _DIRECTIONS[outcome.better]
