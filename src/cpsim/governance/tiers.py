"""Tiers of need (M29): money that follows indicators instead of need, and reallocation that closes the gap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext
    from cpsim.scenario.schema import Scenario


class Tiers(Lever):
    """Distributes money between the tiers by indicators instead of by need (M29.1).

    Targeted money buys child-in-need services, and acute money buys child protection plans. Universal services have no
    effect in the model, but the money spent on them is not available to the other tiers.
    """

    mechanism: ClassVar = "M29"
    dials: ClassVar = ("authorities.supply_in_need", "authorities.supply_on_plan")
    signals_read: ClassVar = ("authorities.tier_gap_closed",)
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

    def find_contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Report money that goes to no tier."""
        if not self.universal + self.targeted + self.acute:
            yield (
                (),
                "no tier gets any money: universal, targeted and acute are all 0; set at least one of them",
            )

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Set the supply of each tier to its share of money over its share of need, as far as the gap is open."""
        rows = context.select_authorities(self)
        left_open = 1 - context.read_signal("authorities.tier_gap_closed")[rows]
        money = self.universal + self.targeted + self.acute
        need = self.need_universal + self.need_targeted + self.need_acute
        targeted = (self.targeted / money) / (self.need_targeted / need)
        acute = (self.acute / money) / (self.need_acute / need)
        context.turn_dial("authorities.supply_in_need", rows, 1 + left_open * (targeted - 1))
        context.turn_dial("authorities.supply_on_plan", rows, 1 + left_open * (acute - 1))


class Reallocation(Lever):
    """Moves money between the tiers towards need, for example through a joint plan or board (M29.1)."""

    mechanism: ClassVar = "M29"
    signals_sent: ClassVar = ("authorities.tier_gap_closed",)
    neutral: ClassVar = {"share": 0.0}

    lever: Literal["reallocation"] = Field(description="what changes")
    share: float = quantity("levers.reallocation.share")

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Close a share of the gap between money and need that is still open."""
        context.send_signal("authorities.tier_gap_closed", context.select_authorities(self), self.share)
