"""Controls write lines of a timeline that never overlap, so the value shown is the value in force."""

import datetime as dt

from tests.live.rooms import find_button, find_slider, tiny_scenario

from cpsim.constants import FRONT_DOOR
from cpsim.live.controls import (
    BUTTONS,
    EVERYWHERE,
    SLIDERS,
    ControlLine,
    add_event,
    build_scenario,
    change_settings,
    find_current_settings,
)

SOONER, LATER = {"lever": "thresholds", "shift": -0.5}, {"lever": "thresholds", "shift": 0.5}
KINDS = ("school", "gp", "police")


def test_a_slider_that_moves_again_ends_its_earlier_line() -> None:
    lines = change_settings((), "thresholds", dict.fromkeys(KINDS, SOONER), week=60)
    lines = change_settings(lines, "thresholds", dict.fromkeys(KINDS, LATER), week=70)
    assert lines == (
        ControlLine("thresholds", SOONER, KINDS, 60, end=70),
        ControlLine("thresholds", LATER, KINDS, 70),
    )


def test_a_slider_that_moves_twice_within_a_week_writes_one_line() -> None:
    lines = change_settings((), "thresholds", dict.fromkeys(KINDS, SOONER), week=60)
    assert change_settings(lines, "thresholds", dict.fromkeys(KINDS, LATER), week=60) == (
        ControlLine("thresholds", LATER, KINDS, 60),
    )


def test_a_slider_that_returns_to_neutral_ends_its_line_and_writes_none() -> None:
    lines = change_settings((), "thresholds", dict.fromkeys(KINDS, SOONER), week=60)
    assert change_settings(lines, "thresholds", dict.fromkeys(KINDS), week=70) == (
        ControlLine("thresholds", SOONER, KINDS, 60, end=70),
    )
    assert change_settings(lines, "thresholds", dict.fromkeys(KINDS), week=60) == ()


def test_a_slider_moved_for_schools_leaves_the_other_agencies_unchanged() -> None:
    lines = change_settings((), "thresholds", dict.fromkeys(KINDS, SOONER), week=60)
    lines = change_settings(lines, "thresholds", {"school": LATER}, week=70)
    assert find_current_settings(lines, "thresholds") == {"school": LATER, "gp": SOONER, "police": SOONER}
    assert all(line.end == 70 for line in lines if line.start == 60), "a kind may be in one line only"


def test_a_slider_moved_to_its_present_value_changes_nothing() -> None:
    lines = change_settings((), "thresholds", dict.fromkeys(KINDS, SOONER), week=60)
    assert change_settings(lines, "thresholds", {"school": SOONER}, week=70) == lines


def test_an_event_can_be_repeated_later_and_cancelled_before_it_begins() -> None:
    merge = find_button("Merge departments").settings
    lines = add_event((), "merger", merge, (EVERYWHERE,), week=60)
    lines = add_event(lines, "merger", merge, (EVERYWHERE,), week=80)
    assert [line.start for line in lines] == [60, 80]
    assert [line.start for line in add_event(lines, "merger", None, (EVERYWHERE,), week=80)] == [60]


def test_the_timeline_has_added_and_planned_events_in_the_order_of_their_dates() -> None:
    planned = [
        {"date": dt.date(2004, 6, 1), "lever": "scandal", "size": 0.1},
        {"date": dt.date(2006, 6, 1), "lever": "scandal", "size": 0.2},
    ]
    base = tiny_scenario(timeline=planned)
    after = build_scenario(base, (ControlLine("thresholds", SOONER, ("school",), start=2 * 52, end=3 * 52),))
    assert [event.lever for event in after.timeline] == ["scandal", "thresholds", "scandal"]
    (_, clicked, _) = after.timeline
    assert (clicked.effective_week(base.clock), clicked.end_week(base.clock)) == (2 * 52, 3 * 52)


def test_every_slider_and_button_writes_a_valid_event_that_acts_from_its_week_on() -> None:
    base = tiny_scenario()
    for moved in SLIDERS:
        for value in (moved.low, moved.high):
            settings = moved.create_settings(value, {"awareness": 0.0, "sanction": 0.0})
            assert settings is not None
            kinds = moved.select_kinds((*base.kinds, FRONT_DOOR))
            (event,) = build_scenario(base, (ControlLine(moved.lever, settings, kinds, 90),)).timeline
            assert event.first_week(base.clock) == 90
    for clicked in BUTTONS:
        events = build_scenario(
            base, (ControlLine(clicked.name, clicked.settings, clicked.kinds, 90),)
        ).timeline
        assert events
        assert {event.first_week(base.clock) for event in events} == {90}, clicked.label


def test_only_the_sliders_of_thresholds_and_trust_apply_to_the_front_door() -> None:
    assert [moved.label for moved in SLIDERS if moved.select_kinds([FRONT_DOOR]) == (FRONT_DOOR,)] == [
        "Concern needed before acting",
        "Change in trust, once",
    ]
    assert find_slider("Staff hours in social care").select_kinds(["school"]) == (EVERYWHERE,)
