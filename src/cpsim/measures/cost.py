"""Cost of the system: staff hours, services, conferences, care and court applications; harm has no price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cpsim.arrays import Floats
from cpsim.casework.state import Casework, Status
from cpsim.scenario.sections import CostSettings

if TYPE_CHECKING:
    import pandas as pd


def cost_gbp(weekly: pd.DataFrame, court_applications: float, prices: CostSettings) -> float:
    """Cost of some weeks in GBP at constant prices.

    Staff in post are paid for all their hours, whether or not casework uses them.

    Args:
        weekly: rows of the weekly table.
        court_applications: number of applications for a care order in these weeks.
        prices: prices of the scenario.
    """
    partners = prices.partner_hours_per_contact * prices.partner_hour_gbp
    return float(
        weekly["hours_paid"].sum() * prices.hour_of_social_work_gbp
        + weekly["messages_sent"].sum() * partners
        + weekly["conferences"].sum() * prices.conference_gbp
        + weekly["in_need_service"].sum() * prices.in_need_service_week_gbp
        + weekly["on_plan"].sum() * prices.plan_service_week_gbp
        + weekly["in_care"].sum() * prices.care_week_gbp
        + court_applications * prices.court_application_gbp
    )


def pool_participation(state: Casework) -> Floats:
    """Share of the money for joint packages that is in pooled budgets, averaged over authorities, shape (runs,) (M15).

    Runs of one scenario have the same number of authorities, and those of a run follow one another.
    """
    authorities = state.authorities
    pooled = authorities["council_pooled"] + authorities["health_pooled"]
    participation: Floats = pooled.reshape(len(state.seeds), -1).mean(axis=1) / 2
    return participation


def pooling_gbp(state: Casework) -> Floats:
    """Cost of setting up and running pooled budgets this week, a share of the cost of services, GBP, (runs,) (M15)."""
    overhead = state.authorities["pool_overhead"]
    cost = np.zeros(len(state.seeds))
    if not overhead.any():
        return cost
    prices, teams = state.scenario.costs, state.long_term_teams
    status = state.records.status[state.receiving_services]
    authority = state.teams["authority"][teams.rows[teams.of_child[state.receiving_services]]]
    spent = np.where(status == Status.IN_NEED, prices.in_need_service_week_gbp, 0.0)
    spent[status == Status.PLAN] = prices.plan_service_week_gbp
    run = state.run_of_authority[authority]
    for number in range(len(cost)):
        rows = run == number
        cost[number] = spent[rows] @ overhead[authority[rows]]
    return cost
