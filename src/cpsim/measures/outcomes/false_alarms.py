"""Outcomes: families assessed or served without need or harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.measures.outcomes.columns import ratio
from cpsim.measures.outcomes.registry import PER_10K_YEAR, SHARE, outcome

if TYPE_CHECKING:
    from cpsim.measures.outcomes.columns import OutcomeColumns


@outcome(
    unit=PER_10K_YEAR,
    label="False-alarm families",
    meaning="Families in which an assessment or section 47 enquiry began while no child was in significant harm.",
    better="lower",
    heading="False alarms",
    note="no child in harm; per 10,000 a year",
    headline=True,
)
def false_alarm_families_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(run.total("false_alarm_families"))


@outcome(
    unit=SHARE,
    label="Referrals with harm",
    meaning="Referrals of a child who was in significant harm in that week.",
    better="higher",
    heading="False alarms",
    note="of referrals are of a child in harm",
    axis="of referrals",
)
def referral_ppv(run: OutcomeColumns) -> float | None:
    return ratio(run.count("referrals_in_harm"), run.total("referrals"))


@outcome(
    unit=PER_10K_YEAR,
    label="Needless family weeks",
    meaning="Weeks of assessment, service or plan in families with no child in need or harm.",
    better="lower",
    heading="False alarms",
    headline=True,
)
def needless_family_weeks_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(run.total("needless_family_weeks"))
