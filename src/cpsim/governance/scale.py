"""Scale (M20): authorities that share a service get more hours for their money but weaker ties to partners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever, Obstacle
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext


class Scale(Lever):
    """Makes n authorities share one service: the cost of an hour falls to n^-sigma, and trust falls to n^-lambda.

    The saving is spent on more hours, except for the share `saved_share`. Trust falls on the date, and then changes as
    usual.
    """

    mechanism: ClassVar = "M20"
    dials: ClassVar = ("teams.capacity_factor", "teams.paid_factor", "ties.trust")
    dials_read: ClassVar = ("ties.trust",)
    neutral: ClassVar = {"economy": 0.0, "tie_loss": 0.0}

    lever: Literal["scale"] = Field(description="what changes")
    authorities_sharing: int = quantity("levers.scale.authorities_sharing")
    economy: float = quantity("levers.scale.economy")
    saved_share: float = quantity("levers.scale.saved_share")
    tie_loss: float = quantity("levers.scale.tie_loss")

    def find_obstacle(self, context: LeverContext) -> Obstacle | None:
        """Find a service that is not shared."""
        if self.authorities_sharing == 1:
            return Obstacle(
                "one authority by itself shares its service with no other", "set authorities_sharing above 1"
            )
        return super().find_obstacle(context)

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Change the hours of all teams and the hours that are paid for (M20.1, M20.2)."""
        teams = context.select_teams(self)
        context.turn_dial(
            "teams.capacity_factor",
            teams,
            self.authorities_sharing ** (self.economy * (1 - self.saved_share)),
        )
        context.turn_dial(
            "teams.paid_factor", teams, self.authorities_sharing ** (-self.economy * self.saved_share)
        )

    def apply_event(self, context: LeverContext, since: int, memory: Any) -> None:
        """Weaken the ties of local organisations (M20.3)."""
        ties = context.ties.find_connected(context.select_organisations(self))
        lost = 1 - self.authorities_sharing**-self.tie_loss
        context.set_state("ties.trust", ties, context.read_dial("ties.trust")[ties] * (1.0 - lost))
