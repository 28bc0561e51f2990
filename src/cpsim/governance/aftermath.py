"""What follows a judgement (M19): people leave, work piles up, bars fall, help comes late, and quality recovers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cpsim.agents.social_work import TeamRole
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_NEVER = -1


@dataclass
class _Judged:
    """Week of the run in which each authority was judged, -1 if it never was: int64, shape (A,)."""

    week: Rows


class Judgement(Lever):
    """After the lowest grade, t weeks ago, what it broke mends by exp(-t / recovery_weeks).

    Exits and the work of a case are multiplied by 1 + (factor - 1) exp(-t / recovery_weeks), the front door's bars fall
    by bar_pulse x exp(-t / bar_fades_weeks), an outside team takes `review_hours` until support comes, and support adds
    its share of hours from then on. Accuracy below 1, whatever lowered it, comes back: its gap to 1 shrinks by
    exp(-t / recovery_weeks).
    """

    mechanism: ClassVar = "M19"
    dials: ClassVar = (
        "teams.exit_factor",
        "teams.workload_factor",
        "teams.screen_bar_shift",
        "teams.capacity_factor",
        "teams.accuracy",
    )
    neutral: ClassVar = {
        "exits": 1.0,
        "workload": 1.0,
        "bar_pulse": 0.0,
        "support": 0.0,
        "recovery_weeks": None,
        "review_hours": 0.0,
    }
    rank: ClassVar = 1

    lever: Literal["judgement"] = Field(description="what changes")
    exits: float = quantity("levers.judgement.exits")
    workload: float = quantity("levers.judgement.workload")
    bar_pulse: float = quantity("levers.judgement.bar_pulse")
    bar_fades_weeks: float = quantity("levers.judgement.bar_fades_weeks", at_least=1)
    support: float = quantity("levers.judgement.support")
    support_delay: float = quantity("levers.judgement.support_delay")
    recovery_weeks: float | None = quantity("levers.judgement.recovery_weeks", at_least=1)
    review_hours: float = quantity("levers.judgement.review_hours")

    def moving(self, since: int) -> bool:
        """Every week: it mends slowly."""
        return True

    def memory(self, board: Board) -> _Judged:
        """Nobody has been judged yet."""
        return _Judged(np.full(len(board.names), _NEVER))

    def happen(self, board: Board, since: int, memory: Any) -> None:
        """The judgement falls."""
        memory.week[board.authorities(self)] = board.week

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Turn what the judgement breaks, what help adds, and what has mended."""
        authority = board.tables["teams"]["authority"]
        teams = np.flatnonzero(memory.week[authority] != _NEVER)
        weeks = (board.week - memory.week)[authority[teams]]
        left = self._left(weeks)
        board.turn("teams.exit_factor", teams, 1 + (self.exits - 1) * left)
        board.turn("teams.workload_factor", teams, 1 + (self.workload - 1) * left)
        at_the_door = board.tables["teams"]["role"][teams] == TeamRole.FRONT_DOOR
        pulse = self.bar_pulse * np.exp(-weeks / self.bar_fades_weeks)
        board.turn("teams.screen_bar_shift", teams[at_the_door], -pulse[at_the_door])
        helped = weeks >= self.support_delay
        taken = self._share_taken(board)[authority[teams]]
        board.turn("teams.capacity_factor", teams, np.where(helped, 1 + self.support, 1 - taken))
        gap = np.maximum(1 / board.value("teams.accuracy")[teams] - 1, 0)
        board.turn("teams.accuracy", teams, 1 + gap * (1 - left))

    def _left(self, weeks: Rows) -> Floats:
        """What is left of a shock after so many weeks, same shape."""
        if self.recovery_weeks is None:
            return np.ones(len(weeks))
        left: Floats = np.exp(-weeks / self.recovery_weeks)
        return left

    def _share_taken(self, board: Board) -> Floats:
        """Share of the hours of each authority's workers that an outside team takes in a week, shape (A,)."""
        workers = board.tables["workers"]
        here = workers["employed"]
        authority = board.tables["teams"]["authority"][workers["team"][here]]
        hours = np.bincount(authority, weights=workers["hours_per_week"][here], minlength=len(board.names))
        taken: Floats = np.minimum(self.review_hours / max(self.support_delay, 1), hours)
        return np.divide(taken, hours, out=np.zeros(len(hours)), where=hours > 0)
