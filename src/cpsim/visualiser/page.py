"""The page that a tab shows: built of the parts of Mesa's SolaraViz, with a board of its own in the middle.

Mesa's controller, parameter widgets and update counter do their work here; its grid of half-width cells does not, since
networks and plots belong on one board. All state is the tab's own. Nothing here is Markdown, for which Solara would ask
the internet for a typesetter of formulas.
"""

from __future__ import annotations

import solara
import solara.lab
from mesa.visualization.utils import force_update, update_counter
from solara.components.component_vue import component_vue

from cpsim.constants import WEEKS_PER_YEAR
from cpsim.visualiser.board import Board
from cpsim.visualiser.classroom import Classroom, Show
from cpsim.visualiser.panel import Panel
from cpsim.visualiser.side_by_side import SideBySide

_shown: list[Show] = []
_LOOKS_A_SECOND = 5


def put_on(show: Show) -> None:
    """Say what every tab shows that is opened from now on, and begin to live its past."""
    _shown[:] = [show]
    show.pasts.of(show.scenarios, show.seed, show.opens)


@component_vue("manners.vue")
def Manners() -> None:
    """Space plays and pauses and a full stop steps, wherever these keys have nothing else to do.

    It also says what Solara's page leaves out: its language, that it may be zoomed, and what its menu is for.
    """


@solara.component
def Page() -> None:
    """One tab: a class of its own, from the week in which the show opens."""
    (show,) = _shown
    room = solara.use_reactive(solara.use_memo(lambda: Classroom(show, show.seed), []))
    current = room.value
    solara.use_effect(lambda: current.close, [current])
    update_counter.get()
    with solara.Div():
        solara.Style(_STYLE)
        Manners()
        with solara.AppBarTitle():
            solara.v.Html(tag="h1", children=[f"{show.name.replace('_', ' ')}, seed {current.seed}"])
        with solara.AppBar():
            When(current)
        if current.fault:
            solara.Error(current.fault)
        if current.systems:
            with solara.Sidebar():
                Panel(room)
            Board(current)
            if len(current.systems) > 1:
                SideBySide(current)
        elif not current.fault:
            Waiting(current)


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
def When(room: Classroom) -> None:
    """The week that is lived next, and what it is in the life of the run."""
    update_counter.get()
    if not room.systems:
        return
    day, week = room.day, room.week
    years = WEEKS_PER_YEAR * room.systems[0].base.clock.years
    if room.over:
        part = "the run is over"
    elif week < 0:
        part = f"{-week} weeks before the years that are judged"
    elif week < years:
        part = f"week {week + 1} of {years} that are judged"
    else:
        part = "the last year: what has begun is followed to its end"
    with solara.Div(classes=["cpsim-when"]):
        solara.Text(f"{day.day} {day:%B %Y}", classes=["cpsim-day"])
        solara.Text(part, classes=["cpsim-part"])


_STYLE = """
.v-application .primary { background-color: #0072B2 !important; border-color: #0072B2 !important; }
.v-application .primary--text { color: #0072B2 !important; caret-color: #0072B2 !important; }
.v-application .v-btn { text-transform: none; letter-spacing: normal; font-size: 1rem; }
.v-application .v-btn--outlined { border-color: #0072B2; color: #005a8c; }
.v-navigation-drawer { min-width: 360px !important; width: 360px !important; }
.v-navigation-drawer > .v-navigation-drawer__content > div { padding: 8px !important; }
.v-toolbar__title h1 { font-size: 1.35rem; font-weight: 500; }
.solara-content-main .v-content__wrap > div, .v-content__wrap > div { padding: 8px 16px !important; }
.cpsim-when { display: flex; align-items: baseline; gap: 1rem; white-space: nowrap; }
.cpsim-day { font-size: 1.6rem; font-weight: 600; font-variant-numeric: tabular-nums; color: #fff !important; }
.cpsim-part { font-size: 1.05rem; color: #fff !important; }
.cpsim-panel { font-size: 1.05rem; }
.cpsim-panel .v-card__title { font-size: 1.1rem; padding: 4px 8px 0; line-height: 1.4; }
.cpsim-panel .v-card__text { padding: 2px 8px; color: #222; }
.cpsim-panel .v-input--slider { margin: 0; }
.cpsim-panel .v-input__slider { margin: 0; padding: 0; min-height: 0; }
.cpsim-panel .v-input__slider .v-input__slot { flex-direction: column; align-items: stretch; margin: 0; }
.cpsim-panel .v-input__slider .v-label { color: #222; font-size: 1rem; margin: 0; line-height: 1.35; height: auto; }
.cpsim-panel .v-slider--horizontal { min-height: 24px; margin: 0 6px; }
.cpsim-panel .v-input__slider .v-messages { display: none; }
.cpsim-panel .v-select { margin: 12px 0 2px; padding: 0; font-size: 1rem; }
.cpsim-panel .v-text-field__details { display: none; }
.cpsim-buttons { display: grid; grid-template-columns: 1fr 1fr; gap: 6px; }
.cpsim-buttons .v-btn { width: 100%; height: auto !important; min-height: 38px; padding: 4px 6px !important; }
.cpsim-buttons .v-btn__content { white-space: normal; line-height: 1.2; flex: 1 1 0; min-width: 0; }
.cpsim-player .v-card__text { display: flex; flex-direction: column; gap: 6px; }
.cpsim-buttons > .v-tooltip { position: absolute; }
"""
