"""What a comparison has found: in tables, and in words for those who cannot see its figures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cpsim.report.blocks import Column, Group, Table
from cpsim.report.words import code, named
from cpsim.results import CAUSES
from cpsim.results.comparison_printed import OUTCOMES
from cpsim.results.comparison_tables import FATES, TURNS
from cpsim.results.comparison_words import signed
from cpsim.results.printed import UNDEFINED, formatted, percent

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    import pandas as pd

    from cpsim.report.blocks import Text
    from cpsim.results.comparison import Comparison

    Row = Mapping[Hashable, Any]

_TOLD = (
    "missed_risk_rate",
    "false_alarm_families_per_10k_year",
    "utilisation_mean",
    "cost_gbp_per_child_year",
)
_LABELS = {outcome: label.strip() for labels in OUTCOMES.values() for outcome, label in labels.items()}
_MOST_FLOWS = 12


def differences(comparison: Comparison, arm: str) -> Table:
    """The outcomes that a comparison is read by, and where those missed were lost: both levels and the difference."""
    rows = _by_outcome(comparison, arm)
    groups = [
        Group(tuple(_row(_in_full(label), rows[outcome]) for outcome, label in labels.items()), heading)
        for heading, labels in OUTCOMES.items()
    ]
    causes = tuple(_row(name, rows[f"missed_by_cause.{cause}"]) for cause, name in CAUSES.items())
    groups.insert(1, Group(causes, "Where those missed were lost, of all missed"))
    return Table(f"{arm} against {comparison.reference}", _columns(comparison, arm, "Number"), tuple(groups))


def _in_full(label: str) -> str:
    """A label of the terminal's page; one that is indented there goes on from misses."""
    return f"Missed {label.strip()}" if label.startswith(" ") else label


def every_difference(comparison: Comparison, arm: str) -> Table:
    """The same for every figure of the summary, by its name."""
    rows = tuple(_row(code(outcome), row) for outcome, row in _by_outcome(comparison, arm).items())
    columns = _columns(comparison, arm, "Name in differences.csv")
    return Table(f"Every figure: {arm} against {comparison.reference}", columns, (Group(rows),))


def _columns(comparison: Comparison, arm: str, first: str) -> tuple[Column, ...]:
    return (
        Column(first), Column(comparison.reference, True), Column(arm, True), Column("Difference", True),
        Column("95 % interval", True), Column("p (Holm)", True), Column("Verdict"),
    )  # fmt: skip


def _by_outcome(comparison: Comparison, arm: str) -> dict[str, Row]:
    own = comparison.at()
    return {str(row["outcome"]): row for row in own[own["arm"] == arm].to_dict("records")}


def _row(name: Text, row: Row) -> tuple[Text, ...]:
    outcome, half = row["outcome"], (row["high"] - row["low"]) / 2
    before, after = (_level(outcome, row[when]) for when in ("reference_mean", "mean"))
    return (
        name,
        before,
        after,
        _signed(row, "difference", half),
        _interval(row, half),
        _p(row["p_holm"]),
        row["verdict"],
    )


def _level(outcome: str, level: float) -> str:
    return formatted(outcome.partition(".")[0], None if math.isnan(level) else level).replace("-", "−")


def _signed(row: Row, which: str, half: float) -> str:
    return UNDEFINED if math.isnan(row[which]) else signed(row["outcome"], row[which], half)


def _interval(row: Row, half: float) -> str:
    if math.isnan(half):
        return UNDEFINED
    low, high = (_signed(row, limit, half).removesuffix(" points") for limit in ("low", "high"))
    return f"{low} to {high}"


def _p(value: float) -> str:
    return UNDEFINED if math.isnan(value) else "< 0.001" if value < 0.001 else f"{value:.3f}"


def shows_differences(comparison: Comparison) -> str:
    """What each arm changes, in words."""
    told = "; ".join(f"{arm}: {_in_short(comparison, arm, None)}" for arm in comparison.others)
    return f"Dots with 95 % intervals of the differences to {comparison.reference}. {told}."


def _in_short(comparison: Comparison, arm: str, prevalence: float | None) -> str:
    frame = comparison.at(prevalence)
    rows = {row["outcome"]: row for row in frame[frame["arm"] == arm].to_dict("records")}
    return ", ".join(_told(rows[outcome]) for outcome in _TOLD)


def _told(row: Row) -> str:
    half = (row["high"] - row["low"]) / 2
    limits = "" if math.isnan(half) else f" ({_interval(row, half)}, {row['verdict']})"
    return f"{_LABELS[row['outcome']].lower()} {_signed(row, 'difference', half)}{limits}"


def shows_trade_off(comparison: Comparison) -> str:
    """Misses against false alarms, in words."""
    means = comparison.at(table="runs").groupby("arm", sort=False)[list(_TOLD[:2])].mean()
    points = "; ".join(
        f"{arm}: {percent(row[_TOLD[0]])} of spells missed, {row[_TOLD[1]]:,.0f} families alarmed"
        for arm, row in means.iterrows()
    )
    return (
        f"Each arm as a dot, missed risks upward, families alarmed for nothing to the right. Means: {points}."
    )


def shows_prevalence(comparison: Comparison) -> str:
    """Whether it hangs on how much harm there is, in words."""
    told = "; ".join(
        f"{arm} at {100 * share:g} %: {_in_short(comparison, arm, share)}"
        for arm in comparison.others
        for share in comparison.prevalences
        if share is not None
    )
    return f"Differences to {comparison.reference} by the share of children in harm. {told}."


def at_each_prevalence(comparison: Comparison) -> Table:
    """Differences in misses, alarms, work and money by how much harm there is."""
    columns = Column("Children in harm"), *(Column(_LABELS[outcome], True) for outcome in _TOLD)
    groups = tuple(Group(tuple(_at_each(comparison, arm)), arm) for arm in comparison.others)
    return Table(f"Differences to {comparison.reference}, with their 95 % intervals", columns, groups)


def _at_each(comparison: Comparison, arm: str) -> Iterator[tuple[Text, ...]]:
    for share in comparison.prevalences:
        frame = comparison.at(share)
        rows = {row["outcome"]: row for row in frame[frame["arm"] == arm].to_dict("records")}
        halves = {outcome: (rows[outcome]["high"] - rows[outcome]["low"]) / 2 for outcome in _TOLD}
        cells = (
            f"{_signed(rows[outcome], 'difference', half)} ({_interval(rows[outcome], half)})"
            for outcome, half in halves.items()
        )
        yield "as the scenarios have it" if share is None else f"{100 * share:g} %", *cells


def _limits(row: Row) -> str:
    """The interval of a number of spells or children, of which there are never fewer than none."""
    return UNDEFINED if math.isnan(row["low"]) else f"{max(row['low'], 0):,.1f} to {row['high']:,.1f}"


def shows_flow(comparison: Comparison, arm: str) -> str:
    """From which fate to which, in words."""
    told = "; ".join(
        f"{FATES[row['before']].lower()}, then {FATES[row['after']].lower()}: {row['spells']:,.1f}"
        for row in _moved(comparison, arm).head(_MOST_FLOWS).to_dict("records")
    )
    stayed = comparison.flows[(comparison.flows["arm"] == arm)]
    share = stayed.loc[stayed["before"].astype(str) == stayed["after"].astype(str), "share"].sum()
    return (
        f"Bands from what became of a spell under {comparison.reference} to what became of it under {arm}, in spells a "
        f"seed. {percent(share)} end the same. {told}."
    )


def _moved(comparison: Comparison, arm: str) -> pd.DataFrame:
    """The flows that end otherwise than in the reference, the largest first."""
    own = comparison.flows[comparison.flows["arm"] == arm].astype({"before": "str", "after": "str"})
    return own[own["before"] != own["after"]].sort_values("spells", ascending=False, kind="stable")


def moved(comparison: Comparison, arm: str) -> Table:
    """The largest flows between fates, with their intervals."""
    rows = tuple(
        (
            FATES[row["before"]],
            FATES[row["after"]],
            f"{row['spells']:,.1f}",
            _limits(row),
            percent(row["share"]),
        )
        for row in _moved(comparison, arm).head(_MOST_FLOWS).to_dict("records")
    )
    columns = (
        Column(f"Under {comparison.reference}"), Column(f"Under {arm}"), Column("Spells a seed", True),
        Column("95 % interval", True), Column("Of all spells", True),
    )  # fmt: skip
    return Table("Spells that end otherwise, the most frequent first", columns, (Group(rows),))


def shows_children(comparison: Comparison, arm: str) -> str:
    """Whom an arm catches and whom it loses, in words."""
    rows = comparison.turns[comparison.turns["arm"] == arm].to_dict("records")
    told = "; ".join(f"{TURNS[row['turn']]}: {row['children']:,.1f} children a seed" for row in rows)
    return (
        f"Dots for the children whom {arm} catches and for those whom it loses against {comparison.reference}, by the "
        f"step where the concern was lost. {told}."
    )


def turned(comparison: Comparison, arm: str) -> Table:
    """How many children are caught who were missed, and the reverse."""
    rows = tuple(
        (
            f"{TURNS[row['turn']][0].upper()}{TURNS[row['turn']][1:]}",
            f"{row['children']:,.1f}",
            _limits(row),
        )
        for row in comparison.turns[comparison.turns["arm"] == arm].to_dict("records")
    )
    columns = Column("Whose fate turns"), Column("Children a seed", True), Column("95 % interval", True)
    return Table(f"Caught and lost under {arm}", columns, (Group(rows),))


def levels(comparison: Comparison) -> Table:
    """Misses and false alarms of every arm and seed at the scenarios' own prevalence."""
    columns = Column("Arm"), Column("Seed", True), *(Column(_LABELS[outcome], True) for outcome in _TOLD)
    rows = tuple(
        (named(row["arm"]), f"{row['seed']}", *(_level(outcome, row[outcome]) for outcome in _TOLD))
        for row in comparison.at(table="runs").to_dict("records")
    )
    return Table("Every run", columns, (Group(rows),))
