"""Caught here and missed there: the same children under two systems."""

from collections.abc import Iterator

import pandas as pd
import pytest

from cpsim.agents.roster import release
from cpsim.measures.causes import CAUSE_PARTS
from cpsim.model import ChildProtectionModel
from cpsim.scenario.read import load
from cpsim.scenario.schema import Scenario
from cpsim.study.arms import run_arms
from cpsim.visualiser.children import Comparing, compared
from cpsim.visualiser.verdicts import Verdicts

TINY = ["population.children=4000", "clock.warm_up_years=2", "clock.years=2"]


@pytest.fixture(scope="module")
def as_it_is() -> Scenario:
    return load("small", TINY)


@pytest.fixture(scope="module")
def looser() -> Scenario:
    """The front door believes everybody: it catches some whom it missed, and chokes on others."""
    thresholds = "[{date: 2005-04-01, lever: thresholds, kinds: [front_door], shift: -1.5}]"
    return load("small", [*TINY, f"timeline={thresholds}"])


def live(left: Scenario, right: Scenario, every: int) -> Iterator[tuple[Comparing, int]]:
    """Two systems side by side, compared every so many weeks; and the weeks judged so far."""
    models = [ChildProtectionModel(scenario, seed=1, collect=False) for scenario in (left, right)]
    try:
        comparing = Comparing(*map(Verdicts, models))
        while models[0].running:
            for model in models:
                model.step()
            if models[0].week % every == 0:
                comparing.catch_up()
                yield comparing, models[0].week - models[0].world.warm_up
    finally:
        for model in models:
            release(model)


@pytest.fixture(scope="module")
def spells(as_it_is: Scenario, looser: Scenario) -> dict[str, pd.DataFrame]:
    """The spells of both systems, as their finished runs have them."""
    arms = {"as it is": as_it_is, "looser": looser}
    return {name: result.spells for name, result in run_arms(arms, seed=1)}


def test_the_same_scenario_twice_parts_nobody(as_it_is: Scenario) -> None:
    for comparing, _ in live(as_it_is, as_it_is, every=13):
        assert comparing.both.left == comparing.both.right == ()
        assert comparing.both.missed[0] == comparing.both.missed[1]
    assert comparing.both.missed[0] > 0
    assert sum(here for _, here, _ in comparing.both.lost) == comparing.both.missed[0]
    assert all(here == there for _, here, there in comparing.both.lost)


def test_the_lists_are_those_of_the_two_finished_runs(
    as_it_is: Scenario, looser: Scenario, spells: dict[str, pd.DataFrame]
) -> None:
    before: set[int] = set()
    for comparing, weeks in live(as_it_is, looser, every=4):
        both = comparing.both
        now = {one.spell for one in (*both.left, *both.right)}
        assert before <= now
        before = now
        for side in (both.left, both.right):
            onsets = [one.onset for one in side]
            assert onsets == sorted(onsets, reverse=True)
            assert all(onset < weeks for onset in onsets)
    both = comparing.both
    lost = {step: (here, there) for step, here, there in both.lost}
    parts = [
        spells[name]["cause_part"].astype("str").map(CAUSE_PARTS).value_counts()
        for name in ("as it is", "looser")
    ]
    assert lost == {step: tuple(int(count.get(step, 0)) for count in parts) for step in lost}
    assert set(lost) == set(parts[0].index) | set(parts[1].index)
    sides = (("as it is", "looser", both.left), ("looser", "as it is", both.right))
    for caught, missed, listed in sides:
        here, there = spells[caught], spells[missed]
        wanted = there[(here["result_13w"] == "protected") & (there["result_13w"] == "missed")]
        assert len(wanted) > 0
        expected = zip(wanted.index, wanted["child"], wanted["cause_part"].map(CAUSE_PARTS), strict=True)
        assert sorted((one.spell, one.child, one.lost) for one in listed) == sorted(expected)


def test_a_child_whom_only_one_side_has_judged_waits_for_the_other() -> None:
    columns = {"child": [7], "age_years": [3.9], "onset": [10], "severity": [2.0]}
    missed = pd.DataFrame({**columns, "result_13w": ["missed"], "cause_part": ["C5"]}, index=[3])
    caught = pd.DataFrame({**columns, "result_13w": ["protected"], "cause_part": [None]}, index=[3])
    assert compared(missed, caught.iloc[:0]).judged == 0
    (one,) = compared(missed, caught).right
    assert (one.child, one.age, one.lost) == (7, 3, "Screened out")
    assert compared(missed, caught).left == ()
