"""What a class can turn and click, and the dated lines of a timeline that come of it.

Nothing here touches a model: a click is a line of the running scenario's timeline that begins next week, so that what
the class has done is a scenario as any other. A slider that moves again ends the line that it wrote before and writes
another. Lines of one slider therefore never overlap, and the value that it shows is the value that acts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cpsim.constants import FRONT_DOOR
from cpsim.scenario.clock import date_of, warm_up_weeks
from cpsim.scenario.read import from_mapping

if TYPE_CHECKING:
    from cpsim.scenario.schema import Scenario
    from cpsim.scenario.sections import Clock

Says = Mapping[str, Any]
"""What a line of a timeline says besides its dates and the kinds of agency that it concerns."""

EVERYWHERE = ""
"""Stands among kinds of agency for a line that names none of them."""


@dataclass(frozen=True)
class Line:
    """One line that a click has written into a timeline.

    Attributes:
        control: name of what was clicked.
        says: its lever or institution, with settings.
        kinds: the kinds of agency that it concerns; `EVERYWHERE` alone if it names none.
        begins: week of the run in which it begins.
        ends: week of the run from which it holds no more; None while it holds.
    """

    control: str
    says: Says
    kinds: tuple[str, ...]
    begins: int
    ends: int | None = None

    def written(self, clock: Clock) -> dict[str, Any]:
        """The line as a scenario file has it."""
        first = -warm_up_weeks(clock)
        line = {"date": date_of(first + self.begins, clock), **self.says}
        if self.ends is not None:
            line["until"] = date_of(first + self.ends, clock)
        return line if self.kinds == (EVERYWHERE,) else {**line, "kinds": list(self.kinds)}


Lines = tuple[Line, ...]


@dataclass(frozen=True)
class Slider:
    """A setting of a lever that is moved while the system lives.

    Attributes:
        label: its name for the class.
        lever: the lever whose line it writes, which is also the name of the control.
        setting: the setting of that lever.
        low, high, step: where it can stand.
        neutral: where it changes nothing.
        unit: how its value is read: "odds", "percent" or "change".
        hint: one sentence on what it does.
        once: whether it gives a push in one week and springs back, instead of holding.
        kinds: names beside the kinds of agency for which it can be set; None if it concerns everybody at once.
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

    def says(self, value: float, law: Says) -> Says | None:
        """What a line says at a value; `law` is the duty as it stands, of which a slider changes one part.

        None: at this value nothing differs from the scenario.
        """
        if self.lever == "duty":
            duty = {**law, self.setting: value}
            return {"lever": "duty", "bound": bool(duty["awareness"] or duty["sanction"]), **duty}
        if value == self.neutral:
            return None
        if self.lever == "links":
            return {"lever": "links", "trust_gain": max(value, 0.0), "tie_cut": max(-value, 0.0)}
        return {"lever": self.lever, self.setting: value}

    def concerned(self, kinds: Iterable[str]) -> tuple[str, ...]:
        """Those of some chosen kinds of agency, or the front door, for which it can be set."""
        if self.kinds is None:
            return (EVERYWHERE,)
        return tuple(kind for kind in kinds if kind != FRONT_DOOR or FRONT_DOOR in self.kinds)

    def shown(self, value: float) -> str:
        """A value in words that a class can read."""
        if self.unit != "percent" and not value:
            return "none" if self.once else "as given"
        if self.unit == "odds":
            return f"{value:+.1f}, {'later' if value > 0 else 'sooner'}"
        if self.unit == "change":
            return f"{100 * value:+.0f} %"
        return f"{100 * value:.0f} %"


SLIDERS: tuple[Slider, ...] = (
    Slider(
        "Worry needed before acting", "thresholds", "shift", -2.0, 2.0, 0.1, 0.0, "odds",
        "How worried somebody must be before telling social care, and the front door before it accepts.",
        kinds=(FRONT_DOOR,),
    ),
    Slider(
        "Duty to share: staff who know of it", "duty", "awareness", 0.0, 1.0, 0.05, 0.0, "percent",
        "Above nothing, these agencies are bound by the duty to co-operate.",
    ),
    Slider(
        "Sanction for not sharing", "duty", "sanction", 0.0, 1.0, 0.05, 0.0, "percent",
        "How strong the sanction is that follows if they keep silent; it binds them too.",
    ),
    Slider(
        "Attention to signs", "attention_practice", "factor", 0.5, 1.5, 0.05, 1.0, "percent",
        "Share of the usual signs to which somebody attends.",
    ),
    Slider(
        "Staff hours in social care", "budget", "step", -0.5, 0.5, 0.05, 0.0, "change",
        "Hours of social work that money buys, and that are paid for.", kinds=None,
    ),
    Slider(
        "Push on trust, once", "links", "trust_gain", -0.8, 0.8, 0.1, 0.0, "change",
        "To the right, this share of the missing trust in ties is won; to the left, of what trust there is, lost.",
        once=True, kinds=(FRONT_DOOR,),
    ),
)  # fmt: skip
"""The sliders, in their order on the page; lessons call them by their labels.

Trust lives on by itself, so that it can be pushed but not held.
"""


@dataclass(frozen=True)
class Button:
    """An event that is clicked.

    Attributes:
        label: its name for the class.
        says: the line that it writes.
        hint: one sentence on what it does.
        holds: whether it goes on until it is clicked again; if not, each click is another event.
        undo: its name while it holds.
        control: name under which its lines stand: its own, or that of the slider that it sets.
        kinds: the kinds of agency that the line names.
    """

    label: str
    says: Says
    hint: str
    holds: bool = False
    undo: str = ""
    control: str = ""
    kinds: tuple[str, ...] = (EVERYWHERE,)

    @property
    def name(self) -> str:
        """The control whose lines it writes."""
        return self.control or str(self.says["lever"])


BUTTONS: tuple[Button, ...] = (
    Button(
        "Merge departments", {"lever": "department_merger", "announced_weeks": 0},
        "Education and social care become one department next week: ties break, attention turns inwards.",
    ),
    Button(
        "Pool budgets", {"lever": "pooled_budget"},
        "Council and health put money for joint packages into one pot.", holds=True, undo="End the pool",
    ),
    Button(
        "Cut budgets", {"lever": "budget_cut"},
        "Money for social work falls by 4 % now and every year.", holds=True, undo="End the cuts",
    ),
    Button(
        "Scandal", {"lever": "scandal_pulse"},
        "A publicised death: everybody acts on less worry, and some of that stays.",
    ),
    Button(
        "Duty on schools", {"lever": "duty", "bound": True, "awareness": 0.45, "sanction": 0.0},
        "Schools are bound to co-operate; 45 % of their staff know. The sliders of the duty show it.",
        holds=True, undo="Free schools of the duty", control="duty", kinds=("school",),
    ),
    Button(
        "Leave the database on", {"lever": "tracking_system"},
        "An index shows which agencies know a child, until it is switched off.",
        holds=True, undo="Switch the database off",
    ),
)  # fmt: skip
"""The buttons, in their order on the page; lessons call them by their labels."""


def held(lines: Lines, control: str) -> dict[str, Says]:
    """What a control says now, or from next week on, of each kind of agency for which it says anything."""
    return {
        kind: line.says
        for line in lines
        if line.control == control and line.ends is None
        for kind in line.kinds
    }


def turned(lines: Lines, control: str, wanted: Mapping[str, Says | None], week: int) -> Lines:
    """The lines after a control that holds was turned.

    Args:
        lines: those written so far.
        control: what was turned.
        wanted: what it is to say from now on, by kind of agency; None for what the scenario says.
        week: the week of the run that is lived next; a line that has not begun by then is replaced without a trace.
    """
    now = held(lines, control)
    after = {kind: says for kind, says in {**now, **wanted}.items() if says is not None}
    kept: list[Line] = []
    to_say = dict(after)
    for line in lines:
        if line.control != control or line.ends is not None:
            kept.append(line)
        elif all(after.get(kind) == line.says for kind in line.kinds):
            kept.append(line)
            to_say = {kind: says for kind, says in to_say.items() if kind not in line.kinds}
        elif line.begins < week:
            kept.append(replace(line, ends=week))
    return (*kept, *_grouped(control, to_say, week))


def _grouped(control: str, said: Mapping[str, Says], week: int) -> list[Line]:
    """One line for all kinds of agency of which the same is said."""
    groups: list[tuple[Says, list[str]]] = []
    for kind, says in said.items():
        for other, kinds in groups:
            if other == says:
                kinds.append(kind)
                break
        else:
            groups.append((says, [kind]))
    return [Line(control, says, tuple(kinds), week) for says, kinds in groups]


def happened(lines: Lines, control: str, says: Says | None, kinds: tuple[str, ...], week: int) -> Lines:
    """The lines with something that happens once, in `week`; it takes the place of what was to happen there."""
    kept = tuple(line for line in lines if line.control != control or line.begins < week)
    return kept if says is None else (*kept, Line(control, says, kinds, week))


def pending(lines: Lines, control: str, week: int) -> Line | None:
    """The line of a control that begins in `week`, the one that is lived next; None if there is none."""
    return next((line for line in lines if line.control == control and line.begins >= week), None)


def played(base: Scenario, lines: Lines) -> Scenario:
    """The scenario that the class has made of `base`.

    Raises:
        ScenarioError: a line is no valid event of this scenario.
    """
    tree = base.model_dump(mode="python")
    events = [*tree["timeline"], *(line.written(base.clock) for line in lines)]
    tree["timeline"] = sorted(events, key=lambda event: event["date"] or dt.date.min)
    return from_mapping(tree)
