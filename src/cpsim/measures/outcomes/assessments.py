"""Outcomes: what social care found at assessments, and what was true; and service weeks without need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.measures.assessments import FINDINGS
from cpsim.measures.conditions import STATES
from cpsim.measures.outcomes.columns import ratio
from cpsim.measures.outcomes.counts import BANDS
from cpsim.measures.outcomes.registry import PER_10K_YEAR, POINTS, SHARE, outcome

if TYPE_CHECKING:
    from cpsim.measures.outcomes.columns import OutcomeColumns


@outcome(
    unit=PER_10K_YEAR,
    label="Assessed, neither need nor harm",
    meaning="Families assessed in whom there was neither harm, present or likely, nor need nor additional needs (known "
    "only to the model).",
    better="lower",
    heading="Assessments",
    note="per 10,000 a year; known to the model",
    headline=True,
    noun="families assessed with neither need nor harm",
    change=(
        "{size} more families a year per 10,000 children were assessed with neither need nor harm",
        "{size} fewer families a year per 10,000 children were assessed with neither need nor harm",
    ),
    interest=1,
    explained_by=("true_referrals_per_10k_year",),
)
def assessed_neither_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(run.total("assessed_neither"))


@outcome(
    unit=PER_10K_YEAR,
    label="Falsely reassured",
    meaning="Families assessed and found not in need although a child was in significant harm at some time from 13 "
    "weeks before the contact to the end of the assessment.",
    better="lower",
    heading="Assessments",
    note="per 10,000 a year; in fact in harm",
    headline=True,
    noun="families falsely reassured",
    change=(
        "{size} more families a year per 10,000 children were falsely reassured",
        "{size} fewer families a year per 10,000 children were falsely reassured",
    ),
    interest=2,
    explained_by=("true_referrals_per_10k_year",),
)
def falsely_reassured_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(_count(run, "not_in_need", "in_harm"))


@outcome(
    unit=PER_10K_YEAR,
    label="Families assessed, by what was true",
    meaning="Families assessed, by their gravest state from 13 weeks before the contact to the end of the assessment.",
    parts=STATES,
)
def assessed_by_state_per_10k_year(run: OutcomeColumns) -> dict[str, float]:
    return {state: run.rate(run.total(f"assessed_{state}")) for state in STATES}


@outcome(
    unit=SHARE,
    label="Found and true",
    meaning="Families assessed, by what was found and what was true; sums to 1.",
    axis="of families assessed",
    parts={
        f"{found}_{true}": f"found {FINDINGS[found].lower()}, in fact {STATES[true].lower()}"
        for found in FINDINGS
        for true in STATES
    },
)
def found_by_true(run: OutcomeColumns) -> dict[str, float] | None:
    number = {f"{found}_{true}": _count(run, found, true) for found in FINDINGS for true in STATES}
    total = sum(number.values())
    return {cell: families / total for cell, families in number.items()} if total else None


@outcome(
    unit=SHARE,
    label="Assessed, not in need",
    meaning="Families found not in need, as a share of those assessed.",
    axis="of families assessed",
    official="dfe-cin-2015",
)
def assessed_not_in_need_share(run: OutcomeColumns) -> float | None:
    found = [sum(_count(run, found, true) for true in STATES) for found in FINDINGS]
    return ratio(found[0], sum(found))


@outcome(
    unit=PER_10K_YEAR,
    label="False alarms at section 47",
    meaning="Section 47 enquiries in families without harm, present or likely.",
    better="lower",
    heading="Assessments",
    note="per 10,000 a year, without harm, present or likely",
    tables=("run",),
)
def enquiry_false_alarms_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(run.count("enquiries_without_harm"))


@outcome(
    unit=SHARE,
    label="False alarms, of section 47 enquiries",
    meaning="Section 47 enquiries in families without harm, present or likely, as a share of all that have ended.",
    better="lower",
    axis="of section 47 enquiries",
)
def enquiry_false_alarm_share(run: OutcomeColumns) -> float | None:
    return ratio(run.count("enquiries_without_harm"), run.count("enquiries"))


@outcome(
    unit=SHARE,
    label="Referrals with harm",
    meaning="Referrals of a child who was in significant harm in that week.",
    better="higher",
    heading="Assessments",
    note="of referrals are of a child in harm",
    axis="of referrals",
)
def referral_ppv(run: OutcomeColumns) -> float | None:
    return ratio(run.count("referrals_in_harm"), run.total("referrals"))


@outcome(
    unit=PER_10K_YEAR,
    label="True referrals",
    meaning="Referrals of a child who was in significant harm in that week.",
    change=(
        "{size} more referrals a year per 10,000 children were of a child in harm",
        "{size} fewer referrals a year per 10,000 children were of a child in harm",
    ),
    interest=2,
)
def true_referrals_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(run.count("referrals_in_harm"))


@outcome(
    unit=PER_10K_YEAR,
    label="Needless service weeks",
    meaning="Weeks of service, plan or care in families with no child in harm, present or likely, in need or with "
    "additional needs.",
    better="lower",
    heading="Assessments",
)
def needless_service_weeks_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(run.total("needless_service_families"))


@outcome(
    unit=POINTS,
    label="Unmet need, middle band",
    meaning="Weeks without a service as a share of weeks in need, minus the mean of that share in additional needs "
    "and in harm.",
    axis="percentage points",
)
def unmet_need_gap(run: OutcomeColumns) -> float | None:
    weeks = [run.count(f"weeks_{band}") for band in BANDS]
    if not all(weeks):
        return None
    lower, middle, upper = (
        run.count(f"weeks_unserved_{band}") / each for band, each in zip(BANDS, weeks, strict=True)
    )
    return 100 * (middle - (lower + upper) / 2)


def _count(run: OutcomeColumns, found: str, true: str) -> float:
    return run.count(f"found_{found}_true_{true}")
