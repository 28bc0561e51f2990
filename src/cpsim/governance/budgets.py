"""Money and demand (M12): budgets that grow or are cut, hours that others paid for, contacts that become more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.agents.social_work import TeamRole
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board
    from cpsim.scenario.schema import Scenario


class Budget(Lever):
    """Changes the hours that money buys: once, year by year, or by taking away what somebody else paid for (M12.6).

    A budget is made for a year, so `per_year` works on the date and on each of its anniversaries. Lost hours are made
    good out of the council's other money, as far as that is not fenced.
    """

    mechanism: ClassVar = "M12"
    dials: ClassVar = ("teams.capacity_factor", "teams.paid_factor")
    neutral: ClassVar = {"per_year": 0.0, "step": 0.0, "hours_lost": 0.0}
    rank: ClassVar = 1

    lever: Literal["budget"] = Field(description="what changes")
    per_year: float = quantity("levers.budget.per_year")
    step: float = quantity("levers.budget.step")
    hours_lost: float = quantity("levers.budget.hours_lost")
    replaced_share: float = quantity("levers.budget.replaced_share")

    def contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """A budget of which nothing is said was left unfinished."""
        if self.model_fields_set.isdisjoint(self.neutral):
            yield (), "changes nothing; say at least one of per_year, step, hours_lost"

    def moving(self, since: int) -> bool:
        """On its date, and with every new budget if budgets go on changing."""
        return since == 0 or (self.per_year != 0 and since % WEEKS_PER_YEAR == 0)

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Buy more or fewer hours; who is not paid costs nothing."""
        fenced = board.value("authorities.council_ringfenced")
        lost = self.hours_lost * (1 - self.replaced_share * (1 - fenced))
        bought = (1 + self.step) * (1 + self.per_year) ** (1 + since // WEEKS_PER_YEAR) * (1 - lost)
        teams = board.teams(self)
        factor = bought[board.tables["teams"]["authority"][teams]]
        board.turn("teams.capacity_factor", teams, factor)
        board.turn("teams.paid_factor", teams, factor)


class Demand(Lever):
    """Contacts and referrals bring more work to the front door each year, up to a most (M12.7)."""

    mechanism: ClassVar = "M12"
    dials: ClassVar = ("teams.contact_load",)
    neutral: ClassVar = {"per_year": 0.0}

    lever: Literal["demand"] = Field(description="what changes")
    per_year: float = quantity("levers.demand.per_year")
    limit: float = quantity("levers.demand.limit", at_least=1)

    def moving(self, since: int) -> bool:
        """Every week until there is no more of it."""
        return since == 0 or self._growth(since) != self._growth(since - 1)

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Load the front door."""
        board.turn("teams.contact_load", board.teams(self, TeamRole.FRONT_DOOR), self._growth(since))

    def _growth(self, since: int) -> float:
        return min(float((1 + self.per_year) ** (since / WEEKS_PER_YEAR)), self.limit)
