"""What a class clicks becomes lines of a timeline, one after the other, and the value shown is the value that acts."""

import datetime as dt

from tests.visualiser.rooms import button, slider, tiny

from cpsim.constants import FRONT_DOOR
from cpsim.visualiser.controls import BUTTONS, EVERYWHERE, SLIDERS, Line, happened, held, played, turned

SOONER, LATER = {"lever": "thresholds", "shift": -0.5}, {"lever": "thresholds", "shift": 0.5}
KINDS = ("school", "gp", "police")


def test_a_slider_that_moves_again_ends_what_it_said_before() -> None:
    lines = turned((), "thresholds", dict.fromkeys(KINDS, SOONER), week=60)
    lines = turned(lines, "thresholds", dict.fromkeys(KINDS, LATER), week=70)
    assert lines == (Line("thresholds", SOONER, KINDS, 60, ends=70), Line("thresholds", LATER, KINDS, 70))


def test_a_slider_that_moves_twice_before_the_week_is_lived_leaves_one_line() -> None:
    lines = turned((), "thresholds", dict.fromkeys(KINDS, SOONER), week=60)
    assert turned(lines, "thresholds", dict.fromkeys(KINDS, LATER), week=60) == (
        Line("thresholds", LATER, KINDS, 60),
    )


def test_a_slider_that_goes_back_ends_its_line_and_writes_none() -> None:
    lines = turned((), "thresholds", dict.fromkeys(KINDS, SOONER), week=60)
    assert turned(lines, "thresholds", dict.fromkeys(KINDS), week=70) == (
        Line("thresholds", SOONER, KINDS, 60, ends=70),
    )
    assert turned(lines, "thresholds", dict.fromkeys(KINDS), week=60) == ()


def test_moving_schools_alone_leaves_the_others_where_they_stood() -> None:
    lines = turned((), "thresholds", dict.fromkeys(KINDS, SOONER), week=60)
    lines = turned(lines, "thresholds", {"school": LATER}, week=70)
    assert held(lines, "thresholds") == {"school": LATER, "gp": SOONER, "police": SOONER}
    assert all(line.ends == 70 for line in lines if line.begins == 60), "a kind may stand in one line only"


def test_moving_schools_to_where_they_stand_changes_nothing() -> None:
    lines = turned((), "thresholds", dict.fromkeys(KINDS, SOONER), week=60)
    assert turned(lines, "thresholds", {"school": SOONER}, week=70) == lines


def test_what_happens_once_may_happen_again_later_and_be_called_off_before() -> None:
    merge = button("Merge departments").says
    lines = happened((), "merger", merge, (EVERYWHERE,), week=60)
    lines = happened(lines, "merger", merge, (EVERYWHERE,), week=80)
    assert [line.begins for line in lines] == [60, 80]
    assert [line.begins for line in happened(lines, "merger", None, (EVERYWHERE,), week=80)] == [60]


def test_the_running_scenario_holds_what_was_clicked_between_what_was_planned() -> None:
    planned = [
        {"date": dt.date(2004, 6, 1), "lever": "scandal", "size": 0.1},
        {"date": dt.date(2006, 6, 1), "lever": "scandal", "size": 0.2},
    ]
    base = tiny(timeline=planned)
    after = played(base, (Line("thresholds", SOONER, ("school",), begins=2 * 52, ends=3 * 52),))
    assert [event.lever for event in after.timeline] == ["scandal", "thresholds", "scandal"]
    (_, clicked, _) = after.timeline
    assert (clicked.week(base.clock), clicked.ends(base.clock)) == (2 * 52, 3 * 52)


def test_every_slider_and_every_button_makes_a_valid_event_that_matters_from_its_week_on() -> None:
    base = tiny()
    for moved in SLIDERS:
        for value in (moved.low, moved.high):
            says = moved.says(value, {"awareness": 0.0, "sanction": 0.0})
            assert says is not None
            kinds = moved.concerned((*base.kinds, FRONT_DOOR))
            (event,) = played(base, (Line(moved.lever, says, kinds, 90),)).timeline
            assert event.begins(base.clock) == 90
    for clicked in BUTTONS:
        events = played(base, (Line(clicked.name, clicked.says, clicked.kinds, 90),)).timeline
        assert events
        assert {event.begins(base.clock) for event in events} == {90}, clicked.label


def test_only_bars_and_ties_are_those_of_the_front_door() -> None:
    assert [moved.label for moved in SLIDERS if moved.concerned([FRONT_DOOR]) == (FRONT_DOOR,)] == [
        "Worry needed before acting",
        "Push on trust, once",
    ]
    assert slider("Staff hours in social care").concerned(["school"]) == (EVERYWHERE,)
