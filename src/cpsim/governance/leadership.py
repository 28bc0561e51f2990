"""Leadership of a merged department (M17): whose attention follows size, the leader's field and the span of control."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board
    from cpsim.scenario.schema import Scenario


class Leadership(Lever):
    """Puts social care into a department with a larger service, under one director.

    Attention follows size to a power and leans towards the director's own field; a director of several services has
    less for each. Teams judge as well as the attention that social care gets, in proportion to its size.
    """

    mechanism: ClassVar = "M17"
    dials: ClassVar = ("teams.accuracy",)
    neutral: ClassVar = {"convexity": 1.0, "leader_weight": 0.0, "spans": 1, "skill_loss": 0.0}

    lever: Literal["leadership"] = Field(description="what changes")
    social_share: float = quantity("levers.leadership.social_share", at_least=0.01)
    convexity: float = quantity("levers.leadership.convexity")
    leader_weight: float = quantity("levers.leadership.leader_weight")
    background: Literal["education", "social_care", "none"] = Field(
        default="none", description="the field that the director comes from; none = neither"
    )
    spans: int = quantity("levers.leadership.spans")
    span_penalty: float = quantity("levers.leadership.span_penalty")
    skill_loss: float = quantity("levers.leadership.skill_loss")

    def contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """A department that gives social care no thought at all does no social work."""
        if self.factor() <= 0:
            yield (
                (),
                "leaves social care without any attention; leader_weight and skill_loss must stay below 1",
            )

    def attention(self) -> float:
        """Share of the department's attention that social care gets; the other service gets the rest (M17.1, M17.2)."""
        social, other = (
            math.pow(self.social_share, self.convexity),
            math.pow(1 - self.social_share, self.convexity),
        )
        by_size = social / (social + other)
        if self.background == "none":
            return by_size
        return (1 - self.leader_weight) * by_size + self.leader_weight * (self.background == "social_care")

    def factor(self) -> float:
        """How well its teams judge, compared with a department of their own (M17.3)."""
        thinner = 1 + self.span_penalty * (self.spans - 1)
        skill = 1 - self.skill_loss * (self.background == "education")
        return self.attention() / self.social_share / thinner * skill

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Turn the accuracy of all teams."""
        board.turn("teams.accuracy", board.teams(self), self.factor())
