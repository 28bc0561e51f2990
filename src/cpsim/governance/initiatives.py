"""Central initiatives (M22): they take core time, draw staff away, and can set conflicting goals."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from cpsim.constants import ROUNDING
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.arrays import Floats
    from cpsim.governance.context import LeverContext
    from cpsim.scenario.schema import Scenario


_SIGNALS = (
    "authorities.initiative_load",
    "authorities.initiative_drain",
    "authorities.movers_retained",
)


class Initiatives(Lever):
    """Adds central initiatives to core work: they take hours, draw staff away, and may have conflicting goals.

    The hours grow faster than the number of initiatives, which is counted over all events of the timeline (M22.1). A
    workforce plan retains a share of the staff who would move to any initiative; to add only a plan, set `number: 0`.
    """

    mechanism: ClassVar = "M22"
    dials: ClassVar = (
        "teams.capacity_factor",
        "teams.exit_factor",
        "teams.accuracy",
    )
    signals_sent: ClassVar = _SIGNALS
    signals_read: ClassVar = _SIGNALS
    neutral: ClassVar = {"number": 0, "workforce_plan": 0.0, "goal_noise": 0.0}

    lever: Literal["initiatives"] = Field(description="what changes")
    number: int = Field(default=4, ge=0, le=100, description="number of initiatives that begin [initiatives]")
    cost: float = quantity("levers.initiatives.cost")
    power: float = quantity("levers.initiatives.power", at_least=1)
    staff_drawn: float = quantity("levers.initiatives.staff_drawn")
    workforce_plan: float = quantity("levers.initiatives.workforce_plan")
    goal_noise: float = quantity("levers.initiatives.goal_noise")

    def find_contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Report an event without initiatives, workforce plan or goal noise."""
        if not self.number and self.model_fields_set.isdisjoint({"workforce_plan", "goal_noise"}):
            yield ("number",), "changes nothing; set at least one of number, workforce_plan, goal_noise"

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Add the effects of these initiatives to those of the initiatives before them."""
        import numpy as np

        authorities, teams = context.select_authorities(self), context.select_teams(self)
        before = _read_load(context)
        context.send_signal(
            "authorities.initiative_load", authorities, self.cost ** (1 / self.power) * self.number
        )
        context.send_signal("authorities.initiative_drain", authorities, self.staff_drawn * self.number)
        context.send_signal("authorities.movers_retained", authorities, self.workforce_plan)
        after = _read_load(context)
        here = context.tables["teams"]["authority"][teams]
        # The factor is the core time left now, relative to that left before; 0 where none was left before (M22.1).
        was, remains = (np.maximum(1 - initiatives.load**self.power, 0) for initiatives in (before, after))
        core_time = np.divide(remains, was, out=np.zeros_like(remains), where=was > ROUNDING)
        context.turn_dial("teams.capacity_factor", teams, core_time[here])
        context.turn_dial(
            "teams.exit_factor", teams, (_exit_factor(context, after) / _exit_factor(context, before))[here]
        )
        context.turn_dial("teams.accuracy", teams, 1 / math.sqrt(1 + self.goal_noise**2))


class _InitiativeLoad(NamedTuple):
    """The initiatives in each authority; all shapes (authorities,).

    Attributes:
        load: load of all initiatives together; its power is the share of core time that they take.
        drain: share of social workers who would move to them in a year.
        retained: share of these whom workforce plans retain.
    """

    load: Floats
    drain: Floats
    retained: Floats


def _read_load(context: LeverContext) -> _InitiativeLoad:
    # Copied because later calls of send_signal change these arrays.
    return _InitiativeLoad(*(context.read_signal(signal).copy() for signal in _SIGNALS))


def _exit_factor(context: LeverContext, initiatives: _InitiativeLoad) -> Floats:
    """Multiplier on the usual exit rate of staff; 1 where the usual rate is practically 0 (M22.2)."""
    import numpy as np

    usual = context.settings.workforce.exit_per_year
    moving = initiatives.drain * (1 - initiatives.retained)
    return 1 + moving / usual if usual > ROUNDING else np.ones_like(moving)
