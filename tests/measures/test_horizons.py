"""The primary horizon is a setting: it says when an unprotected spell is missed, and columns are named after it."""

from pathlib import Path

import pytest

import cpsim
from cpsim.comparison.compare import ComparisonError
from cpsim.results import RunResult
from cpsim.scenario import ScenarioError
from cpsim.scenario.read import from_mapping

TOWN = {"extends": "small", "population": {"children": 1500}, "clock": {"years": 1, "warm_up_years": 4}}


def run(horizon: int) -> RunResult:
    return cpsim.run(TOWN, seed=3, overrides={"measures.horizon_weeks": horizon})


def test_columns_are_named_after_the_horizon() -> None:
    result = run(8)
    results = [name for name in result.spells if name.startswith("result_")]
    assert results == ["result_4w", "result_8w", "result_26w", "result_52w"]
    assert [name for name in result.weekly if name.startswith("missed_")] == ["missed_8w"]
    assert result.horizon == 8


def test_the_missed_risk_rate_is_that_at_the_horizon() -> None:
    usual = run(13)
    for other in (4, 26, 52):
        result = run(other)
        assert result.summary["missed_risk_rate"] == usual.summary[f"missed_risk_rate_{other}w"]
        assert result.summary[f"missed_risk_rate_{other}w"] == usual.summary[f"missed_risk_rate_{other}w"]
        assert (result.spells["stopped_at"].notna() == (result.spell_results == "missed")).all()


def test_the_horizon_changes_no_event() -> None:
    assert run(8).events.equals(run(13).events)


def test_a_run_with_another_horizon_is_saved_loaded_and_shown(tmp_path: Path) -> None:
    result = run(8)
    again = RunResult.load(result.save(tmp_path / "run"))
    assert again.horizon == 8
    assert again.spells.equals(result.spells)
    assert str(again) == str(result)
    assert cpsim.plot.cascade(again).axes
    assert cpsim.plot.weeks(again).axes
    assert cpsim.plot.incidence(again).axes


@pytest.mark.parametrize("weeks", [0, -1, 53, 4.5, "13"])
def test_a_horizon_is_a_number_of_weeks_within_the_follow_up(weeks: object) -> None:
    with pytest.raises(ScenarioError, match=r"measures\.horizon_weeks: expected a whole number from 1 to 52"):
        from_mapping({"measures": {"horizon_weeks": weeks}})


def test_arms_with_different_horizons_cannot_be_compared() -> None:
    sooner = {**TOWN, "name": "sooner", "measures": {"horizon_weeks": 8}}
    with pytest.raises(ComparisonError, match=r"measures\.horizon_weeks=8"):
        cpsim.compare(TOWN, sooner, seeds=1, prevalences=())
