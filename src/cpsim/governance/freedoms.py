"""Strong and weak authorities (M21): freedoms for the strong, staff who follow reputation, and takeovers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.agents.tables import AuthorityColumns, WorkerColumns
from cpsim.constants import ROUNDING, WEEKS_PER_YEAR
from cpsim.governance.inspection import is_inspected_during
from cpsim.governance.lever import Lever, Obstacle
from cpsim.governance.ratings import READ_FOR_QUALITY, service_quality
from cpsim.scenario.authorities import authority_names
from cpsim.scenario.events import BEST, AuthorityChoice
from cpsim.scenario.problems import format_options
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.arrays import Bools, Floats, Ints
    from cpsim.governance.context import LeverContext
    from cpsim.scenario.schema import Scenario


_TOP_GRADE = 4


@dataclass
class _FreedomHistory:
    """The freedom of each authority so far; all shapes (authorities,).

    Attributes:
        is_free: whether it is free of rules now, bool.
        weeks: for how many weeks it has been free so far, int64.
    """

    is_free: Bools
    weeks: Ints


class Freedoms(Lever):
    """Frees authorities from rules: their accuracy is multiplied by (1 + growth)^(years of freedom).

    Staff move to authorities with a better reputation: the exit rate is multiplied by exp(-staff_flow x score), where
    the score is the last inspection score, standardised. The factor is divided by its mean over all staff in post, so
    that the total number of leavers stays the same.
    """

    mechanism: ClassVar = "M21"
    dials: ClassVar = ("teams.accuracy", "teams.exit_factor")
    reads: ClassVar = (
        AuthorityColumns.grade,
        AuthorityColumns.score,
        WorkerColumns.employed,
        WorkerColumns.team,
    )
    neutral: ClassVar = {"growth": 0.0, "staff_flow": 0.0}

    lever: Literal["freedoms"] = Field(description="what changes")
    growth: float = quantity("levers.freedoms.growth")
    staff_flow: float = quantity("levers.freedoms.staff_flow")
    top_grade: bool = Field(
        default=False,
        description="whether an authority is free only while it has the top grade",
    )

    def find_contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Report freedoms that depend on grades where there is no inspection."""
        if self.top_grade and not any(event.lever == "inspection" for event in scenario.timeline):
            yield ("top_grade",), "needs grades; add an `inspection` to the timeline"

    def find_obstacle(self, context: LeverContext) -> Obstacle | None:
        """Find freedoms that depend on grades while there is no inspection."""
        if is_inspected_during(self, context):
            return super().find_obstacle(context)
        if self.top_grade:
            return Obstacle(
                "it waits for the top grade, and no inspection is in force at the same time",
                "move the date of the `inspection`, or set top_grade: false",
            )
        if not self.growth:
            return Obstacle(
                "staff follow inspection scores, and no inspection is in force at the same time",
                "add an `inspection` to the timeline, or set growth",
            )
        return None

    def is_changing(self, since: int) -> bool:
        """Return True: quality grows and staff come and go every week."""
        return True

    def is_event_due(self, since: int) -> bool:
        """Return True: weeks of freedom are counted every week."""
        return True

    def create_memory(self, context: LeverContext) -> _FreedomHistory:
        """Start with no authority ever free."""
        import numpy as np

        return _FreedomHistory(np.zeros(len(context.names), np.bool_), np.zeros(len(context.names), np.int64))

    def apply_event(self, context: LeverContext, since: int, memory: Any) -> None:
        """Count the past week of freedom, and decide which authorities are free this week."""
        import numpy as np

        memory.weeks = memory.weeks + memory.is_free
        rows = context.select_authorities(self)
        earned = context.tables["authorities"]["grade"][rows] == _TOP_GRADE
        memory.is_free = np.zeros(len(context.names), np.bool_)
        memory.is_free[rows] = earned if self.top_grade else True

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Raise accuracy by the years of freedom, and change exit rates by reputation."""
        import numpy as np

        of_team = context.tables["teams"]["authority"]
        teams, rows = context.select_teams(self), context.select_authorities(self)
        better = (1 + self.growth) ** (memory.weeks / WEEKS_PER_YEAR)
        context.turn_dial("teams.accuracy", teams, better[of_team[teams]])
        workers = context.tables["workers"]
        in_post = of_team[workers["team"][workers["employed"]]]
        staff = np.bincount(in_post, minlength=len(context.names))[rows]
        push = np.exp(-self.staff_flow * _reputation(context)[rows])
        pull = np.ones(len(context.names))
        if staff.any():
            pull[rows] = push / np.average(push, weights=staff)
        context.turn_dial("teams.exit_factor", teams, pull[of_team[teams]])


@dataclass
class _DonorChoice:
    """The row of the authority that takes over; -1 before the takeover."""

    row: int = -1


class Takeover(Lever):
    """Lets a strong authority run the services of weak ones, which close the share `transfer` of the gap in accuracy.

    The strong authority gives the share `drain` of its hours to the services taken over, in equal parts.
    """

    mechanism: ClassVar = "M21"
    dials: ClassVar = ("teams.accuracy", "teams.capacity_factor")
    dials_read: ClassVar = ("teams.accuracy", "teams.capacity_factor")
    reads: ClassVar = (
        *READ_FOR_QUALITY,
        AuthorityColumns.grade,
        AuthorityColumns.score,
        WorkerColumns.employed,
        WorkerColumns.hours_per_week,
        WorkerColumns.team,
    )
    neutral: ClassVar = {"transfer": 0.0, "drain": 0.0}
    rank: ClassVar = 1

    lever: Literal["takeover"] = Field(description="what changes")
    donor: str = Field(
        default=BEST,
        min_length=1,
        description="the authority that takes over; best = the one with the highest score on the date, or with the "
        "highest quality if there is no inspection",
    )
    transfer: float = quantity("levers.takeover.transfer")
    drain: float = quantity("levers.takeover.drain")

    def find_contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Report a donor that does not exist or is itself taken over."""
        names = authority_names(scenario.authorities)
        if self.donor not in (BEST, *names):
            yield (
                ("donor",),
                f"no authority is called {self.donor!r}; choose best or one of {format_options(names)}",
            )
        if isinstance(self.authorities, tuple) and self.donor in self.authorities:
            yield (
                ("donor",),
                f"{self.donor} cannot take over itself; name another donor, or leave it out of authorities",
            )
        if self._count_taken_over(len(names)) >= len(names):
            yield ("authorities",), "all authorities are taken over, so none is left to run them; name fewer"

    def _count_taken_over(self, number: int) -> int:
        """Return how many of `number` authorities are taken over."""
        if self.authorities is None:
            return number
        if isinstance(self.authorities, AuthorityChoice):
            return sum(self.authorities.model_dump(exclude_none=True).values())
        return len(self.authorities)

    def is_changing(self, since: int) -> bool:
        """Return True: staff come and go on both sides every week."""
        return True

    def create_memory(self, context: LeverContext) -> _DonorChoice:
        """Start without a donor."""
        return _DonorChoice()

    def apply_event(self, context: LeverContext, since: int, memory: Any) -> None:
        """Choose the authority that takes over: the one named, or the best of those that are not taken over."""
        import numpy as np

        if self.donor != BEST:
            memory.row = context.names.index(self.donor)
            return
        authorities = context.tables["authorities"]
        rated = bool((authorities["grade"] > 0).any())
        seen = authorities["score"] if rated else service_quality(context.tables).quality
        others = np.setdiff1d(np.arange(len(context.names)), context.select_authorities(self))
        memory.row = int(others[np.argmax(seen[others])])

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Give the weak authorities a share of the accuracy and of the hours of the strong one."""
        import numpy as np

        strong, weak = memory.row, context.select_authorities(self)
        workers, of_team = context.tables["workers"], context.tables["teams"]["authority"]
        here = workers["employed"]
        team = workers["team"][here]
        casework = workers["hours_per_week"][here] * context.read_dial("teams.capacity_factor")[team]
        hours = np.bincount(of_team[team], weights=casework, minlength=len(context.names))
        # Where no one is in post, no one can learn from the donor.
        weak = weak[(weak != strong) & (hours[weak] > ROUNDING)]
        if not len(weak):
            return
        accuracy = context.read_dial("teams.accuracy")
        skill = np.bincount(of_team, weights=accuracy) / np.bincount(of_team)
        better, more = np.ones(len(hours)), np.ones(len(hours))
        better[weak] += self.transfer * np.maximum(skill[strong] / skill[weak] - 1, 0)
        more[weak] += self.drain * hours[strong] / len(weak) / hours[weak]
        more[strong] -= self.drain
        teams = np.arange(len(of_team))
        context.turn_dial("teams.accuracy", teams, better[of_team])
        context.turn_dial("teams.capacity_factor", teams, more[of_team])


def _reputation(context: LeverContext) -> Floats:
    """Last inspection scores, standardised, shape (authorities,); 0 without a score, or if all scores are equal."""
    import numpy as np

    authorities = context.tables["authorities"]
    rated = authorities["grade"] > 0
    reputation = np.zeros(len(rated))
    if rated.any():
        scores = authorities["score"][rated]
        spread = scores.std()
        if spread > ROUNDING:
            reputation[rated] = (scores - scores.mean()) / spread
    return reputation
