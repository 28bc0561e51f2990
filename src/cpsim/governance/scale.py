"""Scale (M20): authorities that share a service get more hours for their money and know their partners less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board


class Scale(Lever):
    """Lets authorities run one service: n of them have n^sigma hours for the price of one, and n^-lambda of the trust.

    Trust falls on the day and is then made and lost as ever.
    """

    mechanism: ClassVar = "M20"
    dials: ClassVar = ("teams.capacity_factor", "ties.trust")
    neutral: ClassVar = {"economy": 0.0, "tie_loss": 0.0}

    lever: Literal["scale"] = Field(description="what changes")
    together: int = quantity("levers.scale.together")
    economy: float = quantity("levers.scale.economy")
    tie_loss: float = quantity("levers.scale.tie_loss")

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Turn the hours of all teams (M20.1)."""
        board.turn("teams.capacity_factor", board.teams(self), self.together**self.economy)

    def happen(self, board: Board, since: int, memory: Any) -> None:
        """Loosen the local ties (M20.2)."""
        board.check("ties.trust")
        ties = board.ties.touching(board.organisations(self))
        board.ties.lose(ties, 1 - self.together**-self.tie_loss)
