"""What training, forms and funding make of everyday practice (M3, M25): who attends, writes down, and comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from cpsim.agents.social_work import TeamRole
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board

Kinds = tuple[str, ...] | None


def _kinds() -> Any:
    return Field(
        default=None,
        strict=False,
        min_length=1,
        description="the kinds of agency that it concerns; left out = all",
    )


class AttentionPractice(Lever):
    """Multiplies the share of the signs to which somebody attends, as by training (M3.3)."""

    mechanism: ClassVar = "M3"
    dials: ClassVar = ("organisations.attention_factor",)
    neutral: ClassVar = {"factor": 1.0}

    lever: Literal["attention_practice"] = Field(description="what changes")
    kinds: Kinds = _kinds()
    factor: float = quantity("levers.attention_practice.factor")

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Attend to more or to less."""
        board.turn("organisations.attention_factor", board.organisations(self, self.kinds), self.factor)


class RecordingPractice(Lever):
    """Has a share written down of what would not be, as by a form in common; more may reach the front door (M3.4).

    Where nothing at all is written down there is no practice that could get better.
    """

    mechanism: ClassVar = "M3 M23"
    dials: ClassVar = ("organisations.recording_factor", "teams.contact_load")
    neutral: ClassVar = {"gain": 0.0, "extra_contacts": 0.0}

    lever: Literal["recording_practice"] = Field(description="what changes")
    kinds: Kinds = _kinds()
    gain: float = quantity("levers.recording_practice.gain")
    extra_contacts: float = quantity("levers.recording_practice.extra_contacts")

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Write down a share of what other practice now in force still leaves out."""
        rows = board.organisations(self, self.kinds)
        habit = board.tables["organisations"]["recording"][rows]
        recorded = np.minimum(habit * board.value("organisations.recording_factor")[rows], 1.0)
        better = np.divide(
            recorded + self.gain * (1 - recorded), recorded, out=np.ones(len(rows)), where=recorded > 0
        )
        board.turn("organisations.recording_factor", rows, better)
        board.turn("teams.contact_load", board.teams(self, TeamRole.FRONT_DOOR), 1 + self.extra_contacts)


class AttendancePractice(Lever):
    """Multiplies the chance that somebody comes to a child protection conference, as by a fee or by cover (M25.4)."""

    mechanism: ClassVar = "M25"
    dials: ClassVar = ("organisations.attendance_factor",)
    neutral: ClassVar = {"factor": 1.0}

    lever: Literal["attendance_practice"] = Field(description="what changes")
    kinds: Kinds = _kinds()
    factor: float = quantity("levers.attendance_practice.factor")

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Come more or less often."""
        board.turn("organisations.attendance_factor", board.organisations(self, self.kinds), self.factor)
