"""Initiatives by the dozen (M22): what they take of core time, whom they lure away, how clashing goals confuse."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from cpsim.arrays import Floats
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board
    from cpsim.scenario.schema import Scenario


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
        "authorities.initiative_load",
        "authorities.initiative_drain",
        "authorities.movers_retained",
    )
    neutral: ClassVar = {"number": 0, "workforce_plan": 0.0, "goal_noise": 0.0}

    lever: Literal["initiatives"] = Field(description="what changes")
    number: int = Field(default=4, ge=0, le=100, description="initiatives that begin [initiatives]")
    cost: float = quantity("levers.initiatives.cost")
    power: float = quantity("levers.initiatives.power", at_least=1)
    staff_drawn: float = quantity("levers.initiatives.staff_drawn")
    workforce_plan: float = quantity("levers.initiatives.workforce_plan")
    goal_noise: float = quantity("levers.initiatives.goal_noise")

    def contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Initiatives of which there are none, and no plan either, are not worth a line."""
        if not self.number and self.model_fields_set.isdisjoint({"workforce_plan", "goal_noise"}):
            yield ("number",), "no initiatives; say at least one of number, workforce_plan, goal_noise"

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Take what these initiatives add to what others take already."""
        authorities, teams = board.authorities(self), board.teams(self)
        before = _under_way(board)
        board.turn("authorities.initiative_load", authorities, self.cost ** (1 / self.power) * self.number)
        board.turn("authorities.initiative_drain", authorities, self.staff_drawn * self.number)
        board.turn("authorities.movers_retained", authorities, self.workforce_plan)
        after = _under_way(board)
        here = board.tables["teams"]["authority"][teams]
        board.turn("teams.capacity_factor", teams, self._core_time(before, after)[here])
        board.turn("teams.exit_factor", teams, (_exits(board, after) / _exits(board, before))[here])
        board.turn("teams.accuracy", teams, 1 / math.sqrt(1 + self.goal_noise**2))

    def _core_time(self, before: _UnderWay, after: _UnderWay) -> Floats:
        """Core time that is left now, for that which was left before; none stays none (M22.1)."""
        was, remains = (np.maximum(1 - under_way.load**self.power, 0) for under_way in (before, after))
        return np.divide(remains, was, out=np.zeros_like(remains), where=was > 0)


class _UnderWay(NamedTuple):
    """What initiatives there are in each authority, and who stops whom; shapes (authorities,).

    Attributes:
        load: what they weigh.
        drain: share of workers who would move to them in a year.
        stopped: share of these whom workforce plans keep.
    """

    load: Floats
    drain: Floats
    stopped: Floats


def _under_way(board: Board) -> _UnderWay:
    dials = ("initiative_load", "initiative_drain", "movers_retained")
    # Copied, since the board goes on turning the arrays that it hands out.
    return _UnderWay(*(board.value(f"authorities.{dial}").copy() for dial in dials))


def _exits(board: Board, under_way: _UnderWay) -> Floats:
    """How many times the usual rate people leave; where nobody ever leaves, nobody moves either (M22.2)."""
    usual = board.settings.workforce.exit_per_year
    moving = under_way.drain * (1 - under_way.stopped)
    return 1 + moving / usual if usual else np.ones_like(moving)
