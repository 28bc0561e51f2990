"""The duty to co-operate (M6): which agencies it binds, how many staff know of it, the sanction, and its effect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever, Obstacle
from cpsim.scenario.problems import format_options

if TYPE_CHECKING:
    from cpsim.arrays import Floats
    from cpsim.governance.context import LeverContext
    from cpsim.scenario.schema import Scenario


_PARTS = ("organisations.duty_bound", "organisations.duty_awareness", "organisations.duty_sanction")


class DutyLever(Lever):
    """Changes the duty to co-operate of some kinds of agency; a setting that is left out stays as it was.

    For agencies that are bound, a known duty and a sanction lower the threshold for contacting children's social care
    by b_d x awareness + b_s x sanction (M6).
    """

    mechanism: ClassVar = "M6"
    signals_sent: ClassVar = _PARTS
    neutral: ClassVar = {"bound": False}

    lever: Literal["duty"] = Field(description="what changes")
    kinds: tuple[str, ...] = Field(
        strict=False, min_length=1, description="the kinds of agency that it affects"
    )
    bound: bool | None = Field(default=None, description="whether the duty binds them; false = exempt")
    awareness: float | None = Field(
        default=None, ge=0, le=1, description="share of staff who know of the duty [share]"
    )
    sanction: float | None = Field(
        default=None, ge=0, le=1, description="strength of the sanction for not sharing [share]"
    )

    def find_contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Report a duty that sets none of its parts."""
        if self.bound is None and self.awareness is None and self.sanction is None:
            yield (), "changes nothing; set at least one of bound, awareness, sanction"

    def find_obstacle(self, context: LeverContext) -> Obstacle | None:
        """Find organisations that are not under the duty, or a duty of which no one knows."""
        kinds, organisations = format_options(self.kinds), context.tables["organisations"]
        rows = context.select_organisations(self, self.kinds)
        if self.bound is None and not organisations["duty_bound"][rows].any():
            return Obstacle(
                f"the duty to co-operate does not bind any {kinds} here, so awareness and sanctions have no effect",
                f"set bound: true, or bind {kinds} under `duties` or by an earlier event",
            )
        known = organisations["duty_awareness"][rows].any() or organisations["duty_sanction"][rows].any()
        if self.bound and self.awareness is None and self.sanction is None and not known:
            return Obstacle(
                f"the duty would bind {kinds}, but no one there knows of it and there is no sanction",
                "set awareness or sanction",
            )
        parts = zip(_PARTS, (self.bound, self.awareness, self.sanction), strict=True)
        given = {part.partition(".")[2]: value for part, value in parts if value is not None}
        if all((organisations[column][rows] == value).all() for column, value in given.items()):
            return Obstacle(
                f"the duty to co-operate already stands for every {kinds} as it sets it",
                "set other values, or change `duties` or the earlier event",
            )
        return None

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Change the duties in force; the law computes their effect after all levers."""
        rows = context.select_organisations(self, self.kinds)
        for part, value in zip(_PARTS, (self.bound, self.awareness, self.sanction), strict=True):
            if value is not None:
                context.send_signal(part, rows, value)


class CooperationDuties(Lever):
    """The law: lowers the sharing threshold of every organisation that the duty to co-operate binds (M6).

    It is no event of the timeline: it is always in force, and it is applied after all levers, because it reads the
    duties that the scenario gives and that levers change.
    """

    mechanism: ClassVar = "M6"
    dials: ClassVar = ("organisations.share_threshold_shift",)
    signals_read: ClassVar = _PARTS
    neutral: ClassVar = {}

    lever: Literal["law"] = Field(default="law", description="the law on co-operation")

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Lower the sharing thresholds of the organisations that are bound."""
        import numpy as np

        everyone = np.arange(len(context.tables["organisations"]))
        context.turn_dial("organisations.share_threshold_shift", everyone, self.threshold_shift(context))

    def threshold_shift(self, context: LeverContext) -> Floats:
        """Shift of the sharing threshold, log-odds: a known duty and a sanction lower it, shape (organisations,)."""
        import numpy as np

        bound, awareness, sanction = (context.read_signal(part) for part in self.signals_read)
        sharing = context.settings.sharing
        weight = sharing.duty_effect * awareness + sharing.sanction_effect * sanction
        shift: Floats = np.where(bound, -weight, 0.0)
        return shift
