"""The duty to co-operate (M6): which agencies it binds, how many staff know of it, and the sanction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext
    from cpsim.scenario.schema import Scenario


class DutyLever(Lever):
    """Changes the duty to co-operate of some kinds of agency; a setting that is left out stays as it was.

    For agencies that are bound, a known duty and a sanction lower the threshold for contacting children's social care
    by b_d x awareness + b_s x sanction (M6).
    """

    mechanism: ClassVar = "M6"
    dials: ClassVar = ("organisations.share_threshold_shift",)
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

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Change the duties in force; the context computes their effect after all levers."""
        rows = context.select_organisations(self, self.kinds)
        for part in ("bound", "awareness", "sanction"):
            value = getattr(self, part)
            if value is not None:
                getattr(context.duties, part)[rows] = value
