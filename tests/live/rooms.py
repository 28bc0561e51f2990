"""Classrooms with a tiny authority, for tests without a browser."""

import datetime as dt
from typing import Any

from cpsim.live.controls import BUTTONS, SLIDERS, Button, Slider
from cpsim.live.session import Classroom, Show, find_opening_week
from cpsim.live.shared_history import SharedHistories
from cpsim.scenario.read import from_mapping, load
from cpsim.scenario.schema import Scenario

TINY = ("population.children=2000", "clock.warm_up_years=2", "clock.years=2")


def tiny_scenario(name: str = "tiny", **sections: Any) -> Scenario:
    """Build a scenario of the tiny authority; `sections` replace whole sections."""
    tree = load("small", TINY).model_dump(mode="python")
    return from_mapping({**tree, "name": name, **sections})


HISTORIES = SharedHistories()
"""The histories of the classrooms of a process, each of which gets a fork."""


def create_show(
    *scenarios: Scenario,
    seed: int = 1,
    opens: dt.date | None = None,
    histories: SharedHistories | None = None,
) -> Show:
    """Create a show with a history of its own, or one of these."""
    return Show(scenarios, seed, find_opening_week(scenarios[0], opens), histories or SharedHistories())


def open_classroom(*scenarios: Scenario, seed: int = 1) -> Classroom:
    """Open a classroom with some scenarios, by default the tiny authority alone."""
    show = create_show(*(scenarios or (tiny_scenario(),)), seed=seed, histories=HISTORIES)
    classroom = Classroom(show, seed)
    classroom.history.wait(60)
    classroom.open()
    return classroom


def step_weeks(classroom: Classroom, weeks: int) -> None:
    for _ in range(weeks):
        classroom.step()


def find_slider(label: str) -> Slider:
    return next(find_slider for find_slider in SLIDERS if find_slider.label == label)


def find_button(label: str) -> Button:
    return next(find_button for find_button in BUTTONS if find_button.label == label)
