"""The findings of a run as sentences and tables, and as text alternatives to its figures."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from cpsim.constants import WEEKS_PER_YEAR
from cpsim.formatting import (
    UNDEFINED,
    format_agency_kind,
    format_count,
    format_day,
    format_decimals,
    format_list,
    format_number,
    format_outcome,
    format_percent,
    format_price,
    format_share,
    lower_first,
)
from cpsim.measures.horizons import weekly_column
from cpsim.present.blocks import PageColumn, PageTable, RowGroup
from cpsim.present.chance import LABEL, format_rate_interval, format_share_interval
from cpsim.present.phrases import isolate_name
from cpsim.present.run_answer import (
    compute_missed_rates,
    count_by_stop,
    count_followed,
    count_spells,
    format_run_outcome,
)
from cpsim.present.run_terminal import format_period
from cpsim.present.terms import link_term
from cpsim.results import RESULTS, STOPS
from cpsim.results.incidence import FIRST_EVENTS, cumulative_incidence

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from cpsim.present.blocks import Text
    from cpsim.results import RunResult


def describe_findings(result: RunResult) -> Iterator[str]:
    """Yield the findings as short paragraphs: missed risk, harm, assessments, workload and money."""
    shown = partial(format_run_outcome, result)
    yield (
        f"Missed risk: {shown('protected_share')} of the spells were protected in time and "
        f"{shown('self_resolved_share')} had ended without protection; after a year "
        f"{shown('missed_risk_rate_52w')} were still missed. {shown('protected_strict_share')} were protected "
        "strictly, by a plan or by care."
    )
    yield (
        f"On file: {shown('missed_on_file_share')} of the spells were missed although the records of all agencies, "
        "pooled, crossed the threshold for a referral while there was time. Acting on pooled records comes "
        f"{format_price('missed_on_file_share', result.summary)}."
    )
    yield (
        f"Harm: children spent {shown('harm_weeks_per_10k_year')} weeks per 10,000 children a year in significant "
        f"harm. Protection averted {shown('harm_averted_share')} of the weeks that there would have been without it."
    )
    if result.summary["referral_ppv"] is not None:
        yield (
            f"Assessments: {shown('referral_ppv')} of referrals were of a child in significant harm. "
            f"{shown('falsely_reassured_per_10k_year')} families per 10,000 children a year were found not in need "
            "although a child was in harm. Families with neither need nor harm spent "
            f"{shown('needless_service_weeks_per_10k_year')} weeks per 10,000 children a year with a service, a plan "
            "or care."
        )
    yield (
        f"Workload: {shown('utilisation_mean')} hours of social work were demanded for each hour available, and each "
        f"social worker had {shown('caseload_mean')} open cases; {shown('initial_on_time_share')} of initial "
        "assessments were completed on time."
    )
    yield (
        f"Money: the system cost {shown('cost_gbp_per_child_year')} a year for each child. Harm itself is given no "
        "price."
    )


def describe_cascade(result: RunResult) -> str:
    """Describe the cascade figure: the spells that ended or were missed at each stage, and those protected in time."""
    followed = count_followed(result)
    missed = format_list(
        f"{lower_first(STOPS[code])} {format_share(spells, followed)}"
        for code, spells in count_by_stop(result).items()
        if spells
    )
    shares = {what: format_share(count_spells(result, what), followed) for what in RESULTS}
    return (
        f"Bars that step down from all {format_count(followed, 'spell')} of harm to those protected in time. "
        f"{shares['self_resolved']} ended without protection. {shares['missed']} were missed"
        f"{missed and f', by where the chain of concern stopped: {missed}'}. "
        f"{shares['protected']} were protected in time."
    )


def create_spell_table(result: RunResult) -> PageTable:
    """Create the table of the results of all spells, and of where the chains of missed spells stopped."""
    followed, missed = count_followed(result), count_spells(result, "missed")

    def row(name: str, spells: int, of_missed: str = "") -> tuple[Text, ...]:
        return name, format_decimals(spells), format_share(spells, followed), of_missed

    ends = tuple(row(RESULTS[what], count_spells(result, what)) for what in ("protected", "self_resolved"))
    stops = tuple(
        row(f"{STOPS[code]} ({code})", spells, format_share(spells, missed))
        for code, spells in count_by_stop(result).items()
    )
    columns = (
        PageColumn("Result at the deadline"),
        PageColumn("Spells", True),
        PageColumn("Of all spells", True),
        PageColumn("Of misses", True),
    )
    groups = (
        RowGroup(ends, "Not missed"),
        RowGroup(
            (*stops, row("All missed spells", missed, format_share(missed, missed))),
            "Missed, by where the chain stopped",
        ),
    )
    return PageTable(f"Results of {format_count(followed, 'spell')} of significant harm", columns, groups)


def describe_funnel(result: RunResult) -> str:
    """Describe the funnel figure."""
    steps = ", ".join(f"{name.lower()} {format_decimals(number)}" for name, number in _count_steps(result))
    return (
        f"Bars, each for one step of casework. Per 10,000 children a year: {steps}. "
        f"{format_run_outcome(result, 'referral_ppv')} of referrals, shaded, are of a child in significant harm."
    )


def create_funnel_table(result: RunResult) -> PageTable:
    """Create the table of children who reach each step."""
    rows = tuple((name, format_decimals(number, 1)) for name, number in _count_steps(result))
    columns = PageColumn("Step"), PageColumn("Per 10,000 children a year", True)
    return PageTable("From a contact to a plan", columns, (RowGroup(rows),))


_STEPS = {
    "Contacts": "contacts",
    "Referrals": "referrals",
    "Initial assessments": "initial_started",
    "Core assessments": "core_started",
    "Section 47 enquiries": "s47_started",
    "Child protection conferences": "conferences",
    "Child protection plans": "plans_started",
}


def _count_steps(result: RunResult) -> list[tuple[str, float]]:
    weeks = _select_evaluated(result)
    per_10k_year = 10_000 * WEEKS_PER_YEAR / weeks["children"].sum()
    return [(name, float(per_10k_year * weeks[column].sum())) for name, column in _STEPS.items()]


_WEEKS_SHOWN = (4, 13, 26, 52)


def describe_incidence(result: RunResult) -> str:
    """Describe the figure of first events by week since onset."""
    shares = "; ".join(
        f"{name.lower()}: {', '.join(by_week)}"
        for name, *by_week in _format_incidence(result, "{share} by week {week}")
    )
    return (
        f"Curves over 52 weeks since onset: the share of spells in which each event came first. {shares}. Protection "
        "that is lost again counts as first protection, but not as protection at the deadline."
    )


def create_incidence_table(result: RunResult) -> PageTable:
    """Create the table of shares of first events by some weeks after onset, with intervals."""
    columns = PageColumn("First event"), *(PageColumn(f"By week {week}", True) for week in _WEEKS_SHOWN)
    rows = tuple(_format_incidence(result, "{share} ({low} to {high})"))
    return PageTable("Share of spells of harm by first event, with 95% intervals", columns, (RowGroup(rows),))


def _format_incidence(result: RunResult, template: str) -> Iterator[tuple[str, ...]]:
    """Yield the label of each event and its shares at the weeks shown, formatted by a template."""
    curves = cumulative_incidence(result.spells).set_index(["event", "week"])
    for event, name in FIRST_EVENTS.items():
        at = curves.loc[event].loc[list(_WEEKS_SHOWN)].reset_index().to_dict("records")
        yield name, *(_format_incidence_row(template, row) for row in at)


def _format_incidence_row(template: str, row: Mapping[Hashable, float]) -> str:
    if math.isnan(row["share"]):
        return UNDEFINED
    shares = {name: format_percent(row[name]) for name in ("share", "low", "high")}
    return template.format(week=format_decimals(row["week"]), **shares)


_OTHER_SERIES = {
    "assessed_neither": "families assessed with neither need nor harm per week",
    "referrals": "referrals per week",
    "caseload_mean": "children per social worker",
    "utilisation": "hours demanded for each hour available",
    "trust_mean": "trust between agencies",
}


def describe_weeks(result: RunResult) -> str:
    """Describe the figure of weeks: the first evaluated year against the last."""
    weeks = _select_evaluated(result)
    first = weeks.iloc[result.horizon : result.horizon + WEEKS_PER_YEAR]
    last = weeks.iloc[-WEEKS_PER_YEAR:]
    series = {weekly_column("missed", result.horizon): "missed risks per week", **_OTHER_SERIES}
    means = "; ".join(
        f"{name} {format_number(first[column].mean())}, then {format_number(last[column].mean())}"
        for column, name in series.items()
    )
    return (
        f"Six lines over {format_period(result)}. Mean of {WEEKS_PER_YEAR} weeks from week {result.horizon + 1}, "
        f"then of the last {WEEKS_PER_YEAR}: {means}."
    )


COMPARED_OUTCOMES = (
    "missed_risk_rate", "assessed_neither_per_10k_year", "referrals_per_10k_year", "utilisation_mean",
)  # fmt: skip
_UNITS = "families assessed and referrals per 10,000 children a year, hours for each hour available"


def create_year_table(result: RunResult) -> PageTable:
    """Create the table of misses, assessments and workload in each evaluated year, over all authorities."""
    sums = result.authorities.drop(columns=["authority", "name"]).groupby("year").sum()
    starts = _select_evaluated(result)["date"].iloc[::52]
    rows = tuple(
        (format_day(start), format_decimals(row["spells"]), *_format_outcomes(row))
        for start, row in zip(starts, sums.to_dict("records"), strict=False)
    )
    return _create_outcome_table(f"Year by year; {_UNITS} ({LABEL})", ("Year from", "Spells"), rows)


def describe_network(result: RunResult) -> str:
    """Describe the figure of the network."""
    ties, kinds = result.ties, result.agencies["kind"].value_counts()
    used = ties[ties["uses"] > 0]
    lateral = ties["role"] == "lateral"
    around = format_list(
        f"{format_agency_kind(str(kind))} {format_decimals(number)}"
        for kind, number in kinds.items()
        if number
    )
    return (
        f"A ring of {format_count(len(result.agencies), 'organisation')} around the front door: {around}. "
        f"{format_decimals(used.loc[used['role'] != 'lateral', 'source'].nunique())} of them sent it messages. Of "
        f"{format_count(lateral.sum(), 'tie')} between partners, "
        f"{format_count((used['role'] == 'lateral').sum(), 'was', 'were')} used. "
        f"Mean trust on the ties that were used is {format_number(_weighted_mean(used, 'trust'))} of 1."
    )


def create_tie_table(result: RunResult) -> PageTable:
    """Create the table of messages by kind of agency, to the front door and to partners."""
    columns = (
        PageColumn("Kind of agency"), PageColumn("Ties used", True), PageColumn("Messages", True),
        PageColumn("Arrived", True), PageColumn("Trust, 0 to 1", True),
    )  # fmt: skip
    groups = tuple(
        RowGroup(tuple(_create_tie_rows(result.ties[result.ties["role"] == role])), title)
        for role, title in (("referral", "To the front door"), ("lateral", "Between partners"))
    )
    return PageTable("Messages by kind of agency since the start of the warm-up", columns, groups)


def _create_tie_rows(ties: pd.DataFrame) -> Iterator[tuple[Text, ...]]:
    for kind, own in ties[ties["uses"] > 0].groupby("source_kind", observed=True):
        yield (
            format_agency_kind(str(kind)),
            format_decimals(len(own)),
            format_decimals(own["uses"].sum()),
            format_share(own["delivered"].sum(), own["uses"].sum()),
            format_decimals(_weighted_mean(own, "trust"), 2),
        )


def create_authority_table(result: RunResult) -> PageTable | None:
    """Create the table of misses, assessments and workload by authority; None if there is only one."""
    places = result.authorities
    if places["authority"].nunique() < 2:
        return None
    years, names = places["year"].max(), places.groupby("authority")["name"].first()
    sums = places.drop(columns=["year", "name"]).groupby("authority").sum()
    rows = tuple(
        (isolate_name(name), format_decimals(row["children"] / years), *_format_outcomes(row))
        for name, row in zip(names, sums.to_dict("records"), strict=True)
    )
    return _create_outcome_table(f"The authorities; {_UNITS} ({LABEL})", ("Authority", "Children"), rows)


def create_region_table(regions: pd.DataFrame) -> PageTable:
    """Create the table of misses, assessments and workload by region, with all regions together in the last row.

    Args:
        regions: the table of `cpsim.tiles.JoinedTiles`.
    """
    rows = tuple(
        (
            isolate_name(row["region"]),
            format_decimals(row["children"]),
            *(format_outcome(name, row[name]) for name in COMPARED_OUTCOMES),
        )
        for row in regions.to_dict("records")
    )
    return _create_outcome_table(f"The regions; {_UNITS}", ("Region", "Children"), rows)


def describe_places(result: RunResult) -> str:
    """Describe the map of authorities: how many there are, and those with the lowest and highest missed-risk rates."""
    rates = compute_missed_rates(result.authorities)
    known = rates[rates["missed_risk_rate"].notna()].sort_values("missed_risk_rate", kind="stable")
    squares = (
        f"{format_count(len(rates), 'square')}, one for each authority, darker where more harm was missed"
    )
    if known.empty:
        return f"{squares}; no authority had harm that could be followed."
    low, high = known.iloc[[0, -1]].to_dict("records")
    return (
        f"{squares}: the lowest share is {format_share(low['missed'], low['followed'])}, in {low['name']}, and the "
        f"highest {format_share(high['missed'], high['followed'])}, in {high['name']}."
    )


def _format_outcomes(row: Mapping[Hashable, float]) -> tuple[str, ...]:
    """Format misses, families with neither, referrals and hours from sums over rows of the table of authorities."""
    hours = row["hours_demanded"] / row["hours_available"] if row["hours_available"] else None
    per_10k_years = row["children"] / 1e4
    return (
        format_share_interval(row["missed"], row["spells"] - row["censored"]),
        format_rate_interval("assessed_neither_per_10k_year", row["assessed_neither"], per_10k_years),
        format_rate_interval("referrals_per_10k_year", row["referrals"], per_10k_years),
        format_outcome("utilisation_mean", hours),
    )


def _create_outcome_table(
    caption: str, first: tuple[str, str], rows: tuple[tuple[Text, ...], ...]
) -> PageTable:
    columns = (
        PageColumn(first[0]),
        *(PageColumn(name, True) for name in (first[1], *map(link_term, COMPARED_OUTCOMES))),
    )
    return PageTable(caption, columns, (RowGroup(rows),))


def _select_evaluated(result: RunResult) -> pd.DataFrame:
    return result.weekly[result.weekly["phase"] == "evaluated"]


def _weighted_mean(ties: pd.DataFrame, column: str) -> float:
    """Return the mean over ties weighted by use; 0 if none was used."""
    uses = ties["uses"].sum()
    return float((ties[column] * ties["uses"]).sum() / uses) if uses else 0.0
