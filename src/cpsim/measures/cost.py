"""What the system costs: staff hours, services, conferences, places in care, courts; harm has no price."""

import numpy as np
import pandas as pd

from cpsim.casework.state import Casework, Status
from cpsim.scenario.sections import CostSettings


def cost_gbp(weekly: pd.DataFrame, court_applications: int, prices: CostSettings) -> float:
    """Cost in GBP, constant prices, of the weeks in `weekly` (a slice of the weekly table).

    Staff who are in post are paid whether or not their hours are asked for, and whatever keeps them from casework.
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
    """Share of the money for joint packages that is in pools this week, in the mean of the authorities (M15)."""
    authorities = state.authorities
    return float((authorities["council_pooled"] + authorities["health_pooled"]).mean() / 2)


def pooling_gbp(state: Casework) -> float:
    """What setting up and running pooled budgets takes this week, in GBP; a part of what services cost (M15)."""
    overhead = state.authorities["pool_overhead"]
    if not overhead.any():
        return 0.0
    prices, teams = state.scenario.costs, state.long_term_teams
    status = state.records.status[state.receiving_services]
    authority = state.teams["authority"][teams.rows[teams.of_child[state.receiving_services]]]
    spent = np.where(status == Status.IN_NEED, prices.in_need_service_week_gbp, 0.0)
    spent[status == Status.PLAN] = prices.plan_service_week_gbp
    return float(spent @ overhead[authority])
