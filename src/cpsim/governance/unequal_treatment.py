"""UnequalTreatment treatment (M30): two groups of children who are not watched, or not told about, alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board


class UnequalTreatment(Lever):
    """Moves the threshold at which the smaller group of children is told about, and the attention that they get.

    Harm is told from no harm as well in both groups; what differs is how much worry it takes, and who is looked at.
    """

    mechanism: ClassVar = "M30"
    dials: ClassVar = ("organisations.group_threshold_shift", "organisations.group_exposure")
    neutral: ClassVar = {"threshold_gap": 0.0, "exposure_gap": 0.0}

    lever: Literal["unequal_treatment"] = Field(description="what changes")
    kinds: tuple[str, ...] = Field(
        strict=False, min_length=1, description="the kinds of agency that it concerns"
    )
    threshold_gap: float = quantity("levers.unequal_treatment.threshold_gap")
    exposure_gap: float = quantity("levers.unequal_treatment.exposure_gap")

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Treat the smaller group otherwise."""
        rows = board.organisations(self, self.kinds)
        board.turn("organisations.group_threshold_shift", rows, self.threshold_gap)
        board.turn("organisations.group_exposure", rows, 1 + self.exposure_gap)
