"""A lever of size zero changes not one child, and an agency that nobody talks to changes nothing for anybody."""

from datetime import date
from typing import Any

import pytest
from tests.model.authority import assert_same, changed, outcome, run_of, scenario

from cpsim.scenario.schema import Scenario

EVERYBODY = ("school", "gp", "pct", "hospital", "police", "community")
IN_THE_SECOND_YEAR = date(2006, 6, 1)


def duty(**says: Any) -> dict[str, Any]:
    return {"date": IN_THE_SECOND_YEAR, "lever": "duty", **says}


def with_events(*events: dict[str, Any], **sections: Any) -> Scenario:
    return changed(scenario(), timeline=list(events), **sections)


@pytest.mark.parametrize(
    "event",
    [
        duty(kinds=["pct", "police"], bound=True, awareness=0.45, sanction=0.0),
        duty(kinds=["school", "gp"], bound=False),
        duty(kinds=["school"], awareness=0.9, sanction=1.0),
    ],
    ids=["the duty already in force", "exempt as before", "awareness of no duty"],
)
def test_an_event_that_says_what_already_holds_changes_no_child(event: dict[str, Any]) -> None:
    base = changed(
        scenario(),
        duties={kind: {"bound": True, "awareness": 0.45, "sanction": 0.0} for kind in ("pct", "police")},
    )
    assert_same(run_of(changed(base, timeline=[event])), run_of(base))


def test_a_sanction_of_zero_changes_no_child() -> None:
    assert_same(
        run_of(with_events(duty(kinds=["pct"], sanction=0.0))),
        outcome(),
    )


def test_a_duty_that_works_on_nobody_is_no_duty() -> None:
    """With no effect of duty or sanction, everybody bound equals nobody bound."""
    powerless = {"sharing": {"duty_effect": 0.0, "sanction_effect": 0.0}}
    bound = changed(
        scenario(), duties={kind: {"bound": True, "sanction": 1.0} for kind in EVERYBODY}, **powerless
    )
    exempt = changed(scenario(), duties={kind: {"bound": False} for kind in EVERYBODY}, **powerless)
    assert_same(run_of(bound), run_of(exempt))


def test_a_duty_that_nobody_knows_of_is_no_duty() -> None:
    unknown = changed(scenario(), duties={kind: {"bound": True, "awareness": 0.0} for kind in EVERYBODY})
    exempt = changed(scenario(), duties={kind: {"bound": False} for kind in EVERYBODY})
    assert_same(run_of(unknown), run_of(exempt))
