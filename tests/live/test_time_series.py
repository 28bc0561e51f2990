"""The plots of a running system show the numbers of its result when the run has finished."""

import numpy as np
import pytest
from tests.model.authority import build_model, replace_sections, scenario

from cpsim.live.packing import unpack
from cpsim.live.time_series import PlotSeries, SeriesRecorder
from cpsim.live.verdicts import RunningVerdicts
from cpsim.measures.chain import STOPS
from cpsim.model import ChildProtectionModel
from cpsim.results import RunResult

OPENS = 40
DUTY = {"date": "2006-04-03", "lever": "duty", "kinds": ["school"], "bound": True, "awareness": 0.9}


def open_at(week: int = OPENS) -> tuple[ChildProtectionModel, SeriesRecorder]:
    reform = replace_sections(scenario(), timeline=[DUTY, {**DUTY, "kinds": ["gp"]}])
    model = build_model(reform)
    while model.week < week:
        model.step()
    return model, SeriesRecorder(model, RunningVerdicts(model))


@pytest.fixture(scope="module")
def finished() -> tuple[PlotSeries, RunResult, ChildProtectionModel]:
    """The series of a whole run, collected in some weeks only, its result and its model."""
    model, recorder = open_at()
    while model.running:
        model.step()
        if model.week % 3:
            recorder.record_week()
            recorder.collect()
    series = recorder.collect()
    return series, model.result(), model


def test_misses_by_stop_equal_those_of_the_ledger_at_the_end(
    finished: tuple[PlotSeries, RunResult, ChildProtectionModel],
) -> None:
    series, result, _ = finished
    counted = unpack(series["by_stop"], "u2").reshape(-1, len(STOPS)).sum(axis=0)
    final = result.spells["stopped_at"].value_counts()
    assert counted.tolist() == [final.get(stop, 0) for stop in STOPS]
    assert counted.sum() > 100


def test_quarterly_misses_and_families_with_neither_equal_those_of_the_weekly_table(
    finished: tuple[PlotSeries, RunResult, ChildProtectionModel],
) -> None:
    series, result, _ = finished
    weekly = result.weekly.set_index("week")
    for name, column in (("missed", "missed_13w"), ("neither", "assessed_neither")):
        line = unpack(series["lines"][name], "f4")
        expected = weekly[column].rolling(13).sum().loc[series["first"] :].to_numpy()
        evaluated = ~np.isnan(line)
        assert line[evaluated].tolist() == expected[evaluated].tolist()
        assert line[evaluated].max() > 0


def test_a_quarter_has_a_value_only_if_all_its_weeks_are_evaluated(
    finished: tuple[PlotSeries, RunResult, ChildProtectionModel],
) -> None:
    series, _, model = finished
    line = unpack(series["lines"]["missed"], "f4")
    weeks = series["first"] + np.flatnonzero(~np.isnan(line))
    assert (weeks[0], weeks[-1]) == (13 + 12, model.world.evaluated_weeks + 12)


def test_caseload_and_trust_equal_the_samples_of_the_run(
    finished: tuple[PlotSeries, RunResult, ChildProtectionModel],
) -> None:
    series, result, _ = finished
    weekly = result.weekly.set_index("week").loc[series["first"] :]
    for name, column in (("caseload", "caseload_mean"), ("trust", "trust_mean")):
        assert unpack(series["lines"][name], "f4") == pytest.approx(weekly[column].to_numpy(), rel=1e-6)


def test_the_queue_has_values_only_in_recorded_weeks() -> None:
    model, recorder = open_at()
    model.step()
    model.step()
    recorder.record_week()
    waiting = len(model.casework.waiting_initial) + len(model.casework.waiting_core)
    queue = unpack(recorder.collect()["lines"]["queue"], "f4")
    assert queue[-1] == waiting
    assert np.isnan(queue[-2])


def test_a_reform_has_one_marker_in_its_week(
    finished: tuple[PlotSeries, RunResult, ChildProtectionModel],
) -> None:
    series, _, _ = finished
    assert series["markers"] == [{"week": 52, "label": "Duty (school), Duty (gp)"}]


def test_an_added_event_is_marked_at_once() -> None:
    model, recorder = open_at(60)
    model.switch_scenario(
        replace_sections(
            model.settings, timeline=[DUTY, {**DUTY, "kinds": ["gp"]}, {**DUTY, "date": "2007-04-02"}]
        )
    )
    assert [marker["week"] for marker in recorder.collect()["markers"]] == [52, 104]


def test_a_dial_appears_when_a_reform_changes_it() -> None:
    model, recorder = open_at(103)
    before = {dial["name"]: unpack(dial["values"], "f4")[-1] for dial in recorder.collect()["dials"]}
    for _ in range(10):
        model.step()
    recorder.record_week()
    after = {dial["name"]: unpack(dial["values"], "f4")[-1] for dial in recorder.collect()["dials"]}
    assert after["Threshold for making contact"] < before.get("Threshold for making contact", 0.0)
    assert "Hours for casework" not in after
