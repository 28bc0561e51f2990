"""Outcomes: spells of significant harm that are missed, protected or end, and how long and how badly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.measures.causes import CAUSE_PARTS, CAUSES
from cpsim.measures.outcomes.columns import ratio
from cpsim.measures.outcomes.registry import COUNT, PER_10K_YEAR, SHARE, WEEKS, outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from cpsim.measures.outcomes.columns import OutcomeColumns


@outcome(
    unit=SHARE,
    label="Missed risks",
    meaning="Spells of significant harm neither protected nor over at the deadline (13 weeks after onset by default, "
    "or the first serious event if earlier), as a share of all that could be followed.",
    better="lower",
    heading="Misses",
    note="of spells of harm, at the deadline",
    axis="of spells of harm",
    headline=True,
)
def missed_risk_rate(run: OutcomeColumns) -> float | None:
    return _share_missed(run)


@outcome(
    unit=SHARE,
    label="Missed after 4 weeks",
    meaning="Missed-risk rate with a deadline of 4 weeks.",
    better="lower",
    heading="Misses",
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
    heading="Misses",
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
    heading="Misses",
    note="of spells of harm",
    axis="of spells of harm",
)
def missed_risk_rate_52w(run: OutcomeColumns) -> float | None:
    return _share_missed(run, 52)


@outcome(
    unit=SHARE,
    label="Protected in time",
    meaning="Spells under effective protection by the deadline or by the end of the spell, if earlier.",
    better="higher",
    heading="Misses",
    note="of spells of harm, by the deadline",
    axis="of spells of harm",
    tables=("run",),
)
def protected_share(run: OutcomeColumns) -> float | None:
    return ratio(run.is_result("protected").sum(), run.is_followed().sum())


@outcome(
    unit=SHARE,
    label="Ended without protection",
    meaning="Spells that ended before the deadline without ever being protected.",
    heading="Misses",
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
    label="Causes of misses",
    meaning="Missed spells by cause of the miss, C0 to C9; sums to 1.",
    axis="of missed spells",
    parts=tuple(CAUSES),
)
def missed_by_cause(run: OutcomeColumns) -> dict[str, float] | None:
    return _share_codes(run.spells["cause"], CAUSES)


@outcome(
    unit=SHARE,
    label="Causes of misses, in parts",
    meaning="Missed spells by cause of the miss and its part, such as C3b; sums to 1.",
    axis="of missed spells",
    parts=tuple(CAUSE_PARTS),
)
def missed_by_cause_part(run: OutcomeColumns) -> dict[str, float] | None:
    return _share_codes(run.spells["cause_part"], CAUSE_PARTS)


@outcome(
    unit=SHARE,
    label="Weeks unprotected",
    meaning="Weeks in significant harm without effective protection, as a share of all weeks in significant harm.",
    better="lower",
    heading="Misses",
    note="of all weeks in significant harm",
    axis="of all weeks in harm",
    headline=True,
)
def unprotected_weeks_share(run: OutcomeColumns) -> float | None:
    return run.divide("in_harm_unprotected", by="in_harm")


@outcome(
    unit=PER_10K_YEAR,
    label="Serious events",
    meaning="First serious event (death or injury) in a spell of harm.",
    better="lower",
)
def serious_events(run: OutcomeColumns) -> float:
    return run.rate(run.total("serious_events"))


@outcome(
    unit=PER_10K_YEAR,
    label="Avoidable serious events",
    meaning="First serious event in a spell of harm that comes at least 4 weeks after the harm began.",
    better="lower",
    heading="Misses",
    headline=True,
)
def serious_events_avoidable(run: OutcomeColumns) -> float:
    return run.rate(run.count("avoidable_serious_events"))


@outcome(
    unit=WEEKS,
    label="Delay to protection",
    meaning="Median time from onset to effective protection; undefined if fewer than half of spells are protected.",
    better="lower",
    heading="Misses",
    note="from onset, median spell",
)
def detection_delay_weeks_median(run: OutcomeColumns) -> float | None:
    # Kaplan-Meier, with the end of a spell as censoring. For whole weeks the estimate is a cumulative product, which
    # saves importing a library (a third of a second).
    reached = run.spells["first_protected"].notna().to_numpy(np.bool_)
    until = run.spells["first_protected"].fillna(run.spells["end_actual"]) - run.spells["onset"]
    weeks = until.to_numpy(np.int64)
    protected = np.bincount(weeks[reached], minlength=weeks.max(initial=0) + 1)
    followed = np.bincount(weeks, minlength=len(protected))
    at_risk = followed[::-1].cumsum()[::-1]
    survival = np.cumprod(1 - protected / np.maximum(at_risk, 1))
    below = np.flatnonzero(survival <= 0.5)
    return float(below[0]) if len(below) else None


def _share_missed(run: OutcomeColumns, horizon: int | None = None) -> float | None:
    return ratio(run.is_result("missed", horizon).sum(), run.is_followed(horizon).sum())


def _share_codes(codes: pd.Series, all_codes: Iterable[str]) -> dict[str, float] | None:
    """Share of each code; None if there are no codes."""
    number = codes.value_counts()
    total = int(number.sum())
    return {code: float(number.get(code, 0)) / total for code in all_codes} if total else None
