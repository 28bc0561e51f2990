"""A lever without effect changes nothing for any child."""

from datetime import date
from typing import Any

import pytest
from tests.model.authority import assert_same, replace_sections, run_scenario, scenario, tiny_result

from cpsim.scenario.schema import Scenario

ALL_KINDS = ("school", "gp", "pct", "hospital", "police", "community")
IN_THE_SECOND_YEAR = date(2006, 6, 1)


def duty(**fields: Any) -> dict[str, Any]:
    return {"date": IN_THE_SECOND_YEAR, "lever": "duty", **fields}


def add_events(*events: dict[str, Any], **sections: Any) -> Scenario:
    return replace_sections(scenario(), timeline=list(events), **sections)


@pytest.mark.parametrize(
    "event",
    [
        duty(kinds=["pct", "police"], bound=True, awareness=0.45, sanction=0.0),
        duty(kinds=["school", "gp"], bound=False),
        duty(kinds=["school"], awareness=0.9, sanction=1.0),
    ],
    ids=["the duty already in force", "exempt as before", "awareness without a duty"],
)
def test_an_event_that_repeats_what_is_in_force_changes_nothing(event: dict[str, Any]) -> None:
    base = replace_sections(
        scenario(),
        duties={kind: {"bound": True, "awareness": 0.45, "sanction": 0.0} for kind in ("pct", "police")},
    )
    assert_same(run_scenario(replace_sections(base, timeline=[event])), run_scenario(base))


def test_a_sanction_of_zero_changes_nothing() -> None:
    assert_same(
        run_scenario(add_events(duty(kinds=["pct"], sanction=0.0))),
        tiny_result(),
    )


def test_a_duty_without_effect_is_the_same_as_no_duty() -> None:
    """Without effects of duty and sanction, it makes no difference whether all or no agencies are bound."""
    powerless = {"sharing": {"duty_effect": 0.0, "sanction_effect": 0.0}}
    bound = replace_sections(
        scenario(), duties={kind: {"bound": True, "sanction": 1.0} for kind in ALL_KINDS}, **powerless
    )
    exempt = replace_sections(scenario(), duties={kind: {"bound": False} for kind in ALL_KINDS}, **powerless)
    assert_same(run_scenario(bound), run_scenario(exempt))


def test_a_duty_of_which_staff_are_not_aware_is_the_same_as_no_duty() -> None:
    unknown = replace_sections(
        scenario(), duties={kind: {"bound": True, "awareness": 0.0} for kind in ALL_KINDS}
    )
    exempt = replace_sections(scenario(), duties={kind: {"bound": False} for kind in ALL_KINDS})
    assert_same(run_scenario(unknown), run_scenario(exempt))
