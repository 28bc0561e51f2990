"""The base class of policy levers: settings that a scenario gives, and an equation that turns dials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from cpsim.scenario.events import TimelineEvent

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext


class Lever(TimelineEvent):
    """A policy lever: an immutable class with settings and an equation.

    In the methods below, `since` is the number of weeks since the lever's date; it is negative before that date.

    Attributes:
        mechanism: numbers of the mechanisms of the model that it belongs to, such as "M16".
        dials: names of the dials that it may turn; turning any other raises a DeclarationError, as does any other use
            of a dial or signal that is not declared.
        dials_read: names of the dials that it may read, as the levers before it leave them.
        signals_sent: names of the signals that it may send to levers applied after it.
        signals_read: names of the signals that it may read.
        neutral: settings with which it changes nothing.
        rank: levers of a higher rank are applied after all levers of a lower rank, because they read the dials and
            signals of those.
    """

    mechanism: ClassVar[str]
    dials: ClassVar[tuple[str, ...]] = ()
    dials_read: ClassVar[tuple[str, ...]] = ()
    signals_sent: ClassVar[tuple[str, ...]] = ()
    signals_read: ClassVar[tuple[str, ...]] = ()
    neutral: ClassVar[dict[str, Any]]
    rank: ClassVar[int] = 0

    def is_changing(self, since: int) -> bool:
        """Return whether its effect on the dials differs from that of the week before."""
        return since == -self.lead_weeks()

    def is_event_due(self, since: int) -> bool:
        """Return whether `apply_event` is to be called this week; by default only on the lever's date."""
        return since == 0

    def create_memory(self, context: LeverContext) -> Any:
        """Create what the lever has to remember from week to week in one run; it is copied when a model is forked."""
        del context

    def apply_event(self, context: LeverContext, since: int, memory: Any) -> None:
        """Change a state that then develops by itself, such as trust in ties; does nothing by default."""

    def turn_dials(self, context: LeverContext, since: int, memory: Any) -> None:
        """Turn the dials to their positions in this week, and send signals; does nothing by default."""
