"""The panel of one child: its story in both systems, told beside each other as far as they have been lived."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd
import solara
import solara.lab

from cpsim.agents.roster import release
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.results.chronology import facts, parting
from cpsim.results.story import Entry, Stories, Story
from cpsim.results.story_words import INVENTED, LEGEND, UNSEEN
from cpsim.study.telling import Focus, tell
from cpsim.study.witness import Witness

if TYPE_CHECKING:
    from cpsim.model import ChildProtectionModel
    from cpsim.visualiser.children import Parted
    from cpsim.visualiser.classroom import Classroom

_AFTER = WEEKS_PER_YEAR
"""Weeks after the harm began of which the story tells, if they have been lived."""


def told_so_far(room: Classroom, parted: Parted) -> Stories:
    """The story of a child in all systems of a class, up to the week in which they stand.

    The weeks since the opening are lived once more, beside the class, with a witness who watches the child.

    Args:
        room: the class; it may go on meanwhile.
        parted: the child and the spell of harm that the story turns on.
    """
    with room.lock:
        now = room.week
        scenarios = [system.scenario.model_copy(update={"name": system.name}) for system in room.systems]
        judged = [system.onlooker.verdicts.table for system in room.systems]
    models = room.past.fork()
    try:
        for model, scenario in zip(models, scenarios, strict=True):
            model.continue_under(scenario)
        lives = zip(models, judged, strict=True)
        return Stories(tuple(_told(model, table, parted, now) for model, table in lives))
    finally:
        for model in models:
            release(model)


def _told(model: ChildProtectionModel, judged: pd.DataFrame, parted: Parted, now: int) -> Story:
    """Live a model up to week `now`, from week 0, with a witness beside the child, and tell what was seen."""
    week0, opening = model.world.warm_up, model.week
    onset = week0 + parted.onset
    last = min(week0 + now - 1, onset + _AFTER)
    witness = Witness(model, parted.child)
    while model.week <= last:
        model.step()
    focus = Focus(max(opening, onset - WEEKS_PER_YEAR), last, onset, onset)
    return tell(witness, parted.child, focus, judged)


def rows(stories: Stories) -> list[dict[str, Any]]:
    """The chronology as rows, week by week and by who acts.

    Each has `day`, `who`, `cells` (what is told of each system), `same` (all tell the same), `alike` (the same things
    happen, against other numbers) and `parts` (whether it is the first in which other things happen).
    """
    told = [_by_who(story) for story in stories]
    keys = sorted(dict.fromkeys(key for one in told for key in one), key=lambda key: key[0])
    found = [[one.get(key, ()) for one in told] for key in keys]
    alike = [len({_happened(entries) for entries in row}) == 1 for row in found]
    parts = alike.index(False) if False in alike else None
    return [
        {
            "day": _short(stories[0].day(week)),
            "who": who,
            "cells": [_sentences(entries) for entries in row],
            "same": len({_sentences(entries) for entries in row}) == 1,
            "alike": alike[number],
            "parts": number == parts,
        }
        for number, ((week, who), row) in enumerate(zip(keys, found, strict=True))
    ]


def _short(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"


def _by_who(story: Story) -> dict[tuple[int, str], tuple[Entry, ...]]:
    """What each did in each week."""
    cells: dict[tuple[int, str], tuple[Entry, ...]] = {}
    for entry in story.entries:
        key = entry.week, entry.who
        cells[key] = (*cells.get(key, ()), entry)
    return cells


def _happened(entries: tuple[Entry, ...]) -> tuple[tuple[str, bool], ...]:
    return tuple((entry.stage, entry.seen) for entry in entries)


def _sentences(entries: tuple[Entry, ...]) -> str:
    """What is told; what no professional knew of is marked."""
    return " ".join(entry.says if entry.seen else f"{UNSEEN} {entry.says}" for entry in entries)


@solara.component_vue("child_panel.vue")
def _Panel(
    child: int,
    facts: str,
    sides: list[dict[str, str]],
    parting: str,
    rows: list[dict[str, Any]],
    notes: list[str],
    waiting: bool,
    fault: str,
    event_shut: Callable[[None], None] | None = None,
) -> None: ...


@solara.component
def ChildPanel(room: Classroom, parted: Parted, on_close: Callable[[], None]) -> None:
    """The stories of a child beside each other, in a drawer that Escape closes.

    Args:
        room: the class.
        parted: the child.
        on_close: called when the drawer is closed.
    """
    told = solara.lab.use_task(
        lambda: told_so_far(room, parted), dependencies=[room, parted.spell], prefer_threaded=True
    )
    stories = told.value if told.finished else None
    _Panel(
        child=parted.child,
        facts=facts(stories[0]) if stories else "",
        sides=[{"name": story.scenario, "verdict": " ".join(story.verdict)} for story in stories or ()],
        parting=parting(stories) if stories else "",
        rows=rows(stories) if stories else [],
        notes=[f"{UNSEEN} No professional knew of it at the time.", LEGEND, INVENTED] if stories else [],
        waiting=stories is None and told.exception is None,
        fault=str(told.exception or ""),
        event_shut=lambda _: on_close(),
    )
