"""The classroom: one system, or two on the same children, as a Mesa model that steps them together."""

from __future__ import annotations

import datetime as dt
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mesa

from cpsim.agents.roster import release_model
from cpsim.constants import FRONT_DOOR, WEEKS_PER_YEAR
from cpsim.live.controls import (
    Button,
    ControlLines,
    Slider,
    add_event,
    build_scenario,
    change_settings,
    find_current_settings,
    find_pending_line,
)
from cpsim.live.shared_history import SharedHistories
from cpsim.live.snapshot import ModelViewer
from cpsim.scenario.clock import date_of, warm_up_weeks
from cpsim.scenario.read import to_yaml
from cpsim.seeds import read_seed
from cpsim.world.differences import describe_other_children

if TYPE_CHECKING:
    from cpsim.model import ChildProtectionModel
    from cpsim.scenario.schema import Scenario


@dataclass(frozen=True)
class Show:
    """The settings of a show, which are the same for every tab.

    Attributes:
        scenarios: one scenario, or two on the same children.
        seed: the seed with which a tab begins.
        opening_week: week of the run in which the show opens, from 1 on.
        histories: the simulated histories, shared by all tabs.
    """

    scenarios: tuple[Scenario, ...]
    seed: int
    opening_week: int
    histories: SharedHistories

    @property
    def name(self) -> str:
        """Names of the scenarios, joined by "and"."""
        return " and ".join(scenario.name for scenario in self.scenarios)


class System:
    """One of the systems of a classroom: a scenario, the changes that the class has made, and the model.

    Args:
        base: the scenario without the changes of the class.
        model: the model that runs it.
        left: the system on the same children to its left, if there is one.

    Attributes:
        lines: the lines that the class has added to the timeline.
        viewer: prepares what the page shows of the model.
    """

    def __init__(self, base: Scenario, model: ChildProtectionModel, left: System | None = None) -> None:
        self.base, self.model = base, model
        self.lines: ControlLines = ()
        self.viewer: ModelViewer = ModelViewer(model, left.viewer if left else None)

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.base.name

    @property
    def scenario(self) -> Scenario:
        """The scenario with all changes of the class."""
        return self.model.settings

    # -- sliders and buttons

    def read_slider(self, slider: Slider, kind: str) -> float:
        """Return the value of a slider for a kind of agency: in force now, or from next week on."""
        if slider.once:
            line = find_pending_line(self.lines, slider.lever, self.model.week)
            change = 0.0
            if line and kind in line.kinds:
                change = line.settings["trust_gain"] or -line.settings["tie_cut"]
            return float(change)
        settings = find_current_settings(self.lines, slider.lever).get(kind, {})
        if slider.lever == "duty":
            return float(self._find_duty(kind)[slider.setting])
        return float(settings.get(slider.setting, slider.neutral))

    def _find_duty(self, kind: str) -> Mapping[str, float]:
        """Return the duty of a kind of agency: in force now, or from next week on."""
        lines = tuple(line for line in self.lines if kind in line.kinds)
        pending = find_pending_line(lines, "duty", self.model.week)
        if pending is not None:
            return {part: pending.settings[part] for part in ("awareness", "sanction")}
        organisations = self.model.tables["organisations"]
        rows = organisations["kind"] == self.model.kinds.index(kind)
        bound = organisations["duty_bound"][rows]
        return {
            part: float((organisations[f"duty_{part}"][rows] * bound).max(initial=0.0))
            for part in ("awareness", "sanction")
        }

    def move(self, slider: Slider, kinds: Iterable[str], value: float) -> None:
        """Move a slider for some kinds of agency; the change begins next week.

        Raises:
            ScenarioError: the scenario does not allow the value.
        """
        selected = slider.select_kinds(kind for kind in kinds if kind in (*self.model.kinds, FRONT_DOOR))
        if slider.once:
            settings = slider.create_settings(value, {})
            self._apply(add_event(self.lines, slider.lever, settings, selected, self.model.week))
            return
        duty = {kind: self._find_duty(kind) if slider.lever == "duty" else {} for kind in selected}
        wanted = {kind: slider.create_settings(value, duty[kind]) for kind in selected}
        self._apply(change_settings(self.lines, slider.lever, wanted, self.model.week))

    def is_on(self, button: Button) -> bool:
        """Whether the event of a button is in force, or begins next week."""
        if button.lasting:
            current = find_current_settings(self.lines, button.name)
            return all(current.get(kind) == button.settings for kind in button.kinds)
        return find_pending_line(self.lines, button.name, self.model.week) is not None

    def press(self, button: Button) -> None:
        """Press a button: its event begins next week or, if it is on, ends next week or is cancelled.

        Raises:
            ScenarioError: the scenario does not allow the event.
        """
        settings = None if self.is_on(button) else button.settings
        week = self.model.week
        if button.lasting:
            self._apply(change_settings(self.lines, button.name, dict.fromkeys(button.kinds, settings), week))
        else:
            self._apply(add_event(self.lines, button.name, settings, button.kinds, week))

    def _apply(self, lines: ControlLines) -> None:
        if self.model.running:
            self.model.switch_scenario(build_scenario(self.base, lines))
            self.lines = lines

    # -- downloads

    def scenario_to_yaml(self) -> str:
        """Return the scenario with all changes of the class as YAML for `cpsim run`."""
        name = f"{self.name[:180]}, as played" if self.lines else self.name
        return to_yaml(self.scenario.model_copy(update={"name": name}))

    def summary_to_json(self) -> str:
        """Return the `summary.json` of the run, which must have finished."""
        return self.model.result().summary_to_json()


class Classroom(mesa.Model):
    """The systems of one tab; Mesa's controller steps them, and Reset creates a new classroom.

    A classroom opens when its history has been simulated. An error in a week stops this classroom and is shown on its
    page; the server and all other tabs continue.

    Args:
        show: the settings of the show.
        seed: whole number from 0 to `MAX_SEED`.

    Attributes:
        systems: one or two systems; empty until the classroom opens.
        lock: to be held while stepping or changing a system, because play and clicks run in different threads.
        error: message for the class about an error; empty if there is none.
    """

    def __init__(self, show: Show, seed: int = 1) -> None:
        seed = read_seed(seed)
        super().__init__(rng=seed)
        self.show, self.seed = show, seed
        self.history = show.histories.get(show.scenarios, self.seed, show.opening_week)
        self.systems: tuple[System, ...] = ()
        self.lock = threading.RLock()
        self.error = ""
        self._closed = False
        self._stop_week: int | None = None
        if self.history.is_finished:
            self.open()

    def open(self) -> None:
        """Create the systems from the history, which must have finished."""
        with self.lock:
            if self._closed or self.systems:
                return
            systems: list[System] = []
            try:
                for scenario, model in zip(self.show.scenarios, self.history.fork(), strict=True):
                    systems.append(System(scenario, model, *systems))
            except Exception as error:  # noqa: BLE001  any error is shown on the page
                self._report_error("The years before the show", error)
                return
            self.systems = tuple(systems)

    def step(self) -> None:
        """Simulate one week in every system."""
        with self.lock:
            if not (self.systems and self.running):
                return
            try:
                for system in self.systems:
                    system.model.step()
                for system in self.systems:
                    system.viewer.record_week()
            except Exception as error:  # noqa: BLE001  any error is shown on the page, and the server continues
                self._report_error("This week", error)
                return
            self.running = not (self.is_finished or self.is_stopped)

    def stop_at(self, week: int | None) -> None:
        """Stop play at a week, counted from week 0, until the next call; None lets it run to the end."""
        with self.lock:
            self._stop_week = week
            self.running = not (self._closed or self.is_finished or self.is_stopped)

    @property
    def is_stopped(self) -> bool:
        """Whether play has reached the week of `stop_at`."""
        return bool(self.systems) and self._stop_week is not None and self.week >= self._stop_week

    @property
    def is_finished(self) -> bool:
        """Whether every system has simulated all its weeks."""
        return bool(self.systems) and not any(system.model.running for system in self.systems)

    def close(self) -> None:
        """Release the systems and stop all further steps."""
        with self.lock:
            self._closed, self.running = True, False
            for system in self.systems:
                release_model(system.model)
            self.systems = ()
            release_model(self)

    @property
    def is_closed(self) -> bool:
        """Whether it has been closed."""
        return self._closed

    def _report_error(self, what: str, error: Exception) -> None:
        self.running = False
        self.error = f"{what} could not be simulated: {str(error) or type(error).__name__}. Press Reset to start again."
        traceback.print_exception(error, file=sys.stderr)

    # -- time

    @property
    def week(self) -> int:
        """The next week to be simulated, counted from week 0; negative before the evaluated weeks."""
        model = self.systems[0].model
        return model.week - model.world.warm_up

    @property
    def day(self) -> dt.date:
        """First day of the next week to be simulated."""
        return date_of(self.week, self.systems[0].base.clock)


def find_opening_week(scenario: Scenario, day: dt.date | None) -> int:
    """Return the week of the run in which a show opens: on `day`, or a year before the first evaluated week.

    Raises:
        ValueError: the day is outside the run.
    """
    clock = scenario.clock
    warm_up = warm_up_weeks(clock)
    if day is None:
        return max(warm_up - WEEKS_PER_YEAR, 1)
    week = warm_up + (day - clock.start).days // 7
    first, last = date_of(1 - warm_up, clock), date_of(WEEKS_PER_YEAR * clock.years, clock)
    if not first <= day < last:
        raise ValueError(f"{day} is outside the run; the show can start on any day from {first} to {last}")
    return week


def check_same_children(one: Scenario, other: Scenario) -> None:
    """Check that two scenarios have the same children for every seed.

    Raises:
        ValueError: they do not; the message names the settings that differ, and how to make them equal.
    """
    if difference := describe_other_children(one, other):
        raise ValueError(
            f"{one.name} and {other.name} do not have the same children, so they cannot be shown side by side; "
            f"{difference}"
        )
