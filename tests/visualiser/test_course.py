"""What the plots of a run under way show is what its result says when it is over."""

import numpy as np
import pytest
from tests.model.authority import changed, model_of, scenario

from cpsim.agents.dials import DIALS
from cpsim.measures.causes import CAUSES
from cpsim.model import ChildProtectionModel
from cpsim.results import RunResult
from cpsim.visualiser.course import DIAL_NAMES, Course, Courses
from cpsim.visualiser.packing import unpacked
from cpsim.visualiser.verdicts import Verdicts

OPENS = 40
DUTY = {"date": "2006-04-03", "lever": "duty", "kinds": ["school"], "bound": True, "awareness": 0.9}


def opened(week: int = OPENS) -> tuple[ChildProtectionModel, Courses]:
    reform = changed(scenario(), timeline=[DUTY, {**DUTY, "kinds": ["gp"]}])
    model = model_of(reform)
    while model.week < week:
        model.step()
    return model, Courses(model, Verdicts(model))


@pytest.fixture(scope="module")
def lived() -> tuple[Course, RunResult, ChildProtectionModel]:
    """A whole run, looked at now and then, and its result."""
    model, courses = opened()
    while model.running:
        model.step()
        if model.week % 3:
            courses.note()
            courses.now()
    course = courses.now()
    return course, model.result(), model


def test_misses_by_cause_are_in_the_end_those_of_the_ledger(
    lived: tuple[Course, RunResult, ChildProtectionModel],
) -> None:
    course, result, _ = lived
    counted = unpacked(course["by_cause"], "u2").reshape(-1, len(CAUSES)).sum(axis=0)
    final = result.spells["cause"].value_counts()
    assert counted.tolist() == [final.get(cause, 0) for cause in CAUSES]
    assert counted.sum() > 100


def test_misses_and_false_alarms_of_a_quarter_are_those_of_the_weekly_table(
    lived: tuple[Course, RunResult, ChildProtectionModel],
) -> None:
    course, result, _ = lived
    weekly = result.weekly.set_index("week")
    for name, column in (("missed", "missed_13w"), ("alarms", "false_alarm_families")):
        line = unpacked(course["lines"][name], "f4")
        expected = weekly[column].rolling(13).sum().loc[course["first"] :].to_numpy()
        judged = ~np.isnan(line)
        assert line[judged].tolist() == expected[judged].tolist()
        assert line[judged].max() > 0


def test_a_quarter_counts_only_when_all_its_children_have_been_judged(
    lived: tuple[Course, RunResult, ChildProtectionModel],
) -> None:
    course, _, model = lived
    line = unpacked(course["lines"]["missed"], "f4")
    weeks = course["first"] + np.flatnonzero(~np.isnan(line))
    assert (weeks[0], weeks[-1]) == (13 + 12, model.world.judged + 12)


def test_caseload_and_trust_are_what_the_run_has_sampled(
    lived: tuple[Course, RunResult, ChildProtectionModel],
) -> None:
    course, result, _ = lived
    weekly = result.weekly.set_index("week").loc[course["first"] :]
    for name, column in (("caseload", "caseload_mean"), ("trust", "trust_mean")):
        assert unpacked(course["lines"][name], "f4") == pytest.approx(weekly[column].to_numpy(), rel=1e-6)


def test_the_queue_is_noted_when_somebody_notes_it_and_nowhere_else() -> None:
    model, courses = opened()
    model.step()
    model.step()
    courses.note()
    waiting = len(model.casework.waiting_initial) + len(model.casework.waiting_core)
    queue = unpacked(courses.now()["lines"]["queue"], "f4")
    assert queue[-1] == waiting
    assert np.isnan(queue[-2])


def test_a_mark_stands_in_the_week_of_the_reform_and_names_it_once(
    lived: tuple[Course, RunResult, ChildProtectionModel],
) -> None:
    course, _, _ = lived
    assert course["markers"] == [{"week": 52, "label": "Duty (school), Duty (gp)"}]


def test_an_event_that_the_class_has_just_added_is_marked_at_once() -> None:
    model, courses = opened(60)
    model.continue_under(
        changed(model.settings, timeline=[DUTY, {**DUTY, "kinds": ["gp"]}, {**DUTY, "date": "2007-04-02"}])
    )
    assert [marker["week"] for marker in courses.now()["markers"]] == [52, 104]


def test_the_dials_that_a_reform_turns_appear_when_it_turns_them() -> None:
    model, courses = opened(103)
    before = {dial["name"]: unpacked(dial["values"], "f4")[-1] for dial in courses.now()["dials"]}
    for _ in range(10):
        model.step()
    courses.note()
    after = {dial["name"]: unpacked(dial["values"], "f4")[-1] for dial in courses.now()["dials"]}
    assert after["Worry needed to tell"] < before.get("Worry needed to tell", 0.0)
    assert "Hours of social workers" not in after


def test_only_dials_that_there_are_have_names() -> None:
    assert set(DIAL_NAMES) <= {dial.column for dial in DIALS}
