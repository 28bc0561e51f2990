"""The sliders and buttons of the demo, and the dated lines of a timeline that they write.

Nothing here changes a model. A click adds a line to the running scenario's timeline that begins next week, so the
result of a lesson is an ordinary scenario. A slider that moves again ends its earlier line and adds a new one, so
lines of one slider never overlap, and the value that the slider shows is the value in force.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cpsim.constants import FRONT_DOOR
from cpsim.formatting import add_sign, format_percent_setting, format_setting
from cpsim.scenario.clock import date_of, warm_up_weeks
from cpsim.scenario.read import from_mapping

if TYPE_CHECKING:
    from cpsim.scenario.schema import Scenario
    from cpsim.scenario.sections import ClockSettings

LineSettings = Mapping[str, Any]
"""The settings of a line of a timeline, without its dates and the kinds of agency that it applies to."""

EVERYWHERE = ""
"""Takes the place of a kind of agency in a line that names none."""


@dataclass(frozen=True)
class ControlLine:
    """One line that a control has added to a timeline.

    Attributes:
        control: name of the slider or button.
        settings: its lever or institution, with the settings.
        kinds: the kinds of agency that it applies to; `EVERYWHERE` alone if it names none.
        start: week of the run in which it begins.
        end: week of the run in which it no longer applies; None while it applies.
    """

    control: str
    settings: LineSettings
    kinds: tuple[str, ...]
    start: int
    end: int | None = None

    def to_event(self, clock: ClockSettings) -> dict[str, Any]:
        """Return the line as an event of a scenario file's timeline."""
        first = -warm_up_weeks(clock)
        line = {"date": date_of(first + self.start, clock), **self.settings}
        if self.end is not None:
            line["until"] = date_of(first + self.end, clock)
        return line if self.kinds == (EVERYWHERE,) else {**line, "kinds": list(self.kinds)}


ControlLines = tuple[ControlLine, ...]


@dataclass(frozen=True)
class Slider:
    """A slider for one setting of a lever.

    Attributes:
        label: its label on the page.
        lever: the lever whose lines it writes, which is also the name of the control.
        setting: the setting of that lever.
        low, high, step: its range and its step.
        neutral: the value at which it changes nothing.
        unit: how its value is formatted: "odds", "percent" or "change".
        hint: one sentence on what it does.
        once: whether it acts in one week only and returns to its neutral value, instead of staying in force.
        kinds: names for which it can be set in addition to the kinds of agency; None if it applies to all at once.
    """

    label: str
    lever: str
    setting: str
    low: float
    high: float
    step: float
    neutral: float
    unit: str
    hint: str
    once: bool = False
    kinds: tuple[str, ...] | None = ()

    def create_settings(self, value: float, duty: LineSettings) -> LineSettings | None:
        """Return the settings of a line at a value, or None if the value leaves the scenario unchanged.

        Args:
            value: position of the slider.
            duty: the duty in force, of which a slider of the duty changes one part; others ignore it.

        >>> SLIDERS[0].create_settings(-0.5, {})
        {'lever': 'thresholds', 'shift': -0.5}
        """
        if self.lever == "duty":
            changed = {**duty, self.setting: value}
            return {"lever": "duty", "bound": bool(changed["awareness"] or changed["sanction"]), **changed}
        if value == self.neutral:
            return None
        if self.lever == "links":
            return {"lever": "links", "trust_gain": max(value, 0.0), "tie_cut": max(-value, 0.0)}
        return {"lever": self.lever, self.setting: value}

    def select_kinds(self, kinds: Iterable[str]) -> tuple[str, ...]:
        """Select from chosen kinds of agency, and the front door, those for which the slider can be set."""
        if self.kinds is None:
            return (EVERYWHERE,)
        return tuple(kind for kind in kinds if kind != FRONT_DOOR or FRONT_DOOR in self.kinds)

    def format_value(self, value: float) -> str:
        """Format a value for the page.

        >>> SLIDERS[0].format_value(0.5), SLIDERS[0].format_value(0.0)
        ('+0.5, later', 'no change')
        """
        if self.unit != "percent" and not value:
            return "none" if self.once else "no change"
        if self.unit == "odds":
            return f"{add_sign(format_setting(value))}, {'later' if value > 0 else 'sooner'}"
        percent = format_percent_setting(value)
        return add_sign(percent) if self.unit == "change" else percent


SLIDERS: tuple[Slider, ...] = (
    Slider(
        "Concern needed before acting", "thresholds", "shift", -2.0, 2.0, 0.1, 0.0, "odds",
        "How concerned an agency must be before it shares, and the front door before it accepts a referral.",
        kinds=(FRONT_DOOR,),
    ),
    Slider(
        "Duty to share: staff who know of it", "duty", "awareness", 0.0, 1.0, 0.05, 0.0, "percent",
        "Above 0%, the duty to co-operate binds these agencies.",
    ),
    Slider(
        "Sanction for not sharing", "duty", "sanction", 0.0, 1.0, 0.05, 0.0, "percent",
        "How strong the sanction is if they do not share; above 0%, the duty binds them.",
    ),
    Slider(
        "Attention to signs", "attention_practice", "factor", 0.5, 1.5, 0.05, 1.0, "percent",
        "How likely staff are to notice a sign, compared with usual.",
    ),
    Slider(
        "Staff hours in social care", "budget", "step", -0.5, 0.5, 0.05, 0.0, "change",
        "Hours of social work, which change with the money spent on them.", kinds=None,
    ),
    Slider(
        "Change in trust, once", "links", "trust_gain", -0.8, 0.8, 0.1, 0.0, "change",
        "To the right, ties gain this share of the trust they lack; to the left, they lose this share of their trust.",
        once=True, kinds=(FRONT_DOOR,),
    ),
)  # fmt: skip
"""The sliders, in their order on the page.

Trust changes in every week with the use of the ties, so a slider can change it once but not hold it.
"""


@dataclass(frozen=True)
class Button:
    """A button that adds an event to the timeline.

    Attributes:
        label: its label on the page.
        settings: the settings of the line that it writes.
        hint: one sentence on what it does.
        lasting: whether the event lasts until the next click; if not, each click adds another event.
        end_label: its label while the event lasts.
        control: name of the control whose lines it writes, if it sets a slider.
        kinds: the kinds of agency that the line names.
    """

    label: str
    settings: LineSettings
    hint: str
    lasting: bool = False
    end_label: str = ""
    control: str = ""
    kinds: tuple[str, ...] = (EVERYWHERE,)

    @property
    def name(self) -> str:
        """Name of the control whose lines it writes."""
        return self.control or str(self.settings["lever"])


BUTTONS: tuple[Button, ...] = (
    Button(
        "Merge departments", {"lever": "department_merger", "announced_weeks": 0},
        "Education and social care become one department next week: ties are cut, and attention drops for a time.",
    ),
    Button(
        "Pool budgets", {"lever": "pooled_budget"},
        "Council and health services pay for joint care packages from one budget.",
        lasting=True, end_label="End the pooled budget",
    ),
    Button(
        "Cut budgets", {"lever": "budget_cut"},
        "Money for social work falls by 4% now and every year.", lasting=True, end_label="End the cuts",
    ),
    Button(
        "Scandal", {"lever": "scandal_pulse"},
        "A publicised death: all agencies act on less concern, and part of the change stays.",
    ),
    Button(
        "Duty on schools", {"lever": "duty", "bound": True, "awareness": 0.45, "sanction": 0.0},
        "Schools are bound to co-operate; 45% of their staff know. The sliders of the duty show it.",
        lasting=True, end_label="Release schools from the duty", control="duty", kinds=("school",),
    ),
    Button(
        "Leave the database on", {"lever": "tracking_system"},
        "An index shows which agencies know a child, until it is switched off.",
        lasting=True, end_label="Switch the database off",
    ),
)  # fmt: skip
"""The buttons, in their order on the page; lessons name them by their labels."""


def find_current_settings(lines: ControlLines, control: str) -> dict[str, LineSettings]:
    """Return the settings that a control has in force, now or from next week on, by kind of agency."""
    return {
        kind: line.settings
        for line in lines
        if line.control == control and line.end is None
        for kind in line.kinds
    }


def change_settings(
    lines: ControlLines, control: str, wanted: Mapping[str, LineSettings | None], week: int
) -> ControlLines:
    """Return the lines after a lasting control was changed.

    Args:
        lines: the lines so far.
        control: name of the control.
        wanted: its new settings by kind of agency; None returns a kind to the settings of the scenario.
        week: the next week of the run to be simulated. A line that has not begun before it is replaced, not ended.

    >>> lines = change_settings((), "budget", {"": {"lever": "budget", "step": 0.1}}, week=60)
    >>> [(line.start, line.end) for line in change_settings(lines, "budget", {"": None}, week=70)]
    [(60, 70)]
    """
    now = find_current_settings(lines, control)
    after = {kind: settings for kind, settings in {**now, **wanted}.items() if settings is not None}
    result: list[ControlLine] = []
    to_add = dict(after)
    for line in lines:
        if line.control != control or line.end is not None:
            result.append(line)
        elif all(after.get(kind) == line.settings for kind in line.kinds):
            result.append(line)
            to_add = {kind: settings for kind, settings in to_add.items() if kind not in line.kinds}
        elif line.start < week:
            result.append(replace(line, end=week))
    return (*result, *_group_kinds(control, to_add, week))


def _group_kinds(control: str, by_kind: Mapping[str, LineSettings], week: int) -> list[ControlLine]:
    """Create one line for all kinds of agency with the same settings."""
    groups: list[tuple[LineSettings, list[str]]] = []
    for kind, settings in by_kind.items():
        for other, kinds in groups:
            if other == settings:
                kinds.append(kind)
                break
        else:
            groups.append((settings, [kind]))
    return [ControlLine(control, settings, tuple(kinds), week) for settings, kinds in groups]


def add_event(
    lines: ControlLines, control: str, settings: LineSettings | None, kinds: tuple[str, ...], week: int
) -> ControlLines:
    """Return the lines with an event that happens once, in `week`, instead of a pending event of the same control.

    Args:
        lines: the lines so far.
        control: name of the control.
        settings: the settings of the event; None only removes the pending event.
        kinds: the kinds of agency that the event names.
        week: the next week of the run to be simulated.
    """
    others = tuple(line for line in lines if line.control != control or line.start < week)
    return others if settings is None else (*others, ControlLine(control, settings, kinds, week))


def find_pending_line(lines: ControlLines, control: str, week: int) -> ControlLine | None:
    """Return the line of a control that begins in `week`, the next to be simulated, or None."""
    return next((line for line in lines if line.control == control and line.start >= week), None)


def build_scenario(base: Scenario, lines: ControlLines) -> Scenario:
    """Return the scenario `base` with the lines added to its timeline.

    Raises:
        ScenarioError: a line is not a valid event of this scenario.
    """
    tree = base.model_dump(mode="python")
    events = [*tree["timeline"], *(line.to_event(base.clock) for line in lines)]
    tree["timeline"] = sorted(events, key=lambda event: event["date"] or dt.date.min)
    return from_mapping(tree)
