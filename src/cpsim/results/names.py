"""What every name in `summary.json` means: its unit and one sentence. Print, docs and tests read it from here."""

from __future__ import annotations

from dataclasses import dataclass

from cpsim.measures.causes import CAUSE_PARTS, CAUSES, RESULTS

__all__ = ["CAUSES", "CAUSE_PARTS", "RESULTS", "SUMMARY", "Quantity"]

SHARE = "share, 0 to 1"
PER_10K_YEAR = "per 10,000 children a year"
PER_10K = "per 10,000 children"
RATIO = "ratio"
WEEKS = "weeks"
MONTHS = "months"
COUNT = "count"
GBP = "GBP, constant prices"

_KINDS: dict[str, str] = {
    "school": "Schools",
    "gp": "GP practices",
    "pct": "Primary Care Trusts",
    "hospital": "Hospitals",
    "police": "Police",
    "community": "Public and community",
}


def agencies_in_words(kind: str) -> str:
    """What the agencies of a kind are called; a kind of the user's own by its name."""
    return _KINDS.get(kind, kind.replace("_", " ").capitalize())


@dataclass(frozen=True)
class Quantity:
    """One name of `summary.json`: the unit of its value and what it says, in a sentence."""

    unit: str
    meaning: str


SUMMARY: dict[str, Quantity] = {
    # misses
    "missed_risk_rate": Quantity(
        SHARE,
        "Spells of significant harm neither protected nor over 13 weeks after onset, of all that could be followed.",
    ),
    "missed_risk_rate_4w": Quantity(SHARE, "The missed-risk rate with a deadline of 4 weeks."),
    "missed_risk_rate_26w": Quantity(SHARE, "The missed-risk rate with a deadline of 26 weeks."),
    "missed_risk_rate_52w": Quantity(SHARE, "The missed-risk rate with a deadline of 52 weeks."),
    "protected_share": Quantity(
        SHARE, "Spells under effective protection by the 13-week deadline or the spell's end."
    ),
    "self_resolved_share": Quantity(
        SHARE, "Spells that ended by themselves before the 13-week deadline, never protected."
    ),
    "missed_of_unresolved_share": Quantity(SHARE, "Missed spells, of those missed or protected at 13 weeks."),
    "missed_risk_rate_families": Quantity(
        SHARE, "Families with a missed spell, of those with a spell that could be followed to 13 weeks."
    ),
    "harm_onsets_per_10k_year": Quantity(PER_10K_YEAR, "Spells of significant harm that began."),
    "harm_spells": Quantity(COUNT, "Spells of significant harm with onset in the evaluated years."),
    "censored_spells": Quantity(
        COUNT, "Spells that could not be followed to 13 weeks: the child turned 18 or moved away."
    ),
    "missed_by_cause": Quantity(
        SHARE, "Missed spells at 13 weeks by the step where they were lost, C0 to C9; sums to 1."
    ),
    "missed_by_cause_part": Quantity(SHARE, "The same by the finer codes of the ledger; sums to 1."),
    "unprotected_weeks_share": Quantity(
        SHARE, "Weeks that children spend in significant harm without effective protection."
    ),
    "serious_events": Quantity(PER_10K_YEAR, "First serious events in a spell of harm."),
    "serious_events_avoidable": Quantity(
        PER_10K_YEAR, "First serious events in a spell of harm, at least 4 weeks after the harm began."
    ),
    "detection_delay_weeks_median": Quantity(
        WEEKS, "Median time from onset to effective protection; undefined when fewer than half are reached."
    ),
    # the way from a contact to a plan
    "contacts_per_10k_year": Quantity(PER_10K_YEAR, "Contacts that reach the front door."),
    "contacts_per_referral": Quantity(
        RATIO, "Contacts reaching the front door for each one accepted as a referral."
    ),
    "referrals_per_10k_year": Quantity(PER_10K_YEAR, "Contacts accepted as referrals."),
    "rereferral_share_12m": Quantity(
        SHARE, "Referrals of children whose earlier referral closed within the 12 months before."
    ),
    "initial_assessments_per_referral": Quantity(RATIO, "Initial assessments started for each referral."),
    "core_per_initial": Quantity(RATIO, "Core assessments started for each initial assessment."),
    "s47_per_referral": Quantity(RATIO, "Section 47 enquiries started for each referral."),
    "conferences_per_s47": Quantity(
        RATIO, "Initial child protection conferences for each section 47 enquiry."
    ),
    "plans_per_conference": Quantity(RATIO, "Child protection plans started for each conference."),
    "plan_stock_per_10k": Quantity(PER_10K, "Children on a child protection plan in a mean week."),
    "in_need_stock_per_10k": Quantity(PER_10K, "Children receiving a child-in-need service in a mean week."),
    "in_care_per_10k": Quantity(PER_10K, "Children in care in a mean week."),
    "plan_months_mean": Quantity(MONTHS, "Mean length of the plans that ended."),
    "plans_over_two_years_share": Quantity(
        SHARE, "Plans that ended after more than two years, of those that ended."
    ),
    "repeat_plan_share": Quantity(SHARE, "Plan starts of children who had been on a plan before."),
    "initial_on_time_share": Quantity(SHARE, "Finished initial assessments that kept the statutory limit."),
    "core_on_time_share": Quantity(SHARE, "Finished core assessments that kept the statutory limit."),
    "referred_by_age_5_share": Quantity(SHARE, "Children turning five who had ever been referred before."),
    "source_share": Quantity(
        SHARE, "Referrals by the kind of agency that sent the first message; sums to 1."
    ),
    # false alarms
    "false_alarm_families_per_10k_year": Quantity(
        PER_10K_YEAR,
        "Families whose assessment or enquiry began while none of their children was in significant harm.",
    ),
    "referral_ppv": Quantity(SHARE, "Referrals that name a child in significant harm in that week."),
    "needless_family_weeks_per_10k_year": Quantity(
        PER_10K_YEAR, "Weeks of assessment, service or plan in families with no child in need or in harm."
    ),
    # workload
    "utilisation_mean": Quantity(RATIO, "Social-work hours demanded for each hour available; may exceed 1."),
    "caseload_mean": Quantity(
        "children per worker", "Open children for each case-holding social worker in post."
    ),
    "vacancy_share": Quantity(SHARE, "Social-work posts that stand empty."),
    "turnover_per_year": Quantity("share a year", "Social workers who leave in a year, of the posts."),
    # ties
    "trust_mean": Quantity("0 to 1", "Mean trust on ties between agencies, weighted by use."),
    "delivery_rate": Quantity(SHARE, "Messages read at the right front door within 4 weeks, of those sent."),
    # money
    "cost_gbp_per_child_year": Quantity(
        GBP, "What the system costs for each child under 18 in a year; no price on harm."
    ),
    "pool_participation": Quantity(SHARE, "Money for joint packages that is in pooled budgets."),
    "pooling_gbp_per_child_year": Quantity(
        GBP, "The part of it that setting up and running pooled budgets takes."
    ),
    "cost_gbp_per_unprotected_week_averted": Quantity(
        GBP, "Extra cost for each week of unprotected harm averted; defined only when two runs are compared."
    ),
    # equity
    "equity_gap_miss": Quantity(
        "percentage points",
        "Missed-risk rate of the most deprived fifth of areas less that of the least deprived fifth.",
    ),
    "equity_gap_false_alarm": Quantity(
        PER_10K_YEAR,
        "False-alarm rate of the most deprived fifth of areas less that of the least deprived fifth.",
    ),
    "group_gap_miss": Quantity(
        "percentage points",
        "Missed-risk rate of the smaller group of the population less that of the larger group.",
    ),
    "group_gap_false_alarm": Quantity(
        PER_10K_YEAR,
        "False-alarm rate of the smaller group of the population less that of the larger group.",
    ),
}
"""Every name in `summary.json`. A value is a number, a mapping of parts to numbers, or null where it is undefined."""
