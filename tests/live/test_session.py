"""A class changes running systems, and the downloaded scenario repeats what it did exactly."""

import datetime as dt
import gc
import json
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.live.rooms import (
    create_show,
    find_button,
    find_slider,
    open_classroom,
    step_weeks,
    tiny_scenario,
)

import cpsim
from cpsim.live.controls import BUTTONS, SLIDERS
from cpsim.live.session import Classroom, System, check_same_children, find_opening_week
from cpsim.model import ChildProtectionModel

ALL = ("school", "gp", "pct", "hospital", "police", "community")


def threshold_shift(system: System, kind: str = "school") -> float:
    """Mean shift of the threshold for sharing in organisations of a kind."""
    rows = system.model.tables["organisations"]["kind"] == system.model.kinds.index(kind)
    return float(system.model.tables["organisations"]["share_threshold_shift"][rows].mean())


def test_a_show_opens_a_year_before_the_evaluated_years() -> None:
    classroom = open_classroom()
    assert (classroom.week, classroom.day) == (-52, dt.date(2004, 4, 2))


def test_a_slider_acts_in_the_next_week_and_can_be_moved_back() -> None:
    classroom = open_classroom()
    (system,) = classroom.systems
    concern = find_slider("Concern needed before acting")
    before = threshold_shift(system)
    system.move(concern, ALL, -0.6)
    assert system.read_slider(concern, "school") == -0.6
    assert threshold_shift(system) == before, "nothing changes before the next week"
    step_weeks(classroom, 1)
    assert threshold_shift(system) == pytest.approx(before - 0.6)
    system.move(concern, ALL, -0.2)
    step_weeks(classroom, 1)
    assert threshold_shift(system) == pytest.approx(before - 0.2), "the earlier line must have ended"
    system.move(concern, ALL, 0.0)
    step_weeks(classroom, 1)
    assert threshold_shift(system) == before


def test_attention_and_hours_have_the_values_of_the_sliders_after_several_moves() -> None:
    classroom = open_classroom()
    (system,) = classroom.systems
    for factor, hours in ((1.2, 0.1), (0.8, -0.3), (1.5, 0.2)):
        system.move(find_slider("Attention to signs"), ALL, factor)
        system.move(find_slider("Staff hours in social care"), ALL, hours)
        step_weeks(classroom, 2)
    tables = system.model.tables
    assert np.allclose(tables["organisations"]["attention_factor"], 1.5)
    assert np.allclose(tables["teams"]["capacity_factor"], 1.2)


def test_the_sliders_of_the_duty_show_the_duty_in_force() -> None:
    classroom = open_classroom()
    (system,) = classroom.systems
    aware, sanction = (
        find_slider("Duty to share: staff who know of it"),
        find_slider("Sanction for not sharing"),
    )
    assert (system.read_slider(aware, "police"), system.read_slider(aware, "school")) == (0.45, 0.0)
    system.move(sanction, ("police",), 0.5)
    step_weeks(classroom, 1)
    assert (system.read_slider(aware, "police"), system.read_slider(sanction, "police")) == (0.45, 0.5)
    system.press(find_button("Duty on schools"))
    step_weeks(classroom, 1)
    assert system.read_slider(aware, "school") == 0.45
    assert system.is_on(find_button("Duty on schools"))
    schools = system.model.tables["organisations"]["kind"] == system.model.kinds.index("school")
    assert system.model.tables["organisations"]["duty_bound"][schools].all()
    system.move(aware, ("school",), 0.0)
    step_weeks(classroom, 1)
    assert not system.model.tables["organisations"]["duty_bound"][schools].any()


def test_a_slider_shows_a_reform_of_the_scenario() -> None:
    reform = {
        "date": dt.date(2004, 6, 4),
        "lever": "duty",
        "kinds": ["school"],
        "bound": True,
        "awareness": 0.8,
    }
    classroom = open_classroom(tiny_scenario(timeline=[reform]))
    step_weeks(classroom, 10)
    aware = find_slider("Duty to share: staff who know of it")
    assert classroom.systems[0].read_slider(aware, "school") == 0.8


def test_the_trust_slider_acts_once_and_returns_to_its_middle() -> None:
    classroom, untouched = open_classroom(), open_classroom()
    (system,) = classroom.systems
    trust = find_slider("Change in trust, once")
    system.move(trust, ALL, 0.5)
    assert system.read_slider(trust, "school") == 0.5
    for each in (classroom, untouched):
        step_weeks(each, 1)
    assert system.read_slider(trust, "school") == 0.0
    assert system.model.ties.trust.mean() > untouched.systems[0].model.ties.trust.mean() + 0.1


def test_a_merger_breaks_some_ties_and_brings_schools_closer() -> None:
    classroom, untouched = open_classroom(), open_classroom()
    classroom.systems[0].press(find_button("Merge departments"))
    for each in (classroom, untouched):
        step_weeks(each, 1)
    model = classroom.systems[0].model
    change = model.ties.trust - untouched.systems[0].model.ties.trust
    assert model.ties.trust[change < 0] == pytest.approx(model.settings.network.trust_new), (
        "as between strangers"
    )
    assert change.min() < 0
    assert change.max() > 0.05


def test_a_click_can_be_cancelled_before_the_next_week() -> None:
    classroom = open_classroom()
    (system,) = classroom.systems
    for clicked in BUTTONS:
        system.press(clicked)
        assert system.is_on(clicked)
        system.press(clicked)
        assert not system.is_on(clicked)
    assert system.lines == ()
    assert system.scenario == system.base


def play_to_the_end(tmp_path: Path) -> tuple[Classroom, Path]:
    """Use every control, some of them twice, run to the end, and write the downloaded scenario to a file."""
    classroom = open_classroom()
    (system,) = classroom.systems
    for round_ in range(2):
        for moved in SLIDERS:
            system.move(
                moved, ALL if round_ else ("school", "police"), moved.low + 0.7 * (moved.high - moved.low)
            )
            step_weeks(classroom, 1)
        for clicked in BUTTONS:
            step_weeks(classroom, 3)
            system.press(clicked)
    while classroom.running:
        classroom.step()
    assert classroom.error == ""
    file = tmp_path / "played.yaml"
    file.write_text(system.scenario_to_yaml(), encoding="utf-8")
    return classroom, file


def test_the_downloaded_scenario_repeats_what_the_class_did(tmp_path: Path) -> None:
    classroom, file = play_to_the_end(tmp_path)
    again = cpsim.run(file, seed=1).summary_to_json()
    assert json.loads(classroom.systems[0].summary_to_json()) == json.loads(again)
    assert again != cpsim.run(tiny_scenario(), seed=1).summary_to_json(), "the changes should have an effect"


def test_a_show_without_changes_has_the_result_of_a_run() -> None:
    classroom = open_classroom()
    while classroom.running:
        classroom.step()
    assert classroom.systems[0].summary_to_json() == cpsim.run(tiny_scenario(), seed=1).summary_to_json()


def test_two_systems_stay_in_step_and_are_changed_separately() -> None:
    classroom = open_classroom(tiny_scenario("left"), tiny_scenario("right"))
    left, right = classroom.systems
    right.move(find_slider("Concern needed before acting"), ALL, 1.0)
    step_weeks(classroom, 3)
    assert left.model.week == right.model.week
    assert threshold_shift(right) == pytest.approx(threshold_shift(left) + 1.0)
    assert left.scenario.timeline == ()


def test_systems_that_differ_before_the_opening_have_separate_histories() -> None:
    early = {"date": dt.date(2003, 9, 1), "lever": "thresholds", "kinds": ["school"], "shift": 1.0}
    classroom = open_classroom(tiny_scenario("left"), tiny_scenario("right", timeline=[early]))
    left, right = classroom.systems
    assert threshold_shift(right) == pytest.approx(threshold_shift(left) + 1.0)
    while classroom.running:
        classroom.step()
    assert (
        right.summary_to_json()
        == cpsim.run(tiny_scenario("right", timeline=[early]), seed=1).summary_to_json()
    )


def test_systems_that_differ_from_the_start_share_only_their_children() -> None:
    other = tiny_scenario("right", front_door={"referral_threshold": 9.0})
    classroom = open_classroom(tiny_scenario("left"), other)
    left, right = classroom.systems
    assert left.model.world is right.model.world
    while classroom.running:
        classroom.step()
    assert right.summary_to_json() == cpsim.run(other, seed=1).summary_to_json()


def test_a_slider_ignores_kinds_of_agency_that_a_system_does_not_have() -> None:
    classroom = open_classroom(tiny_scenario("left"), tiny_scenario("right"))
    classroom.systems[0].move(find_slider("Attention to signs"), ("unknown_kind",), 1.5)
    assert classroom.systems[0].lines == ()


def test_classrooms_do_not_affect_each_other() -> None:
    show = create_show(tiny_scenario())
    first, second = Classroom(show), Classroom(show)
    for classroom in (first, second):
        classroom.history.wait(60)
        classroom.open()
    first.systems[0].press(find_button("Scandal"))
    step_weeks(first, 10)
    assert second.week == -52
    assert second.systems[0].lines == ()
    while second.running:
        second.step()
    assert second.systems[0].summary_to_json() == cpsim.run(tiny_scenario(), seed=1).summary_to_json()


def test_an_error_in_a_week_stops_the_classroom_and_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    classroom = open_classroom()

    def fail() -> None:
        raise ZeroDivisionError("no hours are left")

    classroom.systems[0].model.step = fail  # type: ignore[method-assign]
    classroom.step()
    assert "no hours are left" in classroom.error
    assert not classroom.running
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_an_error_in_the_history_is_shown_in_the_classroom(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> None:
        raise MemoryError("too many children")

    monkeypatch.setattr("cpsim.simulation.draw_world", fail)
    classroom = Classroom(create_show(tiny_scenario()))
    classroom.history.wait(60)
    classroom.open()
    assert "too many children" in classroom.error
    assert classroom.systems == ()
    capsys.readouterr()


def test_a_closed_classroom_stops_and_releases_its_memory() -> None:
    classroom = open_classroom()
    model = weakref.ref(classroom.systems[0].model)
    assert len(classroom.systems[0].model.agents) > 0
    classroom.close()
    classroom.step()
    assert not classroom.running
    classroom.open()
    assert classroom.systems == ()
    gc.collect()
    assert model() is None


def test_two_hundred_classrooms_release_their_models() -> None:
    def models() -> int:
        gc.collect()
        return sum(type(each) is ChildProtectionModel for each in gc.get_objects())

    show = create_show(tiny_scenario())
    Classroom(show).history.wait(60)
    before = models()
    for _ in range(200):
        classroom = Classroom(show)
        classroom.step()
        assert classroom.week == -51
        assert len(classroom.systems[0].model.agents) > 0, (
            "Mesa counts agents in a registry that outlives their model"
        )
        classroom.close()
    assert models() <= before


def test_a_show_opens_on_any_day_of_the_run() -> None:
    scenario = tiny_scenario()
    assert find_opening_week(scenario, dt.date(2005, 4, 1)) == 104
    assert find_opening_week(tiny_scenario(clock={"warm_up_years": 0}), None) == 1
    for day in (dt.date(1999, 1, 1), dt.date(2030, 1, 1)):
        with pytest.raises(
            ValueError, match="outside the run; the show can start on any day from 2003-04-11 to"
        ):
            find_opening_week(scenario, day)


def test_scenarios_with_different_children_cannot_be_shown_side_by_side() -> None:
    other = tiny_scenario("larger", population={"children": 3000})
    with pytest.raises(
        ValueError, match=r"do not have the same children.*differ in population\.children; for"
    ):
        check_same_children(tiny_scenario(), other)
    check_same_children(tiny_scenario(), tiny_scenario("other", sharing={"duty_effect": 0.1}))


def test_scenarios_with_different_agencies_cannot_be_shown_side_by_side_but_different_thresholds_can() -> (
    None
):
    kinds = tiny_scenario().model_dump()["agencies"]
    youth = {"youth_justice": kinds["police"], "connexions": kinds["police"]}
    more = tiny_scenario("more", agencies={**kinds, **youth})
    with pytest.raises(ValueError, match=r"differ in agencies\.youth_justice, agencies\.connexions$"):
        check_same_children(tiny_scenario(), more)
    with pytest.raises(ValueError, match=r"differ in the order of the agencies$"):
        check_same_children(
            more, tiny_scenario("other order", agencies={**kinds, **dict(reversed(youth.items()))})
        )
    cautious = {**kinds, "school": {**kinds["school"], "share_threshold": 0.0}}
    check_same_children(tiny_scenario(), tiny_scenario("cautious", agencies=cautious))
