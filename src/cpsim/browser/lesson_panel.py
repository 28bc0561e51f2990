"""The panel of a lesson, which shows its prompts one at a time next to the running model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import solara
from mesa.visualization.utils import force_update, update_counter

from cpsim.formatting import format_day
from cpsim.lessons.lesson import Lesson, describe_action
from cpsim.scenario.clock import date_of
from cpsim.scenario.sections import ClockSettings

if TYPE_CHECKING:
    from cpsim.live.session import Classroom


@solara.component_vue("lesson_panel.vue")
def _Panel(
    title: str,
    question: str,
    prompts: list[dict[str, Any]],
    claims: list[str],
    town_count: int,
    at: int,
    reached: bool,
    event_go: Callable[[int], None] | None = None,
) -> None: ...


@solara.component
def LessonPanel(
    lesson: Lesson, at: int, week: int, clock: ClockSettings, on_go: Callable[[int], None]
) -> None:
    """The current prompt, with navigation by buttons, by Page Down and Page Up, or by a presenter's remote control.

    Args:
        lesson: the lesson.
        at: number of the current prompt, from 0 on.
        week: the next week to be simulated, counted from week 0.
        clock: the clock of the scenario, which gives the date of a week.
        on_go: called with the number of the prompt to go to.
    """
    prompts = solara.use_memo(
        lambda: [prepare_prompt(lesson, number, clock) for number in range(len(lesson.prompts))], [lesson]
    )
    claims = solara.use_memo(lambda: [lesson.format_claim(claim) for claim in lesson.claims], [lesson])
    until = lesson.prompts[at].plays_until
    _Panel(
        title=lesson.title,
        question=lesson.question,
        prompts=prompts,
        claims=claims,
        town_count=lesson.town_count,
        at=at,
        reached=until is None or week >= until,
        event_go=lambda number: on_go(min(max(int(number), 0), len(lesson.prompts) - 1)),
    )


@solara.component
def LessonGuide(classroom: Classroom, lesson: Lesson) -> None:
    """The lesson panel of an open classroom; it stops play in the week of the current prompt."""
    update_counter.get()
    at, set_at = solara.use_state(0)

    def stop_play() -> None:
        classroom.stop_at(lesson.stop_week(at))
        force_update()

    solara.use_effect(lambda: set_at(0), [classroom])
    solara.use_effect(stop_play, [classroom, at])
    LessonPanel(lesson, at, classroom.week, classroom.systems[0].base.clock, on_go=set_at)


def prepare_prompt(lesson: Lesson, number: int, clock: ClockSettings) -> dict[str, Any]:
    """Return the parts of a prompt for the page, without the notes for the teacher."""
    prompt = lesson.prompts[number]
    day = None if prompt.plays_until is None else date_of(prompt.plays_until, clock)
    return {
        "title": prompt.title,
        "minutes": prompt.minutes,
        "do": prompt.do,
        "actions": [describe_action(action) for action in lesson.select_actions(number)],
        "side": lesson.sides[1],
        "look": prompt.look,
        "write": prompt.write,
        "until": format_day(day) if day else "",
        "results": prompt.shows_results,
        "ask": lesson.ask if number == len(lesson.prompts) - 1 else "",
    }
