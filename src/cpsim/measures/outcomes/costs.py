"""Outcomes: what the system costs; harm itself is given no price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.measures.outcomes.registry import GBP, SHARE, outcome

if TYPE_CHECKING:
    from cpsim.measures.outcomes.columns import OutcomeColumns


@outcome(
    unit=GBP,
    label="Cost",
    meaning="Cost of the system for each child under 18 in a year; harm itself is given no price.",
    better="lower",
    heading="Money",
    note="a year for each child; harm not priced",
    axis="£ per child a year",
    headline=True,
    change=(
        "the system cost {size} more a year for each child",
        "the system cost {size} less a year for each child",
    ),
    interest=5,
    explained_by=("referrals_per_10k_year", "in_need_stock_per_10k", "plan_stock_per_10k", "in_care_per_10k"),
)
def cost_gbp_per_child_year(run: OutcomeColumns) -> float:
    from cpsim.measures.cost import cost_gbp

    applications = run.count("court_applications")
    return cost_gbp(run.evaluated, applications, run.scenario.costs) / run.child_years


@outcome(
    unit=SHARE,
    label="Pooled money",
    meaning="Money for joint packages that is held in pooled budgets.",
    axis="of money for joint packages",
)
def pool_participation(run: OutcomeColumns) -> float:
    return float(run.evaluated["pool_participation"].mean())


@outcome(
    unit=GBP,
    label="Cost of pooling",
    meaning="Part of the cost that is spent on setting up and running pooled budgets.",
    better="lower",
    axis="£ per child a year",
    change=(
        "pooling cost {size} more a year for each child",
        "pooling cost {size} less a year for each child",
    ),
    interest=1,
)
def pooling_gbp_per_child_year(run: OutcomeColumns) -> float:
    return run.total("pooling_gbp") / run.child_years


@outcome(
    unit=GBP,
    label="Cost of a week averted",
    meaning="Extra cost for each week of unprotected harm averted; defined only for a comparison of two runs.",
    axis="£ per week of unprotected harm",
)
def cost_gbp_per_unprotected_week_averted(run: OutcomeColumns) -> None:  # noqa: ARG001 -- a comparison computes it
    return None
