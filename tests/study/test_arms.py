"""Arms that share a past live through it once, and none of them can tell."""

import pytest
from tests.model.authority import assert_same, changed, run_of, scenario

from cpsim.scenario.clock import run_week_of, weeks_of
from cpsim.scenario.schema import Scenario
from cpsim.study import arms
from cpsim.study.arms import parting, run_arms

DUTY = {"lever": "duty", "kinds": ["school", "gp"], "bound": True, "awareness": 1.0, "sanction": 1.0}


def reform(date: str, of: Scenario | None = None) -> Scenario:
    return changed(of or scenario(), name=date, timeline=[{**DUTY, "date": date}])


ELSEWHERE = changed(scenario(), sharing={"share_noise": 0.4})


ARMS = {
    "as it was": scenario(),
    "late": reform("2007-04-01"),
    "early": reform("2005-06-01"),
    "another strength": ELSEWHERE,
    "more children": changed(scenario(), population={"children": 2100}),
    "another strength, late": reform("2007-04-01", of=ELSEWHERE),
}


@pytest.fixture(scope="module")
def together() -> dict[str, object]:
    return dict(run_arms(ARMS, 3))


@pytest.mark.parametrize("name", ARMS)
def test_an_arm_ends_like_a_run_of_its_own(together: dict[str, object], name: str) -> None:
    assert_same(together[name], run_of(ARMS[name], 3))  # type: ignore[arg-type]


def test_arms_that_share_no_past_with_the_first_share_theirs_with_one_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[int] = []
    begin = arms._begun
    monkeypatch.setattr(arms, "_begun", lambda *about: begun.append(1) or begin(*about))
    assert {name for name, _ in run_arms(ARMS, 3)} == ARMS.keys()
    assert len(begun) == len(["as it was", "another strength", "more children"])


def test_arms_part_in_the_week_of_the_first_event_that_differs() -> None:
    late = ARMS["late"]
    date = late.timeline[0].date
    assert date is not None
    assert parting(ARMS["as it was"], late) == run_week_of(date, late.clock)
    assert parting(late, ARMS["early"]) == parting(ARMS["as it was"], ARMS["early"])


def test_arms_that_differ_in_settings_have_no_past_in_common_and_equal_ones_all_of_it() -> None:
    assert parting(ARMS["as it was"], ARMS["another strength"]) == 0
    assert parting(scenario(), scenario()) == weeks_of(scenario().clock)


def test_a_comparison_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        next(run_arms({}, 1))
