"""Money and demand (M12): growing or shrinking budgets, lost subsidies, and a growing number of contacts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.agents.tables import TeamRole
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext
    from cpsim.scenario.schema import Scenario


class Budget(Lever):
    """Changes the hours that money buys: once, every year, or by removing a subsidy from another service (M12.6).

    Budgets are annual, so `per_year` applies on the date and on each of its anniversaries. The council replaces the
    share `replaced_share` of the lost hours from its other money, as far as that money is not ring-fenced.
    """

    mechanism: ClassVar = "M12"
    dials: ClassVar = ("teams.capacity_factor", "teams.paid_factor")
    signals_read: ClassVar = ("authorities.council_ringfenced",)
    neutral: ClassVar = {"per_year": 0.0, "step": 0.0, "hours_lost": 0.0}
    rank: ClassVar = 1

    lever: Literal["budget"] = Field(description="what changes")
    per_year: float = quantity("levers.budget.per_year")
    step: float = quantity("levers.budget.step")
    hours_lost: float = quantity("levers.budget.hours_lost")
    replaced_share: float = quantity("levers.budget.replaced_share")

    def find_contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Report a budget that sets none of its changes."""
        if self.model_fields_set.isdisjoint(self.neutral):
            yield (), "changes nothing; set at least one of per_year, step, hours_lost"

    def is_changing(self, since: int) -> bool:
        """Return whether a new budget starts this week: on the date, and every year if `per_year` is set."""
        return since == 0 or (self.per_year != 0 and since % WEEKS_PER_YEAR == 0)

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Change the hours that teams have and the hours that are paid for."""
        ringfenced = context.read_signal("authorities.council_ringfenced")
        lost = self.hours_lost * (1 - self.replaced_share * (1 - ringfenced))
        bought = (1 + self.step) * (1 + self.per_year) ** (1 + since // WEEKS_PER_YEAR) * (1 - lost)
        teams = context.select_teams(self)
        factor = bought[context.tables["teams"]["authority"][teams]]
        context.turn_dial("teams.capacity_factor", teams, factor)
        context.turn_dial("teams.paid_factor", teams, factor)


class Demand(Lever):
    """Increases the work of the front door for contacts and referrals every year, up to a limit (M12.7)."""

    mechanism: ClassVar = "M12"
    dials: ClassVar = ("teams.contact_load",)
    neutral: ClassVar = {"per_year": 0.0}

    lever: Literal["demand"] = Field(description="what changes")
    per_year: float = quantity("levers.demand.per_year")
    limit: float = quantity("levers.demand.limit", at_least=1)

    def is_changing(self, since: int) -> bool:
        """Return whether demand still grows this week."""
        return since == 0 or self._growth(since) != self._growth(since - 1)

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Multiply the hours that contacts and referrals take at the front door."""
        context.turn_dial(
            "teams.contact_load", context.select_teams(self, TeamRole.FRONT_DOOR), self._growth(since)
        )

    def _growth(self, since: int) -> float:
        return min(float((1 + self.per_year) ** (since / WEEKS_PER_YEAR)), self.limit)
