"""What stands below the board when two systems live: whom each caught alone, and the story of one who was clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import solara
from mesa.visualization.utils import update_counter

from cpsim.visualiser.child_panel import ChildPanel
from cpsim.visualiser.children import ChildrenLists, Comparing

if TYPE_CHECKING:
    from cpsim.visualiser.classroom import Classroom


@solara.component
def SideBySide(room: Classroom) -> None:
    """The lists of a class that is open and has two systems, and the panel of the child that was chosen."""
    update_counter.get()
    nobody: int | None = None
    chosen = solara.use_reactive(nobody)
    left, right = room.systems
    with room.lock:
        comparing = solara.use_memo(
            lambda: Comparing(left.onlooker.verdicts, right.onlooker.verdicts), [room]
        )
        both = comparing.catch_up()
    parted = next((one for one in (*both.left, *both.right) if one.child == chosen.value), None)
    with solara.Div():
        ChildrenLists(both, (left.name, right.name), on_pick=chosen.set, chosen=chosen.value)
        if parted is not None:
            ChildPanel(room, parted, on_close=lambda: chosen.set(None))
