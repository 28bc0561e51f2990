"""Pooled budgets (M15): what two funders put in one pot, what keeps them from it, and what it buys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from cpsim.arrays import Floats, Ints
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board
    from cpsim.scenario.schema import Scenario

Funder = Literal["council", "health"]

_USUAL_PARTIES = 2


class Deficit(Lever):
    """A funder spends more than it has, and holds on to its money: less of it goes into pools (M15.1)."""

    mechanism: ClassVar = "M15"
    dials: ClassVar = ("authorities.council_deficit", "authorities.health_deficit")
    neutral: ClassVar = {"share_of_budget": 0.0}

    lever: Literal["deficit"] = Field(description="what changes")
    funder: Funder = Field(default="health", description="whose deficit it is")
    share_of_budget: float = quantity("levers.deficit.share_of_budget")

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Add to the deficit of the funder."""
        board.turn(f"authorities.{self.funder}_deficit", board.authorities(self), self.share_of_budget)


class RingFence(Lever):
    """A part of a funder's budget may not be moved, such as the money of schools: neither into a pool nor elsewhere."""

    mechanism: ClassVar = "M15"
    dials: ClassVar = ("authorities.council_ringfenced", "authorities.health_ringfenced")
    neutral: ClassVar = {"share": 0.0}

    lever: Literal["ringfence"] = Field(description="what changes")
    funder: Funder = Field(default="council", description="whose budget is fenced")
    share: float = quantity("levers.ringfence.share")

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Fence a part of what is not fenced yet."""
        board.turn(f"authorities.{self.funder}_ringfenced", board.authorities(self), self.share)


class Pool(Lever):
    """Council and health put a part of what they have for joint packages into one pot (M15.1 to M15.5).

    Money apart buys packages as far as both funders have their share of each, less what disputes cost. Money in the pot
    buys them whoever it came from, less what setting up and running the pot takes. The default is next to no gain;
    a pot into which only one pays, or a costly one, makes things worse.
    """

    mechanism: ClassVar = "M15"
    dials: ClassVar = (
        "authorities.supply_in_need",
        "authorities.supply_on_plan",
        "authorities.council_pooled",
        "authorities.health_pooled",
        "authorities.pool_overhead",
        "authorities.agreement_delay",
    )
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
        description="those who have to agree on a joint package; 1 = they plan as one [parties]",
    )
    agreement_delay: float = quantity("levers.pool.agreement_delay")
    agreement_power: float = quantity("levers.pool.agreement_power")
    package_share: float = quantity("levers.pool.package_share")

    def contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """A pool needs somebody in it, a package two funders, and money something left to buy."""
        if not self.contribution_council + self.contribution_health and self.parties == _USUAL_PARTIES:
            yield (), "nobody is in this pool: contribution_council and contribution_health are both 0"
        if not 0 < self.need_share < 1:
            yield ("need_share",), "a package that one funder pays alone is no joint package"
        if self.dispute_loss == 1:
            yield ("dispute_loss",), "disputes that cost everything leave nothing to compare a pool with"
        if self.running_cost + self.setup_cost >= 1:
            yield ("running_cost",), "running_cost and setup_cost together take all that is in the pool"

    def moving(self, since: int) -> bool:
        """On its date, and when it has been paid for that it was set up."""
        return since in (0, WEEKS_PER_YEAR)

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Pay in what is offered and free, and buy with it."""
        rows = board.authorities(self)
        before = _pots(board, rows)
        council = self._paid_in(board, rows, "council", self.contribution_council)
        health = self._paid_in(board, rows, "health", self.contribution_health)
        of_a_pound = self.running_cost + self.setup_cost * (since < WEEKS_PER_YEAR)
        board.turn("authorities.council_pooled", rows, council)
        board.turn("authorities.health_pooled", rows, health)
        overhead = self.package_share * of_a_pound * (council + health) / 2
        board.turn("authorities.pool_overhead", rows, overhead)
        board.turn("authorities.agreement_delay", rows, self._extra_weeks())
        bought = self._supply(_pots(board, rows)) / self._supply(before)
        board.turn("authorities.supply_in_need", rows, bought)
        board.turn("authorities.supply_on_plan", rows, bought)

    def _paid_in(self, board: Board, rows: Ints, funder: Funder, offer: float) -> Floats:
        """Share of its joint money that a funder pays in: less in deficit, nothing fenced or pooled before (M15.1)."""
        deficit = board.value(f"authorities.{funder}_deficit")[rows]
        fenced = board.value(f"authorities.{funder}_ringfenced")[rows]
        pooled = board.value(f"authorities.{funder}_pooled")[rows]
        at_ease = (1 + np.tanh((self.deficit_midpoint - deficit) / (2 * self.deficit_slope))) / 2
        paid: Floats = np.clip(1 - fenced - pooled, 0, offer * self.voluntary * at_ease)
        return paid

    def _extra_weeks(self) -> float:
        """Weeks that it takes these parties longer than two to agree on a package (M15.4)."""
        return float(self.agreement_delay * ((self.parties / _USUAL_PARTIES) ** self.agreement_power - 1))

    def _supply(self, pots: _Pots) -> Floats:
        """What the money for services buys, for what it buys without any pool (M15.2, M15.5)."""
        money = self._apart(pots) + (pots.council + pots.health) / 2
        # Another pool may count more services as joint packages, and its overhead may be more than all of these.
        joint = np.maximum(self.package_share * money - pots.overhead, 0)
        usual = WEEKS_PER_YEAR + self.agreement_delay
        prompt = usual / np.maximum(usual + pots.delay, WEEKS_PER_YEAR)
        supply: Floats = 1 - self.package_share + joint / self._apart(_EMPTY) * prompt
        return supply

    def _apart(self, pots: _Pots) -> Floats:
        """Packages from money outside the pots: the funder with less to spend on its share decides."""
        council = (1 - pots.council) / 2 / self.need_share
        health = (1 - pots.health) / 2 / (1 - self.need_share)
        packages: Floats = np.minimum(council, health) * (1 - self.dispute_loss)
        return packages


class _Pots(NamedTuple):
    """What all pools of an authority hold and need; shapes (authorities concerned,).

    Attributes:
        council: share of the council's money for joint packages.
        health: share of that of the health bodies.
        overhead: what setting up and running the pools takes, as a share of all money for services.
        delay: weeks longer than usual that it takes to agree on a joint package.
    """

    council: Floats
    health: Floats
    overhead: Floats
    delay: Floats


_EMPTY = _Pots(*np.zeros((4, 1)))


def _pots(board: Board, rows: Ints) -> _Pots:
    dials = ("council_pooled", "health_pooled", "pool_overhead", "agreement_delay")
    return _Pots(*(board.value(f"authorities.{dial}")[rows] for dial in dials))
