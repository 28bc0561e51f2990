"""Duties to cooperate (M6): who is bound, who knows of it, which sanction follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.governance.lever import Lever

if TYPE_CHECKING:
    from cpsim.governance.board import Board
    from cpsim.scenario.schema import Scenario


class DutyLever(Lever):
    """From its date kinds of agency are bound, exempt, informed or sanctioned; what is not said stays as it was.

    A known duty and a sanction lower the threshold for telling social care (M6): by b_d x awareness + b_s x sanction for
    those who are bound.
    """

    mechanism: ClassVar = "M6"
    dials: ClassVar = ("organisations.share_threshold_shift",)
    neutral: ClassVar = {"bound": False}

    lever: Literal["duty"] = Field(description="what changes")
    kinds: tuple[str, ...] = Field(
        strict=False, min_length=1, description="the kinds of agency that it concerns"
    )
    bound: bool | None = Field(default=None, description="bound by the duty or exempt")
    awareness: float | None = Field(
        default=None, ge=0, le=1, description="share of staff who know of the duty [share]"
    )
    sanction: float | None = Field(
        default=None, ge=0, le=1, description="strength of the sanction for not sharing [share]"
    )

    def contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """An event that says neither who is bound, nor who knows, nor what follows, was left unfinished."""
        if self.bound is None and self.awareness is None and self.sanction is None:
            yield (), "changes nothing; say at least one of bound, awareness, sanction"

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Say what is the law; the board works out its weight, since a later event may change a part of it."""
        rows = board.organisations(self, self.kinds)
        for what in ("bound", "awareness", "sanction"):
            said = getattr(self, what)
            if said is not None:
                getattr(board.law, what)[rows] = said
