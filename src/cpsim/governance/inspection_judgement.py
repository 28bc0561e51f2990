"""Aftermath of an inspection judgement (M19): exits, extra work and lower thresholds, then support and recovery."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.agents.tables import AuthorityColumns, TeamRole, WorkerColumns
from cpsim.constants import NEVER
from cpsim.governance.inspection import is_inspected_during
from cpsim.governance.lever import Lever, Obstacle
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.arrays import Floats, Grades, Ints
    from cpsim.governance.context import LeverContext
    from cpsim.scenario.schema import Scenario


@dataclass
class _JudgementHistory:
    """The judgements of each authority so far; all shapes (authorities,).

    Attributes:
        judged: week of the run of the judgement, -NEVER if there was none, int64.
        shocked: week of the run of the judgement or of the last missed deadline, -NEVER if there was none, int64.
        grade: its grade in the previous week, int8.
    """

    judged: Ints
    shocked: Ints
    grade: Grades


class InspectionJudgement(Lever):
    """Applies the consequences of the lowest grade, which fade as exp(-t / recovery_weeks) after t weeks.

    Exits and the work per case are multiplied by 1 + (factor - 1) exp(-t / recovery_weeks). The thresholds of the front
    door fall by threshold_fall x exp(-t / threshold_fade_weeks). An outside team takes `review_hours` until support
    arrives; from then on support adds its share of hours. Accuracy below 1, from whatever cause, recovers: its gap to 1
    shrinks by exp(-t / recovery_weeks). For an authority with the lowest grade at the deadline, the effects on exits,
    work and thresholds start again, as at every further deadline; support and recovery continue.
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
    dials_read: ClassVar = ("teams.accuracy",)
    reads: ClassVar = (
        AuthorityColumns.grade,
        WorkerColumns.employed,
        WorkerColumns.hours_per_week,
        WorkerColumns.team,
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
        default=None,
        ge=4,
        le=520,
        description="time until a better grade is due; left out = no deadline [weeks]",
    )
    lowest_grade: bool = Field(
        default=False,
        description="whether to apply to each authority from the day on which it gets the lowest grade, instead of "
        "on the event's date",
    )

    def find_contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Report a judgement that depends on grades where there is no inspection."""
        if not any(event.lever == "inspection" for event in scenario.timeline):
            for setting in ("lowest_grade", "deadline_weeks"):
                if getattr(self, setting):
                    yield (setting,), "needs grades; add an `inspection` to the timeline"

    def find_obstacle(self, context: LeverContext) -> Obstacle | None:
        """Find a judgement that waits for the lowest grade while there is no inspection."""
        if self.lowest_grade and not is_inspected_during(self, context):
            return Obstacle(
                "it waits for the lowest grade, and no inspection is in force at the same time",
                "move the date of the `inspection`, or set lowest_grade: false",
            )
        return super().find_obstacle(context)

    def is_changing(self, since: int) -> bool:
        """Return True: the effects fade every week."""
        return True

    def is_event_due(self, since: int) -> bool:
        """Return whether it is the lever's date, or every week if the lever depends on grades."""
        return since == 0 or self.lowest_grade or self.deadline_weeks is not None

    def create_memory(self, context: LeverContext) -> _JudgementHistory:
        """Start without any judgement."""
        import numpy as np

        authorities = len(context.names)
        return _JudgementHistory(
            np.full(authorities, -NEVER), np.full(authorities, -NEVER), np.zeros(authorities, np.int8)
        )

    def apply_event(self, context: LeverContext, since: int, memory: Any) -> None:
        """Record new judgements and missed deadlines."""
        import numpy as np

        grade = context.tables["authorities"]["grade"]
        concerned = np.zeros(len(grade), np.bool_)
        concerned[context.select_authorities(self)] = True
        is_judged = (grade == 1) & (memory.grade != 1) if self.lowest_grade else since == 0
        memory.judged[concerned & is_judged] = memory.shocked[concerned & is_judged] = context.week
        due = (memory.shocked != -NEVER) & (context.week - memory.shocked == self.deadline_weeks)
        memory.shocked[due & (grade <= 1)] = context.week
        memory.grade = grade.copy()

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Turn the dials for the effects that remain, the support and the recovery."""
        import numpy as np

        authority = context.tables["teams"]["authority"]
        teams = np.flatnonzero(memory.judged[authority] != -NEVER)
        weeks_since_shock = (context.week - memory.shocked)[authority[teams]]
        remaining = self._remaining_share(weeks_since_shock)
        context.turn_dial("teams.exit_factor", teams, 1 + (self.exits - 1) * remaining)
        context.turn_dial("teams.workload_factor", teams, 1 + (self.workload - 1) * remaining)
        is_front_door = context.tables["teams"]["role"][teams] == TeamRole.FRONT_DOOR
        fall = self.threshold_fall * np.exp(-weeks_since_shock / self.threshold_fade_weeks)
        context.turn_dial("teams.screening_threshold_shift", teams[is_front_door], -fall[is_front_door])
        weeks = (context.week - memory.judged)[authority[teams]]
        has_support = weeks >= self.support_delay
        taken = self._review_share(context)[authority[teams]]
        context.turn_dial("teams.capacity_factor", teams, np.where(has_support, 1 + self.support, 1 - taken))
        context.turn_dial("teams.paid_factor", teams, np.where(has_support, 1 + self.support, 1.0))
        gap = np.maximum(1 / context.read_dial("teams.accuracy")[teams] - 1, 0)
        context.turn_dial("teams.accuracy", teams, 1 + gap * (1 - self._remaining_share(weeks)))

    def _remaining_share(self, weeks: Ints) -> Floats:
        """Share of an effect that remains after a number of weeks, 0 to 1, same shape."""
        import numpy as np

        if self.recovery_weeks is None:
            return np.ones(len(weeks))
        remaining: Floats = np.exp(-weeks / self.recovery_weeks)
        return remaining

    def _review_share(self, context: LeverContext) -> Floats:
        """Share of each authority's casework hours that the outside team takes in a week, shape (authorities,)."""
        import numpy as np

        workers = context.tables["workers"]
        here = workers["employed"]
        authority = context.tables["teams"]["authority"][workers["team"][here]]
        hours = np.bincount(authority, weights=workers["hours_per_week"][here], minlength=len(context.names))
        taken: Floats = np.minimum(self.review_hours / max(math.ceil(self.support_delay), 1), hours)
        return np.divide(taken, hours, out=np.zeros(len(hours)), where=hours > 0)
