"""Inspectors see what is easily counted, and err; work moves to where it scores; adult social care is rated beside."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from pandas.testing import assert_frame_equal
from tests.governance.examples import FROM
from tests.model.authority import changed, finished, model_of, run_of, scenario

from cpsim.agents.columns import AgentTable
from cpsim.agents.roster import AUTHORITIES, ORGANISATIONS, TEAMS
from cpsim.agents.social_work import TeamRole
from cpsim.governance.context import LeverContext
from cpsim.governance.inspection import Inspection
from cpsim.governance.ratings import GradeShares
from cpsim.governance.timeline import Timeline
from cpsim.scenario.clock import run_week_of
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.schema import Scenario

FIRST = run_week_of(FROM, scenario().clock)


def inspection(**settings: Any) -> Inspection:
    return Inspection(**{"lever": "inspection", **settings})


def under(*events: dict[str, Any]) -> Scenario:
    return changed(scenario(), timeline=[{"date": FROM, **event} for event in events])


def inspected(**settings: Any) -> Scenario:
    return under({"lever": "inspection", **settings})


def country(settings: Scenario, quality: NDArray[np.float64], on_time: NDArray[np.float64]) -> Timeline:
    """A country of authorities of one team each, which judge with this accuracy and keep to time limits so often."""
    n = len(quality)
    teams, organisations = AgentTable(TEAMS, n), AgentTable(ORGANISATIONS, n)
    teams["role"] = TeamRole.ASSESSMENT
    for column in ("capacity_factor", "delivered_share"):
        teams[column] = 1.0
    teams["accuracy"], teams["on_time_share"] = quality, on_time
    teams["authority"] = organisations["authority"] = np.arange(n)
    ties = model_of(scenario(), collect=False).ties
    tables = {
        "authorities": AgentTable(AUTHORITIES, n),
        "teams": teams,
        "organisations": organisations,
        "workers": AgentTable({}, 0),
        "ties": ties.table,
    }
    names = tuple(f"authority-{row}" for row in range(n))
    return Timeline(settings, LeverContext(settings, tables, ties, names, seed=1))


def rated(timeline: Timeline, weeks: int) -> pd.DataFrame:
    """Ratings of children's services up to so many weeks after the first date, in a country where nothing moves."""
    for week in range(FIRST, FIRST + weeks + 1):
        timeline.apply_levers(week)
    ratings = timeline._board.ratings.to_frame(FIRST)
    return ratings[ratings["service"] == "children"]


def many(number: int = 4000) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Quality and punctuality that vary independently."""
    draw = np.random.default_rng(5)
    return 0.8 + 0.1 * draw.standard_normal(number), 0.7 + 0.1 * draw.standard_normal(number)


def test_work_moves_to_what_is_scored_and_not_checked() -> None:
    assert inspection(proxy_weight=1.0, verification=0.0, gaming=0.2).time_moved == pytest.approx(0.2)
    assert inspection(proxy_weight=0.7, verification=0.2, gaming=0.1).time_moved == pytest.approx(
        0.1 * 0.56 / 0.86
    )
    assert inspection(proxy_weight=0.0).time_moved == 0
    assert inspection(proxy_weight=1.0, verification=1.0).time_moved == 0


def test_the_more_returns_are_checked_the_less_is_gamed() -> None:
    moved = [inspection(verification=share).time_moved for share in (0, 0.2, 0.7, 1)]
    assert moved == sorted(moved, reverse=True)
    assert len(set(moved)) == 4


def test_hours_that_go_to_returns_are_missing_from_casework_and_with_their_root_accuracy() -> None:
    model = model_of(inspected(proxy_weight=1.0, verification=0.0, gaming=0.19), collect=False)
    for week in range(FIRST + 1):
        model.timeline.apply_levers(week)
    assert model.tables["teams"]["capacity_factor"] == pytest.approx(0.81)
    assert model.tables["teams"]["accuracy"] == pytest.approx(0.9)


def test_partners_tell_more_if_joint_work_is_scored() -> None:
    scored, usual = (
        model_of(settings, collect=False)
        for settings in (inspected(joint_work=0.5, joint_effect=0.3), inspected())
    )
    for week in range(FIRST + 1):
        scored.timeline.apply_levers(week)
        usual.timeline.apply_levers(week)
    shifts = [model.tables["organisations"]["share_threshold_shift"] for model in (scored, usual)]
    assert shifts[0] - shifts[1] == pytest.approx(-0.15)


def test_another_inspection_finds_again_the_repeatable_share_of_scores_and_no_more() -> None:
    ratings = rated(country(inspected(reliability=0.6, gaming=0.0), *many()), weeks=52)
    first, second = (ratings["score"][ratings["week"] == week].to_numpy() for week in (0, 52))
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(0.6, abs=0.03)


def test_scores_follow_true_quality_as_far_as_what_is_counted_does() -> None:
    for likeness in (0.0, 0.2, 0.7, 1.0):
        ratings = rated(country(inspected(truth_correlation=likeness), *many()), weeks=0)
        w, r = 0.7, likeness
        seen = math.sqrt(w**2 + (1 - w) ** 2 + 2 * w * (1 - w) * r)
        expected = (w * r + 1 - w) / seen * math.sqrt(0.6)
        assert np.corrcoef(ratings["score"], ratings["quality"])[0, 1] == pytest.approx(expected, abs=0.03)


def test_an_inspection_that_looks_at_the_truth_and_never_errs_finds_the_truth() -> None:
    ratings = rated(country(inspected(proxy_weight=0.0, reliability=1.0), *many(100)), weeks=0)
    assert ratings["score"].to_numpy(float) == pytest.approx(ratings["quality"].to_numpy(float))


def test_of_a_hundred_and_fifty_councils_twelve_are_excellent_and_one_fails_at_the_first_inspection() -> None:
    grades = rated(country(inspected(), *many(150)), weeks=0)["grade"]
    assert (grades == 4).sum() == 12
    assert (grades == 1).sum() == 1
    assert abs((grades == 2).sum() - (grades == 3).sum()) <= 1


def test_a_single_council_is_marked_as_one_of_many() -> None:
    cut_offs = GradeShares(top=0.08, bottom=0.05, scatter=2.0).cut_offs(np.array([7.0]))
    scores = 2.0 * np.random.default_rng(3).standard_normal(100_000)
    assert (scores >= cut_offs[2]).mean() == pytest.approx(0.08, abs=0.003)
    assert (scores < cut_offs[0]).mean() == pytest.approx(0.05, abs=0.003)


def test_tougher_inspectors_mark_the_same_quality_down_and_nobody_up() -> None:
    later = {"lever": "inspection", "gaming": 0.0}
    first = {"lever": "inspection", "gaming": 0.0, "every_weeks": 26}
    usual, tough = (
        rated(country(under(first, {**later, "date": "2006-10-02", **toughening}), *many(150)), weeks=26)
        for toughening in ({}, {"shift": -0.5})
    )
    fallen = usual[usual["week"] == 26]["score"] - tough[tough["week"] == 26]["score"]
    assert fallen.to_numpy(float) == pytest.approx(0.5)
    assert (tough["grade"] <= usual["grade"]).all()
    assert (tough["grade"] < usual["grade"]).any()


def test_a_later_inspection_takes_over_and_nobody_is_inspected_twice_in_a_week() -> None:
    events = [
        {"lever": "inspection", "every_weeks": 13},
        {"lever": "inspection", "every_weeks": 26, "date": "2006-10-02", "proxy_weight": 0.0},
    ]
    timeline = country(under(*events), *many(5))
    ratings = rated(timeline, weeks=80)
    assert ratings["week"].unique().tolist() == [0, 13, 26, 52, 78]
    assert not ratings.duplicated(["week", "authority"]).any()
    assert (timeline._board.tables["teams"]["capacity_factor"] == 1).all()


def test_councils_that_hardly_differ_are_not_told_apart_by_a_hair() -> None:
    quality = np.full(20, 0.8) + 1e-9 * np.arange(20)
    ratings = rated(country(inspected(proxy_weight=0.0, reliability=1.0), quality, np.full(20, 0.7)), weeks=0)
    assert abs(ratings["score"]).max() < 1e-6


def test_adult_social_care_is_rated_alike_whatever_happens_to_children() -> None:
    shaken = {"lever": "inspection_judgement", "exits": 2.5, "workload": 1.5, "recovery_weeks": None}
    one, other = (run_of(under({"lever": "inspection"}, *more)).ratings for more in ([], [shaken]))
    adults = one["service"] == "adults"
    assert_frame_equal(one[adults], other[adults])
    assert not one[~adults].equals(other[~adults])


def test_the_grades_of_a_fork_are_those_of_a_run() -> None:
    settings = under({"lever": "inspection", "every_weeks": 13}, {"lever": "inspection_judgement"})
    model = model_of(under({"lever": "inspection", "every_weeks": 13}))
    while model.week < FIRST:
        model.step()
    assert_frame_equal(finished(model.fork(settings)).ratings, run_of(settings).ratings)


def test_a_grade_stands_in_the_table_of_authorities_and_in_the_results() -> None:
    model = model_of(inspected())
    while model.running:
        model.step()
    last = model.result().ratings.groupby("service", observed=True).last()
    authorities = model.tables["authorities"]
    assert authorities["score"][0] == last["score"]["children"]
    assert authorities["grade"][0] == last["grade"]["children"]
    assert authorities["adult_grade"][0] == last["grade"]["adults"]


def test_where_nobody_inspects_nobody_is_rated() -> None:
    assert run_of(scenario()).ratings.empty


def test_without_a_date_inspectors_come_when_judging_begins_and_services_have_settled() -> None:
    undated = changed(scenario(), timeline=[{"lever": "inspection"}])
    assert run_of(undated).ratings["week"].unique().tolist() == [0, 52, 104, 156, 208]


def test_a_line_that_stands_there_twice_is_a_slip() -> None:
    with pytest.raises(ScenarioError, match="twice"):
        under({"lever": "inspection"}, {"lever": "inspection"})


def test_a_fork_in_mid_run_and_the_model_it_comes_from_write_down_their_own_ratings() -> None:
    settings = inspected(every_weeks=13)
    model = model_of(settings)
    while model.week < FIRST + 30:
        model.step()
    one, other = finished(model.fork()), finished(model)
    assert_frame_equal(one.ratings, run_of(settings).ratings)
    assert_frame_equal(other.ratings, one.ratings)


def test_more_than_all_cannot_be_in_the_outer_grades() -> None:
    with pytest.raises(ScenarioError, match="more than all"):
        inspected(top_share=0.6, bottom_share=0.5)
