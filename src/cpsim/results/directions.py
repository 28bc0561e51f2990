"""Outcomes for which a higher or a lower value is better."""

LESS_IS_BETTER = frozenset(
    """
    missed_risk_rate missed_risk_rate_4w missed_risk_rate_26w missed_risk_rate_52w missed_of_unresolved_share
    missed_risk_rate_families unprotected_weeks_share serious_events serious_events_avoidable
    detection_delay_weeks_median false_alarm_families_per_10k_year needless_family_weeks_per_10k_year utilisation_mean
    caseload_mean vacancy_share turnover_per_year cost_gbp_per_child_year pooling_gbp_per_child_year
    """.split()
)
MORE_IS_BETTER = frozenset(
    "protected_share referral_ppv initial_on_time_share core_on_time_share delivery_rate trust_mean".split()
)


def sign_of_worse(outcome: str) -> int:
    """Return 1 if a higher value of an outcome is worse, -1 if a lower value is, and 0 if neither (such as plans).

    >>> sign_of_worse("missed_risk_rate"), sign_of_worse("protected_share"), sign_of_worse("plan_stock_per_10k")
    (1, -1, 0)
    """
    return (outcome in LESS_IS_BETTER) - (outcome in MORE_IS_BETTER)
