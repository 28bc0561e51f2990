"""Inspection (M18): scores that mix measured returns with true quality, gaming of the score, and grades."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.agents.tables import AuthorityColumns
from cpsim.constants import ROUNDING
from cpsim.governance.lever import Lever, Obstacle
from cpsim.governance.ratings import (
    ADULTS,
    CHILDREN,
    READ_FOR_QUALITY,
    GradeShares,
    ServiceQuality,
    service_quality,
)
from cpsim.scenario.clock import total_weeks, warm_up_weeks
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.arrays import Floats, Ints
    from cpsim.governance.context import LeverContext
    from cpsim.scenario.schema import Scenario
    from cpsim.scenario.sections import ClockSettings


_PREFIX = {CHILDREN: "", ADULTS: "adult_"}
"""Prefix of the columns of the table of authorities, by service."""


class Inspection(Lever):
    """Scores each authority every `every_weeks`: proxy_weight x returns + (1 - proxy_weight) x true quality + error.

    The share gaming x g of the working time moves to what is scored, where g = w (1 - v) / (w (1 - v) + 1 - w), w is
    the proxy weight and v the verified share; g is 0 if nothing unverified is scored. Hours fall by this share,
    accuracy by its square root, and returns look better. If all working time moves, no hours are left, and accuracy
    falls to the lower limit of its dial instead of 0. Partners' thresholds fall by joint_work x joint_effect. A later
    inspection replaces an earlier one and uses its scale; an inspection without a date starts in the first evaluated
    week. Adult social care is rated by the same inspectors, as a comparator that nothing in the model affects.
    """

    mechanism: ClassVar = "M18"
    dials: ClassVar = ("teams.capacity_factor", "teams.accuracy", "organisations.share_threshold_shift")
    reads: ClassVar = READ_FOR_QUALITY
    writes: ClassVar = (
        AuthorityColumns.adult_grade,
        AuthorityColumns.adult_score,
        AuthorityColumns.grade,
        AuthorityColumns.score,
    )
    decided_by_reads: ClassVar = False
    neutral: ClassVar = {"gaming": 0.0, "joint_work": 0.0}

    lever: Literal["inspection"] = Field(description="what changes")
    every_weeks: int = Field(
        default=52, ge=4, le=520, description="time from one inspection to the next [weeks]"
    )
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

    def effective_week(self, clock: ClockSettings) -> int:
        """Week of the run of its date; without a date, the first evaluated week, when services have settled."""
        return warm_up_weeks(clock) if self.date is None else super().effective_week(clock)

    def find_contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Report grade shares above 1 in total, and an inspection that is given twice."""
        if scenario.timeline.count(self) > 1:
            yield (), "is in the timeline twice; remove one of the two"
        if self.top_share + self.bottom_share > 1 + ROUNDING:
            yield (
                ("bottom_share",),
                f"the shares of the lowest grade ({self.bottom_share:g}) and the top grade ({self.top_share:g}) "
                "add up to more than 1; lower one of them",
            )

    def find_obstacle(self, context: LeverContext) -> Obstacle | None:
        """Find inspections that are neither gamed nor prepared for by joint work."""
        if not self.time_moved and not self.joint_work * self.joint_effect:
            return Obstacle(
                "it only gives grades, on which nothing in this timeline depends, because no working time moves to "
                "what is scored and it does not reward joint work",
                "set gaming, with a proxy_weight above 0 and verification below 1, or joint_work",
            )
        return super().find_obstacle(context)

    def is_event_due(self, since: int) -> bool:
        """Return whether there is an inspection this week."""
        return since % self.every_weeks == 0

    def apply_event(self, context: LeverContext, since: int, memory: Any) -> None:
        """Score and grade the authorities inspected: children's services and, as a comparator, adult social care."""
        from cpsim import draws

        rows = self._select_inspected(context)
        if not len(rows):
            return
        found = ServiceQuality(*(values[rows] for values in service_quality(context.tables)))
        quality, on_time = context.ratings.standardise(found, (self.quality_spread, self.on_time_spread))
        correlation = self.truth_correlation
        returns = correlation * quality + math.sqrt(1 - correlation**2) * on_time
        gaming = self.returns_gain * self.time_moved
        seen = self.proxy_weight * (returns + gaming) + (1 - self.proxy_weight) * quality + self.shift
        self._rate(context, rows, CHILDREN, seen, quality=quality, gaming=gaming)
        adults = draws.Stream(context.seed, "adult social care").normal(draws.keys(rows, 0))
        self._rate(context, rows, ADULTS, self._score_spread * adults, quality=adults, gaming=0.0)

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Turn the dials that gaming and joint work change."""
        import numpy as np

        inspected = np.zeros(len(context.names), np.bool_)
        inspected[self._select_inspected(context)] = True
        teams = np.flatnonzero(inspected[context.tables["teams"]["authority"]])
        context.turn_dial("teams.capacity_factor", teams, 1 - self.time_moved)
        context.turn_dial("teams.accuracy", teams, math.sqrt(1 - self.time_moved))
        partners = np.flatnonzero(inspected[context.tables["organisations"]["authority"]])
        context.turn_dial(
            "organisations.share_threshold_shift", partners, -self.joint_effect * self.joint_work
        )

    @property
    def time_moved(self) -> float:
        """Share of the working time that moves to what is scored, 0 to 1.

        >>> round(Inspection(lever="inspection", proxy_weight=0.5, verification=0.0, gaming=0.2).time_moved, 3)
        0.1
        """
        unchecked = self.proxy_weight * (1 - self.verification)
        if unchecked == 0:
            return 0.0
        return min(self.gaming * unchecked / (unchecked + 1 - self.proxy_weight), 1.0)

    def _select_inspected(self, context: LeverContext) -> Ints:
        """Return the rows of the authorities that it affects and that no later inspection has taken over."""
        import numpy as np

        timeline, clock = context.settings.timeline, context.settings.clock
        rows = context.select_authorities(self)
        for event in timeline[timeline.index(self) + 1 :]:
            if isinstance(event, Inspection) and event.first_week(clock) <= context.week:
                rows = np.setdiff1d(rows, context.select_authorities(event))
        return rows

    def _rate(
        self, context: LeverContext, rows: Ints, service: str, seen: Floats, **found: Floats | float
    ) -> None:
        """Give one service of each authority a score, which includes an error, and a grade."""
        from cpsim import draws

        luck = draws.Stream(context.seed, f"inspection of {service}").normal(draws.keys(rows, context.week))
        error = self._score_spread * math.sqrt(1 / self.reliability - 1)
        score = seen + error * luck
        scatter = self._score_spread / math.sqrt(self.reliability)
        grade = context.ratings.assign_grades(
            service, score, GradeShares(self.top_share, self.bottom_share, scatter)
        )
        authorities, prefix = context.tables["authorities"], _PREFIX[service]
        authorities[f"{prefix}score"][rows], authorities[f"{prefix}grade"][rows] = score, grade
        context.ratings.record(context.week, rows, service, score=score, grade=grade, **found)

    @property
    def _score_spread(self) -> float:
        """SD of the score without its error if quality and timeliness are independent with an SD of 1."""
        w, r = self.proxy_weight, self.truth_correlation
        return math.sqrt(w**2 + (1 - w) ** 2 + 2 * w * (1 - w) * r)


def is_inspected_during(event: Lever, context: LeverContext) -> bool:
    """Return whether grades can be given while an event is in force: an inspection begins before its end."""
    timeline, clock = context.settings.timeline, context.settings.clock
    end = event.end_week(clock) or total_weeks(clock)
    return any(isinstance(other, Inspection) and other.first_week(clock) < end for other in timeline)
