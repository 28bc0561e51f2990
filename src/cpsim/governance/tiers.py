"""Tiers of need (M29): where indicators send the money, where the need is, and who closes the gap between the two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board
    from cpsim.scenario.schema import Scenario


class Tiers(Lever):
    """Money follows indicators instead of need: one tier has more than its share, another less (M29.1).

    Targeted money buys child-in-need services, acute money plans. What universal services get for it makes no
    difference to anybody in the model, but it is gone for the others.
    """

    mechanism: ClassVar = "M29"
    dials: ClassVar = ("authorities.supply_in_need", "authorities.supply_on_plan")
    neutral: ClassVar = {
        "universal": 0.5,
        "targeted": 0.3,
        "acute": 0.2,
        "need_universal": 0.5,
        "need_targeted": 0.3,
        "need_acute": 0.2,
    }
    rank: ClassVar = 1

    lever: Literal["tiers"] = Field(description="what changes")
    universal: float = quantity("levers.tiers.universal")
    targeted: float = quantity("levers.tiers.targeted")
    acute: float = quantity("levers.tiers.acute")
    need_universal: float = quantity("levers.tiers.need_universal")
    need_targeted: float = quantity("levers.tiers.need_targeted", at_least=0.01)
    need_acute: float = quantity("levers.tiers.need_acute", at_least=0.01)

    def contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Money that goes nowhere is no way of spending it."""
        if not self.universal + self.targeted + self.acute:
            yield (), "no tier gets any money: universal, targeted and acute are all 0"

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Give each tier what its weight commands, as far as nobody has moved it to where the need is."""
        rows = board.authorities(self)
        left_open = 1 - board.value("authorities.tier_gap_closed")[rows]
        money = self.universal + self.targeted + self.acute
        need = self.need_universal + self.need_targeted + self.need_acute
        targeted = (self.targeted / money) / (self.need_targeted / need)
        acute = (self.acute / money) / (self.need_acute / need)
        board.turn("authorities.supply_in_need", rows, 1 + left_open * (targeted - 1))
        board.turn("authorities.supply_on_plan", rows, 1 + left_open * (acute - 1))


class Reallocation(Lever):
    """A joint plan, a board or a single set of measures moves money between the tiers to where the need is (M29.1)."""

    mechanism: ClassVar = "M29"
    dials: ClassVar = ("authorities.tier_gap_closed",)
    neutral: ClassVar = {"share": 0.0}

    lever: Literal["reallocation"] = Field(description="what changes")
    share: float = quantity("levers.reallocation.share")

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Close a share of the gap that is still open."""
        board.turn("authorities.tier_gap_closed", board.authorities(self), self.share)
