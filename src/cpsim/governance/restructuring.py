"""Restructuring (M16): attention dips, ties are cut, staff leave, and a gain may follow later."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.constants import ROUNDING, SOCIAL_CARE
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext
    from cpsim.scenario.schema import Scenario

_CUT_YEAR_KEY = 3  # distinguishes the keys of these draws from those of other draws on ties


class Restructure(Lever):
    """Reorganises services: A (u / tau) exp(1 - u / tau) of attention is lost u weeks after the announcement.

    A restructuring in n phases consists of n dips of an n-th of the depth, which combine like separate restructurings.
    The date is vesting day, when ties are cut; any gain grows from then on. Staff of children's social care leave at up
    to `exits` times the usual rate while the dip lasts. The number of posts does not change.
    """

    mechanism: ClassVar = "M16"
    dials: ClassVar = ("organisations.attention_factor", "teams.accuracy", "teams.exit_factor", "ties.trust")
    neutral: ClassVar = {"depth": 0.0, "tie_cut": 0.0, "exits": 1.0, "gain": 0.0}
    other_bodies: ClassVar = (SOCIAL_CARE,)

    lever: Literal["restructure"] = Field(description="what changes")
    services: tuple[str, ...] = Field(
        strict=False,
        min_length=1,
        description="the kinds of agency that are reorganised; social_care = children's social care",
    )
    announced_weeks: int = quantity("levers.restructure.announced_weeks")
    depth: float = quantity("levers.restructure.depth")
    worst_weeks: float = quantity("levers.restructure.worst_weeks", at_least=1)
    tie_cut: float = quantity("levers.restructure.tie_cut")
    exits: float = quantity("levers.restructure.exits")
    gain: float = quantity("levers.restructure.gain")
    gain_weeks: float = quantity("levers.restructure.gain_weeks", at_least=1)
    resistance: float = quantity("levers.restructure.resistance")
    resistance_effect: float = quantity("levers.restructure.resistance_effect")
    phases: int = quantity("levers.restructure.phases")
    phase_gap_weeks: int = quantity("levers.restructure.phase_gap_weeks", at_least=1)

    def find_contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Report a dip that would take all attention."""
        if self.attention_dip() > 1 - ROUNDING:
            yield (
                ("depth",),
                f"{self.attention_dip():g} of all attention would be lost (with resistance); set a smaller depth",
            )

    def lead_weeks(self) -> int:
        """Weeks from the announcement to vesting day."""
        return self.announced_weeks

    def is_changing(self, since: int) -> bool:
        """Return True: the dip and the gain change every week."""
        return True

    def is_event_due(self, since: int) -> bool:
        """Return whether a phase takes effect this week."""
        return since in self._phase_weeks()

    def attention_dip(self) -> float:
        """Share of attention lost at the worst point, with resistance, in a single phase (M16.1).

        >>> lever = {"lever": "restructure", "services": ("school",)}
        >>> round(Restructure(**lever, depth=0.2, resistance=0.5, resistance_effect=1.0).attention_dip(), 3)
        0.3
        """
        return self.depth * self._resistance_factor()

    def shares_lost(self, since: int) -> list[float]:
        """Share of attention that each phase costs `since` weeks after vesting day (M16.1)."""
        return [
            self.attention_dip() / self.phases * self._dip_shape(since - week) for week in self._phase_weeks()
        ]

    def exit_factor(self, since: int) -> float:
        """Multiplier on the exit rate of staff `since` weeks after vesting day (M16.3)."""
        shapes = [self._dip_shape(since - week) for week in self._phase_weeks()]
        return 1 + (self.exits - 1) * sum(shapes) / self.phases

    def lasting_gain(self, since: int) -> float:
        """Lasting change of attention, as a share, `since` weeks after vesting day (M16.4)."""
        progress = [1 - math.exp(-max(since - week, 0) / self.gain_weeks) for week in self._phase_weeks()]
        return self.gain * sum(progress) / self.phases

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Change attention and accuracy, and the exit rate of social care staff."""
        attention = math.prod(1 - lost for lost in self.shares_lost(since)) * (1 + self.lasting_gain(since))
        context.turn_dial(
            "organisations.attention_factor", context.select_organisations(self, self.services), attention
        )
        if SOCIAL_CARE in self.services:
            teams = context.select_teams(self)
            context.turn_dial("teams.accuracy", teams, attention)
            context.turn_dial("teams.exit_factor", teams, self.exit_factor(since))

    def apply_event(self, context: LeverContext, since: int, memory: Any) -> None:
        """Cut ties of the reorganised services, chosen by lot, back to the trust between strangers (M16.5).

        Each tie has one draw per year, so a larger cut includes the ties of a smaller one, and moving the date by some
        weeks within a year cuts the same ties.
        """
        import numpy as np

        from cpsim import draws

        ties = context.ties
        touched = ties.find_connected(context.select_nodes(self, self.services))
        year = draws.keys(np.array([self.date.year if self.date else 0]), _CUT_YEAR_KEY)
        lot = draws.Stream(context.seed, "ties cut").uniform(ties.keys(touched) ^ year)
        cut = min(self.tie_cut * self._resistance_factor(), 1.0) / self.phases
        phase = self._phase_weeks().index(since)
        context.set_state(
            "ties.trust",
            touched[(lot >= phase * cut) & (lot < (phase + 1) * cut)],
            context.settings.network.trust_new,
        )

    def _resistance_factor(self) -> float:
        """Multiplier on the disruption through resistance (M16.1)."""
        return 1 + self.resistance_effect * self.resistance

    def _phase_weeks(self) -> range:
        """Weeks from vesting day to each phase."""
        return range(0, self.phases * self.phase_gap_weeks, self.phase_gap_weeks)

    def _dip_shape(self, since: int) -> float:
        """Dip relative to its worst point: 0 until the announcement, then at most 1; its integral is e x tau."""
        u = max(since + self.announced_weeks, 0) / self.worst_weeks
        return u * math.exp(1 - u)
