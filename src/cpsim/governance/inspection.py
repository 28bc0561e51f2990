"""Inspection (M18): scores that follow what is easily seen, the work that is moved to where it scores, and grades."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from cpsim import draws
from cpsim.arrays import Floats, Ints
from cpsim.governance.lever import Lever
from cpsim.governance.ratings import ADULTS, CHILDREN, Shares, Standing, standing
from cpsim.scenario.clock import warm_up_weeks
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board
    from cpsim.scenario.schema import Scenario
    from cpsim.scenario.sections import Clock


_PREFIX = {CHILDREN: "", ADULTS: "adult_"}
"""What the columns of the table of authorities begin with, by service."""


class Inspection(Lever):
    """Every `every_weeks` each authority is scored: proxy_weight x returns + (1 - proxy_weight) x true quality + error.

    Of the working time, gaming x g goes to what is scored, where g = w (1 - ver) / (w (1 - ver) + 1 - w) with the proxy
    weight w and the verified share ver; hours and, with their root, accuracy fall by it, and returns look better.
    Partners' thresholds fall by joint_work x joint_effect. An inspection of a later date takes over from an earlier one, and
    keeps its scale; one without a date begins with the first week judged. Adult social care is rated by the same
    inspectors, and nothing touches it.
    """

    mechanism: ClassVar = "M18"
    dials: ClassVar = ("teams.capacity_factor", "teams.accuracy", "organisations.share_threshold_shift")
    neutral: ClassVar = {"gaming": 0.0, "joint_work": 0.0}

    lever: Literal["inspection"] = Field(description="what changes")
    every_weeks: int = Field(default=52, ge=4, le=520, description="from one inspection to the next [weeks]")
    proxy_weight: float = quantity("levers.inspection.proxy_weight")
    verification: float = quantity("levers.inspection.verification")
    reliability: float = quantity("levers.inspection.reliability", at_least=0.05)
    gaming: float = quantity("levers.inspection.gaming")
    returns_gain: float = quantity("levers.inspection.returns_gain", at_least=0)
    truth_correlation: float = quantity("levers.inspection.truth_correlation")
    joint_work: float = quantity("levers.inspection.joint_work")
    joint_effect: float = quantity("levers.inspection.joint_effect", at_least=0)
    shift: float = quantity("levers.inspection.shift")
    top_share: float = quantity("levers.inspection.top_share")
    bottom_share: float = quantity("levers.inspection.bottom_share")
    quality_spread: float = quantity("levers.inspection.quality_spread", at_least=0.01)
    on_time_spread: float = quantity("levers.inspection.on_time_spread", at_least=0.01)

    def week(self, clock: Clock) -> int:
        """Week of the run in which its date lies; if it has none, the first judged, when services have settled."""
        return warm_up_weeks(clock) if self.date is None else super().week(clock)

    def contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """More than all cannot be in the two outer grades, and one inspection cannot take over from itself."""
        if scenario.timeline.count(self) > 1:
            yield (), "stands in the timeline twice"
        if self.top_share + self.bottom_share > 1:
            yield (
                ("bottom_share",),
                f"{self.bottom_share:g} in the lowest and {self.top_share:g} in the top grade are more than all",
            )

    def happens(self, since: int) -> bool:
        """At every inspection."""
        return since % self.every_weeks == 0

    def happen(self, board: Board, since: int, memory: Any) -> None:
        """Inspect whoever is under this inspection still."""
        rows = self._inspected(board)
        if len(rows):
            self._inspect(board, rows)

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Turn what the wish for a good grade moves."""
        inspected = np.zeros(len(board.names), np.bool_)
        inspected[self._inspected(board)] = True
        teams = np.flatnonzero(inspected[board.tables["teams"]["authority"]])
        board.turn("teams.capacity_factor", teams, 1 - self.time_moved)
        board.turn("teams.accuracy", teams, math.sqrt(1 - self.time_moved))
        partners = np.flatnonzero(inspected[board.tables["organisations"]["authority"]])
        board.turn("organisations.share_threshold_shift", partners, -self.joint_effect * self.joint_work)

    @property
    def time_moved(self) -> float:
        """Share of the working time that goes to what is scored."""
        unchecked = self.proxy_weight * (1 - self.verification)
        return 0.0 if unchecked == 0 else self.gaming * unchecked / (unchecked + 1 - self.proxy_weight)

    def _inspected(self, board: Board) -> Ints:
        """Ints of the authorities that it concerns and that no later inspection has taken over."""
        timeline, clock = board.settings.timeline, board.settings.clock
        rows = board.authorities(self)
        for event in timeline[timeline.index(self) + 1 :]:
            if isinstance(event, Inspection) and event.begins(clock) <= board.week:
                rows = np.setdiff1d(rows, board.authorities(event))
        return rows

    def _inspect(self, board: Board, rows: Ints) -> None:
        """Score and grade the children's services and, beside them, adult social care."""
        found = Standing(*(values[rows] for values in standing(board.tables)))
        quality, on_time = board.ratings.standardised(found, (self.quality_spread, self.on_time_spread))
        likeness = self.truth_correlation
        returns = likeness * quality + math.sqrt(1 - likeness**2) * on_time
        gaming = self.returns_gain * self.time_moved
        seen = self.proxy_weight * (returns + gaming) + (1 - self.proxy_weight) * quality + self.shift
        self._rate(board, rows, CHILDREN, seen, quality=quality, gaming=gaming)
        adults = draws.Stream(board.seed, "adult social care").normal(draws.keys(rows, 0))
        self._rate(board, rows, ADULTS, self._spread_seen * adults, quality=adults, gaming=0.0)

    def _rate(self, board: Board, rows: Ints, service: str, seen: Floats, **found: Floats | float) -> None:
        """Give one service of each authority a score with its error, and a grade."""
        luck = draws.Stream(board.seed, f"inspection of {service}").normal(draws.keys(rows, board.week))
        error = self._spread_seen * math.sqrt(1 / self.reliability - 1)
        score = seen + error * luck
        scatter = self._spread_seen / math.sqrt(self.reliability)
        grade = board.ratings.grades(service, score, Shares(self.top_share, self.bottom_share, scatter))
        authorities, prefix = board.tables["authorities"], _PREFIX[service]
        authorities[f"{prefix}score"][rows], authorities[f"{prefix}grade"][rows] = score, grade
        board.ratings.note(board.week, rows, service, score=score, grade=grade, **found)

    @property
    def _spread_seen(self) -> float:
        """Standard deviation of what is seen where quality and time limits vary by one and independently."""
        w, r = self.proxy_weight, self.truth_correlation
        return math.sqrt(w**2 + (1 - w) ** 2 + 2 * w * (1 - w) * r)
