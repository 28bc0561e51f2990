"""The page of a tab: parts of Mesa's SolaraViz around a board of networks and plots.

The page uses Mesa's controller, parameter widgets and update counter, but not its grid of half-width cells, because
networks and plots share one board. Every tab has its own state. Nothing is written in Markdown, for which Solara
would load a formula typesetter from the internet.
"""

from __future__ import annotations

import solara
import solara.lab
from mesa.visualization.utils import force_update, update_counter
from solara.components.component_vue import component_vue

from cpsim.browser.board import Board
from cpsim.browser.control_panel import SidePanel
from cpsim.browser.side_by_side import SideBySide
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.formatting import format_count, format_day
from cpsim.live.session import Classroom, Show

_current_show: list[Show] = []
_POLLS_PER_SECOND = 5


def set_show(show: Show) -> None:
    """Set the show of every tab opened from now on, and start to simulate its history."""
    _current_show[:] = [show]
    show.histories.get(show.scenarios, show.seed, show.opening_week)


@component_vue("manners.vue")
def PageKeys() -> None:
    """Keys of the page: Space plays and pauses, a full stop steps, unless the focused element uses the key.

    It also adds what Solara's page lacks for accessibility: its language, zooming, and a label for its menu.
    """


@solara.component
def Page() -> None:
    """One tab with its own classroom, from the week in which the show opens."""
    (show,) = _current_show
    classroom = solara.use_reactive(solara.use_memo(lambda: Classroom(show, show.seed), []))
    current = classroom.value
    solara.use_effect(lambda: current.close, [current])
    update_counter.get()
    with solara.Div():
        solara.Style(_STYLE)
        PageKeys()
        with solara.AppBarTitle():
            solara.v.Html(tag="h1", children=[f"{show.name.replace('_', ' ')}, seed {current.seed}"])
        with solara.AppBar():
            WeekDisplay(current)
        if current.error:
            solara.Error(current.error)
        if current.systems:
            with solara.Sidebar():
                SidePanel(classroom)
            Board(current)
            if len(current.systems) > 1:
                SideBySide(current)
        elif not current.error:
            HistoryProgress(current)


@solara.component
def HistoryProgress(classroom: Classroom) -> None:
    """The progress of the history; opens the classroom when the history is finished."""
    progress, set_progress = solara.use_state(classroom.history.progress)

    def watch() -> None:
        while not (classroom.history.wait(1 / _POLLS_PER_SECOND) or classroom.is_closed):
            set_progress(classroom.history.progress)
        classroom.open()
        force_update()

    solara.lab.use_task(watch, dependencies=[classroom], prefer_threaded=True)
    with solara.Column(align="center", style={"margin-top": "20vh"}):
        solara.Text(
            "Preparing: the years before the show are simulated first, so that agencies hold files on children.",
            classes=["cpsim-when"],
        )
        solara.ProgressLinear(100 * progress)


@solara.component
def WeekDisplay(classroom: Classroom) -> None:
    """The next week to be simulated, and the part of the run to which it belongs."""
    update_counter.get()
    if not classroom.systems:
        return
    day, week = classroom.day, classroom.week
    years = WEEKS_PER_YEAR * classroom.systems[0].base.clock.years
    if classroom.is_finished:
        part = "the run has finished"
    elif week < 0:
        part = f"{format_count(-week, 'week')} before the evaluated years"
    elif week < years:
        part = f"week {week + 1} of {years} evaluated weeks"
    else:
        part = "follow-up year: open cases continue"
    with solara.Div(classes=["cpsim-when"]):
        solara.Text(format_day(day), classes=["cpsim-day"])
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
