"""Autonomy and league tables (M6, M8): organisations that leave council control and are judged by exam results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever, Obstacle
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.arrays import Ints
    from cpsim.governance.context import LeverContext


class Autonomy(Lever):
    """Makes a share of the organisations, chosen by lot, autonomous: they share less and lose trust in the council.

    Their threshold for contacting children's social care rises by league_effect x league_weight. On the date of the
    event, trust in the front door loses the share `tie_loss` of its excess over the trust between strangers.
    """

    mechanism: ClassVar = "M6"
    dials: ClassVar = ("organisations.share_threshold_shift", "ties.trust")
    dials_read: ClassVar = ("ties.trust",)
    neutral: ClassVar = {"share": 0.0}

    lever: Literal["autonomy"] = Field(description="what changes")
    kinds: tuple[str, ...] = Field(
        strict=False, min_length=1, description="the kinds of agency that it affects"
    )
    share: float = quantity("levers.autonomy.share")
    league_weight: float = quantity("levers.autonomy.league_weight")
    league_effect: float = quantity("levers.autonomy.league_effect", at_least=0)
    tie_loss: float = quantity("levers.autonomy.tie_loss")

    def find_obstacle(self, context: LeverContext) -> Obstacle | None:
        """Find a share that is less than one organisation, or autonomy without consequences."""
        rows = context.select_organisations(self, self.kinds)
        if self.share > 0 and not round(self.share * len(rows)):
            return Obstacle(
                f"a share of {self.share:g} of {len(rows)} organisations is less than one of them",
                "raise share",
            )
        if not self.league_weight * self.league_effect and not self.tie_loss:
            return Obstacle(
                "autonomy changes neither their threshold nor their trust with league_weight x league_effect and "
                "tie_loss at 0",
                "set league_weight or tie_loss",
            )
        return super().find_obstacle(context)

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Raise the sharing thresholds of the autonomous organisations."""
        rise = self.league_effect * self.league_weight
        context.turn_dial("organisations.share_threshold_shift", self.select_autonomous(context), rise)

    def apply_event(self, context: LeverContext, since: int, memory: Any) -> None:
        """Weaken the ties of the autonomous organisations to the front door."""
        from cpsim.network.ties import TieRole

        ties = context.ties
        theirs = ties.find_starting_at(self.select_autonomous(context))
        theirs = theirs[ties.role[theirs] == TieRole.REFERRAL]
        trust = context.read_dial("ties.trust")[theirs]
        trust += self.tie_loss * (context.settings.network.trust_new - trust)
        context.set_state("ties.trust", theirs, trust)

    def select_autonomous(self, context: LeverContext) -> Ints:
        """Return the rows of the autonomous organisations; those of a smaller share are among those of a larger one."""
        import numpy as np

        from cpsim import draws

        rows = context.select_organisations(self, self.kinds)
        luck = draws.Stream(context.seed, "autonomy by lot").uniform(draws.keys(rows, 0))
        return rows[np.argsort(luck, kind="stable")[: round(self.share * len(rows))]]
