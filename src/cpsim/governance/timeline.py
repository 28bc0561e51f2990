"""The timeline: applies the levers that are in force in a week, in order, and then the law."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cpsim.governance.context import WRITTEN, LeverContext, declare_accesses
from cpsim.governance.duties import CooperationDuties
from cpsim.governance.lever import Lever
from cpsim.stages.declarations import stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpsim.scenario.schema import Scenario
    from cpsim.stages.checks import AccessChecks


_INSTEAD_OF_WRITING = " if it belongs to governance, or else turn a dial"
"""What a lever that writes a column is to do: only dials may change what belongs to casework."""


class _Entry(NamedTuple):
    """A lever with the weeks of the run in which its effects begin, its date falls and it ends."""

    lever: Lever
    begins: int
    week: int
    end: int | None

    def is_in_force(self, week: int) -> bool:
        return self.begins <= week and (self.end is None or week < self.end)


class Timeline:
    """Applies the dated events of a scenario to the dials, week by week.

    Args:
        scenario: the scenario with the events.
        context: dials and signals, and what levers can see of the model.
        checks: checks of the debug mode, None if it is off.
    """

    def __init__(self, scenario: Scenario, context: LeverContext, checks: AccessChecks | None = None) -> None:
        self._context = context
        self._checks = checks
        self._entries = _sort_levers(scenario)
        self._memory = [entry.lever.create_memory(context) for entry in self._entries]

    def switch_scenario(self, scenario: Scenario) -> None:
        """Continue under another scenario whose levers up to the current week are the same."""
        now = self._context.week
        begun = iter([self._memory[i] for i, entry in enumerate(self._entries) if entry.begins <= now])
        self._context.settings = scenario
        self._entries = _sort_levers(scenario)
        self._memory = [
            next(begun) if entry.begins <= now else entry.lever.create_memory(self._context)
            for entry in self._entries
        ]

    @stage(reads=(), writes=WRITTEN)
    def apply_levers(self, week: int) -> None:
        """Apply the events of a week of the run, and set the dials again if any lever changes or ends."""
        self._context.week = week
        in_force = [
            (entry, memory)
            for entry, memory in zip(self._entries, self._memory, strict=True)
            if entry.is_in_force(week)
        ]
        for entry, memory in in_force:
            if entry.lever.is_event_due(week - entry.week):
                self._call(entry.lever, entry.lever.apply_event, week - entry.week, memory)
        changing = any(entry.lever.is_changing(week - entry.week) for entry, _ in in_force)
        if week == 0 or changing or any(entry.end == week for entry in self._entries):
            self._turn_all_dials(in_force)
        self._context.set_active_lever(None)

    def _turn_all_dials(self, in_force: list[tuple[_Entry, Any]]) -> None:
        self._context.reset_dials()
        for entry, memory in in_force:
            self._call(entry.lever, entry.lever.turn_dials, self._context.week - entry.week, memory)
        self._context.set_active_lever(None)
        self._context.write_dials()

    def _call(
        self, lever: Lever, method: Callable[[LeverContext, int, Any], None], since: int, memory: Any
    ) -> None:
        """Call a method of a lever; in debug mode, check that it accesses only what the lever declares."""
        self._context.set_active_lever(lever)
        if self._checks is None:
            method(self._context, since, memory)
            return
        week, declared = self._context.week, declare_accesses(lever)
        with self._checks.check(f"lever {lever.lever!r}", week, declared, _INSTEAD_OF_WRITING):
            method(self._context, since, memory)


def _sort_levers(scenario: Scenario) -> list[_Entry]:
    """Return the levers of a scenario in the order in which they are applied; the law is the last."""
    clock = scenario.clock
    entries = [
        _Entry(event, event.first_week(clock), event.effective_week(clock), event.end_week(clock))
        for event in scenario.timeline
        if isinstance(event, Lever)
    ]
    return [*sorted(entries, key=lambda entry: entry.lever.rank), _Entry(CooperationDuties(), 0, 0, None)]
