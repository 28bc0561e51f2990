"""A class turns and clicks while the systems live, and what it has done can be repeated to the last bit."""

import datetime as dt
import gc
import json
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.visualiser.rooms import button, live, room_of, show_of, slider, tiny

import cpsim
from cpsim.model import ChildProtectionModel
from cpsim.visualiser.classroom import Classroom, System, check_same_children, week_of_opening
from cpsim.visualiser.controls import BUTTONS, SLIDERS

ALL = ("school", "gp", "pct", "hospital", "police", "community")


def threshold(system: System, kind: str = "school") -> float:
    """How far the threshold for telling social care stands from where these agencies have it."""
    rows = system.model.tables["organisations"]["kind"] == system.model.kinds.index(kind)
    return float(system.model.tables["organisations"]["share_threshold_shift"][rows].mean())


def test_a_class_opens_a_year_before_the_years_that_are_judged() -> None:
    room = room_of()
    assert (room.week, room.day) == (-52, dt.date(2004, 4, 2))


def test_a_slider_acts_in_the_very_next_week_and_goes_back_to_where_it_was() -> None:
    room = room_of()
    (system,) = room.systems
    worry = slider("Worry needed before acting")
    before = threshold(system)
    system.turn(worry, ALL, -0.6)
    assert system.value(worry, "school") == -0.6
    assert threshold(system) == before, "nothing changes before the week is lived"
    live(room, 1)
    assert threshold(system) == pytest.approx(before - 0.6)
    system.turn(worry, ALL, -0.2)
    live(room, 1)
    assert threshold(system) == pytest.approx(before - 0.2), "the earlier line must have ended"
    system.turn(worry, ALL, 0.0)
    live(room, 1)
    assert threshold(system) == before


def test_attention_and_hours_stand_where_the_sliders_say_after_several_moves() -> None:
    room = room_of()
    (system,) = room.systems
    for factor, hours in ((1.2, 0.1), (0.8, -0.3), (1.5, 0.2)):
        system.turn(slider("Attention to signs"), ALL, factor)
        system.turn(slider("Staff hours in social care"), ALL, hours)
        live(room, 2)
    tables = system.model.tables
    assert np.allclose(tables["organisations"]["attention_factor"], 1.5)
    assert np.allclose(tables["teams"]["capacity_factor"], 1.2)


def test_the_sliders_of_the_duty_show_the_law_as_it_stands() -> None:
    room = room_of()
    (system,) = room.systems
    aware, sanction = slider("Duty to share: staff who know of it"), slider("Sanction for not sharing")
    assert (system.value(aware, "police"), system.value(aware, "school")) == (0.45, 0.0)
    system.turn(sanction, ("police",), 0.5)
    live(room, 1)
    assert (system.value(aware, "police"), system.value(sanction, "police")) == (0.45, 0.5)
    system.press(button("Duty on schools"))
    live(room, 1)
    assert system.value(aware, "school") == 0.45
    assert system.is_on(button("Duty on schools"))
    law = system.model.lever_context.duties
    schools = system.model.tables["organisations"]["kind"] == system.model.kinds.index("school")
    assert law.bound[schools].all()
    system.turn(aware, ("school",), 0.0)
    live(room, 1)
    assert not system.model.lever_context.duties.bound[schools].any()


def test_a_reform_of_the_scenario_takes_the_slider_along() -> None:
    reform = {
        "date": dt.date(2004, 6, 4),
        "lever": "duty",
        "kinds": ["school"],
        "bound": True,
        "awareness": 0.8,
    }
    room = room_of(tiny(timeline=[reform]))
    live(room, 10)
    aware = slider("Duty to share: staff who know of it")
    assert room.systems[0].value(aware, "school") == 0.8


def test_a_push_moves_trust_once_and_the_slider_springs_back() -> None:
    room, untouched = room_of(), room_of()
    (system,) = room.systems
    push = slider("Push on trust, once")
    system.turn(push, ALL, 0.5)
    assert system.value(push, "school") == 0.5
    for class_ in (room, untouched):
        live(class_, 1)
    assert system.value(push, "school") == 0.0
    assert system.model.ties.trust.mean() > untouched.systems[0].model.ties.trust.mean() + 0.1


def test_a_merger_breaks_some_ties_and_brings_schools_closer() -> None:
    room, untouched = room_of(), room_of()
    room.systems[0].press(button("Merge departments"))
    for class_ in (room, untouched):
        live(class_, 1)
    change = room.systems[0].model.ties.trust - untouched.systems[0].model.ties.trust
    assert change.min() < -0.1
    assert change.max() > 0.05


def test_a_click_before_the_week_is_lived_can_be_taken_back() -> None:
    room = room_of()
    (system,) = room.systems
    for clicked in BUTTONS:
        system.press(clicked)
        assert system.is_on(clicked)
        system.press(clicked)
        assert not system.is_on(clicked)
    assert system.lines == ()
    assert system.scenario == system.base


def played_to_the_end(tmp_path: Path) -> tuple[Classroom, Path]:
    """A class that does all that can be done, some of it twice, and takes home what it did."""
    room = room_of()
    (system,) = room.systems
    for round_ in range(2):
        for moved in SLIDERS:
            system.turn(
                moved, ALL if round_ else ("school", "police"), moved.low + 0.7 * (moved.high - moved.low)
            )
            live(room, 1)
        for clicked in BUTTONS:
            live(room, 3)
            system.press(clicked)
    while room.running:
        room.step()
    assert room.fault == ""
    file = tmp_path / "played.yaml"
    file.write_text(system.scenario_file(), encoding="utf-8")
    return room, file


def test_what_a_class_has_done_is_repeated_by_the_file_that_it_takes_home(tmp_path: Path) -> None:
    room, file = played_to_the_end(tmp_path)
    again = cpsim.run(file, seed=1).summary_to_json()
    assert json.loads(room.systems[0].summary_file()) == json.loads(again)
    assert again != cpsim.run(tiny(), seed=1).summary_to_json(), "all that clicking should have done something"


def test_without_a_click_the_show_ends_like_a_run() -> None:
    room = room_of()
    while room.running:
        room.step()
    assert room.systems[0].summary_file() == cpsim.run(tiny(), seed=1).summary_to_json()


def test_two_systems_stay_in_step_and_are_turned_apart() -> None:
    room = room_of(tiny("left"), tiny("right"))
    left, right = room.systems
    right.turn(slider("Worry needed before acting"), ALL, 1.0)
    live(room, 3)
    assert left.model.week == right.model.week
    assert threshold(right) == pytest.approx(threshold(left) + 1.0)
    assert left.scenario.timeline == ()


def test_systems_whose_ways_part_before_the_show_opens_have_pasts_of_their_own() -> None:
    early = {"date": dt.date(2003, 9, 1), "lever": "thresholds", "kinds": ["school"], "shift": 1.0}
    room = room_of(tiny("left"), tiny("right", timeline=[early]))
    left, right = room.systems
    assert threshold(right) == pytest.approx(threshold(left) + 1.0)
    while room.running:
        room.step()
    assert right.summary_file() == cpsim.run(tiny("right", timeline=[early]), seed=1).summary_to_json()


def test_systems_that_differ_from_the_start_share_their_children_alone() -> None:
    other = tiny("right", front_door={"referral_threshold": 9.0})
    room = room_of(tiny("left"), other)
    left, right = room.systems
    assert left.model.world is right.model.world
    while room.running:
        room.step()
    assert right.summary_file() == cpsim.run(other, seed=1).summary_to_json()


def test_a_system_with_an_agency_of_its_own_is_turned_without_the_other() -> None:
    room = room_of(tiny("left"), tiny("right"))
    room.systems[0].turn(slider("Attention to signs"), ("nobody",), 1.5)
    assert room.systems[0].lines == ()


def test_classes_do_not_disturb_each_other() -> None:
    show = show_of(tiny())
    first, second = Classroom(show), Classroom(show)
    for room in (first, second):
        room.past.wait(60)
        room.open()
    first.systems[0].press(button("Scandal"))
    live(first, 10)
    assert second.week == -52
    assert second.systems[0].lines == ()
    while second.running:
        second.step()
    assert second.systems[0].summary_file() == cpsim.run(tiny(), seed=1).summary_to_json()


def test_a_week_that_cannot_be_lived_stops_the_class_and_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    room = room_of()

    def fail() -> None:
        raise ZeroDivisionError("no hours are left")

    room.systems[0].model.step = fail  # type: ignore[method-assign]
    room.step()
    assert "no hours are left" in room.fault
    assert not room.running
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_past_that_fails_is_told_to_every_tab(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> None:
        raise MemoryError("too many children")

    monkeypatch.setattr("cpsim.visualiser.past.draw_world", fail)
    room = room_of()
    assert "too many children" in room.fault
    assert room.systems == ()
    capsys.readouterr()


def test_a_class_that_is_closed_steps_no_more_and_leaves_no_memory_behind() -> None:
    room = room_of()
    model = weakref.ref(room.systems[0].model)
    assert len(room.systems[0].model.agents) > 0
    room.close()
    room.step()
    assert not room.running
    room.open()
    assert room.systems == ()
    gc.collect()
    assert model() is None


def test_two_hundred_classes_that_open_and_close_leave_no_model_behind() -> None:
    def models() -> int:
        gc.collect()
        return sum(type(thing) is ChildProtectionModel for thing in gc.get_objects())

    show = show_of(tiny())
    Classroom(show).past.wait(60)
    before = models()
    for _ in range(200):
        room = Classroom(show)
        room.step()
        assert room.week == -51
        assert len(room.systems[0].model.agents) > 0, (
            "Mesa counts agents in a place that outlives their model"
        )
        room.close()
    assert models() <= before


def test_a_show_opens_on_any_day_of_the_run() -> None:
    scenario = tiny()
    assert week_of_opening(scenario, dt.date(2005, 4, 1)) == 104
    assert week_of_opening(tiny(clock={"warm_up_years": 0}), None) == 1
    for day in (dt.date(1999, 1, 1), dt.date(2030, 1, 1)):
        with pytest.raises(ValueError, match="outside the show, which can begin from 2003-04-11 to"):
            week_of_opening(scenario, day)


def test_scenarios_with_other_children_cannot_stand_side_by_side() -> None:
    other = tiny("larger", population={"children": 3000})
    with pytest.raises(ValueError, match=r"do not have the same children.*differ in population\.children$"):
        check_same_children(tiny(), other)
    check_same_children(tiny(), tiny("other", sharing={"duty_effect": 0.1}))


def test_scenarios_with_other_agencies_cannot_stand_side_by_side_but_other_ways_of_working_can() -> None:
    kinds = tiny().model_dump()["agencies"]
    youth = {"youth_justice": kinds["police"], "connexions": kinds["police"]}
    more = tiny("more", agencies={**kinds, **youth})
    with pytest.raises(ValueError, match=r"differ in agencies\.youth_justice, agencies\.connexions$"):
        check_same_children(tiny(), more)
    with pytest.raises(ValueError, match=r"differ in the order of the agencies$"):
        check_same_children(more, tiny("turned round", agencies={**kinds, **dict(reversed(youth.items()))}))
    warier = {**kinds, "school": {**kinds["school"], "share_threshold": 0.0}}
    check_same_children(tiny(), tiny("warier", agencies=warier))
