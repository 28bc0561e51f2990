"""An index of children, or a record that agencies share (M23): who can look a child up, and what the screen shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.agents.social_work import TeamRole
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board


class SharedRecord(Lever):
    """Lets kinds of agency look children up, sometimes in the wrong entry; more reaches the front door (M23)."""

    mechanism: ClassVar = "M23"
    dials: ClassVar = (
        "organisations.lookup",
        "organisations.lookup_reach",
        "organisations.false_match",
        "teams.contact_load",
    )
    neutral: ClassVar = {"lookup": 0.0, "reach": 0.0, "false_match": 0.0, "extra_contacts": 0.0}

    lever: Literal["shared_record"] = Field(description="what changes")
    kinds: tuple[str, ...] | None = Field(
        default=None,
        strict=False,
        min_length=1,
        description="the kinds of agency whose staff may look; left out = all",
    )
    lookup: float = quantity("levers.shared_record.lookup")
    reach: float = quantity("levers.shared_record.reach")
    false_match: float = quantity("levers.shared_record.false_match")
    extra_contacts: float = quantity("levers.shared_record.extra_contacts")

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Give access to the record, and its volume to the front door."""
        users = board.organisations(self, self.kinds)
        board.turn("organisations.lookup", users, self.lookup)
        board.turn("organisations.lookup_reach", users, self.reach)
        board.turn("organisations.false_match", users, self.false_match)
        board.turn("teams.contact_load", board.teams(self, TeamRole.FRONT_DOOR), 1 + self.extra_contacts)
