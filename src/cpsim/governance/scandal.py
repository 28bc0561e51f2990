"""Scandals (M24): a publicised death lowers all thresholds, in part for good."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.agents.tables import AuthorityColumns, TeamRole
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.arrays import Floats
    from cpsim.governance.context import LeverContext


@dataclass
class _PublicConcern:
    """Public concern in each authority since the date of the scandal, log-odds, shapes (authorities,).

    Attributes:
        fading: sum of all shocks, each reduced by the time since it.
        total: sum of all shocks without fading.
    """

    fading: Floats
    total: Floats


class Scandal(Lever):
    """Lowers thresholds by size x [(1 - lasting_share) exp(-t / fade_weeks) + lasting_share], t weeks after its date.

    This applies to the front door and all organisations in the authorities named; in other authorities the fall is
    multiplied by `spillover`. After the date, every serious event to a child known to children's social care is a
    further scandal of size `known_child_event` in the child's authority, from the following week.
    """

    mechanism: ClassVar = "M24"
    dials: ClassVar = ("organisations.share_threshold_shift", "teams.screening_threshold_shift")
    reads: ClassVar = (AuthorityColumns.visible_events,)
    neutral: ClassVar = {"size": 0.0, "known_child_event": 0.0}

    lever: Literal["scandal"] = Field(description="what changes")
    size: float = quantity("levers.scandal.size", at_least=0)
    fade_weeks: float = quantity("levers.scandal.fade_weeks", at_least=1)
    lasting_share: float = quantity("levers.scandal.lasting_share")
    spillover: float = quantity("levers.scandal.spillover")
    known_child_event: float = quantity("levers.scandal.known_child_event", at_least=0)

    def is_changing(self, since: int) -> bool:
        """Return True: concern fades, and new events raise it."""
        return True

    def is_event_due(self, since: int) -> bool:
        """Return True: concern is updated every week."""
        return True

    def create_memory(self, context: LeverContext) -> _PublicConcern:
        """Start without public concern."""
        import numpy as np

        none = np.zeros(len(context.names))
        return _PublicConcern(none, none)

    def apply_event(self, context: LeverContext, since: int, memory: Any) -> None:
        """Add the scandal on its date, and from then on the serious events of the week before."""
        events = context.tables["authorities"]["visible_events"]
        shock = self.size if since == 0 else self.known_child_event * events
        memory.fading = memory.fading * math.exp(-1 / self.fade_weeks) + shock
        memory.total = memory.total + shock

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Lower the sharing and screening thresholds."""
        import numpy as np

        weight = np.full(len(context.names), self.spillover)
        weight[context.select_authorities(self)] = 1.0
        fall = weight * ((1 - self.lasting_share) * memory.fading + self.lasting_share * memory.total)
        organisations, teams = context.tables["organisations"], context.tables["teams"]
        everyone = np.arange(len(organisations))
        context.turn_dial("organisations.share_threshold_shift", everyone, -fall[organisations["authority"]])
        front_doors = np.flatnonzero(teams["role"] == TeamRole.FRONT_DOOR)
        context.turn_dial(
            "teams.screening_threshold_shift", front_doors, -fall[teams["authority"][front_doors]]
        )
