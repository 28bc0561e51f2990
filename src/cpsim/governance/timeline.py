"""The timeline: which levers are in force in a week, and when the dials have to be turned anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cpsim.governance.lever import Lever

if TYPE_CHECKING:
    from cpsim.governance.board import Board
    from cpsim.scenario.schema import Scenario


class _Entry(NamedTuple):
    """A lever, the run weeks in which it begins to matter, has its date, and ends."""

    lever: Lever
    begins: int
    week: int
    end: int | None

    def in_force(self, week: int) -> bool:
        return self.begins <= week and (self.end is None or week < self.end)


class Timeline:
    """Turns the dials of a board as the dated events of a scenario say.

    Args:
        scenario: the scenario.
        board: the dials.
    """

    def __init__(self, scenario: Scenario, board: Board) -> None:
        self._board = board
        self._entries = _entries(scenario)
        self._memory = [entry.lever.memory(board) for entry in self._entries]

    def continue_under(self, scenario: Scenario) -> None:
        """Go on under a scenario that has begun in the same way, with the same levers until now."""
        now = self._board.week
        past = iter([self._memory[i] for i, entry in enumerate(self._entries) if entry.begins <= now])
        self._board.settings = scenario
        self._entries = _entries(scenario)
        self._memory = [
            next(past) if entry.begins <= now else entry.lever.memory(self._board) for entry in self._entries
        ]

    def turn(self, week: int) -> None:
        """Let happen what happens this week, and turn the dials if any of them moves."""
        self._board.week = week
        in_force = [
            (entry, memory)
            for entry, memory in zip(self._entries, self._memory, strict=True)
            if entry.in_force(week)
        ]
        for entry, memory in in_force:
            if entry.lever.happens(week - entry.week):
                self._board.hand_to(entry.lever)
                entry.lever.happen(self._board, week - entry.week, memory)
        moves = any(entry.lever.moving(week - entry.week) for entry, _ in in_force)
        if week == 0 or moves or any(entry.end == week for entry in self._entries):
            self._turn_all(in_force)
        self._board.hand_to(None)

    def _turn_all(self, in_force: list[tuple[_Entry, Any]]) -> None:
        self._board.clear()
        for entry, memory in in_force:
            self._board.hand_to(entry.lever)
            entry.lever.turn(self._board, self._board.week - entry.week, memory)
        self._board.hand_to(None)
        self._board.write()


def _entries(scenario: Scenario) -> list[_Entry]:
    """The levers of a scenario in the order in which they are asked."""
    clock = scenario.clock
    entries = [
        _Entry(event, event.begins(clock), event.week(clock), event.ends(clock))
        for event in scenario.timeline
        if isinstance(event, Lever)
    ]
    return sorted(entries, key=lambda entry: entry.lever.rank)
