"""Thresholds moved by decree, persuasion or a shared goal (M6): how worried somebody must be before acting."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.agents.social_work import TeamRole
from cpsim.constants import FRONT_DOOR
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board


class Thresholds(Lever):
    """Moves the thresholds of kinds of agency, and of the front door if it is named, by shift x exp(-t / fade_weeks)."""

    mechanism: ClassVar = "M6"
    dials: ClassVar = ("organisations.share_threshold_shift", "teams.screening_threshold_shift")
    neutral: ClassVar = {"shift": 0.0}
    beside_kinds: ClassVar = (FRONT_DOOR,)

    lever: Literal["thresholds"] = Field(description="what changes")
    kinds: tuple[str, ...] = Field(
        strict=False,
        min_length=1,
        description="the kinds of agency that it concerns; front_door for the front door of social care",
    )
    shift: float = quantity("levers.thresholds.shift")
    fade_weeks: float | None = Field(
        default=None,
        ge=1,
        le=2_000,
        description="weeks until about a third is left; left out = it lasts [weeks]",
    )

    def moving(self, since: int) -> bool:
        """On its date, and every week while it fades."""
        return since == 0 or self.fade_weeks is not None

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Move the thresholds."""
        left = 1.0 if self.fade_weeks is None else math.exp(-since / self.fade_weeks)
        board.turn(
            "organisations.share_threshold_shift", board.organisations(self, self.kinds), self.shift * left
        )
        if FRONT_DOOR in self.kinds:
            board.turn(
                "teams.screening_threshold_shift", board.teams(self, TeamRole.FRONT_DOOR), self.shift * left
            )
