"""Links between agencies (M8, M26): built by working together or under one roof, lost when people part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cpsim.constants import FRONT_DOOR
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board
    from cpsim.scenario.schema import Scenario


class Links(Lever):
    """Changes the ties between some agencies and others, in both directions.

    On its date a share `tie_cut` of what a tie is worth above that of strangers goes, and then a share `trust_gain` of
    the trust that is missing is won. As long as it holds, a message over such a tie is `delivery` times as likely to
    arrive. Ties that do not exist are not made.
    """

    mechanism: ClassVar = "M8"
    dials: ClassVar = ("ties.trust", "ties.delivery")
    neutral: ClassVar = {"trust_gain": 0.0, "tie_cut": 0.0, "delivery": 1.0}
    beside_kinds: ClassVar = (FRONT_DOOR,)

    lever: Literal["links"] = Field(description="what changes")
    kinds: tuple[str, ...] = Field(
        strict=False,
        min_length=1,
        description="the kinds of agency at one end; front_door for the front door of social care",
    )
    partners: tuple[str, ...] | None = Field(
        default=None,
        strict=False,
        min_length=1,
        description="those at the other end; left out = all kinds of agency and the front door",
    )
    trust_gain: float = quantity("levers.links.trust_gain")
    tie_cut: float = quantity("levers.links.tie_cut")
    delivery: float = quantity("levers.links.delivery")

    def contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """A front door has no tie to another."""
        if set(self.kinds) == {FRONT_DOOR} == set(self.partners or ()):
            yield ("partners",), "the front door has ties to agencies only; name some kind of agency"

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Let messages arrive more or less often."""
        board.turn("ties.delivery", self._ties(board), self.delivery)

    def happen(self, board: Board, since: int, memory: Any) -> None:
        """Cut ties, then build on what is left."""
        board.check("ties.trust")
        ties, trust = self._ties(board), board.ties.trust
        trust[ties] += self.tie_cut * (board.settings.network.trust_new - trust[ties])
        trust[ties] += self.trust_gain * (1 - trust[ties])

    def _ties(self, board: Board) -> NDArray[np.intp]:
        """Rows of the ties between the two ends."""
        partners = self.partners or (*board.kinds, FRONT_DOOR)
        return board.ties.between(board.nodes(self, self.kinds), board.nodes(self, partners))
