"""A tiny authority in which levers turn dials but no casework takes place."""

from typing import Any

from tests.governance.examples import FROM, event
from tests.model.authority import build_model, replace_sections, scenario

from cpsim.model import ChildProtectionModel
from cpsim.scenario.clock import run_week_of

WEEK = run_week_of(FROM, scenario().clock)
"""Week of the run of the date of the examples."""


def apply_events(*events: dict[str, Any], to_week: int = WEEK) -> ChildProtectionModel:
    """Return a model in which the events have been applied up to and including a week of the run."""
    model = build_model(replace_sections(scenario(), timeline=list(events)), collect=False)
    for week in range(to_week + 1):
        model.timeline.apply_levers(week)
    return model


def apply_example(lever: str, to_week: int = WEEK, **settings: Any) -> ChildProtectionModel:
    """Return a model in which the example of one lever has been applied, with some settings changed."""
    return apply_events(event(lever, **settings), to_week=to_week)
