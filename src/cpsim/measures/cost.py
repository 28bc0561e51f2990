"""Cost of the system: staff hours, services, conferences, care and court applications; harm has no price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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


def pool_participation(state: Casework) -> float:
    """Share of the money for joint packages that is in pooled budgets this week, averaged over authorities (M15)."""
    authorities = state.authorities
    return float((authorities["council_pooled"] + authorities["health_pooled"]).mean() / 2)


def pooling_gbp(state: Casework) -> float:
    """Cost of setting up and running pooled budgets this week, in GBP, as a share of the cost of services (M15)."""
    overhead = state.authorities["pool_overhead"]
    if not overhead.any():
        return 0.0
    prices, teams = state.scenario.costs, state.long_term_teams
    status = state.records.status[state.receiving_services]
    authority = state.teams["authority"][teams.rows[teams.of_child[state.receiving_services]]]
    spent = np.where(status == Status.IN_NEED, prices.in_need_service_week_gbp, 0.0)
    spent[status == Status.PLAN] = prices.plan_service_week_gbp
    return float(spent @ overhead[authority])
