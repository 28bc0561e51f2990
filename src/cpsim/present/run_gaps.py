"""Gaps between groups of children in one run: deprived and other areas, the smaller and the larger group."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cpsim.constants import WEEKS_PER_YEAR
from cpsim.formatting import FEWEST, UNDEFINED, add_sign, format_outcome
from cpsim.measures.assessments import NEITHER
from cpsim.measures.equity import ComparedGroups, compare_by_deprivation, compare_by_group
from cpsim.present.blocks import PageColumn, PageTable, RowGroup
from cpsim.present.chance import (
    LABEL,
    Interval,
    difference_interval,
    format_rate_interval,
    format_share_interval,
    poisson_interval,
    wilson_interval,
)
from cpsim.present.terms import link_term
from cpsim.results.names import STATES
from cpsim.world.calendar import CHILDHOOD

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from cpsim.arrays import Bools
    from cpsim.present.blocks import Text
    from cpsim.results.run_result import RunResult

_TOO_FEW = f"fewer than {FEWEST} spells"


@dataclass(frozen=True)
class _Groups:
    """A pair of groups that is compared: its names in the table, and the outcomes that are its gaps."""

    group: str
    reference: str
    missed: str
    neither: str

    def select(self, table: pd.DataFrame) -> ComparedGroups:
        """Select the rows of both groups in a table with deciles and groups of children."""
        if self.missed == "equity_gap_miss":
            return compare_by_deprivation(table["decile"].to_numpy())
        return compare_by_group((table["group"] == "smaller").to_numpy())


_DEPRIVATION = _Groups(
    "most deprived fifth", "least deprived fifth", "equity_gap_miss", "equity_gap_assessed_neither"
)
_SIZES = _Groups("smaller group", "larger group", "group_gap_miss", "group_gap_assessed_neither")
GAPS = (_DEPRIVATION.missed, _SIZES.missed, _DEPRIVATION.neither, _SIZES.neither)
"""Outcomes in the table of gaps."""


def create_gap_table(result: RunResult) -> PageTable:
    """Create the table of gaps in missed risk, and in families assessed without need or harm, with intervals."""
    pairs = (_DEPRIVATION, _SIZES)
    rows = (
        *(_create_missed_row(result, groups) for groups in pairs),
        *(_create_neither_row(result, groups) for groups in pairs),
    )
    columns = (
        PageColumn("Gap"),
        PageColumn("First group"),
        PageColumn("Second group"),
        PageColumn("First less second"),
    )
    return PageTable(f"Gaps between groups of children ({LABEL})", columns, (RowGroup(rows),))


def format_missed_gap(result: RunResult) -> str:
    """Format the interval of the deprivation gap in missed risk, or say that there are too few spells for one."""
    counts = list(_count_missed(result, _DEPRIVATION))
    if min(followed for _, followed in counts) < FEWEST:
        return _TOO_FEW
    return _format_ends(_DEPRIVATION.missed, _compute_missed_gap(counts))


def _create_missed_row(result: RunResult, groups: _Groups) -> tuple[Text, ...]:
    counts = list(_count_missed(result, groups))
    texts = [format_share_interval(*count) for count in counts]
    few = min(followed for _, followed in counts) < FEWEST
    gap = _TOO_FEW if few else _format_gap(groups.missed, _compute_missed_gap(counts))
    return _create_row(groups, groups.missed, texts, gap)


def _compute_missed_gap(counts: list[tuple[int, int]]) -> Interval:
    """Return the difference of two shares of missed spells with its interval, in percentage points."""
    return Interval(
        *(100 * end for end in difference_interval(*(wilson_interval(*count) for count in counts)))
    )


def _create_neither_row(result: RunResult, groups: _Groups) -> tuple[Text, ...]:
    counts = list(_count_neither(result, groups))
    texts = [format_rate_interval(groups.neither, *count) for count in counts]
    gap = difference_interval(*(poisson_interval(*count) for count in counts))
    return _create_row(groups, groups.neither, texts, _format_gap(groups.neither, gap))


def _create_row(groups: _Groups, name: str, texts: list[str], gap: str) -> tuple[Text, ...]:
    group, reference = texts
    return link_term(name), f"{groups.group}: {group}", f"{groups.reference}: {reference}", gap


def _format_gap(name: str, gap: Interval) -> str:
    if math.isnan(gap.value):
        return UNDEFINED
    return f"{add_sign(format_outcome(name, gap.value))} ({_format_ends(name, gap)})"


def _format_ends(name: str, gap: Interval) -> str:
    low, high = (add_sign(format_outcome(name, end)) for end in (gap.low, gap.high))
    return f"{low} to {high}"


def _count_missed(result: RunResult, groups: _Groups) -> Iterator[tuple[int, int]]:
    """Yield for each group the missed spells and those that could be followed."""
    results = result.spell_results
    for members in groups.select(result.spells):
        yield int((members & (results == "missed")).sum()), int((members & (results != "censored")).sum())


def _count_neither(result: RunResult, groups: _Groups) -> Iterator[tuple[int, float]]:
    """Yield for each group the families assessed without need or harm, and its child-years in units of 10,000."""
    children, assessed = result.children, result.assessments
    neither = assessed.loc[assessed["true"] == list(STATES)[NEITHER], "family"]
    for members in groups.select(children):
        families = int(neither.isin(children.loc[members, "family"]).sum())
        yield families, _count_child_weeks(result, members) / WEEKS_PER_YEAR / 1e4


def _count_child_weeks(result: RunResult, members: Bools) -> float:
    """Count the evaluated weeks in which the children of a group are under 18."""
    weeks = int((result.weekly["phase"] == "evaluated").sum())
    birth = result.children["birth"].to_numpy()[members]
    return float(np.maximum(np.minimum(birth + CHILDHOOD, weeks) - np.maximum(birth, 0), 0).sum())
