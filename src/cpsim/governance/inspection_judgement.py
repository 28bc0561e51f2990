"""What follows a judgement (M19): people leave, work piles up, thresholds fall, help comes late, and quality recovers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cpsim.agents.social_work import TeamRole
from cpsim.arrays import Floats, Ints
from cpsim.constants import NEVER
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board
    from cpsim.scenario.schema import Scenario


@dataclass
class _Judged:
    """What each authority has gone through; shapes (A,).

    Attributes:
        judged: week of the run in which it got the lowest grade, -1 if it never did, int64.
        struck: the same, or the week in which it last failed to be better by the deadline, int64.
        grade: the grade that it had when somebody last looked, int8.
    """

    judged: Ints
    struck: Ints
    grade: NDArray[np.int8]


class InspectionJudgement(Lever):
    """After the lowest grade, t weeks ago, what it broke mends by exp(-t / recovery_weeks).

    Exits and the work of a case are multiplied by 1 + (factor - 1) exp(-t / recovery_weeks), the front door's thresholds fall
    by threshold_fall x exp(-t / threshold_fade_weeks), an outside team takes `review_hours` until support comes, and support adds
    its share of hours from then on. Accuracy below 1, whatever lowered it, comes back: its gap to 1 shrinks by
    exp(-t / recovery_weeks). Whoever is not above the lowest grade by the deadline is struck once more: exits, work and
    thresholds begin anew, and again after as long, while support and recovery go on.
    """

    mechanism: ClassVar = "M19"
    dials: ClassVar = (
        "teams.exit_factor",
        "teams.workload_factor",
        "teams.screening_threshold_shift",
        "teams.capacity_factor",
        "teams.paid_factor",
        "teams.accuracy",
    )
    neutral: ClassVar = {
        "exits": 1.0,
        "workload": 1.0,
        "threshold_fall": 0.0,
        "support": 0.0,
        "recovery_weeks": None,
        "review_hours": 0.0,
    }
    rank: ClassVar = 1

    lever: Literal["inspection_judgement"] = Field(description="what changes")
    exits: float = quantity("levers.inspection_judgement.exits")
    workload: float = quantity("levers.inspection_judgement.workload")
    threshold_fall: float = quantity("levers.inspection_judgement.threshold_fall")
    threshold_fade_weeks: float = quantity("levers.inspection_judgement.threshold_fade_weeks", at_least=1)
    support: float = quantity("levers.inspection_judgement.support")
    support_delay: float = quantity("levers.inspection_judgement.support_delay")
    recovery_weeks: float | None = quantity("levers.inspection_judgement.recovery_weeks", at_least=1)
    review_hours: float = quantity("levers.inspection_judgement.review_hours")
    deadline_weeks: int | None = Field(
        default=None, ge=4, le=520, description="until a better grade is due; left out = no deadline [weeks]"
    )
    lowest_grade: bool = Field(
        default=False,
        description="whether it falls on whoever inspectors put into the lowest grade, and when, and not on its date",
    )

    def contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Nobody has a grade where nobody inspects."""
        if not any(event.lever == "inspection" for event in scenario.timeline):
            for setting in ("lowest_grade", "deadline_weeks"):
                if getattr(self, setting):
                    yield (setting,), "needs an inspection in the timeline, since nobody else gives grades"

    def moving(self, since: int) -> bool:
        """Every week: it mends slowly."""
        return True

    def happens(self, since: int) -> bool:
        """On its date, or whenever grades are looked at."""
        return since == 0 or self.lowest_grade or self.deadline_weeks is not None

    def memory(self, board: Board) -> _Judged:
        """Nobody has been judged yet."""
        authorities = len(board.names)
        return _Judged(
            np.full(authorities, -NEVER), np.full(authorities, -NEVER), np.zeros(authorities, np.int8)
        )

    def happen(self, board: Board, since: int, memory: Any) -> None:
        """The judgement falls, or a deadline passes."""
        grade = board.tables["authorities"]["grade"]
        concerned = np.zeros(len(grade), np.bool_)
        concerned[board.authorities(self)] = True
        falls = (grade == 1) & (memory.grade != 1) if self.lowest_grade else since == 0
        memory.judged[concerned & falls] = memory.struck[concerned & falls] = board.week
        due = (memory.struck != -NEVER) & (board.week - memory.struck == self.deadline_weeks)
        memory.struck[due & (grade <= 1)] = board.week
        memory.grade = grade.copy()

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Turn what the judgement breaks, what help adds, and what has mended."""
        authority = board.tables["teams"]["authority"]
        teams = np.flatnonzero(memory.judged[authority] != -NEVER)
        struck = (board.week - memory.struck)[authority[teams]]
        left = self._left(struck)
        board.turn("teams.exit_factor", teams, 1 + (self.exits - 1) * left)
        board.turn("teams.workload_factor", teams, 1 + (self.workload - 1) * left)
        at_the_door = board.tables["teams"]["role"][teams] == TeamRole.FRONT_DOOR
        pulse = self.threshold_fall * np.exp(-struck / self.threshold_fade_weeks)
        board.turn("teams.screening_threshold_shift", teams[at_the_door], -pulse[at_the_door])
        weeks = (board.week - memory.judged)[authority[teams]]
        helped = weeks >= self.support_delay
        taken = self._share_taken(board)[authority[teams]]
        board.turn("teams.capacity_factor", teams, np.where(helped, 1 + self.support, 1 - taken))
        board.turn("teams.paid_factor", teams, np.where(helped, 1 + self.support, 1.0))
        gap = np.maximum(1 / board.value("teams.accuracy")[teams] - 1, 0)
        board.turn("teams.accuracy", teams, 1 + gap * (1 - self._left(weeks)))

    def _left(self, weeks: Ints) -> Floats:
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
        taken: Floats = np.minimum(self.review_hours / max(math.ceil(self.support_delay), 1), hours)
        return np.divide(taken, hours, out=np.zeros(len(hours)), where=hours > 0)
