"""Restructuring (M16): attention turns inwards, people who knew each other part, and some gain may come later."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from cpsim import draws
from cpsim.constants import SOCIAL_CARE
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board
    from cpsim.scenario.schema import Scenario

_YEAR_OF_A_CUT = 3  # tells the keys of these lots from others on ties


class Restructure(Lever):
    """Reorganises services: u weeks after the announcement A (u / tau) exp(1 - u / tau) of their attention is lost.

    In phases, each is an n-th of it, and what they leave of attention is multiplied like that of several
    restructurings. The date is vesting day, when ties are cut; the gain, if any, grows from then on. Staff of social
    care leave at up to `exits` times their rate while the dip lasts. Posts stay as many as they were.
    """

    mechanism: ClassVar = "M16"
    dials: ClassVar = ("organisations.attention_factor", "teams.accuracy", "teams.exit_factor", "ties.trust")
    neutral: ClassVar = {"depth": 0.0, "tie_cut": 0.0, "exits": 1.0, "gain": 0.0}
    beside_kinds: ClassVar = (SOCIAL_CARE,)

    lever: Literal["restructure"] = Field(description="what changes")
    services: tuple[str, ...] = Field(
        strict=False,
        min_length=1,
        description="the kinds of agency that are reorganised; social_care for the council's social work",
    )
    announced_weeks: int = quantity("levers.restructure.announced_weeks")
    depth: float = quantity("levers.restructure.depth")
    worst_weeks: float = quantity("levers.restructure.worst_weeks", at_least=1)
    tie_cut: float = quantity("levers.restructure.tie_cut")
    exits: float = quantity("levers.restructure.exits")
    gain: float = quantity("levers.restructure.gain")
    gain_weeks: float = quantity("levers.restructure.gain_weeks", at_least=1)
    resistance: float = quantity("levers.restructure.resistance")
    resistance_effect: float = quantity("levers.restructure.resistance_effect")
    phases: int = quantity("levers.restructure.phases")
    phase_gap_weeks: int = quantity("levers.restructure.phase_gap_weeks", at_least=1)

    def contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Nobody can lose more attention than there is."""
        if self.dip() >= 1:
            yield (
                ("depth",),
                f"with the resistance, {self.dip():g} of all attention would be lost; it must stay below 1",
            )

    def lead(self) -> int:
        """Weeks from the announcement to vesting day."""
        return self.announced_weeks

    def moving(self, since: int) -> bool:
        """Every week: dip and gain never stand still."""
        return True

    def happens(self, since: int) -> bool:
        """On the day of each phase."""
        return since in self._days()

    def dip(self) -> float:
        """Share of attention lost at the worst point, with resistance, if all is done at once (M16.1)."""
        return self.depth * self._opposed()

    def shares_lost(self, since: int) -> list[float]:
        """What each phase costs of attention `since` weeks after vesting day (M16.1)."""
        return [self.dip() / self.phases * self._shape(since - day) for day in self._days()]

    def exit_factor(self, since: int) -> float:
        """How many times their usual rate people leave at (M16.3)."""
        shapes = [self._shape(since - day) for day in self._days()]
        return 1 + (self.exits - 1) * sum(shapes) / self.phases

    def gained(self, since: int) -> float:
        """Lasting change of attention so far (M16.4)."""
        done = [1 - math.exp(-max(since - day, 0) / self.gain_weeks) for day in self._days()]
        return self.gain * sum(done) / self.phases

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Let attention sink and rise, and people leave."""
        attention = math.prod(1 - lost for lost in self.shares_lost(since)) * (1 + self.gained(since))
        board.turn("organisations.attention_factor", board.organisations(self, self.services), attention)
        if SOCIAL_CARE in self.services:
            teams = board.teams(self)
            board.turn("teams.accuracy", teams, attention)
            board.turn("teams.exit_factor", teams, self.exit_factor(since))

    def happen(self, board: Board, since: int, memory: Any) -> None:
        """Part people: ties of the reorganised services start afresh, those of this phase by lot (M16.5).

        A tie has one lot in a year, so a larger cut takes in a smaller one, and a day put off by weeks hits the same.
        """
        board.check("ties.trust")
        ties = board.ties
        touched = ties.touching(board.nodes(self, self.services))
        year = draws.keys(np.array([self.date.year if self.date else 0]), _YEAR_OF_A_CUT)
        lot = draws.Stream(board.seed, "ties cut").uniform(ties.keys(touched) ^ year)
        cut = min(self.tie_cut * self._opposed(), 1.0) / self.phases
        phase = self._days().index(since)
        ties.cut(touched[(lot >= phase * cut) & (lot < (phase + 1) * cut)], board.settings.network.trust_new)

    def _opposed(self) -> float:
        """How many times worse resistance makes it (M16.1)."""
        return 1 + self.resistance_effect * self.resistance

    def _days(self) -> range:
        """Weeks from vesting day to the day of each phase."""
        return range(0, self.phases * self.phase_gap_weeks, self.phase_gap_weeks)

    def _shape(self, since: int) -> float:
        """The dip in units of its worst point: 0 until the announcement, 1 at the worst, with integral e x tau."""
        u = max(since + self.announced_weeks, 0) / self.worst_weeks
        return u * math.exp(1 - u)
