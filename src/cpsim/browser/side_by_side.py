"""Below the networks of two systems: the children whom only one of them protected, and the story of one child."""

from __future__ import annotations

from typing import TYPE_CHECKING

import solara
from mesa.visualization.utils import update_counter

from cpsim.browser.child_panel import ChildPanel
from cpsim.browser.children_lists import ChildrenLists
from cpsim.live.children import RunningComparison

if TYPE_CHECKING:
    from cpsim.live.session import Classroom


@solara.component
def SideBySide(classroom: Classroom) -> None:
    """The lists of an open classroom with two systems, and the panel of the chosen child."""
    update_counter.get()
    no_child: int | None = None
    chosen = solara.use_reactive(no_child)
    left, right = classroom.systems
    with classroom.lock:
        running = solara.use_memo(
            lambda: RunningComparison(left.viewer.verdicts, right.viewer.verdicts), [classroom]
        )
        comparison = running.catch_up()
    spells = (*comparison.left, *comparison.right)
    spell = next((one for one in spells if one.child == chosen.value), None)
    with solara.Div():
        ChildrenLists(comparison, (left.name, right.name), on_pick=chosen.set, chosen=chosen.value)
        if spell is not None:
            ChildPanel(classroom, spell, on_close=lambda: chosen.set(None))
