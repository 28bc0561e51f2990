"""The strong and the weak (M21): freedoms for those on top, staff who follow reputation, and takeovers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from cpsim.arrays import Bools, Floats, Ints
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.governance.lever import Lever
from cpsim.governance.ratings import standing
from cpsim.scenario.authorities import authority_names
from cpsim.scenario.events import Choice
from cpsim.scenario.problems import listed
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board
    from cpsim.scenario.schema import Scenario


_TOP_GRADE = 4


@dataclass
class _Free:
    """Who is free of rules now, bool, and for how many weeks each has been so far, int64; shapes (A,)."""

    now: Bools
    weeks: Ints


class Freedoms(Lever):
    """Whoever is free of rules judges better every year: accuracy is multiplied by (1 + growth)^(years of freedom).

    Staff follow reputation: exits are multiplied by exp(-staff_flow x score) over the mean of this among all in post,
    with the last scores standardised, so that as many leave in all as without it.
    """

    mechanism: ClassVar = "M21"
    dials: ClassVar = ("teams.accuracy", "teams.exit_factor")
    neutral: ClassVar = {"growth": 0.0, "staff_flow": 0.0}

    lever: Literal["freedoms"] = Field(description="what changes")
    growth: float = quantity("levers.freedoms.growth")
    staff_flow: float = quantity("levers.freedoms.staff_flow")
    top_grade: bool = Field(
        default=False,
        description="whether only those in the top grade are free, for as long as they are in it",
    )

    def contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Nobody has a grade where nobody inspects."""
        if self.top_grade and not any(event.lever == "inspection" for event in scenario.timeline):
            yield ("top_grade",), "needs an inspection in the timeline, since nobody else gives grades"

    def moving(self, since: int) -> bool:
        """Every week, since quality grows and people come and go."""
        return True

    def happens(self, since: int) -> bool:
        """Every week."""
        return True

    def memory(self, board: Board) -> _Free:
        """Nobody has been free yet."""
        return _Free(np.zeros(len(board.names), np.bool_), np.zeros(len(board.names), np.int64))

    def happen(self, board: Board, since: int, memory: Any) -> None:
        """A week of freedom is over, and the next begins for those who have earned it."""
        memory.weeks = memory.weeks + memory.now
        rows = board.authorities(self)
        earned = board.tables["authorities"]["grade"][rows] == _TOP_GRADE
        memory.now = np.zeros(len(board.names), np.bool_)
        memory.now[rows] = earned if self.top_grade else True

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Judge better after years of freedom, and keep or lose people by reputation."""
        teams = board.teams(self)
        authority = board.tables["teams"]["authority"][teams]
        better = (1 + self.growth) ** (memory.weeks / WEEKS_PER_YEAR)
        board.turn("teams.accuracy", teams, better[authority])
        pull = np.ones(len(board.names))
        rows = board.authorities(self)
        pull[rows] = self._exits(_reputation(board)[rows], _staff(board)[rows])
        board.turn("teams.exit_factor", teams, pull[authority])

    def _exits(self, reputation: Floats, staff: Floats) -> Floats:
        """Factor on exits of authorities with so much reputation and staff, 1 in the mean over staff; shapes (n,)."""
        push = np.exp(-self.staff_flow * reputation)
        exits: Floats = push / np.average(push, weights=staff) if staff.any() else np.ones(len(push))
        return exits


@dataclass
class _Donor:
    """Row of the authority that takes over, -1 before it does."""

    row: int = -1


class Takeover(Lever):
    """A strong authority runs the services of weak ones, which gain `transfer` of what it judges better.

    It gives up the share `drain` of its hours for that; they are worked in the services taken over, in equal parts.
    """

    mechanism: ClassVar = "M21"
    dials: ClassVar = ("teams.accuracy", "teams.capacity_factor")
    neutral: ClassVar = {"transfer": 0.0, "drain": 0.0}
    rank: ClassVar = 1

    lever: Literal["takeover"] = Field(description="what changes")
    donor: str = Field(
        default="best",
        min_length=1,
        description="the authority that takes over; best = the one with the highest score on the day, or, if nobody "
        "inspects, of the highest quality",
    )
    transfer: float = quantity("levers.takeover.transfer")
    drain: float = quantity("levers.takeover.drain")

    def contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Somebody must be left to take over."""
        names = authority_names(scenario.authorities)
        if self.donor not in ("best", *names):
            yield ("donor",), f"no authority is called {self.donor!r}; there are {listed(names)}"
        if isinstance(self.authorities, tuple) and self.donor in self.authorities:
            yield ("donor",), f"{self.donor} cannot take over itself"
        if self._number_of(len(names)) >= len(names):
            yield ("authorities",), "all authorities are taken over, and nobody is left to do it; name fewer"

    def _number_of(self, number: int) -> int:
        """How many of so many authorities it concerns."""
        if self.authorities is None:
            return number
        if isinstance(self.authorities, Choice):
            return sum(self.authorities.model_dump(exclude_none=True).values())
        return len(self.authorities)

    def moving(self, since: int) -> bool:
        """Every week, since people come and go on both sides."""
        return True

    def memory(self, board: Board) -> _Donor:
        """Nobody yet."""
        return _Donor()

    def happen(self, board: Board, since: int, memory: Any) -> None:
        """Find who takes over."""
        memory.row = self._best(board) if self.donor == "best" else board.names.index(self.donor)

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Move skill and hours from the strong to the weak."""
        strong, weak, hours = memory.row, board.authorities(self), _hours(board)
        weak = weak[
            (weak != strong) & (hours[weak] > 0)
        ]  # where nobody is in post nobody can learn or be helped
        if not len(weak):
            return
        of_team, accuracy = board.tables["teams"]["authority"], board.value("teams.accuracy")
        skill = np.bincount(of_team, weights=accuracy) / np.bincount(of_team)
        better, more = np.ones(len(hours)), np.ones(len(hours))
        better[weak] += self.transfer * np.maximum(skill[strong] / skill[weak] - 1, 0)
        more[weak] += self.drain * hours[strong] / len(weak) / hours[weak]
        more[strong] -= self.drain
        teams = np.arange(len(of_team))
        board.turn("teams.accuracy", teams, better[of_team])
        board.turn("teams.capacity_factor", teams, more[of_team])

    def _best(self, board: Board) -> int:
        """Row of the best among those that are not taken over."""
        authorities = board.tables["authorities"]
        rated = bool((authorities["grade"] > 0).any())
        seen = authorities["score"] if rated else standing(board.tables).quality
        others = np.setdiff1d(np.arange(len(board.names)), board.authorities(self))
        return int(others[np.argmax(seen[others])])


def _staff(board: Board) -> Floats:
    """Social workers in post in each authority, shape (A,)."""
    workers, authority = board.tables["workers"], board.tables["teams"]["authority"]
    team = workers["team"][workers["employed"]]
    return np.bincount(authority[team], minlength=len(board.names)).astype(np.float64)


def _hours(board: Board) -> Floats:
    """Casework hours of each authority as the levers asked so far leave them, shape (A,)."""
    workers, authority = board.tables["workers"], board.tables["teams"]["authority"]
    here = workers["employed"]
    team = workers["team"][here]
    hours = workers["hours_per_week"][here] * board.value("teams.capacity_factor")[team]
    return np.bincount(authority[team], weights=hours, minlength=len(board.names)).astype(np.float64)


def _reputation(board: Board) -> Floats:
    """Last scores in standard deviations from their mean, 0 for those who have none, shape (A,)."""
    authorities = board.tables["authorities"]
    rated = authorities["grade"] > 0
    reputation = np.zeros(len(rated))
    if rated.any():
        scores = authorities["score"][rated]
        apart = scores.std()
        reputation[rated] = (scores - scores.mean()) / (apart if apart > 0 else 1)
    return reputation
