"""What stands before the class: one system, or two on the same children, as a Mesa model that steps them together."""

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
from cpsim.scenario.clock import date_of, warm_up_weeks
from cpsim.scenario.read import to_yaml
from cpsim.visualiser.controls import (
    Button,
    Lines,
    Slider,
    happened,
    held,
    pending,
    played,
    turned,
)
from cpsim.visualiser.past import Pasts
from cpsim.visualiser.scene import Onlooker
from cpsim.world import world_settings

if TYPE_CHECKING:
    from cpsim.model import ChildProtectionModel
    from cpsim.scenario.schema import Scenario
    from cpsim.visualiser.lessons import Lesson


@dataclass(frozen=True)
class Show:
    """What is shown: the same for every tab.

    Attributes:
        scenarios: one, or two on the same children.
        seed: the seed with which a tab begins.
        opens: week of the run in which it begins, from 1 on.
        pasts: the pasts that have been lived.
        lesson: whose prompts stand beside the model, if any.
    """

    scenarios: tuple[Scenario, ...]
    seed: int
    opens: int
    pasts: Pasts
    lesson: Lesson | None = None

    @property
    def name(self) -> str:
        """The scenarios in words."""
        return " beside ".join(scenario.name for scenario in self.scenarios)


class System:
    """One of the systems before the class: a scenario, what the class has done to it, and the model that lives it.

    Args:
        base: the scenario as it was before anybody clicked.
        model: the model that lives it.
        beside: the system on the same children that stands on its left, if any.

    Attributes:
        lines: what the class has written into the timeline.
        onlooker: who tells what is to be seen of it.
    """

    def __init__(self, base: Scenario, model: ChildProtectionModel, beside: System | None = None) -> None:
        self.base, self.model = base, model
        self.lines: Lines = ()
        self.onlooker: Onlooker = Onlooker(model, beside.onlooker if beside else None)

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.base.name

    @property
    def scenario(self) -> Scenario:
        """The scenario with all that the class has done."""
        return self.model.settings

    # -- sliders and buttons

    def value(self, slider: Slider, kind: str) -> float:
        """Where a slider stands for a kind of agency: what acts, or what will from next week on."""
        if slider.once:
            line = pending(self.lines, slider.lever, self.model.week)
            gain = (line.says["trust_gain"] or -line.says["tie_cut"]) if line and kind in line.kinds else 0.0
            return float(gain)
        line_says = held(self.lines, slider.lever).get(kind, {})
        if slider.lever == "duty":
            return float(self._law(kind)[slider.setting])
        return float(line_says.get(slider.setting, slider.neutral))

    def _law(self, kind: str) -> Mapping[str, float]:
        """The duty of a kind of agency as it stands, or will from next week on."""
        coming = pending(tuple(line for line in self.lines if kind in line.kinds), "duty", self.model.week)
        if coming is not None:
            return {part: coming.says[part] for part in ("awareness", "sanction")}
        law = self.model.lever_context.duties
        rows = self.model.tables["organisations"]["kind"] == self.model.kinds.index(kind)
        return {
            part: float((getattr(law, part) * law.bound)[rows].max(initial=0.0))
            for part in ("awareness", "sanction")
        }

    def turn(self, slider: Slider, kinds: Iterable[str], value: float) -> None:
        """Move a slider for some kinds of agency; it acts from next week on.

        Raises:
            ScenarioError: the value is none that the scenario can have.
        """
        here = slider.concerned(kind for kind in kinds if kind in (*self.model.kinds, FRONT_DOOR))
        if slider.once:
            says = slider.says(value, {})
            self._go_on_with(happened(self.lines, slider.lever, says, here, self.model.week))
            return
        law = {kind: self._law(kind) if slider.lever == "duty" else {} for kind in here}
        wanted = {kind: slider.says(value, law[kind]) for kind in here}
        self._go_on_with(turned(self.lines, slider.lever, wanted, self.model.week))

    def is_on(self, button: Button) -> bool:
        """Whether the event of a button holds, or happens next week."""
        if button.holds:
            said = held(self.lines, button.name)
            return all(said.get(kind) == button.says for kind in button.kinds)
        return pending(self.lines, button.name, self.model.week) is not None

    def press(self, button: Button) -> None:
        """Click a button: its event begins next week; or, if it is on, it ends then or does not happen after all.

        Raises:
            ScenarioError: the event is none that the scenario can have.
        """
        says = None if self.is_on(button) else button.says
        week = self.model.week
        if button.holds:
            self._go_on_with(turned(self.lines, button.name, dict.fromkeys(button.kinds, says), week))
        else:
            self._go_on_with(happened(self.lines, button.name, says, button.kinds, week))

    def _go_on_with(self, lines: Lines) -> None:
        if self.model.running:
            self.model.switch_scenario(played(self.base, lines))
            self.lines = lines

    # -- what can be taken home

    def scenario_file(self) -> str:
        """The scenario with all that the class has done, as YAML that `cpsim run` takes."""
        name = f"{self.name[:180]}, as played" if self.lines else self.name
        return to_yaml(self.scenario.model_copy(update={"name": name}))

    def summary_file(self) -> str:
        """The `summary.json` of the run, which must be over."""
        return self.model.result().summary_to_json()


class Classroom(mesa.Model):
    """The systems before one class, that is in one tab; Mesa's controller steps it, and Reset makes another.

    It is not open until the past has been lived. A fault while a week is lived stops it and is told, so that the
    server and all other tabs live on.

    Args:
        show: what is shown.
        seed: whole number from 0 on.

    Attributes:
        systems: one or two; none until it is open.
        lock: to be held by who steps or turns anything, since playing and clicking are done by different threads.
        fault: what went wrong, for the class to read; nothing if all is well.
    """

    def __init__(self, show: Show, seed: int = 1) -> None:
        super().__init__(rng=int(seed))
        self.show, self.seed = show, int(seed)
        self.past = show.pasts.of(show.scenarios, self.seed, show.opens)
        self.systems: tuple[System, ...] = ()
        self.lock = threading.RLock()
        self.fault = ""
        self._closed = False
        self._stands: int | None = None
        if self.past.over:
            self.open()

    def open(self) -> None:
        """Fork the systems from their past, which has to be over."""
        with self.lock:
            if self._closed or self.systems:
                return
            systems: list[System] = []
            try:
                for scenario, model in zip(self.show.scenarios, self.past.fork(), strict=True):
                    systems.append(System(scenario, model, *systems))
            except Exception as fault:  # noqa: BLE001  whatever it is, the class is told
                self._fail("The years before the show", fault)
                return
            self.systems = tuple(systems)

    def step(self) -> None:
        """Live one week in every system."""
        with self.lock:
            if not (self.systems and self.running):
                return
            try:
                for system in self.systems:
                    system.model.step()
                for system in self.systems:
                    system.onlooker.note()
            except Exception as fault:  # noqa: BLE001  whatever it is, the class is told and the server lives on
                self._fail("This week", fault)
                return
            self.running = not (self.over or self.stands)

    def stand_at(self, week: int | None) -> None:
        """Let play stand still at a week, from week 0, until another is named; None lets it go on to the end."""
        with self.lock:
            self._stands = week
            self.running = not (self._closed or self.over or self.stands)

    @property
    def stands(self) -> bool:
        """Whether play stands still because it was told to."""
        return bool(self.systems) and self._stands is not None and self.week >= self._stands

    @property
    def over(self) -> bool:
        """Whether every system has lived all its weeks."""
        return bool(self.systems) and not any(system.model.running for system in self.systems)

    def close(self) -> None:
        """Let go of the systems, and stop whoever goes on stepping."""
        with self.lock:
            self._closed, self.running = True, False
            for system in self.systems:
                release_model(system.model)
            self.systems = ()
            release_model(self)

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def _fail(self, what: str, fault: Exception) -> None:
        self.running = False
        self.fault = f"{what} could not be lived: {str(fault) or type(fault).__name__}. Reset begins anew."
        traceback.print_exception(fault, file=sys.stderr)

    # -- time

    @property
    def week(self) -> int:
        """Weeks since the first judged one; negative before it."""
        model = self.systems[0].model
        return model.week - model.world.warm_up

    @property
    def day(self) -> dt.date:
        """First day of the week that is lived next."""
        return date_of(self.week, self.systems[0].base.clock)


def week_of_opening(scenario: Scenario, day: dt.date | None) -> int:
    """Week of the run in which a show opens: on `day`, or a year before the first judged week.

    Raises:
        ValueError: the day lies outside the run.
    """
    clock = scenario.clock
    warm_up = warm_up_weeks(clock)
    if day is None:
        return max(warm_up - WEEKS_PER_YEAR, 1)
    week = warm_up + (day - clock.start).days // 7
    first, last = date_of(1 - warm_up, clock), date_of(WEEKS_PER_YEAR * clock.years, clock)
    if not first <= day < last:
        raise ValueError(f"{day} lies outside the show, which can begin from {first} to {last}")
    return week


def check_same_children(one: Scenario, other: Scenario) -> None:
    """Make sure that two scenarios have the same children for every seed.

    Raises:
        ValueError: they have not; the text names the settings that differ.
    """
    ours, theirs = world_settings(one), world_settings(other)
    differ = [
        f"{section}.{name}"
        for section in ("clock", "population", "harm", "other_need", "signs", "authorities", "agencies")
        for name in {**ours[section], **theirs[section]}
        if ours[section].get(name) != theirs[section].get(name)
    ]
    if ours["named"] != theirs["named"]:
        differ.append("authorities.named")
    if list(ours["agencies"]) != list(theirs["agencies"]) and not differ:
        differ.append("the order of the agencies")
    if differ:
        raise ValueError(
            f"{one.name} and {other.name} do not have the same children, so they cannot stand side by side; "
            f"they differ in {', '.join(differ)}"
        )
