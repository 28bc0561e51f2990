"""The board in the middle of the page: the networks of the systems, their plots, and the panel of a chosen node.

Both systems have the same nodes, so a chosen node is marked in both; the panel describes it in the system clicked on.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import solara
from mesa.visualization.utils import update_counter

from cpsim.browser.canvas import NetworkCanvas, NetworkLegend, OrganisationPanel, PlotsCanvas
from cpsim.live.organisation import describe_node

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpsim.live.session import Classroom


class ChosenNode(NamedTuple):
    """The node that was clicked on: the side of its system (0 left, 1 right), and its number, -1 for none."""

    side: int
    node: int


NO_NODE = ChosenNode(0, -1)
"""No node is chosen."""


@solara.component
def Board(classroom: Classroom) -> None:
    """The systems of an open classroom."""
    update_counter.get()
    chosen, choose = solara.use_state(NO_NODE)
    pair = len(classroom.systems) > 1
    is_open = chosen.node >= 0
    with classroom.lock:  # frames are built between two weeks, not within one
        viewers = [system.viewer for system in classroom.systems]
        frames = [viewer.get_frame() for viewer in viewers]
        series = [viewer.get_series() for viewer in viewers]
        content = describe_node(viewers[chosen.side], chosen.node) if is_open else None
    classes = ["cpsim-board", "cpsim-pair" if pair else "cpsim-alone"]
    with solara.Div(classes=[*classes, "cpsim-narrowed"] if is_open and not pair else classes):
        with solara.Div(classes=["cpsim-networks"]):
            for side, (system, frame) in enumerate(zip(classroom.systems, frames, strict=True)):
                with solara.Div():
                    if pair:
                        solara.Text(system.name, classes=["cpsim-name"])
                    NetworkCanvas(
                        net=system.viewer.network,
                        frame=frame,
                        label=f"network-{side}",
                        selected=chosen.node,
                        height="var(--network)",
                        event_pick=partial(_pick, choose, side),
                    )
        with solara.Div(classes=["cpsim-legends"]):
            NetworkLegend(kinds=viewers[0].network["kinds"], pair=pair)
        with solara.Div(classes=["cpsim-plots"]):
            PlotsCanvas(series=series, height="var(--plots)")
    if content is not None:
        # On the other side, so that the panel does not cover the network that was clicked on.
        position = "cpsim-leftwards" if chosen.side else "cpsim-rightwards"
        with solara.Div(classes=["cpsim-drawer", position]):
            OrganisationPanel(
                content=content,
                system=classroom.systems[chosen.side].name if pair else "",
                event_close=lambda _: choose(NO_NODE),
                event_pick=partial(_pick, choose, chosen.side),
            )
    solara.Style(_STYLE)


def _pick(choose: Callable[[ChosenNode], None], side: int, node: int) -> None:
    choose(ChosenNode(side, int(node)))


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
.cpsim-drawer .cpsim-node { width: 100%; box-shadow: 0 2px 14px rgba(0, 0, 0, 0.25); }
"""
