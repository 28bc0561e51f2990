"""Boundaries (M27): mergers of organisations, and organisations whose area does not match one authority."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.agents.tables import OrganisationColumns
from cpsim.governance.lever import Lever, Obstacle
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    from cpsim.arrays import Ints
    from cpsim.governance.context import LeverContext
    from cpsim.scenario.schema import Scenario


class Boundaries(Lever):
    """Sets the boundaries of a kind of agency: how many match one authority, and how many organisations remain.

    An organisation whose area does not match one authority sends a message to an authority other than the child's with
    probability `wrong_authority`. In a merger, neighbouring organisations become one, led by the one with the most
    children on its list. The merger is permanent: `until` ends the misdirected messages, but not the merger.
    """

    mechanism: ClassVar = "M27"
    dials: ClassVar = (
        "organisations.absorbed_by",
        "organisations.file_lost",
        "organisations.wrong_authority",
    )
    dials_read: ClassVar = ("organisations.absorbed_by",)
    reads: ClassVar = (OrganisationColumns.children,)
    neutral: ClassVar = {"overlap": 1.0, "merge_to": None}

    lever: Literal["boundaries"] = Field(description="what changes")
    kind: str = Field(description="the kind of agency whose boundaries are set")
    overlap: float = quantity("levers.boundaries.overlap")
    wrong_authority: float = quantity("levers.boundaries.wrong_authority")
    merge_to: int | None = Field(
        default=None,
        ge=1,
        le=1_000,
        description="how many remain in each authority after a merger; left out = no merger [organisations]",
    )
    file_lost: float = quantity("levers.boundaries.file_lost")

    def find_contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Report a merger that would leave the number of organisations unchanged."""
        if self.merge_to is None or self.kind not in scenario.agencies:
            return
        rate, children = scenario.agencies[self.kind].sites_per_10k_children, scenario.population.children
        number = max(1, round(rate * children / 10_000))
        if number <= self.merge_to:
            yield (
                ("merge_to",),
                f"nothing would merge: an authority has {number} {self.kind} in this scenario; write a smaller number, "
                f"or raise agencies.{self.kind}.sites_per_10k_children",
            )

    def find_obstacle(self, context: LeverContext) -> Obstacle | None:
        """Find boundaries that neither send messages elsewhere nor merge organisations."""
        if self.merge_to is None and not self.wrong_authority:
            return Obstacle(
                "no message goes to another authority with wrong_authority: 0, and nothing merges without merge_to",
                "set wrong_authority or merge_to",
            )
        return super().find_obstacle(context)

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Set the probability of a message to the wrong authority where boundaries do not match (M27.1)."""
        import numpy as np

        from cpsim import draws

        rows = context.select_organisations(self, (self.kind,))
        lot = draws.Stream(context.seed, "matching boundaries").uniform(draws.keys(rows, 0))
        context.turn_dial(
            "organisations.wrong_authority", rows, np.where(lot < self.overlap, 0.0, self.wrong_authority)
        )

    def apply_event(self, context: LeverContext, since: int, memory: Any) -> None:
        """Merge neighbouring organisations within each authority (M27.2)."""
        import numpy as np

        if self.merge_to is None:
            return
        organisations = context.tables["organisations"]
        rows = context.select_organisations(self, (self.kind,))
        active = rows[context.read_dial("organisations.absorbed_by")[rows] == rows]
        for authority in np.unique(organisations["authority"][active]):
            here = active[organisations["authority"][active] == authority]
            for group in np.array_split(here, min(self.merge_to, len(here))):
                self._merge_group(context, group)

    def _merge_group(self, context: LeverContext, group: Ints) -> None:
        """Merge several organisations into one, with those that they absorbed in earlier mergers."""
        import numpy as np

        successor = group[context.tables["organisations"]["children"][group].argmax()]
        absorbed = group[group != successor]
        served = np.flatnonzero(np.isin(context.read_dial("organisations.absorbed_by"), absorbed))
        context.set_state("organisations.absorbed_by", served, successor)
        context.set_state("organisations.file_lost", absorbed, self.file_lost)
        for organisation in absorbed:
            context.ties.inherit_ties(int(successor), int(organisation))
