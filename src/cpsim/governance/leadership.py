"""Leadership of a merged department (M17): attention by size, the director's background and the span of control."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext
    from cpsim.scenario.schema import Scenario


class Leadership(Lever):
    """Puts children's social care into one department with a larger service, under one director.

    Attention grows with a power of a service's size and leans towards the director's own field; a director of several
    services has less attention for each. The accuracy of social work teams is proportional to the attention that
    children's social care gets, relative to its share of the department.
    """

    mechanism: ClassVar = "M17"
    dials: ClassVar = ("teams.accuracy",)
    neutral: ClassVar = {"convexity": 1.0, "leader_weight": 0.0, "spans": 1, "skill_loss": 0.0}

    lever: Literal["leadership"] = Field(description="what changes")
    social_share: float = quantity("levers.leadership.social_share", at_least=0.01)
    convexity: float = quantity("levers.leadership.convexity")
    leader_weight: float = quantity("levers.leadership.leader_weight")
    background: Literal["education", "social_care", "none"] = Field(
        default="none", description="the director's professional background; none = neither field"
    )
    spans: int = quantity("levers.leadership.spans")
    span_penalty: float = quantity("levers.leadership.span_penalty")
    skill_loss: float = quantity("levers.leadership.skill_loss")

    def find_contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Report settings that leave social care without attention."""
        if self.accuracy_factor() <= 0:
            yield (
                (),
                "leaves social care without any attention; set leader_weight and skill_loss below 1",
            )

    def attention(self) -> float:
        """Share of the department's attention that social care gets, 0 to 1 (M17.1, M17.2).

        >>> round(Leadership(lever="leadership", social_share=0.25, convexity=2.0).attention(), 3)
        0.1
        """
        social, other = (
            math.pow(self.social_share, self.convexity),
            math.pow(1 - self.social_share, self.convexity),
        )
        by_size = social / (social + other)
        if self.background == "none":
            return by_size
        return (1 - self.leader_weight) * by_size + self.leader_weight * (self.background == "social_care")

    def accuracy_factor(self) -> float:
        """Multiplier on the accuracy of teams, relative to a department of their own (M17.3)."""
        span = 1 + self.span_penalty * (self.spans - 1)
        skill = 1 - self.skill_loss * (self.background == "education")
        return self.attention() / self.social_share / span * skill

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Change the accuracy of all teams."""
        context.turn_dial("teams.accuracy", context.select_teams(self), self.accuracy_factor())
