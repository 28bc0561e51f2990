"""A tiny authority on show, for tests without a browser."""

import datetime as dt
from typing import Any

from cpsim.scenario.read import from_mapping, load
from cpsim.scenario.schema import Scenario
from cpsim.visualiser.classroom import Classroom, Show, week_of_opening
from cpsim.visualiser.controls import BUTTONS, SLIDERS, Button, Slider
from cpsim.visualiser.past import Pasts

TINY = ("population.children=2000", "clock.warm_up_years=2", "clock.years=2")


def tiny(name: str = "tiny", **sections: Any) -> Scenario:
    """A scenario of the tiny authority with whole sections of its own."""
    tree = load("small", TINY).model_dump(mode="python")
    return from_mapping({**tree, "name": name, **sections})


def show_of(*scenarios: Scenario, seed: int = 1, opens: dt.date | None = None) -> Show:
    return Show(scenarios, seed, week_of_opening(scenarios[0], opens), Pasts())


def room_of(*scenarios: Scenario, seed: int = 1) -> Classroom:
    """A class that is open, before the scenarios, or before the tiny authority alone."""
    room = Classroom(show_of(*(scenarios or (tiny(),)), seed=seed), seed)
    room.past.wait(60)
    room.open()
    return room


def live(room: Classroom, weeks: int) -> None:
    for _ in range(weeks):
        room.step()


def slider(label: str) -> Slider:
    return next(slider for slider in SLIDERS if slider.label == label)


def button(label: str) -> Button:
    return next(button for button in BUTTONS if button.label == label)
