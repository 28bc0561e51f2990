"""Outcomes: hours, caseloads and posts of social work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.constants import WEEKS_PER_YEAR
from cpsim.measures.outcomes.columns import ratio
from cpsim.measures.outcomes.registry import RATIO, SHARE, outcome

if TYPE_CHECKING:
    from cpsim.measures.outcomes.columns import OutcomeColumns


@outcome(
    unit=RATIO,
    label="Hours demanded",
    meaning="Social-work hours demanded for each hour available; can exceed 1.",
    better="lower",
    heading="Workload",
    note="for each hour available",
    axis="per hour available",
    headline=True,
    change=(
        "{size} more hours were demanded for each hour available",
        "{size} fewer hours were demanded for each hour available",
    ),
    interest=0.02,
    explained_by=("referrals_per_10k_year", "in_need_stock_per_10k", "plan_stock_per_10k", "in_care_per_10k"),
)
def utilisation_mean(run: OutcomeColumns) -> float | None:
    return run.divide("hours_demanded", by="hours_available")


@outcome(
    unit="children per social worker",
    label="Caseload",
    meaning="Children with an open case for each case-holding social worker in post.",
    better="lower",
    heading="Workload",
    note="open cases for each social worker",
    axis="children per social worker",
    official="dfe-workforce-2015",
    change=(
        "each social worker had {size} more open cases",
        "each social worker had {size} fewer open cases",
    ),
    interest=0.5,
)
def caseload_mean(run: OutcomeColumns) -> float:
    return float(run.evaluated["caseload_mean"].mean())


@outcome(
    unit=SHARE,
    label="Vacant posts",
    meaning="Vacant social-work posts, as a share of all posts.",
    better="lower",
    heading="Workload",
    note="of social-work posts",
    axis="of posts",
    tables=("comparison",),
    official="dfe-workforce-2015",
    change=(
        "the share of posts that are vacant rose by {size}",
        "the share of posts that are vacant fell by {size}",
    ),
    interest=0.01,
)
def vacancy_share(run: OutcomeColumns) -> float:
    return float(run.evaluated["vacancy_share"].mean())


@outcome(
    unit="share a year",
    label="Turnover",
    meaning="Social workers who leave in a year, as a share of posts.",
    better="lower",
    axis="of posts a year",
    official="dfe-workforce-2015",
    change=(
        "the share of social workers who leave in a year rose by {size}",
        "the share of social workers who leave in a year fell by {size}",
    ),
    interest=0.01,
)
def turnover_per_year(run: OutcomeColumns) -> float | None:
    return ratio(run.total("exits") * WEEKS_PER_YEAR, run.total("posts"))


@outcome(
    unit=SHARE,
    label="Hours on casework",
    meaning="Social-work hours available for casework, travel included, as a share of those paid for.",
    better="higher",
    axis="of hours paid for",
)
def core_time_share(run: OutcomeColumns) -> float | None:
    return run.divide("hours_available", by="hours_paid")
