"""Duties to cooperate (M6): who is bound, who knows of it, which sanction follows; all may change on a date."""

import numpy as np

from cpsim.agents.columns import Table
from cpsim.scenario.clock import run_week_of
from cpsim.scenario.schema import Duty, DutyEvent, Scenario


class Duties:
    """Turns `share_bar_shift` of the organisations: a known duty and a sanction lower the bar for sharing."""

    def __init__(self, scenario: Scenario) -> None:
        self._sharing = scenario.sharing
        self._kinds = list(scenario.agencies)
        self._now = {kind: scenario.duties.get(kind, _EXEMPT) for kind in self._kinds}
        self._events: dict[int, list[DutyEvent]] = {}
        for event in scenario.timeline:
            self._events.setdefault(run_week_of(event.date, scenario.clock), []).append(event)

    @classmethod
    def continued(cls, scenario: Scenario, week: int) -> "Duties":
        """The duties of `scenario` as they stand before `week`."""
        duties = cls(scenario)
        for earlier in sorted(duties._events):
            if earlier < week:
                duties._apply(earlier)
        return duties

    def turn(self, organisations: Table, week: int) -> None:
        """Turn the dial in the first week and whenever an event says so."""
        self._apply(week)
        if week == 0 or week in self._events:
            shift = np.array([self._shift(self._now[kind]) for kind in self._kinds])
            bound = np.array([self._now[kind].bound for kind in self._kinds])
            organisations["share_bar_shift"] = shift[organisations["kind"]]
            organisations["duty_bound"] = bound[organisations["kind"]]

    def _apply(self, week: int) -> None:
        for event in self._events.get(week, ()):
            said = event.model_dump(include={"bound", "awareness", "sanction"}, exclude_none=True)
            for kind in event.kinds:
                self._now[kind] = self._now[kind].model_copy(update=said)

    def _shift(self, duty: Duty) -> float:
        if not duty.bound:
            return 0.0
        return -(self._sharing.duty_effect * duty.awareness + self._sharing.sanction_effect * duty.sanction)


_EXEMPT = Duty(bound=False)
