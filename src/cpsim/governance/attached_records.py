"""Attached records (M23, M5): the front door reads what other agencies have recorded with each message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.agents.tables import TeamRole
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext


class AttachedRecords(Lever):
    """Shows the front door a share of other agencies' records with each message, which takes longer to read (M23.3)."""

    mechanism: ClassVar = "M23 M5"
    dials: ClassVar = ("teams.records_shown", "teams.contact_load")
    neutral: ClassVar = {"share_shown": 0.0, "extra_contacts": 0.0}

    lever: Literal["attached_records"] = Field(description="what changes")
    share_shown: float = quantity("levers.attached_records.share_shown")
    extra_contacts: float = quantity("levers.attached_records.extra_contacts")

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Attach the records at the front doors, and add the hours for reading them."""
        front_doors = context.select_teams(self, TeamRole.FRONT_DOOR)
        context.turn_dial("teams.records_shown", front_doors, self.share_shown)
        context.turn_dial("teams.contact_load", front_doors, 1 + self.extra_contacts)
