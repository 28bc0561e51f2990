"""Outcomes near an arm are those that its events and settings touch before any others follow."""

from typing import Any

import pytest

from cpsim.measures.outcomes import OUTCOMES
from cpsim.reach.near import STEPS, list_near_outcomes
from cpsim.scenario import Scenario, load
from cpsim.scenario.schema import DESCRIPTIVE

SMALL = load("small")


def list_near(*events: dict[str, Any], **settings: Any) -> tuple[str, ...]:
    timeline = [{"date": "2006-04-03", **event} for event in events]
    return list_near_outcomes(load("small", {"timeline": timeline, **settings}), SMALL)


def test_a_duty_on_schools_touches_what_schools_send_and_how_soon() -> None:
    assert list_near({"lever": "duty", "kinds": ["school"], "bound": True}) == (
        "contacts_by_kind_per_10k_year.school",
        "source_share.school",
        "weeks_to_message_by_kind.school",
    )


def test_a_duty_on_two_kinds_touches_what_each_of_them_sends() -> None:
    near = list_near({"lever": "duty", "kinds": ["school", "gp"], "bound": True})
    assert {name.partition(".")[2] for name in near} == {"school", "gp"}
    assert "contacts_by_kind_per_10k_year.gp" in near


def test_a_letter_to_all_kinds_touches_contacts_over_all_kinds() -> None:
    near = list_near({"lever": "ministerial_letter"})
    assert "contacts_per_10k_year" in near
    assert not any("." in name for name in near)


def test_a_merger_touches_assessment_trust_and_delivery() -> None:
    near = list_near({"lever": "department_merger"})
    assert {"initial_on_time_share", "trust_mean", "delivery_rate", "turnover_per_year"} <= set(near)


def test_a_setting_of_the_front_door_touches_what_it_accepts() -> None:
    near = list_near(**{"front_door.referral_threshold": 1.0})
    assert near == ("contacts_per_referral", "referrals_per_10k_year")


def test_identical_scenarios_have_no_outcome_near_them() -> None:
    assert list_near_outcomes(SMALL, SMALL) == ()
    renamed = load("small", {"name": "again", "question": "Is anything different?", "size_of_interest": 0.02})
    assert list_near_outcomes(renamed, SMALL) == ()


def test_an_event_that_both_have_touches_nothing() -> None:
    letter = {"date": "2006-04-03", "lever": "ministerial_letter"}
    both = load("small", {"timeline": [letter]})
    assert list_near_outcomes(both, both) == ()
    assert list_near_outcomes(SMALL, both) == list_near_outcomes(both, SMALL) != (), (
        "one that is left out as well"
    )


def test_an_event_that_is_not_in_play_touches_nothing() -> None:
    assert list_near({"lever": "workforce_plan"}) == ()


def test_an_event_comes_before_settings_and_no_outcome_is_listed_twice() -> None:
    near = list_near(
        {"lever": "duty", "kinds": ["school"], "bound": True}, **{"front_door.referral_threshold": 1.0}
    )
    assert near[0] == "contacts_by_kind_per_10k_year.school"
    assert near[-2:] == ("contacts_per_referral", "referrals_per_10k_year")
    assert len(set(near)) == len(near)


def test_steps_are_named_for_every_section_that_changes_casework() -> None:
    """The other sections change the children, the harm, the places, or only what is measured."""
    sections = {name for name in Scenario.model_fields if name not in DESCRIPTIVE}
    others = {"authorities", "clock", "harm", "measures", "other_need", "population", "timeline"}
    assert sections == STEPS.keys() | others
    assert not STEPS.keys() & others


@pytest.mark.parametrize("lever", ["duty", "thresholds", "attention_practice"])
def test_every_near_outcome_is_one_of_a_run(lever: str) -> None:
    settings = {"duty": {"bound": True}, "thresholds": {"shift": -0.3}, "attention_practice": {"factor": 1.2}}
    for name in list_near({"lever": lever, "kinds": ["school"], **settings[lever]}):
        outcome, _, part = name.partition(".")
        assert outcome in OUTCOMES
        assert bool(part) == bool(OUTCOMES[outcome].parts)
