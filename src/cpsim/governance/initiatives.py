"""Initiatives by the dozen (M22): what they take of core time, whom they lure away, how clashing goals confuse."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board
    from cpsim.scenario.schema import Scenario

Floats = NDArray[np.float64]


class Initiatives(Lever):
    """Central initiatives run beside core work: they take hours, lure staff away, and may want different things.

    What they take grows faster than their number, counted over all events of a timeline (M22.1). A workforce plan
    stops a share of those who would move, whichever event brought the initiatives: `number: 0` makes it one by itself.
    """

    mechanism: ClassVar = "M22"
    dials: ClassVar = (
        "teams.capacity_factor",
        "teams.exit_factor",
        "teams.accuracy",
        "authorities.initiatives",
        "authorities.movers_stopped",
    )
    neutral: ClassVar = {"number": 0, "workforce_plan": 0.0, "goal_noise": 0.0}

    lever: Literal["initiatives"] = Field(description="what changes")
    number: int = Field(default=4, ge=0, le=100, description="initiatives that begin [initiatives]")
    cost: float = quantity("levers.initiatives.cost")
    power: float = quantity("levers.initiatives.power")
    movers: float = quantity("levers.initiatives.movers")
    workforce_plan: float = quantity("levers.initiatives.workforce_plan")
    goal_noise: float = quantity("levers.initiatives.goal_noise")

    def contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Initiatives of which there are none, and no plan either, are not worth a line."""
        if not self.number and self.model_fields_set.isdisjoint({"workforce_plan", "goal_noise"}):
            yield ("number",), "no initiatives; say at least one of number, workforce_plan, goal_noise"

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Take what these initiatives add to what others take already."""
        authorities, teams = board.authorities(self), board.teams(self)
        here = board.tables["teams"]["authority"][teams]
        before = _under_way(board)
        board.turn("authorities.initiatives", authorities, self.number)
        board.turn("authorities.movers_stopped", authorities, self.workforce_plan)
        after = _under_way(board)
        core = self._core_time(after), self._core_time(before)
        left = np.divide(*core, out=np.zeros_like(core[0]), where=core[1] > 0)
        exits = self._exits(after, board) / self._exits(before, board)
        board.turn("teams.capacity_factor", teams, left[here])
        board.turn("teams.exit_factor", teams, exits[here])
        board.turn("teams.accuracy", teams, 1 / math.sqrt(1 + self.goal_noise**2))

    def _core_time(self, under_way: _UnderWay) -> Floats:
        """Share of core time that initiatives leave (M22.1)."""
        return np.maximum(1 - self.cost * under_way.number**self.power, 0)

    def _exits(self, under_way: _UnderWay, board: Board) -> Floats:
        """How many times the usual rate people leave; where nobody ever leaves, nobody moves either (M22.2)."""
        usual = board.settings.workforce.exit_per_year
        of_one = self.movers / usual if usual else 0.0
        exits: Floats = 1 + of_one * under_way.number * (1 - under_way.stopped)
        return exits


class _UnderWay(NamedTuple):
    """Initiatives in each authority, and the share of movers that workforce plans stop; shapes (authorities,)."""

    number: Floats
    stopped: Floats


def _under_way(board: Board) -> _UnderWay:
    # Copied, since the board goes on turning the arrays that it hands out.
    return _UnderWay(
        *(board.value(f"authorities.{name}").copy() for name in ("initiatives", "movers_stopped"))
    )
