"""Shared records (M23): an index of children or a common record in which practitioners look up a child."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.agents.tables import TeamRole
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext


class SharedRecord(Lever):
    """Lets practitioners look up children in a shared record, which may match the wrong child (M23)."""

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
        description="the kinds of agency whose practitioners have access; left out = all",
    )
    lookup: float = quantity("levers.shared_record.lookup")
    reach: float = quantity("levers.shared_record.reach")
    false_match: float = quantity("levers.shared_record.false_match")
    extra_contacts: float = quantity("levers.shared_record.extra_contacts")

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Give access to the record, and raise the number of contacts at the front door."""
        users = context.select_organisations(self, self.kinds)
        context.turn_dial("organisations.lookup", users, self.lookup)
        context.turn_dial("organisations.lookup_reach", users, self.reach)
        context.turn_dial("organisations.false_match", users, self.false_match)
        context.turn_dial(
            "teams.contact_load", context.select_teams(self, TeamRole.FRONT_DOOR), 1 + self.extra_contacts
        )
