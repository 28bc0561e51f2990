"""The side of the page: what the teacher plays, turns, clicks and takes home."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import solara
from mesa.visualization.solara_viz import ModelController, ModelCreator
from mesa.visualization.utils import force_update, update_counter

from cpsim.constants import FRONT_DOOR, WEEKS_PER_YEAR
from cpsim.visualiser.controls import BUTTONS, SLIDERS, Button, Slider
from cpsim.visualiser.lesson_panel import Guide
from cpsim.visualiser.shapes import styles_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpsim.visualiser.classroom import Classroom, System

_SPEEDS: dict[str, tuple[int, int]] = {
    "1 week a second": (1000, 1),
    "2 weeks a second": (500, 1),
    "5 weeks a second": (200, 1),
    "10 weeks a second": (100, 1),
    "half a year a second": (150, 4),
    "as fast as it goes": (20, 13),
}
"""How fast a show plays: milliseconds between pictures, and weeks from one picture to the next."""

_USUAL_SPEED = "5 weeks a second"
_WEEKS_A_PICTURE = 4
"""How many weeks of a year that is stepped at once go into a picture; it divides a year."""

_ALL = "All agencies"
_BOTH = "both"
_SEEDS = 51


@solara.component
def Panel(room: solara.Reactive[Classroom]) -> None:
    """Everything that is clicked, for a class that is open."""
    with solara.Column(gap="6px", classes=["cpsim-panel"]):
        Player(room)
        lesson = room.value.show.lesson
        if lesson is not None:
            Guide(room.value, lesson)
        Changes(room.value)
        Home(room.value)


@solara.component
def Player(room: solara.Reactive[Classroom]) -> None:
    """Play, pause, a week, a year, speed, reset and seed: Mesa's controller with what it lacks."""
    speed = solara.use_reactive(_USUAL_SPEED)
    parameters: solara.Reactive[dict[str, Any]] = solara.use_reactive({})
    interval, weeks = (solara.use_reactive(usual) for usual in _SPEEDS[_USUAL_SPEED])

    def set_speed(name: str) -> None:
        speed.value = name
        interval.value, weeks.value = _SPEEDS[name]

    def live_a_year() -> None:
        for week in range(1, WEEKS_PER_YEAR + 1):
            room.value.step()
            if week % _WEEKS_A_PICTURE == 0:
                force_update()

    with solara.Card(margin=0, elevation=0, classes=["cpsim-player"]):
        Playing(room, parameters, interval, weeks)
        with solara.Row(justify="space-between"):
            solara.Button("Step a year", on_click=live_a_year, outlined=True, color="primary")
            solara.Select("Speed", value=speed.value, on_value=set_speed, values=list(_SPEEDS), dense=True)
        ModelCreator(
            room,
            {
                "show": room.value.show,
                "seed": {
                    "type": "Select",
                    "label": "Seed from the next reset on",
                    "value": room.value.seed,
                    "values": sorted({*range(_SEEDS), room.value.seed}),
                },
            },
            model_parameters=parameters,
        )


@solara.component
def Playing(
    room: solara.Reactive[Classroom],
    parameters: solara.Reactive[dict[str, Any]],
    interval: solara.Reactive[int],
    weeks: solara.Reactive[int],
) -> None:
    """Mesa's controller of one class; where a lesson lets play stand still, one that does not play takes its place.

    Nobody but the controller itself knows whether it plays, so it cannot be told to pause.
    """
    update_counter.get()
    in_another_thread = solara.use_reactive(False)
    ModelController(
        solara.use_memo(lambda: _Held(room), [room.value]),
        model_parameters=parameters,
        play_interval=interval,
        render_interval=weeks,
        use_threads=in_another_thread,
    ).key(f"{id(room.value)}-stands-{room.value.stands}")


class _Held:
    """A class as Mesa's controller holds it: always the one with which it began; what Reset makes goes to the tab.

    A play that is under way ends a week late, and that week must not be lived by the new class.
    """

    def __init__(self, room: solara.Reactive[Classroom]) -> None:
        self._room, self._current = room, room.value

    @property
    def value(self) -> Classroom:
        """The class to be stepped."""
        return self._current

    @value.setter
    def value(self, new: Classroom) -> None:
        self._room.value = new


@solara.component
def Changes(room: Classroom) -> None:
    """Sliders and buttons, for the system or systems and the kind of agency that were chosen."""
    update_counter.get()
    side, set_side = solara.use_state(_BOTH)
    whom, set_whom = solara.use_state(_ALL)
    fault, set_fault = solara.use_state("")
    sides = dict(zip(("left", "right"), room.systems, strict=False))
    concerned = list(room.systems) if side == _BOTH else [sides[side]]
    kinds = list(dict.fromkeys(kind for system in room.systems for kind in system.model.kinds))
    by_label = {style["label"]: style["name"] for style in styles_of([*kinds, FRONT_DOOR])}
    chosen = kinds if whom == _ALL else [by_label[whom]]

    def change(do: Callable[[System], None]) -> None:
        """Do something to every system that is concerned, between two weeks, and tell what cannot be done."""
        said = ""
        with room.lock:
            try:
                for system in concerned:
                    do(system)
            except ValueError as error:
                said = str(error)
        # Only now: whoever draws holds Solara's lock, and waits for that of the room.
        set_fault(said)
        force_update()

    with solara.Card("Change the rules from next week", margin=0, elevation=0):
        if len(room.systems) > 1:
            solara.ToggleButtonsSingle(
                value=side, on_value=set_side, values=["left", _BOTH, "right"], dense=True
            )
        solara.Select("Whom it concerns", value=whom, on_value=set_whom, values=[_ALL, *by_label], dense=True)
        with room.lock:  # the law is read when a week is over
            for slider in SLIDERS:
                Turning(slider, concerned, chosen, change)
    with (
        solara.Card("Let something happen", margin=0, elevation=0),
        solara.Div(classes=["cpsim-buttons"]),
    ):
        for button in BUTTONS:
            Clicking(button, concerned, change)
    if fault:
        solara.Error(fault)


def Turning(
    slider: Slider,
    systems: list[System],
    kinds: list[str],
    change: Callable[[Callable[[System], None]], None],
) -> None:
    """One slider, where it stands for those who were chosen."""
    here = slider.concerned(kinds)
    values = [system.value(slider, kind) for system in systems for kind in here if _knows(system, kind)]
    value = max(values, key=values.count, default=slider.neutral)
    reading = slider.shown(value) if len(set(values)) < 2 else f"mostly {slider.shown(value)}"
    solara.SliderFloat(
        f"{slider.label} – {reading}" if values else slider.label,
        value=value,
        on_value=lambda value: change(lambda system: system.turn(slider, kinds, round(value, 6))),
        min=slider.low,
        max=slider.high,
        step=slider.step,
        disabled=not values,
        thumb_label=False,
    )


def _knows(system: System, kind: str) -> bool:
    return kind in (*system.model.kinds, FRONT_DOOR, "")


def Clicking(
    button: Button, systems: list[System], change: Callable[[Callable[[System], None]], None]
) -> None:
    """One button, named by what a click would do."""
    on = all(system.is_on(button) for system in systems)
    label = button.label if not on else button.undo or f"{button.label}: not after all"
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
def Home(room: Classroom) -> None:
    """What the class has done, as files."""
    update_counter.get()
    with solara.Card("Take it home", margin=0, elevation=0):
        for side, system in zip(("left", "right"), room.systems, strict=False):
            called = f" ({side})" if len(room.systems) > 1 else ""
            stem = re.sub(r"[^\w-]+", "-", f"{system.name}{called}").strip("-") + "-as-played"
            solara.FileDownload(
                system.scenario_file,
                f"{stem}.yaml",
                label=f"Download scenario{called}",
                mime_type="text/yaml",
            )
            solara.Text(f"Repeats it: cpsim run {stem}.yaml --seed {room.seed}")
            if not system.model.running:
                solara.FileDownload(
                    system.summary_file, f"{stem}-summary.json", label=f"Download summary{called}",
                    mime_type="application/json",
                )  # fmt: skip
