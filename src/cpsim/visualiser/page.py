"""The page that a tab shows: built of the parts of Mesa's SolaraViz, with a board of its own in the middle.

Mesa's controller, parameter widgets and update counter do their work here; its grid of half-width cells does not, since
networks and plots belong on one board. All state is the tab's own. Nothing here is Markdown, for which Solara would ask
the internet for a typesetter of formulas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import solara
import solara.lab
from mesa.visualization.utils import force_update, update_counter

from cpsim.visualiser.canvas import NetworkCanvas
from cpsim.visualiser.classroom import Classroom, Show
from cpsim.visualiser.panel import Panel
from cpsim.visualiser.scene import Onlooker

if TYPE_CHECKING:
    from cpsim.visualiser.classroom import System

_shown: list[Show] = []
_LOOKS_A_SECOND = 5


def put_on(show: Show) -> None:
    """Say what every tab shows that is opened from now on."""
    _shown[:] = [show]


@solara.component
def Page() -> None:
    """One tab: a class of its own, from the week in which the show opens."""
    (show,) = _shown
    room = solara.use_reactive(solara.use_memo(lambda: Classroom(show, show.seed), []))
    current = room.value
    solara.use_effect(lambda: current.close, [current])
    update_counter.get()
    solara.Style(_STYLE)
    with solara.AppBar():
        solara.AppBarTitle("cpsim")
    if current.fault:
        solara.Error(current.fault)
    if not current.systems:
        Waiting(current)
        return
    with solara.Sidebar():
        Panel(room)
    Board(current)


@solara.component
def Waiting(room: Classroom) -> None:
    """How much of the past has been lived; opens the class when it is over."""
    share, set_share = solara.use_state(room.past.share)

    def watch() -> None:
        while not (room.past.wait(1 / _LOOKS_A_SECOND) or room.closed):
            set_share(room.past.share)
        room.open()
        force_update()

    solara.lab.use_task(watch, dependencies=[room], prefer_threaded=True)
    with solara.Column(align="center", style={"margin-top": "20vh"}):
        solara.Text(
            "Children grow up and files fill: the years before the show are lived first.",
            classes=["cpsim-when"],
        )
        solara.ProgressLinear(100 * share)


@solara.component
def Board(room: Classroom) -> None:
    """The systems before the class: when it is, and the network of each."""
    update_counter.get()
    with solara.Columns([1] * len(room.systems)):
        for side, system in enumerate(room.systems):
            Half(room, system, side)


@solara.component
def Half(room: Classroom, system: System, side: int) -> None:
    """One system: its name and its network."""
    update_counter.get()
    with room.lock:
        onlooker = solara.use_memo(lambda: Onlooker(system.model), [system])
        frame = onlooker.frame()
    with solara.Column(gap="4px"):
        solara.Text(f"{system.name}: {frame['date']}", classes=["cpsim-when", f"cpsim-when-{side}"])
        NetworkCanvas(net=onlooker.network, frame=frame, label=f"network-{side}")


_STYLE = """
.cpsim-panel { font-size: 1.05rem; }
.cpsim-panel .v-card__title { font-size: 1.15rem; padding: 8px 12px 0; }
.cpsim-panel .v-card__text { padding: 4px 12px; color: #222; }
.cpsim-panel .v-input__slider .v-input__slot { flex-direction: column; align-items: stretch; margin: 0; }
.cpsim-panel .v-input__slider .v-label { color: #222; font-size: 1rem; margin: 0; }
.cpsim-panel .v-input__slider .v-messages { display: none; }
.cpsim-when { font-size: 1.5rem; font-weight: 600; }
"""
