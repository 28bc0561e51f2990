"""The page without a browser: its error messages, and Reset."""

from collections.abc import Callable, Iterator
from typing import Any

import ipyvuetify
import pytest
import solara
from tests.live.rooms import create_show, tiny_scenario

from cpsim.browser import page
from cpsim.live.session import Classroom, Show

Rendered = Any


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> list[Classroom]:
    """The classrooms that the page has opened, the latest last."""
    opened: list[Classroom] = []

    class RecordedClassroom(Classroom):
        def __init__(self, show: Show, seed: int = 1) -> None:
            super().__init__(show, seed)
            opened.append(self)

    monkeypatch.setattr(page, "Classroom", RecordedClassroom)
    return opened


@pytest.fixture
def tab(rooms: list[Classroom]) -> Iterator[Rendered]:
    """The page of a tiny authority whose history has been simulated."""
    show = create_show(tiny_scenario())
    show.histories.get(show.scenarios, show.seed, show.opening_week).wait(60)
    page.set_show(show)
    _, rendered = solara.render(solara.AppLayout(children=[page.Page()]), handle_error=False)
    yield rendered
    rendered.close()


def find_button(tab: Rendered, label: str) -> Any:
    return next(found for found in tab.find(ipyvuetify.Btn).widgets if label in (found.children or []))


def read_errors(tab: Rendered) -> str:
    """Return the error messages on the page."""
    return " ".join(str(found.children) for found in tab.find(ipyvuetify.Alert).widgets)


def test_an_error_in_a_week_is_shown_and_reset_starts_again(
    tab: Rendered, rooms: list[Classroom], capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("no hours are left")

    rooms[-1].systems[0].model.step = fail  # type: ignore[method-assign]
    find_button(tab, "Step").click()
    assert "This week could not be simulated: no hours are left." in read_errors(tab)
    assert "ZeroDivisionError" in capsys.readouterr().err
    find_button(tab, "Reset").click()
    assert read_errors(tab) == ""
    find_button(tab, "Step").click()
    assert rooms[-1].week == -51


def test_reset_closes_the_earlier_classroom(tab: Rendered, rooms: list[Classroom]) -> None:
    first = rooms[-1]
    find_button(tab, "Reset").click()
    assert first.is_closed
    assert not rooms[-1].is_closed
    tab.close()
    assert rooms[-1].is_closed


def test_an_event_that_the_scenario_does_not_allow_is_reported_and_changes_nothing(
    tab: Rendered, rooms: list[Classroom], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Callable[[], None]:
        raise ValueError("timeline[0]: no organisation is in this pool")

    monkeypatch.setattr("cpsim.live.session.build_scenario", refuse)
    find_button(tab, "Pool budgets").click()
    assert "no organisation is in this pool" in read_errors(tab)
    assert rooms[-1].systems[0].lines == ()
