"""Arms that share a history simulate it once, and each has the result of a separate run."""

from typing import NamedTuple

import pytest
from tests.model.authority import assert_same, replace_sections, run_scenario, scenario

from cpsim.parallel import shared_history as arms
from cpsim.parallel.shared_history import find_divergence_week, run_arms
from cpsim.results import RunResult
from cpsim.scenario.clock import run_week_of, total_weeks
from cpsim.scenario.schema import Scenario

DUTY = {"lever": "duty", "kinds": ["school", "gp"], "bound": True, "awareness": 1.0, "sanction": 1.0}


TOWN = scenario("clock.years=2")
ELSEWHERE = replace_sections(TOWN, sharing={"share_noise": 0.4})


def reform(date: str, of: Scenario = TOWN) -> Scenario:
    return replace_sections(of, name=date, timeline=[{**DUTY, "date": date}])


ARMS = {
    "as it was": TOWN,
    "late": reform("2006-06-01"),
    "early": reform("2005-06-01"),
    "another strength": ELSEWHERE,
    "more children": replace_sections(TOWN, population={"children": 2100}),
    "another strength, late": reform("2006-06-01", of=ELSEWHERE),
}


class Together(NamedTuple):
    """The results of all arms run together, and the number of models that were started for them."""

    results: dict[str, RunResult]
    started: int


@pytest.fixture(scope="module")
def together() -> Together:
    started: list[int] = []
    start = arms._start_model
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(arms, "_start_model", lambda *given: started.append(1) or start(*given))
        return Together(dict(run_arms(ARMS, 3)), len(started))


@pytest.mark.parametrize("name", ARMS)
def test_an_arm_has_the_same_result_as_a_separate_run(together: Together, name: str) -> None:
    assert_same(together.results[name], run_scenario(ARMS[name], 3))


def test_arms_that_share_no_history_with_the_first_may_share_one_with_each_other(together: Together) -> None:
    assert together.results.keys() == ARMS.keys()
    assert together.started == len(["as it was", "another strength", "more children"])


def test_arms_diverge_in_the_week_of_the_first_event_that_differs() -> None:
    late = ARMS["late"]
    date = late.timeline[0].date
    assert date is not None
    assert find_divergence_week(ARMS["as it was"], late) == run_week_of(date, late.clock)
    assert find_divergence_week(late, ARMS["early"]) == find_divergence_week(ARMS["as it was"], ARMS["early"])


def test_arms_with_different_settings_share_no_history_and_equal_arms_share_all_of_it() -> None:
    assert find_divergence_week(ARMS["as it was"], ARMS["another strength"]) == 0
    assert find_divergence_week(TOWN, TOWN) == total_weeks(TOWN.clock)


def test_seeds_beyond_the_size_of_a_block_are_simulated_in_further_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cpsim.blocks.size.SEEDS", 2)
    arms = {name: ARMS[name] for name in ("as it was", "late")}
    found = {(name, result.seed): result for name, result in run_arms(arms, 3, 4, 5)}
    assert found.keys() == {(name, seed) for name in arms for seed in (3, 4, 5)}
    for (name, seed), result in found.items():
        assert_same(result, run_scenario(arms[name], seed))


def test_a_comparison_without_arms_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        next(run_arms({}, 1))
