"""Hubs (M26): one place that carries messages between agencies and to children's social care."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever, Obstacle
from cpsim.governance.links import no_ties
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext

_LEAST_TRUST = 1e-9  # an organisation with no trust sends nothing, by any route


class Hub(Lever):
    """Sends the share `strength` of the messages of some kinds of agency through a hub that all of them trust equally.

    A message through the hub is delivered as over a tie with trust `hub_trust`; any other, over the sender's own tie.
    """

    mechanism: ClassVar = "M26"
    dials: ClassVar = ("ties.delivery",)
    dials_read: ClassVar = ("ties.trust",)
    neutral: ClassVar = {"strength": 0.0}

    lever: Literal["hub"] = Field(description="what changes")
    kinds: tuple[str, ...] = Field(
        strict=False, min_length=1, description="the kinds of agency whose messages it carries"
    )
    strength: float = quantity("levers.hub.strength")
    hub_trust: float = quantity("levers.hub.hub_trust")

    def find_obstacle(self, context: LeverContext) -> Obstacle | None:
        """Find kinds of agency without any ties."""
        if not len(context.ties.find_starting_at(context.select_organisations(self, self.kinds))):
            return no_ties(self.kinds)
        return super().find_obstacle(context)

    def is_changing(self, since: int) -> bool:
        """Return True: the effect depends on the trust in the senders' own ties, which changes every week."""
        return True

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Set the delivery of each tie to the average over the two routes."""
        import numpy as np

        ties = context.ties.find_starting_at(context.select_organisations(self, self.kinds))
        trust = np.maximum(context.read_dial("ties.trust")[ties], _LEAST_TRUST)
        over_hub = (self.hub_trust / trust) ** context.settings.network.delivery_trust_power
        context.turn_dial("ties.delivery", ties, 1 - self.strength + self.strength * over_hub)
