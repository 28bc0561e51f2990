"""A hub (M26): one place through which agencies turn to each other and to social care."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board

_LEAST_TRUST = 1e-9  # whoever trusts nobody at all sends nothing, by whatever way


class Hub(Lever):
    """Sends a share `strength` of all messages of some kinds of agency through a hub that everybody trusts alike.

    Such a message arrives as over a tie of trust `hub_trust`, every other as over the sender's own tie.
    """

    mechanism: ClassVar = "M26"
    dials: ClassVar = ("ties.delivery",)
    neutral: ClassVar = {"strength": 0.0}

    lever: Literal["hub"] = Field(description="what changes")
    kinds: tuple[str, ...] = Field(
        strict=False, min_length=1, description="the kinds of agency whose messages it carries"
    )
    strength: float = quantity("levers.hub.strength")
    hub_trust: float = quantity("levers.hub.hub_trust")

    def moving(self, since: int) -> bool:
        """Every week: what the hub is worth hangs on the trust that there would be without it."""
        return True

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Let messages arrive as over both ways together."""
        ties = board.ties.starting_at(board.organisations(self, self.kinds))
        trust = np.maximum(board.ties.trust[ties], _LEAST_TRUST)
        over_hub = (self.hub_trust / trust) ** board.settings.network.delivery_trust_power
        board.turn("ties.delivery", ties, 1 - self.strength + self.strength * over_hub)
