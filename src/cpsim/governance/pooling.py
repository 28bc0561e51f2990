"""Pooled budgets (M15): what council and health pay into a pool, what limits it, and the services that it buys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from cpsim.constants import ROUNDING, WEEKS_PER_YEAR
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.arrays import Floats, Ints
    from cpsim.governance.context import LeverContext
    from cpsim.scenario.schema import Scenario

Funder = Literal["council", "health"]

_USUAL_PARTIES = 2

_DEFICITS = ("authorities.council_deficit", "authorities.health_deficit")
_RING_FENCES = ("authorities.council_ringfenced", "authorities.health_ringfenced")
_POOLS = ("authorities.council_pooled", "authorities.health_pooled", "authorities.agreement_delay")


class Deficit(Lever):
    """Gives a funder a deficit, which reduces its contributions to pooled budgets (M15.1)."""

    mechanism: ClassVar = "M15"
    signals_sent: ClassVar = _DEFICITS
    neutral: ClassVar = {"share_of_budget": 0.0}

    lever: Literal["deficit"] = Field(description="what changes")
    funder: Funder = Field(default="health", description="the funder with the deficit")
    share_of_budget: float = quantity("levers.deficit.share_of_budget")

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Increase the deficit of the funder."""
        context.send_signal(
            f"authorities.{self.funder}_deficit", context.select_authorities(self), self.share_of_budget
        )


class RingFence(Lever):
    """Ring-fences a share of a funder's budget, such as school budgets: it cannot be pooled or used elsewhere."""

    mechanism: ClassVar = "M15"
    signals_sent: ClassVar = _RING_FENCES
    neutral: ClassVar = {"share": 0.0}

    lever: Literal["ringfence"] = Field(description="what changes")
    funder: Funder = Field(default="council", description="the funder whose budget is ring-fenced")
    share: float = quantity("levers.ringfence.share")

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Ring-fence a share of what is not ring-fenced yet."""
        context.send_signal(
            f"authorities.{self.funder}_ringfenced", context.select_authorities(self), self.share
        )


class Pool(Lever):
    """Pools a share of the money that council and health spend on joint packages of care (M15.1 to M15.5).

    Separate money buys a joint package only if both funders can pay their shares, and disputes cost part of it. Pooled
    money buys packages regardless of its source, less the costs of setting up and running the pool. With the default
    settings the gain is close to zero; a costly pool, or one with a single contributor, makes things worse.
    """

    mechanism: ClassVar = "M15"
    dials: ClassVar = (
        "authorities.supply_in_need",
        "authorities.supply_on_plan",
        "authorities.pool_overhead",
    )
    dials_read: ClassVar = ("authorities.pool_overhead",)
    signals_sent: ClassVar = _POOLS
    signals_read: ClassVar = (*_DEFICITS, *_RING_FENCES, *_POOLS)
    neutral: ClassVar = {"voluntary": 0.0}
    rank: ClassVar = 1

    lever: Literal["pool"] = Field(description="what changes")
    contribution_council: float = quantity("levers.pool.contribution_council")
    contribution_health: float = quantity("levers.pool.contribution_health")
    voluntary: float = quantity("levers.pool.voluntary")
    need_share: float = quantity("levers.pool.need_share")
    dispute_loss: float = quantity("levers.pool.dispute_loss")
    setup_cost: float = quantity("levers.pool.setup_cost")
    running_cost: float = quantity("levers.pool.running_cost")
    deficit_midpoint: float = quantity("levers.pool.deficit_midpoint")
    deficit_slope: float = quantity("levers.pool.deficit_slope", at_least=1e-4)
    parties: int = Field(
        default=_USUAL_PARTIES,
        ge=1,
        le=300,
        description="bodies that have to agree on a joint package; 1 = they plan as one body [parties]",
    )
    agreement_delay: float = quantity("levers.pool.agreement_delay")
    agreement_power: float = quantity("levers.pool.agreement_power")
    package_share: float = quantity("levers.pool.package_share")

    def find_contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Report a pool without contributions, packages with one funder, and costs that take all the money."""
        if not self.contribution_council + self.contribution_health and self.parties == _USUAL_PARTIES:
            yield (
                (),
                "the pool is empty: contribution_council and contribution_health are both 0; set at least one of them",
            )
        if not 0 < self.need_share < 1:
            yield ("need_share",), "a joint package needs two funders; write a share above 0 and below 1"
        if self.dispute_loss > 1 - ROUNDING:
            yield (
                ("dispute_loss",),
                "disputes would cost all the money, so a pool could not be compared with it; write a share below 1",
            )
        if self.running_cost + self.setup_cost > 1 - ROUNDING:
            yield (
                ("running_cost",),
                "running_cost and setup_cost together take all the money of the pool; lower one of them",
            )

    def is_changing(self, since: int) -> bool:
        """Return whether the pool starts, or its year of set-up costs ends, this week."""
        return since in (0, WEEKS_PER_YEAR)

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Pay the contributions into the pool, and change the supply of services accordingly."""
        rows = context.select_authorities(self)
        before = _read_pools(context, rows)
        council = self._contribution(context, rows, "council", self.contribution_council)
        health = self._contribution(context, rows, "health", self.contribution_health)
        cost_share = self.running_cost + self.setup_cost * (since < WEEKS_PER_YEAR)
        context.send_signal("authorities.council_pooled", rows, council)
        context.send_signal("authorities.health_pooled", rows, health)
        overhead = self.package_share * cost_share * (council + health) / 2
        context.turn_dial("authorities.pool_overhead", rows, overhead)
        # Extra weeks to agree on a package compared with two parties; negative if quicker (M15.4).
        delay = float(self.agreement_delay * ((self.parties / _USUAL_PARTIES) ** self.agreement_power - 1))
        context.send_signal("authorities.agreement_delay", rows, delay)
        bought = self._relative_supply(_read_pools(context, rows)) / self._relative_supply(before)
        context.turn_dial("authorities.supply_in_need", rows, bought)
        context.turn_dial("authorities.supply_on_plan", rows, bought)

    def _contribution(self, context: LeverContext, rows: Ints, funder: Funder, offer: float) -> Floats:
        """Share of its joint money that a funder pays in, limited by its deficit and ring-fences (M15.1)."""
        import numpy as np

        deficit = context.read_signal(f"authorities.{funder}_deficit")[rows]
        ringfenced = context.read_signal(f"authorities.{funder}_ringfenced")[rows]
        pooled = context.read_signal(f"authorities.{funder}_pooled")[rows]
        willingness = (1 + np.tanh((self.deficit_midpoint - deficit) / (2 * self.deficit_slope))) / 2
        paid: Floats = np.clip(1 - ringfenced - pooled, 0, offer * self.voluntary * willingness)
        return paid

    def _relative_supply(self, pools: _Pools) -> Floats:
        """Services that the money buys, as a multiple of those bought without any pool (M15.2, M15.5)."""
        import numpy as np

        money = self._unpooled_packages(pools) + (pools.council + pools.health) / 2
        # Another pool may count more services as joint packages, so its overhead may exceed the money for these.
        joint = np.maximum(self.package_share * money - pools.overhead, 0)
        usual = WEEKS_PER_YEAR + self.agreement_delay
        prompt = usual / np.maximum(usual + pools.delay, WEEKS_PER_YEAR)
        without_pools = self._unpooled_packages(_Pools(*np.zeros((4, 1))))
        supply: Floats = 1 - self.package_share + joint / without_pools * prompt
        return supply

    def _unpooled_packages(self, pools: _Pools) -> Floats:
        """Packages bought with unpooled money: the funder that can pay for fewer of them sets the number."""
        import numpy as np

        council = (1 - pools.council) / 2 / self.need_share
        health = (1 - pools.health) / 2 / (1 - self.need_share)
        packages: Floats = np.minimum(council, health) * (1 - self.dispute_loss)
        return packages


class _Pools(NamedTuple):
    """Contents and costs of all pools of an authority; all shapes (authorities affected,).

    Attributes:
        council: pooled share of the council's money for joint packages.
        health: pooled share of the health bodies' money for joint packages.
        overhead: cost of setting up and running the pools, as a share of all money for services.
        delay: extra weeks to agree on a joint package.
    """

    council: Floats
    health: Floats
    overhead: Floats
    delay: Floats


def _read_pools(context: LeverContext, rows: Ints) -> _Pools:
    council, health, delay = (context.read_signal(signal)[rows] for signal in _POOLS)
    return _Pools(council, health, context.read_dial("authorities.pool_overhead")[rows], delay)
