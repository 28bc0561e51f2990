"""Boundaries (M27): organisations that are merged into fewer, and how many of them match one authority."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from cpsim import draws
from cpsim.arrays import Ints
from cpsim.governance.lever import Lever
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.governance.board import Board
    from cpsim.scenario.schema import Scenario


class Boundaries(Lever):
    """Draws the boundaries of a kind of agency: which of them match one authority, and how many are left of them.

    One that does not match sends a message to another authority than the child's with chance `wrong_authority`. In a
    merger neighbours become one organisation, led by the one with most children on its list, for good: `until` ends
    the wrong doors and not the merger.
    """

    mechanism: ClassVar = "M27"
    dials: ClassVar = (
        "organisations.absorbed_by",
        "organisations.file_lost",
        "organisations.wrong_authority",
    )
    neutral: ClassVar = {"overlap": 1.0, "merge_to": None}

    lever: Literal["boundaries"] = Field(description="what changes")
    kind: str = Field(description="the kind of agency whose boundaries are drawn")
    overlap: float = quantity("levers.boundaries.overlap")
    wrong_authority: float = quantity("levers.boundaries.wrong_authority")
    merge_to: int | None = Field(
        default=None,
        ge=1,
        le=1_000,
        description="how many are left in each authority; left out = no merger [organisations]",
    )
    file_lost: float = quantity("levers.boundaries.file_lost")

    def contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """A merger of one organisation is none."""
        if self.merge_to is None or self.kind not in scenario.agencies:
            return
        rate, children = scenario.agencies[self.kind].sites_per_10k_children, scenario.population.children
        there_are = max(1, round(rate * children / 10_000))
        if there_are <= self.merge_to:
            yield (
                ("merge_to",),
                f"an authority has {there_are} {self.kind} here, so nothing merges; say less, or raise "
                f"agencies.{self.kind}.sites_per_10k_children",
            )

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Let those that do not match one authority go to the wrong door now and then (M27.1)."""
        rows = board.organisations(self, (self.kind,))
        lot = draws.Stream(board.seed, "matching boundaries").uniform(draws.keys(rows, 0))
        board.turn(
            "organisations.wrong_authority", rows, np.where(lot < self.overlap, 0.0, self.wrong_authority)
        )

    def happen(self, board: Board, since: int, memory: Any) -> None:
        """Merge neighbours, authority by authority (M27.2)."""
        if self.merge_to is None:
            return
        organisations = board.tables["organisations"]
        rows = board.organisations(self, (self.kind,))
        living = rows[organisations["absorbed_by"][rows] == rows]
        for authority in np.unique(organisations["authority"][living]):
            here = living[organisations["authority"][living] == authority]
            for group in np.array_split(here, min(self.merge_to, len(here))):
                self._absorb(board, group)

    def _absorb(self, board: Board, group: Ints) -> None:
        """Make one organisation of several; who was absorbed before goes along."""
        for dial in ("organisations.absorbed_by", "organisations.file_lost"):
            board.check(dial)
        organisations = board.tables["organisations"]
        heir = group[organisations["children"][group].argmax()]
        absorbed = group[group != heir]
        organisations["absorbed_by"][np.isin(organisations["absorbed_by"], absorbed)] = heir
        organisations["file_lost"][absorbed] = self.file_lost
        for organisation in absorbed:
            board.ties.inherit(int(heir), int(organisation))
