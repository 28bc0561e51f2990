"""The panel of a lesson: its prompts beside the live model, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import solara
from mesa.visualization.utils import force_update, update_counter

from cpsim.scenario.clock import date_of
from cpsim.scenario.sections import Clock
from cpsim.visualiser.lessons import Lesson, told

if TYPE_CHECKING:
    from cpsim.visualiser.classroom import Classroom


@solara.component_vue("lesson_panel.vue")
def _Panel(
    title: str,
    question: str,
    prompts: list[dict[str, Any]],
    claims: list[str],
    towns: int,
    at: int,
    reached: bool,
    event_go: Callable[[int], None] | None = None,
) -> None: ...


@solara.component
def LessonPanel(lesson: Lesson, at: int, week: int, clock: Clock, on_go: Callable[[int], None]) -> None:
    """What the class does now, and the way to the next prompt: by button, Page Down and Page Up, or a presenter.

    Args:
        lesson: the lesson.
        at: number of the prompt that is open, from 0 on.
        week: weeks that have been lived, from week 0.
        clock: says on which day a week begins.
        on_go: called with the number of the prompt to go to.
    """
    prompts = solara.use_memo(
        lambda: [shown(lesson, number, clock) for number in range(len(lesson.prompts))], [lesson]
    )
    claims = solara.use_memo(lambda: [lesson.sentence(claim) for claim in lesson.claims], [lesson])
    until = lesson.prompts[at].plays_until
    _Panel(
        title=lesson.title,
        question=lesson.question,
        prompts=prompts,
        claims=claims,
        towns=lesson.towns,
        at=at,
        reached=until is None or week >= until,
        event_go=lambda number: on_go(min(max(int(number), 0), len(lesson.prompts) - 1)),
    )


@solara.component
def Guide(room: Classroom, lesson: Lesson) -> None:
    """Leads a class that is open through a lesson, and lets play stand still where a prompt says so."""
    update_counter.get()
    at, set_at = solara.use_state(0)

    def stand() -> None:
        room.stand_at(lesson.stands(at))
        force_update()

    solara.use_effect(lambda: set_at(0), [room])
    solara.use_effect(stand, [room, at])
    LessonPanel(lesson, at, room.week, room.systems[0].base.clock, on_go=set_at)


def shown(lesson: Lesson, number: int, clock: Clock) -> dict[str, Any]:
    """A prompt as the class sees it; what is for the teacher alone stays behind."""
    prompt = lesson.prompts[number]
    day = None if prompt.plays_until is None else date_of(prompt.plays_until, clock)
    return {
        "title": prompt.title,
        "minutes": prompt.minutes,
        "do": prompt.do,
        "acts": [told(act) for act in lesson.acts_of(number)],
        "side": lesson.sides[1],
        "look": prompt.look,
        "write": prompt.write,
        "until": f"{day.day} {day:%B %Y}" if day else "",
        "figures": prompt.shows_figures,
        "ask": lesson.ask if number == len(lesson.prompts) - 1 else "",
    }
