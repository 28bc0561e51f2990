"""Scores mix returns and true quality with an error, work moves to what is scored, and adult services are rated too."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from pandas.testing import assert_frame_equal
from tests.governance.examples import FROM
from tests.model.authority import build_model, replace_sections, run_scenario, run_to_end, scenario

from cpsim.agents.build import AUTHORITIES, ORGANISATIONS, TEAMS
from cpsim.agents.columns import AgentTable
from cpsim.agents.tables import TeamRole
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


def build_scenario(*events: dict[str, Any]) -> Scenario:
    return replace_sections(scenario(), timeline=[{"date": FROM, **event} for event in events])


def build_inspection(**settings: Any) -> Scenario:
    return build_scenario({"lever": "inspection", **settings})


def build_country(settings: Scenario, quality: NDArray[np.float64], on_time: NDArray[np.float64]) -> Timeline:
    """Return a timeline for authorities of one team each, with the given accuracy and shares of timely assessments."""
    n = len(quality)
    teams, organisations = AgentTable(TEAMS, n), AgentTable(ORGANISATIONS, n)
    teams["role"] = TeamRole.ASSESSMENT
    for column in ("capacity_factor", "delivered_share"):
        teams[column] = 1.0
    teams["accuracy"], teams["on_time_share"] = quality, on_time
    teams["authority"] = organisations["authority"] = np.arange(n)
    ties = build_model(scenario(), collect=False).ties
    tables = {
        "authorities": AgentTable(AUTHORITIES, n),
        "teams": teams,
        "organisations": organisations,
        "workers": AgentTable({}, 0),
        "ties": ties.table,
    }
    names = tuple(f"authority-{row}" for row in range(n))
    return Timeline(settings, LeverContext(settings, tables, ties, names, seed=1))


def rate_children_services(timeline: Timeline, weeks: int) -> pd.DataFrame:
    """Return the ratings of children's services up to some weeks after the first date, without any casework."""
    for week in range(FIRST, FIRST + weeks + 1):
        timeline.apply_levers(week)
    ratings = timeline._context.ratings.to_frame(FIRST)
    return ratings[ratings["service"] == "children"]


def draw_quality(number: int = 4000) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw independent quality and timeliness for a number of authorities."""
    draw = np.random.default_rng(5)
    return 0.8 + 0.1 * draw.standard_normal(number), 0.7 + 0.1 * draw.standard_normal(number)


def test_the_share_of_time_moved_follows_its_equation() -> None:
    assert inspection(proxy_weight=1.0, verification=0.0, gaming=0.2).time_moved == pytest.approx(0.2)
    assert inspection(proxy_weight=0.7, verification=0.2, gaming=0.1).time_moved == pytest.approx(
        0.1 * 0.56 / 0.86
    )
    assert inspection(proxy_weight=0.0).time_moved == 0
    assert inspection(proxy_weight=1.0, verification=1.0).time_moved == 0


def test_gaming_falls_with_the_share_of_returns_that_is_verified() -> None:
    moved = [inspection(verification=share).time_moved for share in (0, 0.2, 0.7, 1)]
    assert moved == sorted(moved, reverse=True)
    assert len(set(moved)) == 4


def test_hours_fall_by_the_time_moved_to_returns_and_accuracy_by_its_square_root() -> None:
    model = build_model(build_inspection(proxy_weight=1.0, verification=0.0, gaming=0.19), collect=False)
    for week in range(FIRST + 1):
        model.timeline.apply_levers(week)
    assert model.tables["teams"]["capacity_factor"] == pytest.approx(0.81)
    assert model.tables["teams"]["accuracy"] == pytest.approx(0.9)


def test_thresholds_of_partners_fall_if_joint_work_is_scored() -> None:
    scored, usual = (
        build_model(settings, collect=False)
        for settings in (build_inspection(joint_work=0.5, joint_effect=0.3), build_inspection())
    )
    for week in range(FIRST + 1):
        scored.timeline.apply_levers(week)
        usual.timeline.apply_levers(week)
    shifts = [model.tables["organisations"]["share_threshold_shift"] for model in (scored, usual)]
    assert shifts[0] - shifts[1] == pytest.approx(-0.15)


def test_scores_of_two_inspections_correlate_by_their_reliability() -> None:
    ratings = rate_children_services(
        build_country(build_inspection(reliability=0.6, gaming=0.0), *draw_quality()), weeks=52
    )
    first, second = (ratings["score"][ratings["week"] == week].to_numpy() for week in (0, 52))
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(0.6, abs=0.03)


def test_the_correlation_of_scores_with_true_quality_follows_its_equation() -> None:
    for correlation in (0.0, 0.2, 0.7, 1.0):
        ratings = rate_children_services(
            build_country(build_inspection(truth_correlation=correlation), *draw_quality()), weeks=0
        )
        w, r = 0.7, correlation
        seen = math.sqrt(w**2 + (1 - w) ** 2 + 2 * w * (1 - w) * r)
        expected = (w * r + 1 - w) / seen * math.sqrt(0.6)
        assert np.corrcoef(ratings["score"], ratings["quality"])[0, 1] == pytest.approx(expected, abs=0.03)


def test_an_inspection_of_true_quality_without_error_scores_true_quality() -> None:
    ratings = rate_children_services(
        build_country(build_inspection(proxy_weight=0.0, reliability=1.0), *draw_quality(100)), weeks=0
    )
    assert ratings["score"].to_numpy(float) == pytest.approx(ratings["quality"].to_numpy(float))


def test_the_first_inspection_of_150_councils_gives_twelve_top_grades_and_one_lowest_grade() -> None:
    grades = rate_children_services(build_country(build_inspection(), *draw_quality(150)), weeks=0)["grade"]
    assert (grades == 4).sum() == 12
    assert (grades == 1).sum() == 1
    assert abs((grades == 2).sum() - (grades == 3).sum()) <= 1


def test_a_single_council_is_graded_as_one_of_many() -> None:
    cut_offs = GradeShares(top=0.08, bottom=0.05, scatter=2.0).cut_offs(np.array([7.0]))
    scores = 2.0 * np.random.default_rng(3).standard_normal(100_000)
    assert (scores >= cut_offs[2]).mean() == pytest.approx(0.08, abs=0.003)
    assert (scores < cut_offs[0]).mean() == pytest.approx(0.05, abs=0.003)


def test_a_tougher_standard_lowers_scores_of_the_same_quality_and_raises_no_grade() -> None:
    later = {"lever": "inspection", "gaming": 0.0}
    first = {"lever": "inspection", "gaming": 0.0, "every_weeks": 26}
    usual, tougher = (
        rate_children_services(
            build_country(
                build_scenario(first, {**later, "date": "2006-10-02", **toughening}), *draw_quality(150)
            ),
            weeks=26,
        )
        for toughening in ({}, {"shift": -0.5})
    )
    fallen = usual[usual["week"] == 26]["score"] - tougher[tougher["week"] == 26]["score"]
    assert fallen.to_numpy(float) == pytest.approx(0.5)
    assert (tougher["grade"] <= usual["grade"]).all()
    assert (tougher["grade"] < usual["grade"]).any()


def test_a_later_inspection_takes_over_and_no_authority_is_inspected_twice_in_a_week() -> None:
    events = [
        {"lever": "inspection", "every_weeks": 13},
        {"lever": "inspection", "every_weeks": 26, "date": "2006-10-02", "proxy_weight": 0.0},
    ]
    timeline = build_country(build_scenario(*events), *draw_quality(5))
    ratings = rate_children_services(timeline, weeks=80)
    assert ratings["week"].unique().tolist() == [0, 13, 26, 52, 78]
    assert not ratings.duplicated(["week", "authority"]).any()
    assert (timeline._context.tables["teams"]["capacity_factor"] == 1).all()


def test_near_identical_councils_get_near_identical_scores() -> None:
    quality = np.full(20, 0.8) + 1e-9 * np.arange(20)
    ratings = rate_children_services(
        build_country(build_inspection(proxy_weight=0.0, reliability=1.0), quality, np.full(20, 0.7)), weeks=0
    )
    assert abs(ratings["score"]).max() < 1e-6


def test_ratings_of_adult_social_care_do_not_depend_on_children_services() -> None:
    judgement = {"lever": "inspection_judgement", "exits": 2.5, "workload": 1.5, "recovery_weeks": None}
    one, other = (
        run_scenario(build_scenario({"lever": "inspection"}, *more)).ratings for more in ([], [judgement])
    )
    adults = one["service"] == "adults"
    assert_frame_equal(one[adults], other[adults])
    assert not one[~adults].equals(other[~adults])


def test_ratings_of_a_fork_equal_those_of_a_run() -> None:
    settings = build_scenario({"lever": "inspection", "every_weeks": 13}, {"lever": "inspection_judgement"})
    model = build_model(build_scenario({"lever": "inspection", "every_weeks": 13}))
    while model.week < FIRST:
        model.step()
    assert_frame_equal(run_to_end(model.fork(settings)).ratings, run_scenario(settings).ratings)


def test_the_last_grade_is_in_the_table_of_authorities_and_in_the_results() -> None:
    model = build_model(build_inspection())
    while model.running:
        model.step()
    last = model.result().ratings.groupby("service", observed=True).last()
    authorities = model.tables["authorities"]
    assert authorities["score"][0] == last["score"]["children"]
    assert authorities["grade"][0] == last["grade"]["children"]
    assert authorities["adult_grade"][0] == last["grade"]["adults"]


def test_there_are_no_ratings_without_an_inspection() -> None:
    assert run_scenario(scenario()).ratings.empty


def test_an_inspection_without_a_date_starts_in_the_first_evaluated_week() -> None:
    undated = replace_sections(scenario(), timeline=[{"lever": "inspection"}])
    assert run_scenario(undated).ratings["week"].unique().tolist() == [0, 52, 104, 156, 208]


def test_an_inspection_given_twice_is_refused() -> None:
    with pytest.raises(ScenarioError, match="twice"):
        build_scenario({"lever": "inspection"}, {"lever": "inspection"})


def test_a_fork_in_mid_run_and_its_parent_record_their_ratings_independently() -> None:
    settings = build_inspection(every_weeks=13)
    model = build_model(settings)
    while model.week < FIRST + 30:
        model.step()
    one, other = run_to_end(model.fork()), run_to_end(model)
    assert_frame_equal(one.ratings, run_scenario(settings).ratings)
    assert_frame_equal(other.ratings, one.ratings)


def test_grade_shares_above_one_in_total_are_refused() -> None:
    with pytest.raises(ScenarioError, match="add up to more than 1"):
        build_inspection(top_share=0.6, bottom_share=0.5)
