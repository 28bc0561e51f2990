"""The board in the middle of the page: the networks of the systems, and the course that they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import solara
from mesa.visualization.utils import update_counter

from cpsim.visualiser.canvas import NetworkCanvas, PlotsCanvas

if TYPE_CHECKING:
    from cpsim.visualiser.classroom import Classroom


@solara.component
def Board(room: Classroom) -> None:
    """The systems before a class that is open."""
    update_counter.get()
    with room.lock:  # a week is drawn when it is over
        onlookers = [system.onlooker for system in room.systems]
        frames = [onlooker.frame() for onlooker in onlookers]
        courses = [onlooker.course() for onlooker in onlookers]
    pair = len(onlookers) > 1
    with solara.Div(classes=["cpsim-board", "cpsim-pair" if pair else "cpsim-alone"]):
        with solara.Div(classes=["cpsim-networks"]):
            for side, (system, frame) in enumerate(zip(room.systems, frames, strict=True)):
                with solara.Div():
                    if pair:
                        solara.Text(system.name, classes=["cpsim-name"])
                    NetworkCanvas(
                        net=system.onlooker.network,
                        frame=frame,
                        label=f"network-{side}",
                        height="var(--network)",
                        legend=side == 0,
                        beside=pair,
                    )
        with solara.Div(classes=["cpsim-plots"]):
            PlotsCanvas(courses=courses)
