"""The page without a browser: what it says when something goes wrong, and while it waits."""

from collections.abc import Callable, Iterator
from typing import Any

import ipyvuetify
import pytest
import solara
from tests.visualiser.rooms import show_of, tiny

from cpsim.visualiser import page
from cpsim.visualiser.classroom import Classroom, Show

Rendered = Any


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> list[Classroom]:
    """The classes that the page has opened, the latest last."""
    opened: list[Classroom] = []

    class Noted(Classroom):
        def __init__(self, show: Show, seed: int = 1) -> None:
            super().__init__(show, seed)
            opened.append(self)

    monkeypatch.setattr(page, "Classroom", Noted)
    return opened


@pytest.fixture
def tab(rooms: list[Classroom]) -> Iterator[Rendered]:
    """The page of a tiny authority whose past has been lived."""
    show = show_of(tiny())
    show.pasts.of(show.scenarios, show.seed, show.opens).wait(60)
    page.put_on(show)
    _, rendered = solara.render(solara.AppLayout(children=[page.Page()]), handle_error=False)
    yield rendered
    rendered.close()


def button(tab: Rendered, label: str) -> Any:
    return next(found for found in tab.find(ipyvuetify.Btn).widgets if label in (found.children or []))


def alerts(tab: Rendered) -> str:
    """What the page complains of."""
    return " ".join(str(found.children) for found in tab.find(ipyvuetify.Alert).widgets)


def test_a_fault_in_a_week_is_told_on_the_page_and_reset_begins_anew(
    tab: Rendered, rooms: list[Classroom], capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("no hours are left")

    rooms[-1].systems[0].model.step = fail  # type: ignore[method-assign]
    button(tab, "Step").click()
    assert "This week could not be lived: no hours are left." in alerts(tab)
    assert "ZeroDivisionError" in capsys.readouterr().err
    button(tab, "Reset").click()
    assert alerts(tab) == ""
    button(tab, "Step").click()
    assert rooms[-1].week == -51


def test_a_class_that_is_replaced_by_reset_is_closed(tab: Rendered, rooms: list[Classroom]) -> None:
    first = rooms[-1]
    button(tab, "Reset").click()
    assert first.closed
    assert not rooms[-1].closed
    tab.close()
    assert rooms[-1].closed


def test_what_a_scenario_cannot_have_is_told_and_changes_nothing(
    tab: Rendered, rooms: list[Classroom], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Callable[[], None]:
        raise ValueError("timeline[0]: nobody is in this pool")

    monkeypatch.setattr("cpsim.visualiser.classroom.played", refuse)
    button(tab, "Pool budgets").click()
    assert "nobody is in this pool" in alerts(tab)
    assert rooms[-1].systems[0].lines == ()
