"""The side panel of the page: play controls, lesson, sliders, buttons and downloads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import solara
from mesa.visualization.solara_viz import ModelController, ModelCreator
from mesa.visualization.utils import force_update, update_counter

from cpsim.browser.lesson_panel import LessonGuide
from cpsim.constants import FRONT_DOOR, WEEKS_PER_YEAR
from cpsim.lessons.lesson import LessonShow
from cpsim.live.controls import BUTTONS, EVERYWHERE, SLIDERS, Button, Slider
from cpsim.live.shapes import find_styles

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpsim.live.session import Classroom, System

_SPEEDS: dict[str, tuple[int, int]] = {
    "1 week a second": (1000, 1),
    "2 weeks a second": (500, 1),
    "5 weeks a second": (200, 1),
    "10 weeks a second": (100, 1),
    "half a year a second": (150, 4),
    "as fast as possible": (20, 13),
}
"""Speeds of play: milliseconds between frames, and weeks from one frame to the next."""

_USUAL_SPEED = "5 weeks a second"
_WEEKS_PER_FRAME = 4
"""Weeks between two frames when a year is stepped at once; a divisor of 52."""

_ALL = "All agencies"
_BOTH = "both"
_SEEDS = 51


@solara.component
def SidePanel(classroom: solara.Reactive[Classroom]) -> None:
    """All controls of an open classroom."""
    with solara.Column(gap="6px", classes=["cpsim-panel"]):
        PlayControls(classroom)
        show = classroom.value.show
        if isinstance(show, LessonShow):
            LessonGuide(classroom.value, show.lesson)
        RuleControls(classroom.value)
        Downloads(classroom.value)


@solara.component
def PlayControls(classroom: solara.Reactive[Classroom]) -> None:
    """Play, pause, a week, a year, speed, reset and seed: Mesa's controller with additions."""
    speed = solara.use_reactive(_USUAL_SPEED)
    parameters: solara.Reactive[dict[str, Any]] = solara.use_reactive({})
    interval, weeks = (solara.use_reactive(value) for value in _SPEEDS[_USUAL_SPEED])

    def set_speed(name: str) -> None:
        speed.value = name
        interval.value, weeks.value = _SPEEDS[name]

    def step_year() -> None:
        for week in range(1, WEEKS_PER_YEAR + 1):
            classroom.value.step()
            if week % _WEEKS_PER_FRAME == 0:
                force_update()

    with solara.Card(margin=0, elevation=0, classes=["cpsim-player"]):
        PlayController(classroom, parameters, interval, weeks)
        with solara.Row(justify="space-between"):
            solara.Button("Step a year", on_click=step_year, outlined=True, color="primary")
            solara.Select("Speed", value=speed.value, on_value=set_speed, values=list(_SPEEDS), dense=True)
        ModelCreator(
            classroom,
            {
                "show": classroom.value.show,
                "seed": {
                    "type": "Select",
                    "label": "Seed (used from the next reset)",
                    "value": classroom.value.seed,
                    "values": sorted({*range(_SEEDS), classroom.value.seed}),
                },
            },
            model_parameters=parameters,
        )


@solara.component
def PlayController(
    classroom: solara.Reactive[Classroom],
    parameters: solara.Reactive[dict[str, Any]],
    interval: solara.Reactive[int],
    weeks: solara.Reactive[int],
) -> None:
    """Mesa's controller of one classroom; when a lesson stops play, it is replaced by a new one that does not play.

    Whether it plays is private state of Mesa's controller, which therefore cannot be paused from outside.
    """
    update_counter.get()
    use_threads = solara.use_reactive(False)
    ModelController(
        solara.use_memo(lambda: _FixedClassroom(classroom), [classroom.value]),
        model_parameters=parameters,
        play_interval=interval,
        render_interval=weeks,
        use_threads=use_threads,
    ).key(f"{id(classroom.value)}-stopped-{classroom.value.is_stopped}")


class _FixedClassroom:
    """The classroom of one controller: always the one it began with; a new one from Reset is passed to the tab.

    When Reset is pressed during play, the controller simulates one more week, which must not be in the new classroom.
    """

    def __init__(self, classroom: solara.Reactive[Classroom]) -> None:
        self._classroom, self._current = classroom, classroom.value

    @property
    def value(self) -> Classroom:
        """The classroom to be stepped."""
        return self._current

    @value.setter
    def value(self, new: Classroom) -> None:
        self._classroom.value = new


@solara.component
def RuleControls(classroom: Classroom) -> None:
    """Sliders and buttons for the chosen systems and kind of agency."""
    update_counter.get()
    side, set_side = solara.use_state(_BOTH)
    agencies, set_agencies = solara.use_state(_ALL)
    error, set_error = solara.use_state("")
    sides = dict(zip(("left", "right"), classroom.systems, strict=False))
    systems = list(classroom.systems) if side == _BOTH else [sides[side]]
    kinds = list(dict.fromkeys(kind for system in classroom.systems for kind in system.model.kinds))
    by_label = {style["label"]: style["name"] for style in find_styles([*kinds, FRONT_DOOR])}
    chosen = kinds if agencies == _ALL else [by_label[agencies]]

    def change(action: Callable[[System], None]) -> None:
        """Apply an action to the chosen systems between two weeks, and show the message of an error."""
        message = ""
        with classroom.lock:
            try:
                for system in systems:
                    action(system)
            except ValueError as problem:
                message = str(problem)
        # Outside the lock, because a thread that renders holds Solara's lock and may wait for the classroom's.
        set_error(message)
        force_update()

    with solara.Card("Change the rules from next week", margin=0, elevation=0):
        if len(classroom.systems) > 1:
            solara.ToggleButtonsSingle(
                value=side, on_value=set_side, values=["left", _BOTH, "right"], dense=True
            )
        solara.Select("Apply to", value=agencies, on_value=set_agencies, values=[_ALL, *by_label], dense=True)
        with classroom.lock:  # the duty is read between two weeks, not within one
            for slider in SLIDERS:
                SliderControl(slider, systems, chosen, change)
    with (
        solara.Card("Add an event next week", margin=0, elevation=0),
        solara.Div(classes=["cpsim-buttons"]),
    ):
        for button in BUTTONS:
            ButtonControl(button, systems, change)
    if error:
        solara.Error(error)


def SliderControl(
    slider: Slider,
    systems: list[System],
    kinds: list[str],
    change: Callable[[Callable[[System], None]], None],
) -> None:
    """One slider at the value of the chosen systems and agencies, or at the most frequent value if they differ."""
    selected = slider.select_kinds(kinds)
    values = [
        system.read_slider(slider, kind) for system in systems for kind in selected if _has_kind(system, kind)
    ]
    value = max(values, key=values.count, default=slider.neutral)
    reading = slider.format_value(value) if len(set(values)) < 2 else f"mostly {slider.format_value(value)}"
    solara.SliderFloat(
        f"{slider.label} – {reading}" if values else slider.label,
        value=value,
        on_value=lambda value: change(lambda system: system.move(slider, kinds, round(value, 6))),
        min=slider.low,
        max=slider.high,
        step=slider.step,
        disabled=not values,
        thumb_label=False,
    )


def _has_kind(system: System, kind: str) -> bool:
    return kind in (*system.model.kinds, FRONT_DOOR, EVERYWHERE)


def ButtonControl(
    button: Button, systems: list[System], change: Callable[[Callable[[System], None]], None]
) -> None:
    """One button, labelled with what a click would do."""
    on = all(system.is_on(button) for system in systems)
    label = button.label if not on else button.end_label or f"Cancel: {button.label}"
    with solara.Tooltip(button.hint):
        solara.Button(
            label,
            color="primary" if on else None,
            outlined=not on,
            on_click=lambda: change(
                lambda system: system.press(button) if system.is_on(button) == on else None
            ),
        )


@solara.component
def Downloads(classroom: Classroom) -> None:
    """The scenario with the changes of the class and, when the run has finished, its summary, as files."""
    update_counter.get()
    with solara.Card("Download", margin=0, elevation=0):
        for side, system in zip(("left", "right"), classroom.systems, strict=False):
            suffix = f" ({side})" if len(classroom.systems) > 1 else ""
            stem = re.sub(r"[^\w-]+", "-", f"{system.name}{suffix}").strip("-") + "-as-played"
            solara.FileDownload(
                system.scenario_to_yaml,
                f"{stem}.yaml",
                label=f"Download scenario{suffix}",
                mime_type="text/yaml",
            )
            solara.Text(f"To repeat this run: cpsim run {stem}.yaml --seed {classroom.seed}")
            if not system.model.running:
                solara.FileDownload(
                    system.summary_to_json, f"{stem}-summary.json", label=f"Download summary{suffix}",
                    mime_type="application/json",
                )  # fmt: skip
