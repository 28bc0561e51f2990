"""Unequal treatment (M30): two groups of children whose signs are noticed, or passed on, at different rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext


class UnequalTreatment(Lever):
    """Shifts the sharing threshold for the smaller of two groups of children, and the attention that they get.

    Practitioners distinguish harm from no harm equally well in both groups; only threshold and attention differ.
    """

    mechanism: ClassVar = "M30"
    dials: ClassVar = ("organisations.group_threshold_shift", "organisations.group_exposure")
    neutral: ClassVar = {"threshold_gap": 0.0, "exposure_gap": 0.0}

    lever: Literal["unequal_treatment"] = Field(description="what changes")
    kinds: tuple[str, ...] = Field(
        strict=False, min_length=1, description="the kinds of agency that it affects"
    )
    threshold_gap: float = quantity("levers.unequal_treatment.threshold_gap")
    exposure_gap: float = quantity("levers.unequal_treatment.exposure_gap")

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Shift the threshold and multiply the attention for the smaller group."""
        rows = context.select_organisations(self, self.kinds)
        context.turn_dial("organisations.group_threshold_shift", rows, self.threshold_gap)
        context.turn_dial("organisations.group_exposure", rows, 1 + self.exposure_gap)
