"""What a run has found: in sentences, in tables, and in words for those who cannot see its figures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cpsim.report.blocks import Column, Group, Table
from cpsim.report.words import count, day, listed, named
from cpsim.results import CAUSES, RESULTS
from cpsim.results.incidence import FIRSTS, cumulative_incidence
from cpsim.results.names import agencies_in_words
from cpsim.results.printed import formatted, percent, period

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    import pandas as pd

    from cpsim.report.blocks import Text
    from cpsim.results import RunResult

_UNDEFINED = "–"


def lead(result: RunResult) -> str:
    """The one sentence to take away: misses, and false alarms in the same breath."""
    followed, missed = _followed(result), _number_missed(result)
    alarmed = _told(result, "false_alarm_families_per_10k_year")
    if not followed:
        return f"No child came to significant harm from {period(result)}, so that nobody could be missed."
    return (
        f"Of {count(followed, 'spell')} of significant harm that began from {period(result)}, {missed:,} "
        f"({percent(missed / followed)}) were missed, while each year {alarmed} "
        "families for every 10,000 children were assessed although no child of theirs was in significant harm."
    )


def answers(result: RunResult) -> Iterator[str]:
    """What was found, a sentence each: misses beside false alarms, workload and money."""
    summary = result.summary
    yield (
        "Missed means that 13 weeks after the harm began the child was neither protected nor out of harm. "
        f"{_told(result, 'protected_share')} of the spells were protected in time and "
        f"{_told(result, 'self_resolved_share')} had ended by themselves; after a year "
        f"{_told(result, 'missed_risk_rate_52w')} were still missed."
    )
    causes = summary["missed_by_cause"]
    if isinstance(causes, dict) and any(causes.values()):
        most = sorted(causes.items(), key=lambda item: -item[1])[:3]
        steps = listed(f"{CAUSES[code].lower()} ({percent(share)})" for code, share in most if share)
        yield f"Most of the missed were lost at these steps: {steps}."
    if summary["referral_ppv"] is not None:
        yield (
            f"False alarms: {_told(result, 'referral_ppv')} of referrals named a child in significant harm. Families "
            "with no child in need or in harm spent "
            f"{_told(result, 'needless_family_weeks_per_10k_year')} weeks a year, for every 10,000 children, in "
            "assessment, service or plan."
        )
    yield (
        f"Workload: social workers were asked for {_told(result, 'utilisation_mean')} hours for each hour that they "
        f"had, with {_told(result, 'caseload_mean')} open children for each of them; "
        f"{_told(result, 'initial_on_time_share')} of initial assessments were on time."
    )
    yield (
        f"Money: the system cost {_told(result, 'cost_gbp_per_child_year')} a year for each child. Harm has no price."
    )
    yield (
        "This is one run: one draw of chance, under one set of rules. What a rule changes is only seen by comparing "
        "runs of the same seeds, and how sure that is only over several seeds."
    )


def shows_lost_where(result: RunResult) -> str:
    """The cascade in words."""
    followed = max(_followed(result), 1)
    lost = ", ".join(
        f"{CAUSES[code].lower()} {percent(spells / followed)}" for code, spells in _by_cause(result).items()
    )
    ended, protected = (
        percent(_with_result(result, what) / followed) for what in ("self_resolved", "protected")
    )
    return (
        f"Thresholds that step down from all {_followed(result):,} spells of harm to those protected in time. {ended} ended "
        f"by themselves. Lost on the way: {lost}. {protected} were protected in time."
    )


def every_spell(result: RunResult) -> Table:
    """What became of every spell: those lost by the step at which they were."""
    followed, missed = _followed(result), _number_missed(result)

    def row(name: str, spells: int, of_missed: str = "") -> tuple[Text, ...]:
        return name, f"{spells:,}", _part(spells, followed), of_missed

    ends = tuple(row(RESULTS[what], _with_result(result, what)) for what in ("protected", "self_resolved"))
    causes = tuple(
        row(f"{CAUSES[code]} ({code})", spells, _part(spells, missed))
        for code, spells in _by_cause(result).items()
    )
    columns = (
        Column("Outcome after 13 weeks"),
        Column("Spells", True),
        Column("Of all", True),
        Column("Of missed", True),
    )
    groups = (
        Group(ends, "Not missed"),
        Group(
            (*causes, row("All that were missed", missed, _part(missed, missed))),
            "Missed, by where it was lost",
        ),
    )
    return Table(f"What became of {count(followed, 'spell')} of significant harm", columns, groups)


def shows_funnel(result: RunResult) -> str:
    """The funnel in words."""
    steps = ", ".join(f"{name.lower()} {number:,.0f}" for name, number in _steps(result))
    return (
        f"Thresholds, each shorter than the one before it. A year, for every 10,000 children: {steps}. "
        f"{_told(result, 'referral_ppv')} of referrals, shaded, name a child in significant harm."
    )


def funnel_steps(result: RunResult) -> Table:
    """How many children come to each step a year."""
    rows = tuple((name, f"{number:,.1f}") for name, number in _steps(result))
    columns = Column("Step"), Column("A year, per 10,000 children", True)
    return Table("From a contact to a plan", columns, (Group(rows),))


_STEPS = {
    "Contacts": "contacts",
    "Referrals": "referrals",
    "Initial assessments": "initial_started",
    "Core assessments": "core_started",
    "Section 47 enquiries": "s47_started",
    "Child protection conferences": "conferences",
    "Child protection plans": "plans_started",
}


def _steps(result: RunResult) -> list[tuple[str, float]]:
    weeks = _judged(result)
    per_10k_year = 10_000 * 52 / weeks["children"].sum()
    return [(name, float(per_10k_year * weeks[column].sum())) for name, column in _STEPS.items()]


_WEEKS_TOLD = (4, 13, 26, 52)


def shows_incidence(result: RunResult) -> str:
    """How soon help came, in words."""
    told = "; ".join(
        f"{name.lower()}: {', '.join(shares)}"
        for name, *shares in _incidence(result, "{share} by week {week}")
    )
    return f"Curves over 52 weeks since the harm began: the share of spells in which each came first. {told}."


def what_came_first(result: RunResult) -> Table:
    """What came first by some weeks after onset, with its interval."""
    columns = Column("What came first"), *(Column(f"By week {week}", True) for week in _WEEKS_TOLD)
    rows = tuple(_incidence(result, "{share} ({low} to {high})"))
    return Table("Share of spells of harm, with its 95 % interval", columns, (Group(rows),))


def _incidence(result: RunResult, shape: str) -> Iterator[tuple[str, ...]]:
    """Each event with its share, written in some shape, at the weeks that are told."""
    curves = cumulative_incidence(result.spells).set_index(["event", "week"])
    for event, name in FIRSTS.items():
        at = curves.loc[event].loc[list(_WEEKS_TOLD)].reset_index().to_dict("records")
        yield name, *(_at(shape, row) for row in at)


def _at(shape: str, row: Mapping[Hashable, float]) -> str:
    if math.isnan(row["share"]):
        return _UNDEFINED
    shares = {name: percent(row[name]) for name in ("share", "low", "high")}
    return shape.format(week=f"{row['week']:.0f}", **shares)


_SERIES = {
    "missed_13w": "missed risks a week",
    "false_alarm_families": "families alarmed for nothing a week",
    "referrals": "referrals a week",
    "caseload_mean": "children per social worker",
    "utilisation": "hours demanded for each hour available",
    "trust_mean": "trust between agencies",
}


def shows_weeks(result: RunResult) -> str:
    """The weeks in words: the first judged year against the last."""
    weeks = _judged(result)
    first, last = weeks.iloc[13:65], weeks.iloc[-52:]
    told = "; ".join(
        f"{name} {_short(first[column].mean())}, then {_short(last[column].mean())}"
        for column, name in _SERIES.items()
    )
    return f"Six lines over {period(result)}. Mean of 52 weeks from the 14th on, then of the last 52: {told}."


_BESIDE = ("Missed", "Families alarmed", "Referrals", "Hours demanded per hour")
_OF_BESIDE = "families alarmed for nothing and referrals a year per 10,000 children"


def year_by_year(result: RunResult) -> Table:
    """Misses, false alarms and work in each judged year, over all authorities."""
    sums = result.authorities.drop(columns=["authority", "name"]).groupby("year").sum()
    starts = _judged(result)["date"].iloc[::52]
    rows = tuple(
        (day(start), f"{row['spells']:,.0f}", *_beside(row))
        for start, row in zip(starts, sums.to_dict("records"), strict=False)
    )
    return _table_beside(f"Year by year; {_OF_BESIDE}", ("Year from", "Spells"), rows)


def shows_network(result: RunResult) -> str:
    """The network in words."""
    ties, kinds = result.ties, result.agencies["kind"].value_counts()
    used = ties[ties["uses"] > 0]
    lateral = ties["role"] == "lateral"
    around = listed(f"{agencies_in_words(str(kind))} {number:,}" for kind, number in kinds.items() if number)
    return (
        f"A ring of {count(len(result.agencies), 'organisation')} around the front door: {around}. "
        f"{used.loc[used['role'] != 'lateral', 'source'].nunique():,} of them spoke to it. Of {lateral.sum():,} ties "
        f"between partners, {(used['role'] == 'lateral').sum():,} were ever used. "
        f"Mean trust on the ties that were used is {_short(_weighted(used, 'trust'))} of 1."
    )


def ties_by_kind(result: RunResult) -> Table:
    """What each kind of agency told: to the front door, and to partners."""
    columns = (
        Column("Kind of agency"), Column("Ties used", True), Column("Messages", True), Column("Arrived", True),
        Column("Trust, 0 to 1", True),
    )  # fmt: skip
    groups = tuple(
        Group(tuple(_told_by_kind(result.ties[result.ties["role"] == role])), title)
        for role, title in (("referral", "To the front door"), ("lateral", "Between partners"))
    )
    return Table("Who told, since the warm-up began", columns, groups)


def _told_by_kind(ties: pd.DataFrame) -> Iterator[tuple[Text, ...]]:
    for kind, own in ties[ties["uses"] > 0].groupby("source_kind", observed=True):
        yield (
            agencies_in_words(str(kind)),
            f"{len(own):,}",
            f"{own['uses'].sum():,}",
            _part(own["delivered"].sum(), own["uses"].sum()),
            f"{_weighted(own, 'trust'):.2f}",
        )


def authorities_beside_each_other(result: RunResult) -> Table | None:
    """Misses beside false alarms and work by authority; None if there is only one."""
    places = result.authorities
    if places["authority"].nunique() < 2:
        return None
    years, names = places["year"].max(), places.groupby("authority")["name"].first()
    sums = places.drop(columns=["year", "name"]).groupby("authority").sum()
    rows = tuple(
        (named(name), f"{row['children'] / years:,.0f}", *_beside(row))
        for name, row in zip(names, sums.to_dict("records"), strict=True)
    )
    return _table_beside(f"The authorities; {_OF_BESIDE}", ("Authority", "Children"), rows)


def _beside(row: Mapping[Hashable, float]) -> tuple[str, ...]:
    """Misses, false alarms, referrals and hours out of the sums of some rows of the table of authorities."""
    return (
        _part(row["missed"], row["spells"] - row["censored"]),
        _ratio(1e4 * row["false_alarm_families"], row["children"], "{:,.0f}"),
        _ratio(1e4 * row["referrals"], row["children"], "{:,.0f}"),
        _ratio(row["hours_demanded"], row["hours_available"], "{:.2f}"),
    )


def _table_beside(caption: str, first: tuple[str, str], rows: tuple[tuple[Text, ...], ...]) -> Table:
    columns = Column(first[0]), *(Column(name, True) for name in (first[1], *_BESIDE))
    return Table(caption, columns, (Group(rows),))


def _told(result: RunResult, name: str) -> str:
    return formatted(name, result.summary[name])


def _judged(result: RunResult) -> pd.DataFrame:
    return result.weekly[result.weekly["phase"] == "evaluated"]


def _followed(result: RunResult) -> int:
    return int((result.spells["result_13w"] != "censored").sum())


def _with_result(result: RunResult, what: str) -> int:
    return int((result.spells["result_13w"] == what).sum())


def _number_missed(result: RunResult) -> int:
    return _with_result(result, "missed")


def _by_cause(result: RunResult) -> dict[str, int]:
    causes = result.spells["cause"].value_counts()
    return {code: int(causes.get(code, 0)) for code in CAUSES}


def _part(part: float, whole: float) -> str:
    return percent(part / whole) if whole else _UNDEFINED


def _ratio(above: float, below: float, shape: str) -> str:
    return shape.format(above / below) if below else _UNDEFINED


def _short(number: float) -> str:
    return (
        f"{number:,.0f}" if abs(number) >= 100 else f"{number:,.2g}" if abs(number) < 1 else f"{number:,.1f}"
    )


def _weighted(ties: pd.DataFrame, column: str) -> float:
    """Mean over ties, weighted by use; 0 if none was used."""
    uses = ties["uses"].sum()
    return float((ties[column] * ties["uses"]).sum() / uses) if uses else 0.0
