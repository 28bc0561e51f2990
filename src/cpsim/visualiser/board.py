"""The board in the middle of the page: the networks of the systems, the course that they take, and a place looked into.

Both systems have the same places, so a place that is chosen is marked in both; the panel tells of the one clicked on.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import solara
from mesa.visualization.utils import update_counter

from cpsim.visualiser.canvas import NetworkCanvas, NetworkLegend, OrganisationPanel, PlotsCanvas
from cpsim.visualiser.organisation import about

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpsim.visualiser.classroom import Classroom


class Chosen(NamedTuple):
    """A place that somebody clicked on: the side of the system, and the node, -1 for none."""

    side: int
    node: int


NOWHERE = Chosen(0, -1)


@solara.component
def Board(room: Classroom) -> None:
    """The systems before a class that is open."""
    update_counter.get()
    chosen, choose = solara.use_state(NOWHERE)
    pair = len(room.systems) > 1
    looking = chosen.node >= 0
    with room.lock:  # a week is drawn when it is over
        onlookers = [system.onlooker for system in room.systems]
        frames = [onlooker.frame() for onlooker in onlookers]
        courses = [onlooker.course() for onlooker in onlookers]
        told = about(onlookers[chosen.side], chosen.node) if looking else None
    classes = ["cpsim-board", "cpsim-pair" if pair else "cpsim-alone"]
    with solara.Div(classes=[*classes, "cpsim-narrowed"] if looking and not pair else classes):
        with solara.Div(classes=["cpsim-networks"]):
            for side, (system, frame) in enumerate(zip(room.systems, frames, strict=True)):
                with solara.Div():
                    if pair:
                        solara.Text(system.name, classes=["cpsim-name"])
                    NetworkCanvas(
                        net=system.onlooker.network,
                        frame=frame,
                        label=f"network-{side}",
                        selected=chosen.node,
                        height="var(--network)",
                        event_pick=partial(_pick, choose, side),
                    )
        with solara.Div(classes=["cpsim-signs"]):
            NetworkLegend(kinds=onlookers[0].network["kinds"], beside=pair)
        with solara.Div(classes=["cpsim-plots"]):
            PlotsCanvas(courses=courses, height="var(--plots)")
    if told is not None:
        # Beside the network that was clicked on, not before it.
        away = "cpsim-leftwards" if chosen.side else "cpsim-rightwards"
        with solara.Div(classes=["cpsim-drawer", away]):
            OrganisationPanel(
                about=told,
                system=room.systems[chosen.side].name if pair else "",
                event_close=lambda _: choose(NOWHERE),
                event_pick=partial(_pick, choose, chosen.side),
            )
    solara.Style(_STYLE)


def _pick(choose: Callable[[Chosen], None], side: int, node: int) -> None:
    choose(Chosen(side, int(node)))


_STYLE = """
.cpsim-board { display: grid; gap: 8px 16px; --plots: 560px; }
.cpsim-board > div { min-width: 0; }
.cpsim-networks { display: grid; gap: 16px; grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr); }
.cpsim-name { font-size: 1.25rem; font-weight: 600; }
.cpsim-pair { --network: 44vh; }
.cpsim-alone { --network: 54vh; grid-template-columns: minmax(0, 1fr) 15.5rem; }
.cpsim-alone > .cpsim-plots { grid-column: 1 / -1; }
@media (max-width: 1699px) {
  .cpsim-board.cpsim-narrowed { padding-right: 27.5rem; grid-template-columns: minmax(0, 1fr); }
}
@media (min-width: 1700px) {
  .cpsim-pair { --network: 46vh; --plots: 330px; }
  .cpsim-alone { --network: 72vh; --plots: 80vh; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .cpsim-alone > .cpsim-plots { grid-area: 1 / 2 / span 2; }
}
.cpsim-drawer { position: fixed; z-index: 6; top: 72px; bottom: 8px; width: 27rem; display: flex; }
.cpsim-rightwards { right: 8px; }
.cpsim-leftwards { left: 368px; }
.cpsim-drawer > div { display: flex; min-width: 0; width: 100%; }
.cpsim-drawer .cpsim-about { width: 100%; box-shadow: 0 2px 14px rgba(0, 0, 0, 0.25); }
"""
