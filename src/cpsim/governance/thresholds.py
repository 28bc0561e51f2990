"""Threshold changes by guidance, persuasion or a shared goal (M6)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.agents.tables import TeamRole
from cpsim.constants import FRONT_DOOR
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext


class Thresholds(Lever):
    """Moves the thresholds of kinds of agency and, if named, of the front door by shift x exp(-t / fade_weeks)."""

    mechanism: ClassVar = "M6"
    dials: ClassVar = ("organisations.share_threshold_shift", "teams.screening_threshold_shift")
    neutral: ClassVar = {"shift": 0.0}
    other_bodies: ClassVar = (FRONT_DOOR,)

    lever: Literal["thresholds"] = Field(description="what changes")
    kinds: tuple[str, ...] = Field(
        strict=False,
        min_length=1,
        description="the kinds of agency that it affects; front_door = the front door of social care",
    )
    shift: float = quantity("levers.thresholds.shift")
    fade_weeks: float | None = Field(
        default=None,
        ge=1,
        le=2_000,
        description="time until about a third of the shift remains; left out = permanent [weeks]",
    )

    def is_changing(self, since: int) -> bool:
        """Return whether it is the lever's date, or True every week if the shift fades."""
        return since == 0 or self.fade_weeks is not None

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Shift the sharing and screening thresholds."""
        remaining = 1.0 if self.fade_weeks is None else math.exp(-since / self.fade_weeks)
        context.turn_dial(
            "organisations.share_threshold_shift",
            context.select_organisations(self, self.kinds),
            self.shift * remaining,
        )
        if FRONT_DOOR in self.kinds:
            context.turn_dial(
                "teams.screening_threshold_shift",
                context.select_teams(self, TeamRole.FRONT_DOOR),
                self.shift * remaining,
            )
