"""What a policy lever is: settings that a scenario gives, and an equation that turns dials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from cpsim.scenario.events import Event

if TYPE_CHECKING:
    from cpsim.governance.board import Board


class Lever(Event):
    """A primitive lever: a small immutable class with its settings and its equation.

    Attributes:
        mechanism: the numbers of its mechanisms, such as "M16".
        dials: names of the dials that it may turn; the board refuses any other.
        neutral: settings at which it turns nothing.
        rank: levers of a higher rank are asked after all of a lower one, since they read what those have turned.
    """

    mechanism: ClassVar[str]
    dials: ClassVar[tuple[str, ...]]
    neutral: ClassVar[dict[str, Any]]
    rank: ClassVar[int] = 0

    def moving(self, since: int) -> bool:
        """Whether its dials differ this week from the last, `since` weeks after its date (negative before it)."""
        return since == -self.lead()

    def happens(self, since: int) -> bool:
        """Whether something happens this week that changes a state for good, `since` weeks after its date."""
        return since == 0

    def memory(self, board: Board) -> Any:
        """What it has to remember from week to week in one run; it is copied when a model is forked."""
        del board

    def happen(self, board: Board, since: int, memory: Any) -> None:
        """Change what lives on by itself afterwards, such as trust in ties; nothing by default."""

    def turn(self, board: Board, since: int, memory: Any) -> None:
        """Turn the dials as they stand `since` weeks after its date (negative before it); nothing by default."""
