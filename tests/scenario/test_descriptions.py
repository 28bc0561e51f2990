"""Settings have names in words that distinguish them, and meanings without units."""

from cpsim.scenario.descriptions import describe_settings

EVENTS = {"timeline": [{"lever": "budget"}, {"lever": "shared_record"}, {"lever": "budget"}]}


def test_a_setting_of_an_event_is_named_by_its_lever() -> None:
    (extra,) = describe_settings(["timeline[1].extra_contacts"], EVENTS).values()
    assert extra.name == "shared record extra contacts"
    assert extra.meaning == "increase in the front-door work on contacts and referrals"
    assert extra.unit == "share"


def test_settings_of_two_events_with_one_lever_are_distinguished_by_the_number_of_the_event() -> None:
    found = describe_settings(["timeline[0].step", "timeline[2].step", "timeline[2].per_year"], EVENTS)
    assert [each.name for each in found.values()] == [
        "budget step (event 1)",
        "budget step (event 3)",
        "budget per year",
    ]


def test_settings_of_two_sections_with_one_name_are_distinguished_by_their_section() -> None:
    found = describe_settings(["sharing.trust_gain", "network.trust_gain"], {})
    assert [each.name for each in found.values()] == ["trust gain (sharing)", "trust gain (network)"]


def test_an_event_that_the_scenario_does_not_have_has_a_name_and_no_meaning() -> None:
    (unknown,) = describe_settings(["timeline[7].step"], EVENTS).values()
    assert (unknown.name, unknown.meaning, unknown.unit) == ("step", "", "")
