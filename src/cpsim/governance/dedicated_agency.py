"""An agency for nothing but child protection (M28): it may judge better, and others leave the matter to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board


class DedicatedAgency(Lever):
    """Gives child protection to an agency of its own: partners' thresholds rise, the judgement of its teams may sharpen.

    The agency takes over front door and teams as they are. What the change itself breaks is `restructure`.
    """

    mechanism: ClassVar = "M28"
    dials: ClassVar = ("organisations.share_threshold_shift", "teams.accuracy")
    neutral: ClassVar = {"threshold_rise": 0.0, "accuracy_gain": 0.0}

    lever: Literal["dedicated_agency"] = Field(description="what changes")
    threshold_rise: float = quantity("levers.dedicated_agency.threshold_rise")
    accuracy_gain: float = quantity("levers.dedicated_agency.accuracy_gain")

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Partners feel less responsible; specialists judge."""
        board.turn("organisations.share_threshold_shift", board.organisations(self), self.threshold_rise)
        board.turn("teams.accuracy", board.teams(self), 1 + self.accuracy_gain)
