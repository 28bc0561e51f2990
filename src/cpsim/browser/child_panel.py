"""The panel of one child: the child's story in both systems, side by side, up to the present week."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd
import solara
import solara.lab

from cpsim.agents.roster import release_model
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.formatting import format_day
from cpsim.present.story_sentences import INVENTED, LEGEND, UNSEEN
from cpsim.present.story_terminal import describe_divergence, format_facts
from cpsim.results.story import Entry, Stories, Story
from cpsim.stories.narrator import Focus, build_story
from cpsim.stories.observer import Observer

if TYPE_CHECKING:
    from cpsim.live.children import DiscordantSpell
    from cpsim.live.session import Classroom
    from cpsim.model import ChildProtectionModel

_WEEKS_AFTER_ONSET = WEEKS_PER_YEAR
"""The story ends this many weeks after the onset of harm, or in the present week if that is earlier."""


def build_stories(classroom: Classroom, spell: DiscordantSpell) -> Stories:
    """Build the story of a child in all systems of a classroom, up to the present week.

    The weeks since the opening are simulated again in copies of the models, with an observer of the child.

    Args:
        classroom: the classroom; it may continue to run meanwhile.
        spell: the spell of harm that the story is about.
    """
    with classroom.lock:
        now = classroom.week
        scenarios = [system.scenario.model_copy(update={"name": system.name}) for system in classroom.systems]
        results = [system.viewer.verdicts.table for system in classroom.systems]
    models = classroom.history.fork()
    try:
        for model, scenario in zip(models, scenarios, strict=True):
            model.switch_scenario(scenario)
        pairs = zip(models, results, strict=True)
        return Stories(tuple(_observe_and_build(model, table, spell, now) for model, table in pairs))
    finally:
        for model in models:
            release_model(model)


def _observe_and_build(
    model: ChildProtectionModel, results: pd.DataFrame, spell: DiscordantSpell, now: int
) -> Story:
    """Run a model up to week `now` from week 0 with an observer of the child, and build the story."""
    week0, opening = model.world.warm_up, model.week
    onset = week0 + spell.onset
    last = min(week0 + now - 1, onset + _WEEKS_AFTER_ONSET)
    observer = Observer(model, spell.child)
    while model.week <= last:
        model.step()
    focus = Focus(max(opening, onset - WEEKS_PER_YEAR), last, onset, onset)
    return build_story(observer, spell.child, focus, results)


def tabulate_chronology(stories: Stories) -> list[dict[str, Any]]:
    """Return the chronology as rows, one for each week and actor.

    Each row has `day`, `who`, `cells` (the sentences of each story), `same` (whether the sentences are equal),
    `alike` (whether the same events happen, perhaps with other numbers) and `diverges` (whether it is the first row
    in which the events differ).
    """
    by_story = [_group_by_actor(story) for story in stories]
    keys = sorted(dict.fromkeys(key for cells in by_story for key in cells), key=lambda key: key[0])
    found = [[cells.get(key, ()) for cells in by_story] for key in keys]
    alike = [len({_list_events(entries) for entries in row}) == 1 for row in found]
    divergence = alike.index(False) if False in alike else None
    return [
        {
            "day": format_day(stories[0].day(week), short=True),
            "who": who,
            "cells": [_join_sentences(entries) for entries in row],
            "same": len({_join_sentences(entries) for entries in row}) == 1,
            "alike": alike[number],
            "diverges": number == divergence,
        }
        for number, ((week, who), row) in enumerate(zip(keys, found, strict=True))
    ]


def _group_by_actor(story: Story) -> dict[tuple[int, str], tuple[Entry, ...]]:
    """Group the entries of a story by week and actor."""
    cells: dict[tuple[int, str], tuple[Entry, ...]] = {}
    for entry in story.entries:
        key = entry.week, entry.who
        cells[key] = (*cells.get(key, ()), entry)
    return cells


def _list_events(entries: tuple[Entry, ...]) -> tuple[tuple[str, bool], ...]:
    return tuple((entry.stage, entry.seen) for entry in entries)


def _join_sentences(entries: tuple[Entry, ...]) -> str:
    """Join the sentences of entries; an entry that no practitioner knew of at the time is marked."""
    return " ".join(entry.sentence if entry.seen else f"{UNSEEN} {entry.sentence}" for entry in entries)


@solara.component_vue("child_panel.vue")
def _Panel(
    child: int,
    facts: str,
    sides: list[dict[str, str]],
    divergence: str,
    rows: list[dict[str, Any]],
    notes: list[str],
    waiting: bool,
    error: str,
    event_shut: Callable[[None], None] | None = None,
) -> None: ...


@solara.component
def ChildPanel(classroom: Classroom, spell: DiscordantSpell, on_close: Callable[[], None]) -> None:
    """The stories of a child side by side, in a drawer that Escape closes.

    Args:
        classroom: the classroom.
        spell: the spell of harm of the child.
        on_close: called when the drawer is closed.
    """
    task = solara.lab.use_task(
        lambda: build_stories(classroom, spell), dependencies=[classroom, spell.row], prefer_threaded=True
    )
    stories = task.value if task.finished else None
    _Panel(
        child=spell.child,
        facts=format_facts(stories[0]) if stories else "",
        sides=[{"name": story.scenario, "verdict": " ".join(story.verdict)} for story in stories or ()],
        divergence=describe_divergence(stories) if stories else "",
        rows=tabulate_chronology(stories) if stories else [],
        notes=[f"{UNSEEN} No practitioner knew of it at the time.", LEGEND, INVENTED] if stories else [],
        waiting=stories is None and task.exception is None,
        error=str(task.exception or ""),
        event_shut=lambda _: on_close(),
    )
