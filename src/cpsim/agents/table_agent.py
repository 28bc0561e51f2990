"""The base class of all agents: a Mesa agent that shows one row of a table."""

from __future__ import annotations

from typing import ClassVar

import mesa


class TableAgent(mesa.Agent):
    """A Mesa agent that shows one row of one of the model's tables.

    Attributes:
        row: row in the table.
        instead: what a user can do instead of removing such an agent, as the end of a sentence.

    >>> model.agents[0].remove()  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    RuntimeError: <School school-001> cannot be removed, because the model refers to its row; set its ...
    """

    row: int
    instead: ClassVar[str]

    def remove(self) -> None:
        """Refuse to remove the agent: children, cases and ties refer to its row, which therefore has to stay.

        Raises:
            RuntimeError: always; the message says what to do instead.
        """
        raise RuntimeError(f"{self!r} cannot be removed, because the model refers to its row; {self.instead}")
