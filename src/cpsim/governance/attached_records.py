"""One in-basket for the word of all agencies (M23, M5): the front door reads their files beside each message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.agents.social_work import TeamRole
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board


class AttachedRecords(Lever):
    """Lays a share of what other agencies hold about a child beside each message; there is more to read (M23.3)."""

    mechanism: ClassVar = "M23 M5"
    dials: ClassVar = ("teams.records_shown", "teams.contact_load")
    neutral: ClassVar = {"share_shown": 0.0, "extra_contacts": 0.0}

    lever: Literal["attached_records"] = Field(description="what changes")
    share_shown: float = quantity("levers.attached_records.share_shown")
    extra_contacts: float = quantity("levers.attached_records.extra_contacts")

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Let the front doors see the files, and have the reading."""
        front_doors = board.teams(self, TeamRole.FRONT_DOOR)
        board.turn("teams.records_shown", front_doors, self.share_shown)
        board.turn("teams.contact_load", front_doors, 1 + self.extra_contacts)
