"""Outcomes: spells of significant harm that are missed, protected or end, and how long and how badly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.measures.chain import FAILURES, STOP_PARTS, STOPS
from cpsim.measures.deadlines import encode_spells, estimate_incidence
from cpsim.measures.outcomes.columns import ratio
from cpsim.measures.outcomes.registry import COUNT, PER_10K_YEAR, SHARE, WEEKS, outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from cpsim.arrays import Bools
    from cpsim.measures.outcomes.columns import OutcomeColumns


@outcome(
    unit=SHARE,
    label="Missed risk",
    meaning="Spells of significant harm neither protected nor over at the deadline (13 weeks after onset by default, "
    "or the first serious event if earlier), as a share of all that could be followed.",
    better="lower",
    heading="Missed risk",
    note="of spells of harm, at the deadline",
    axis="of spells of harm",
    headline=True,
    change=("missed risk rose by {size}", "missed risk fell by {size}"),
    interest=0.01,
)
def missed_risk_rate(run: OutcomeColumns) -> float | None:
    return _share_missed(run)


@outcome(
    unit=SHARE,
    label="Missed after 4 weeks",
    meaning="Missed-risk rate with a deadline of 4 weeks.",
    better="lower",
    heading="Missed risk",
    note="of spells of harm",
    axis="of spells of harm",
    tables=("comparison",),
)
def missed_risk_rate_4w(run: OutcomeColumns) -> float | None:
    return _share_missed(run, 4)


@outcome(
    unit=SHARE,
    label="Missed after 26 weeks",
    meaning="Missed-risk rate with a deadline of 26 weeks.",
    better="lower",
    heading="Missed risk",
    note="of spells of harm",
    axis="of spells of harm",
    tables=("comparison",),
)
def missed_risk_rate_26w(run: OutcomeColumns) -> float | None:
    return _share_missed(run, 26)


@outcome(
    unit=SHARE,
    label="Missed after 52 weeks",
    meaning="Missed-risk rate with a deadline of 52 weeks.",
    better="lower",
    heading="Missed risk",
    note="of spells of harm",
    axis="of spells of harm",
    tables=("comparison",),
)
def missed_risk_rate_52w(run: OutcomeColumns) -> float | None:
    return _share_missed(run, 52)


@outcome(
    unit=SHARE,
    label="Missed, acute",
    meaning="Missed-risk rate at the deadline among acute spells of harm.",
    better="lower",
    axis="of acute spells of harm",
)
def missed_acute_rate(run: OutcomeColumns) -> float | None:
    return _share_missed(run, among=_is_course(run, "acute"))


@outcome(
    unit=SHARE,
    label="Missed after 52 weeks, chronic",
    meaning="Missed-risk rate with a deadline of 52 weeks among chronic spells of harm, which have no week of onset "
    "that a practitioner could know.",
    better="lower",
    axis="of chronic spells of harm",
)
def missed_chronic_rate_52w(run: OutcomeColumns) -> float | None:
    return _share_missed(run, 52, _is_course(run, "chronic"))


@outcome(
    unit=SHARE,
    label="Chronic spells",
    meaning="Spells of harm that would last at least half a year undisturbed.",
    axis="of spells of harm",
)
def chronic_share(run: OutcomeColumns) -> float | None:
    return ratio(_is_course(run, "chronic").sum(), len(run.spells))


@outcome(
    unit=SHARE,
    label="Harm weeks that are chronic",
    meaning="Weeks in the chronic spells of harm that began in the evaluated years, as a share of the weeks in all of "
    "them.",
    axis="of harm weeks",
)
def chronic_harm_weeks_share(run: OutcomeColumns) -> float | None:
    weeks = (run.spells["end_actual"] - run.spells["onset"]).to_numpy(np.float64)
    return ratio(weeks[_is_course(run, "chronic")].sum(), weeks.sum())


@outcome(
    unit=SHARE,
    label="Missed, severe",
    meaning="Missed-risk rate among spells of harm whose severity is in the highest fifth of the drawn distribution.",
    better="lower",
    axis="of severe spells of harm",
)
def missed_severe_rate(run: OutcomeColumns) -> float | None:
    return _share_missed(run, among=run.spells["severe"].to_numpy(np.bool_))


@outcome(
    unit=SHARE,
    label="Missed with the pieces on file",
    meaning="Spells of harm that were missed although, while there was time to act, the records of all agencies pooled "
    "crossed the baseline's threshold for a referral; as a share of all that could be followed.",
    better="lower",
    heading="Missed risk",
    note="of spells of harm",
    axis="of spells of harm",
    headline=True,
    price="at {pooled_alarms_per_10k_year} alarms a year per 10,000, {pooled_alarm_ppv} of them true",
    noun="the share missed with the pieces on file",
    change=(
        "the share missed with the pieces on file rose by {size}",
        "the share missed with the pieces on file fell by {size}",
    ),
    interest=0.01,
    explained_by=("pooled_alarms_per_10k_year",),
)
def missed_on_file_share(run: OutcomeColumns) -> float | None:
    return _share_had(run, "known", "on_file")


@outcome(
    unit=PER_10K_YEAR,
    label="Alarms of pooled records",
    meaning="The price: children whose pooled records crossed that threshold, in harm or not, counted again after "
    "half a year.",
    heading="Missed risk",
    note="children whose pooled records crossed; per 10,000 a year",
    tables=("comparison",),
    headline=True,
    change=(
        "pooled records raised {size} more alarms a year per 10,000 children",
        "pooled records raised {size} fewer alarms a year per 10,000 children",
    ),
    interest=5,
)
def pooled_alarms_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(run.total("pooled_alarms"))


@outcome(
    unit=SHARE,
    label="Alarms that are true",
    meaning="Alarms of pooled records about children who were in significant harm, or in whom it began within 26 "
    "weeks.",
    better="higher",
    heading="Missed risk",
    note="of alarms of pooled records",
    axis="of alarms of pooled records",
    tables=("comparison",),
)
def pooled_alarm_ppv(run: OutcomeColumns) -> float | None:
    return run.divide("pooled_alarms_true", by="pooled_alarms")


@outcome(
    unit=SHARE,
    label="Missed, known to one agency",
    meaning="Spells of harm that were missed although the records of one agency crossed by themselves while there was "
    "time to act.",
    better="lower",
    axis="of spells of harm",
)
def missed_known_share(run: OutcomeColumns) -> float | None:
    return _share_had(run, "known")


@outcome(
    unit=SHARE,
    label="Missed, noticed",
    meaning="Spells of harm that were missed although all that was noticed, recorded or not, crossed while there was"
    " time to act.",
    better="lower",
    axis="of spells of harm",
)
def missed_noticed_share(run: OutcomeColumns) -> float | None:
    return _share_had(run, "known", "on_file", "noticed")


@outcome(
    unit=SHARE,
    label="How spells on file failed",
    meaning="Spells missed with the pieces on file, by how they failed; sums to 1.",
    axis="of spells missed on file",
    parts=FAILURES,
)
def missed_on_file_by_failure(run: OutcomeColumns) -> dict[str, float] | None:
    return _share_codes(run.spells["failed"][run.spells["had"].isin(["known", "on_file"])], FAILURES)


@outcome(
    unit=SHARE,
    label="Protected in time",
    meaning="Spells under effective protection by the deadline or by the end of the spell, if earlier.",
    better="higher",
    heading="Missed risk",
    note="of spells of harm, at the deadline",
    axis="of spells of harm",
    tables=("run",),
    change=("the share protected in time rose by {size}", "the share protected in time fell by {size}"),
    interest=0.01,
)
def protected_share(run: OutcomeColumns) -> float | None:
    return ratio(run.is_result("protected").sum(), run.is_followed().sum())


@outcome(
    unit=SHARE,
    label="Strictly protected",
    meaning="Spells protected in time by a plan or by care; a child-in-need service counts only below the severity "
    "of the baseline's threshold for a plan.",
    better="higher",
    heading="Missed risk",
    note="of spells of harm; by a plan or care",
    axis="of spells of harm",
    headline=True,
    noun="strict protection",
    change=("the share strictly protected rose by {size}", "the share strictly protected fell by {size}"),
    interest=0.01,
)
def protected_strict_share(run: OutcomeColumns) -> float | None:
    strict = run.spells["protected_strictly"].to_numpy(np.bool_)
    return ratio(strict.sum(), run.is_followed().sum())


@outcome(
    unit=SHARE,
    label="Ended without protection",
    meaning="Spells that ended before the deadline without ever being protected.",
    heading="Missed risk",
    note="of spells of harm, by the deadline",
    axis="of spells of harm",
    tables=("run",),
)
def self_resolved_share(run: OutcomeColumns) -> float | None:
    return ratio(run.is_result("self_resolved").sum(), run.is_followed().sum())


@outcome(
    unit=SHARE,
    label="Missed, of unresolved",
    meaning="Missed spells, as a share of those missed or protected at the deadline.",
    better="lower",
    axis="of spells missed or protected",
)
def missed_of_unresolved_share(run: OutcomeColumns) -> float | None:
    missed = run.is_result("missed").sum()
    return ratio(missed, missed + run.is_result("protected").sum())


@outcome(
    unit=SHARE,
    label="Families with a miss",
    meaning="Families with a missed spell, as a share of those with a spell that could be followed to the deadline.",
    better="lower",
    axis="of families with harm",
)
def missed_risk_rate_families(run: OutcomeColumns) -> float | None:
    family = run.spells["family"].to_numpy()
    return ratio(len(np.unique(family[run.is_result("missed")])), len(np.unique(family[run.is_followed()])))


@outcome(unit=PER_10K_YEAR, label="Onsets of harm", meaning="Spells of significant harm that began.")
def harm_onsets_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(len(run.spells))


@outcome(
    unit=COUNT,
    label="Spells of harm",
    meaning="Spells of significant harm with onset in the evaluated years.",
)
def harm_spells(run: OutcomeColumns) -> float:
    return float(len(run.spells))


@outcome(
    unit=COUNT,
    label="Spells not followed",
    meaning="Spells that could not be followed to the deadline, because the child turned 18 or moved away.",
)
def censored_spells(run: OutcomeColumns) -> float:
    return float(run.is_result("censored").sum())


@outcome(
    unit=SHARE,
    label="Where the chain stopped",
    meaning="Missed spells by the stage at which the chain of concern stopped, C0 to C9; sums to 1. It is not a cause: "
    "see attribution.",
    axis="of missed spells",
    parts=STOPS,
    part_label="Misses: {part}",
    noun="misses at the stage “{part}”",
    change=(
        "the share of misses at the stage “{part}” rose by {size}",
        "the share of misses at the stage “{part}” fell by {size}",
    ),
    interest=0.01,
)
def chain_stopped_at(run: OutcomeColumns) -> dict[str, float] | None:
    return _share_codes(run.spells["stopped_at"], STOPS)


@outcome(
    unit=SHARE,
    label="Where the chain stopped, in parts",
    meaning="Missed spells by the stage at which the chain of concern stopped, with its part, such as C3b; sums to 1.",
    axis="of missed spells",
    parts=STOP_PARTS,
    part_label="Misses: {part}",
)
def chain_stopped_at_part(run: OutcomeColumns) -> dict[str, float] | None:
    return _share_codes(run.spells["stopped_at_part"], STOP_PARTS)


@outcome(
    unit=SHARE,
    label="New harm after a sound closure",
    meaning="Missed spells that began within 26 weeks after a case was closed while the child was not in harm (C9b),"
    " as a share of missed spells; each is coded by its own chain.",
    axis="of missed spells",
)
def new_harm_after_closure_share(run: OutcomeColumns) -> float | None:
    return ratio(run.spells["new_harm_after_closure"].sum(), run.is_result("missed").sum())


@outcome(
    unit=PER_10K_YEAR,
    label="Harm weeks",
    meaning="Weeks that children spend in significant harm.",
    better="lower",
    heading="Harm",
    note="per 10,000 children a year",
    headline=True,
    noun="weeks in harm",
    change=(
        "children spent {size} more weeks in harm a year per 10,000",
        "children spent {size} fewer weeks in harm a year per 10,000",
    ),
    interest=100,
)
def harm_weeks_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(run.total("in_harm"))


@outcome(
    unit=SHARE,
    label="Harm averted",
    meaning="Weeks of significant harm that protection averted, as a share of those in the drawn course without "
    "protective intervention; harm done by intervention is not counted.",
    better="higher",
    heading="Harm",
    note="of harm weeks without intervention",
    axis="of harm weeks without intervention",
    headline=True,
    change=("the share of harm averted rose by {size}", "the share of harm averted fell by {size}"),
    interest=0.01,
)
def harm_averted_share(run: OutcomeColumns) -> float | None:
    untreated = run.total("in_harm_untreated")
    return ratio(untreated - run.total("in_harm"), untreated)


@outcome(
    unit=SHARE,
    label="Weeks unprotected",
    meaning="Weeks in significant harm without effective protection, as a share of all weeks in significant harm.",
    better="lower",
    heading="Harm",
    note="of all weeks in significant harm",
    axis="of all weeks in harm",
    tables=("run",),
)
def unprotected_weeks_share(run: OutcomeColumns) -> float | None:
    return run.divide("in_harm_unprotected", by="in_harm")


@outcome(
    unit=PER_10K_YEAR,
    label="Serious events",
    meaning="First serious event in a spell of harm: a death or an inflicted injury, notified or not. Notifications of "
    "serious incidents and serious case reviews are a small, selected part of them.",
    better="lower",
    heading="Harm",
    note="notified or not; per 10,000 a year",
)
def serious_events_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(run.total("serious_events"))


@outcome(
    unit=PER_10K_YEAR,
    label="Serious events after 4 weeks of harm",
    meaning="First serious event in a spell of harm that was preceded by at least 4 weeks of harm. Whether it was "
    "avoidable, only a run with perfect stages can show.",
    better="lower",
)
def serious_events_after_4_weeks_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(run.count("serious_events_after_4_weeks"))


def _register_incidence(weeks: int) -> None:
    """Register the cumulative incidence of protection by a number of weeks after onset."""

    def compute(run: OutcomeColumns) -> float | None:
        return _estimate_protected(run)[weeks] if len(run.spells) else None

    compute.__name__ = f"protected_within_{weeks}w"
    outcome(
        unit=SHARE,
        label=f"First protected within {weeks} weeks",
        meaning=f"Cumulative incidence of first protection within {weeks} weeks of onset, with a serious event and "
        f"the end of harm as competing events (Aalen-Johansen).",
        better="higher",
        axis="of spells of harm",
    )(compute)


for _weeks in (4, 13, 26, 52):
    _register_incidence(_weeks)


@outcome(
    unit=WEEKS,
    label="Weeks to protection, of those reached",
    meaning="Median weeks from onset to first protection among the spells that were ever protected.",
    better="lower",
    note="from onset, median of those protected",
)
def weeks_to_protection_median_reached(run: OutcomeColumns) -> float | None:
    weeks = (run.spells["first_protected"] - run.spells["onset"]).dropna()
    return float(weeks.median()) if len(weeks) else None


def _estimate_protected(run: OutcomeColumns) -> list[float]:
    """Cumulative incidence of protection by week since onset, from 0 to 52."""
    cell = encode_spells(run.spells)
    protected: list[float] = estimate_incidence(cell, np.ones(len(cell)))[1].tolist()
    return protected


def _share_missed(
    run: OutcomeColumns, horizon: int | None = None, among: Bools | None = None
) -> float | None:
    """Share of missed spells of those that could be followed, among all or some, bool, shape (J,)."""
    missed, followed = run.is_result("missed", horizon), run.is_followed(horizon)
    if among is not None:
        missed, followed = missed & among, followed & among
    return ratio(missed.sum(), followed.sum())


def _is_course(run: OutcomeColumns, course: str) -> Bools:
    """Return which spells have this course, bool, shape (J,)."""
    found: Bools = (run.spells["course"] == course).to_numpy(np.bool_)
    return found


def _share_had(run: OutcomeColumns, *tiers: str) -> float | None:
    """Share of spells missed although the agencies had enough, of those that could be followed."""
    return ratio(run.spells["had"].isin(tiers).sum(), run.is_followed().sum())


def _share_codes(codes: pd.Series, all_codes: Iterable[str]) -> dict[str, float] | None:
    """Share of each code; None if there are no codes."""
    number = codes.value_counts()
    total = int(number.sum())
    return {code: float(number.get(code, 0)) / total for code in all_codes} if total else None
