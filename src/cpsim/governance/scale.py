"""Scale (M20): authorities that share a service get more hours for their money and know their partners less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board


class Scale(Lever):
    """Lets n authorities run one service: an hour costs n^-sigma of what it did, and trust falls to n^-lambda.

    What becomes cheaper may be spent on more hours or saved. Trust falls on the day and is then made and lost as ever.
    """

    mechanism: ClassVar = "M20"
    dials: ClassVar = ("teams.capacity_factor", "teams.paid_factor", "ties.trust")
    neutral: ClassVar = {"economy": 0.0, "tie_loss": 0.0}

    lever: Literal["scale"] = Field(description="what changes")
    authorities_sharing: int = quantity("levers.scale.authorities_sharing")
    economy: float = quantity("levers.scale.economy")
    saved_share: float = quantity("levers.scale.saved_share_share")
    tie_loss: float = quantity("levers.scale.tie_loss")

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Turn the hours of all teams and what is paid for them (M20.1, M20.2)."""
        teams = board.teams(self)
        board.turn(
            "teams.capacity_factor",
            teams,
            self.authorities_sharing ** (self.economy * (1 - self.saved_share)),
        )
        board.turn("teams.paid_factor", teams, self.authorities_sharing ** (-self.economy * self.saved_share))

    def happen(self, board: Board, since: int, memory: Any) -> None:
        """Loosen the local ties (M20.3)."""
        board.check("ties.trust")
        ties = board.ties.touching(board.organisations(self))
        board.ties.lose(ties, 1 - self.authorities_sharing**-self.tie_loss)
