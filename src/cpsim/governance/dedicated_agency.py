"""A dedicated child protection agency (M28): its teams may judge better, and partners may contact it less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext


class DedicatedAgency(Lever):
    """Moves child protection to an agency of its own: partners' thresholds rise, and its teams may judge better.

    The agency takes over the front door and the teams as they are. Use `restructure` for the disruption of the change.
    """

    mechanism: ClassVar = "M28"
    dials: ClassVar = ("organisations.share_threshold_shift", "teams.accuracy")
    neutral: ClassVar = {"threshold_rise": 0.0, "accuracy_gain": 0.0}

    lever: Literal["dedicated_agency"] = Field(description="what changes")
    threshold_rise: float = quantity("levers.dedicated_agency.threshold_rise")
    accuracy_gain: float = quantity("levers.dedicated_agency.accuracy_gain")

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Raise the thresholds of partners, who feel less responsible, and the accuracy of the specialist teams."""
        context.turn_dial(
            "organisations.share_threshold_shift", context.select_organisations(self), self.threshold_rise
        )
        context.turn_dial("teams.accuracy", context.select_teams(self), 1 + self.accuracy_gain)
