"""A tiny authority in which only governance does anything: dials turn, and nobody notices."""

from typing import Any

from tests.governance.examples import FROM, event
from tests.model.authority import changed, model_of, scenario

from cpsim.model import ChildProtectionModel
from cpsim.scenario.clock import run_week_of

WEEK = run_week_of(FROM, scenario().clock)
"""The week of the run in which the examples have their date."""


def governed(*events: dict[str, Any], to_week: int = WEEK) -> ChildProtectionModel:
    """A model whose levers have had their way up to a week, that week included."""
    model = model_of(changed(scenario(), timeline=list(events)), collect=False)
    for week in range(to_week + 1):
        model.timeline.apply_levers(week)
    return model


def under(lever: str, to_week: int = WEEK, **settings: Any) -> ChildProtectionModel:
    """The same with the example of one lever, some of its settings changed."""
    return governed(event(lever, **settings), to_week=to_week)
