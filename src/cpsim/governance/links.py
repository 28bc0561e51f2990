"""Links between agencies (M8, M26): built by joint working or co-location, lost when people move on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from cpsim.constants import FRONT_DOOR
from cpsim.governance.lever import Lever, Obstacle
from cpsim.scenario.problems import format_options
from cpsim.scenario.register import quantity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cpsim.governance.context import LeverContext
    from cpsim.scenario.schema import Scenario


class Links(Lever):
    """Changes existing ties between some agencies and others, in both directions.

    On the date, trust first loses the share `tie_cut` of its excess over the trust between strangers, and then gains
    the share `trust_gain` of the gap to full trust. While the lever is in force, a message over such a tie is
    `delivery` times as likely to arrive. No new ties are made.
    """

    mechanism: ClassVar = "M8"
    dials: ClassVar = ("ties.trust", "ties.delivery")
    dials_read: ClassVar = ("ties.trust",)
    neutral: ClassVar = {"trust_gain": 0.0, "tie_cut": 0.0, "delivery": 1.0}
    other_bodies: ClassVar = (FRONT_DOOR,)

    lever: Literal["links"] = Field(description="what changes")
    kinds: tuple[str, ...] = Field(
        strict=False,
        min_length=1,
        description="the kinds of agency at one end of the ties; front_door = the front door of social care",
    )
    partners: tuple[str, ...] | None = Field(
        default=None,
        strict=False,
        min_length=1,
        description="the kinds at the other end; left out = all kinds of agency and the front door",
    )
    trust_gain: float = quantity("levers.links.trust_gain")
    tie_cut: float = quantity("levers.links.tie_cut")
    delivery: float = quantity("levers.links.delivery")

    def find_contradictions(self, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Report ties between front doors, which do not exist."""
        if set(self.kinds) == {FRONT_DOOR} == set(self.partners or ()):
            yield ("partners",), "the front door has ties to agencies only; name some kind of agency"

    def find_obstacle(self, context: LeverContext) -> Obstacle | None:
        """Find ends between which there can be no ties."""
        partners = self.partners or (*context.kinds, FRONT_DOOR)
        if set(self.kinds) == set(partners) and len(set(self.kinds)) == 1:
            return Obstacle(
                "there are no ties between organisations of the same kind", "name another kind in partners"
            )
        agencies, network = context.settings.agencies, context.settings.network
        for end in (self.kinds, partners):
            kinds = [kind for kind in end if kind != FRONT_DOOR]
            if (
                FRONT_DOOR not in end
                and network.graphml is None
                and not any(agencies[kind].tied for kind in kinds)
            ):
                return no_ties(kinds)
        return super().find_obstacle(context)

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Multiply the probability of delivery over these ties."""
        context.turn_dial("ties.delivery", self._select_ties(context), self.delivery)

    def apply_event(self, context: LeverContext, since: int, memory: Any) -> None:
        """Reduce the trust of these ties, then raise it."""
        ties = self._select_ties(context)
        trust = context.read_dial("ties.trust")[ties]
        trust += self.tie_cut * (context.settings.network.trust_new - trust)
        trust += self.trust_gain * (1 - trust)
        context.set_state("ties.trust", ties, trust)

    def _select_ties(self, context: LeverContext) -> NDArray[np.intp]:
        """Return the rows of the ties between the two ends."""
        partners = self.partners or (*context.kinds, FRONT_DOOR)
        return context.ties.find_between(
            context.select_nodes(self, self.kinds), context.select_nodes(self, partners)
        )


def no_ties(kinds: Iterable[str]) -> Obstacle:
    """Return the obstacle that organisations of some kinds have no ties.

    >>> no_ties(["community"]).reason
    'the organisations of these kinds have no ties here: community'
    """
    return Obstacle(
        f"the organisations of these kinds have no ties here: {format_options(kinds)}",
        "set `tied: true` for such a kind under `agencies`, or name other kinds",
    )
