"""The names in `summary.json`: for each, its unit and what it means. Pages, docs and tests read them from here."""

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


def format_agency_kind(kind: str) -> str:
    """Write the name of a kind of agency for a reader; a kind defined by the user is written from its own name.

    >>> format_agency_kind("gp"), format_agency_kind("youth_club")
    ('GP practices', 'Youth club')
    """
    return _KINDS.get(kind, kind.replace("_", " ").capitalize())


@dataclass(frozen=True)
class Quantity:
    """An outcome or other measured quantity: the unit of its value and its meaning in a sentence.

    >>> SUMMARY["vacancy_share"].unit
    'share, 0 to 1'
    """

    unit: str
    meaning: str


SUMMARY: dict[str, Quantity] = {
    # misses
    "missed_risk_rate": Quantity(
        SHARE,
        "Spells of significant harm neither protected nor over at the deadline (13 weeks after onset by default, or "
        "the first serious event if earlier), as a share of all that could be followed.",
    ),
    "missed_risk_rate_4w": Quantity(SHARE, "Missed-risk rate with a deadline of 4 weeks."),
    "missed_risk_rate_26w": Quantity(SHARE, "Missed-risk rate with a deadline of 26 weeks."),
    "missed_risk_rate_52w": Quantity(SHARE, "Missed-risk rate with a deadline of 52 weeks."),
    "protected_share": Quantity(
        SHARE,
        "Spells under effective protection by the deadline or by the end of the spell, if earlier.",
    ),
    "self_resolved_share": Quantity(
        SHARE, "Spells that ended before the deadline without ever being protected."
    ),
    "missed_of_unresolved_share": Quantity(
        SHARE, "Missed spells, as a share of those missed or protected at the deadline."
    ),
    "missed_risk_rate_families": Quantity(
        SHARE,
        "Families with a missed spell, as a share of those with a spell that could be followed to the deadline.",
    ),
    "harm_onsets_per_10k_year": Quantity(PER_10K_YEAR, "Spells of significant harm that began."),
    "harm_spells": Quantity(COUNT, "Spells of significant harm with onset in the evaluated years."),
    "censored_spells": Quantity(
        COUNT, "Spells that could not be followed to the deadline, because the child turned 18 or moved away."
    ),
    "missed_by_cause": Quantity(SHARE, "Missed spells by cause of the miss, C0 to C9; sums to 1."),
    "missed_by_cause_part": Quantity(
        SHARE, "Missed spells by cause of the miss and its part, such as C3b; sums to 1."
    ),
    "unprotected_weeks_share": Quantity(
        SHARE,
        "Weeks in significant harm without effective protection, as a share of all weeks in significant harm.",
    ),
    "serious_events": Quantity(PER_10K_YEAR, "First serious event (death or injury) in a spell of harm."),
    "serious_events_avoidable": Quantity(
        PER_10K_YEAR,
        "First serious event in a spell of harm that comes at least 4 weeks after the harm began.",
    ),
    "detection_delay_weeks_median": Quantity(
        WEEKS,
        "Median time from onset to effective protection; undefined if fewer than half of spells are protected.",
    ),
    # from a contact to a plan
    "contacts_per_10k_year": Quantity(PER_10K_YEAR, "Contacts that reach the front door."),
    "contacts_per_referral": Quantity(
        RATIO, "Contacts that reach the front door for each contact accepted as a referral."
    ),
    "referrals_per_10k_year": Quantity(PER_10K_YEAR, "Contacts accepted as referrals."),
    "rereferral_share_12m": Quantity(
        SHARE, "Referrals of children whose previous referral was closed within the last 12 months."
    ),
    "initial_assessments_per_referral": Quantity(RATIO, "Initial assessments started for each referral."),
    "core_per_initial": Quantity(RATIO, "Core assessments started for each initial assessment."),
    "s47_per_referral": Quantity(RATIO, "Section 47 enquiries started for each referral."),
    "conferences_per_s47": Quantity(
        RATIO, "Initial child protection conferences for each section 47 enquiry."
    ),
    "plans_per_conference": Quantity(RATIO, "Child protection plans started for each conference."),
    "plan_stock_per_10k": Quantity(PER_10K, "Children on a child protection plan in an average week."),
    "in_need_stock_per_10k": Quantity(
        PER_10K, "Children receiving a child-in-need service in an average week."
    ),
    "in_care_per_10k": Quantity(PER_10K, "Children in care in an average week."),
    "plan_months_mean": Quantity(MONTHS, "Mean length of child protection plans that ended."),
    "plans_over_two_years_share": Quantity(
        SHARE, "Plans that had lasted more than two years, as a share of those that ended."
    ),
    "repeat_plan_share": Quantity(SHARE, "Plans started for children who had been on a plan before."),
    "initial_on_time_share": Quantity(
        SHARE, "Initial assessments completed within the statutory time limit, as a share of those completed."
    ),
    "core_on_time_share": Quantity(
        SHARE, "Core assessments completed within the statutory time limit, as a share of those completed."
    ),
    "referred_by_age_5_share": Quantity(SHARE, "Children turning five who had been referred at least once."),
    "source_share": Quantity(
        SHARE, "Referrals by the kind of agency that sent the first message; sums to 1."
    ),
    # false alarms
    "false_alarm_families_per_10k_year": Quantity(
        PER_10K_YEAR,
        "Families in which an assessment or section 47 enquiry began while no child was in significant harm.",
    ),
    "referral_ppv": Quantity(SHARE, "Referrals of a child who was in significant harm in that week."),
    "needless_family_weeks_per_10k_year": Quantity(
        PER_10K_YEAR, "Weeks of assessment, service or plan in families with no child in need or harm."
    ),
    # workload
    "utilisation_mean": Quantity(RATIO, "Social-work hours demanded for each hour available; can exceed 1."),
    "caseload_mean": Quantity(
        "children per social worker",
        "Children with an open case for each case-holding social worker in post.",
    ),
    "vacancy_share": Quantity(SHARE, "Vacant social-work posts, as a share of all posts."),
    "turnover_per_year": Quantity("share a year", "Social workers who leave in a year, as a share of posts."),
    # ties
    "trust_mean": Quantity("0 to 1", "Mean trust on ties between agencies, weighted by use."),
    "delivery_rate": Quantity(
        SHARE, "Messages read at the right front door within 4 weeks, as a share of those sent."
    ),
    # money
    "cost_gbp_per_child_year": Quantity(
        GBP, "Cost of the system for each child under 18 in a year; harm itself is given no price."
    ),
    "pool_participation": Quantity(SHARE, "Money for joint packages that is held in pooled budgets."),
    "pooling_gbp_per_child_year": Quantity(
        GBP, "Part of the cost that is spent on setting up and running pooled budgets."
    ),
    "cost_gbp_per_unprotected_week_averted": Quantity(
        GBP,
        "Extra cost for each week of unprotected harm averted; defined only for a comparison of two runs.",
    ),
    # equity
    "equity_gap_miss": Quantity(
        "percentage points",
        "Missed-risk rate in the most deprived fifth of areas minus that in the least deprived fifth.",
    ),
    "equity_gap_false_alarm": Quantity(
        PER_10K_YEAR,
        "False-alarm rate in the most deprived fifth of areas minus that in the least deprived fifth.",
    ),
    "group_gap_miss": Quantity(
        "percentage points",
        "Missed-risk rate of the smaller group of the population minus that of the larger group.",
    ),
    "group_gap_false_alarm": Quantity(
        PER_10K_YEAR,
        "False-alarm rate of the smaller group of the population minus that of the larger group.",
    ),
}
"""Name in `summary.json` -> its unit and meaning. A value is a number, a mapping of parts to numbers, or null if
undefined."""
