"""Everyday practice (M3, M25): how training, forms and funding change noticing, recording and attendance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.agents.tables import OrganisationColumns, TeamRole
from cpsim.constants import ROUNDING
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext

Kinds = tuple[str, ...] | None


def _kinds_field() -> Any:
    return Field(
        default=None,
        strict=False,
        min_length=1,
        description="the kinds of agency that it affects; left out = all",
    )


class AttentionPractice(Lever):
    """Multiplies the probability that a noticeable sign is noticed, for example through training (M3.3)."""

    mechanism: ClassVar = "M3"
    dials: ClassVar = ("organisations.attention_factor",)
    neutral: ClassVar = {"factor": 1.0}

    lever: Literal["attention_practice"] = Field(description="what changes")
    kinds: Kinds = _kinds_field()
    factor: float = quantity("levers.attention_practice.factor")

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Multiply attention in the organisations affected."""
        context.turn_dial(
            "organisations.attention_factor", context.select_organisations(self, self.kinds), self.factor
        )


class RecordingPractice(Lever):
    """Records a share of the concerns that would go unrecorded, for example through a common form (M3.4).

    More contacts may reach the front door. The lever has no effect on an organisation that records nothing at all.
    """

    mechanism: ClassVar = "M3 M23"
    dials: ClassVar = ("organisations.recording_factor", "teams.contact_load")
    dials_read: ClassVar = ("organisations.recording_factor",)
    reads: ClassVar = (OrganisationColumns.recording,)
    neutral: ClassVar = {"gain": 0.0, "extra_contacts": 0.0}

    lever: Literal["recording_practice"] = Field(description="what changes")
    kinds: Kinds = _kinds_field()
    gain: float = quantity("levers.recording_practice.gain")
    extra_contacts: float = quantity("levers.recording_practice.extra_contacts")

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Record a share of the concerns that remain unrecorded after the levers applied before this one."""
        import numpy as np

        rows = context.select_organisations(self, self.kinds)
        usual = context.tables["organisations"]["recording"][rows]
        recorded = np.minimum(usual * context.read_dial("organisations.recording_factor")[rows], 1.0)
        improvement = np.divide(
            recorded + self.gain * (1 - recorded), recorded, out=np.ones(len(rows)), where=recorded > ROUNDING
        )
        context.turn_dial("organisations.recording_factor", rows, improvement)
        context.turn_dial(
            "teams.contact_load", context.select_teams(self, TeamRole.FRONT_DOOR), 1 + self.extra_contacts
        )


class AttendancePractice(Lever):
    """Multiplies the probability that an agency attends a child protection conference, such as by a fee (M25.4)."""

    mechanism: ClassVar = "M25"
    dials: ClassVar = ("organisations.attendance_factor",)
    neutral: ClassVar = {"factor": 1.0}

    lever: Literal["attendance_practice"] = Field(description="what changes")
    kinds: Kinds = _kinds_field()
    factor: float = quantity("levers.attendance_practice.factor")

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Multiply attendance of the organisations affected."""
        context.turn_dial(
            "organisations.attendance_factor", context.select_organisations(self, self.kinds), self.factor
        )
