"""Scandals (M24): a publicised death makes everybody act on less, and some of that stays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from cpsim.agents.social_work import TeamRole
from cpsim.arrays import Floats
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board


@dataclass
class _Outrage:
    """What has been stirred up in each authority since the date, log-odds, float64, shape (A,).

    Attributes:
        fresh: what fades.
        in_all: the same, had nothing faded.
    """

    fresh: Floats
    in_all: Floats


class Scandal(Lever):
    """From its date thresholds are lower by size x [(1 - persists) exp(-t / fade_weeks) + persists].

    That holds for all who might tell social care and for the front door in the authorities named; others feel the
    share `spillover` of it. Once the public has an eye on it, every serious event to a child whom social care knew is
    a small scandal of size `known_child_event` in its own authority, from the week after.
    """

    mechanism: ClassVar = "M24"
    dials: ClassVar = ("organisations.share_threshold_shift", "teams.screening_threshold_shift")
    neutral: ClassVar = {"size": 0.0, "known_child_event": 0.0}

    lever: Literal["scandal"] = Field(description="what changes")
    size: float = quantity("levers.scandal.size", at_least=0)
    fade_weeks: float = quantity("levers.scandal.fade_weeks", at_least=1)
    lasting_share: float = quantity("levers.scandal.lasting_share")
    spillover: float = quantity("levers.scandal.spillover")
    known_child_event: float = quantity("levers.scandal.known_child_event", at_least=0)

    def moving(self, since: int) -> bool:
        """Every week, since outrage fades and new events stir it up."""
        return True

    def happens(self, since: int) -> bool:
        """Every week."""
        return True

    def memory(self, board: Board) -> _Outrage:
        """Nothing stirred up yet."""
        calm = np.zeros(len(board.names))
        return _Outrage(calm, calm)

    def happen(self, board: Board, since: int, memory: Any) -> None:
        """On its date the scandal breaks; later the events of the week before come to light."""
        events = board.tables["authorities"]["visible_events"]
        news = self.size if since == 0 else self.known_child_event * events
        memory.fresh = memory.fresh * math.exp(-1 / self.fade_weeks) + news
        memory.in_all = memory.in_all + news

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Lower the thresholds."""
        felt = np.full(len(board.names), self.spillover)
        felt[board.authorities(self)] = 1.0
        fall = felt * ((1 - self.lasting_share) * memory.fresh + self.lasting_share * memory.in_all)
        organisations, teams = board.tables["organisations"], board.tables["teams"]
        everybody = np.arange(len(organisations))
        board.turn("organisations.share_threshold_shift", everybody, -fall[organisations["authority"]])
        doors = np.flatnonzero(teams["role"] == TeamRole.FRONT_DOOR)
        board.turn("teams.screening_threshold_shift", doors, -fall[teams["authority"][doors]])
