"""Autonomy and league tables (M6, M8): organisations that leave the council's orbit and are judged by results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from cpsim import draws
from cpsim.arrays import Ints
from cpsim.governance.lever import Lever
from cpsim.network.ties import TieRole
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board


class Autonomy(Lever):
    """Sets a share of the organisations free, by lot: league tables raise their thresholds, their ties to the council loosen.

    The threshold for telling social care rises by league_effect x league_weight. On the date a share `tie_loss` of what the
    tie to the front door is worth above that of strangers is gone.
    """

    mechanism: ClassVar = "M6"
    dials: ClassVar = ("organisations.share_threshold_shift", "ties.trust")
    neutral: ClassVar = {"share": 0.0}

    lever: Literal["autonomy"] = Field(description="what changes")
    kinds: tuple[str, ...] = Field(
        strict=False, min_length=1, description="the kinds of agency that it concerns"
    )
    share: float = quantity("levers.autonomy.share")
    league_weight: float = quantity("levers.autonomy.league_weight")
    league_effect: float = quantity("levers.autonomy.league_effect", at_least=0)
    tie_loss: float = quantity("levers.autonomy.tie_loss")

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Raise the thresholds of the free."""
        rise = self.league_effect * self.league_weight
        board.turn("organisations.share_threshold_shift", self.free(board), rise)

    def happen(self, board: Board, since: int, memory: Any) -> None:
        """Loosen their ties to the front door."""
        board.check("ties.trust")
        ties = board.ties
        theirs = ties.starting_at(self.free(board))
        theirs = theirs[ties.role[theirs] == TieRole.REFERRAL]
        ties.trust[theirs] += self.tie_loss * (board.settings.network.trust_new - ties.trust[theirs])

    def free(self, board: Board) -> Ints:
        """Rows of the organisations set free; a larger share takes in a smaller one."""
        rows = board.organisations(self, self.kinds)
        luck = draws.Stream(board.seed, "autonomy by lot").uniform(draws.keys(rows, 0))
        return rows[np.argsort(luck, kind="stable")[: round(self.share * len(rows))]]
