"""Protected by one system and missed by the other: the same children under two systems."""

from collections.abc import Iterator

import pandas as pd
import pytest

from cpsim.agents.roster import release_model
from cpsim.live.children import RunningComparison, compare_children
from cpsim.live.verdicts import RunningVerdicts
from cpsim.measures.chain import STOP_PARTS
from cpsim.model import ChildProtectionModel
from cpsim.parallel.shared_history import run_arms
from cpsim.scenario.read import load
from cpsim.scenario.schema import Scenario

TINY = ["population.children=4000", "clock.warm_up_years=2", "clock.years=2"]


@pytest.fixture(scope="module")
def as_it_is() -> Scenario:
    return load("small", TINY)


@pytest.fixture(scope="module")
def looser() -> Scenario:
    """The front door accepts more: it protects some children whom it missed, and its queues delay others."""
    thresholds = "[{date: 2005-04-01, lever: thresholds, kinds: [front_door], shift: -1.5}]"
    return load("small", [*TINY, f"timeline={thresholds}"])


def run_and_compare(left: Scenario, right: Scenario, every: int) -> Iterator[tuple[RunningComparison, int]]:
    """Run two systems side by side; yield their comparison and the week, from week 0, every `every` weeks."""
    models = [ChildProtectionModel(scenario, seed=1, collect=False) for scenario in (left, right)]
    try:
        running = RunningComparison(*map(RunningVerdicts, models))
        while models[0].running:
            for model in models:
                model.step()
            if models[0].week % every == 0:
                running.catch_up()
                yield running, models[0].week - models[0].world.warm_up
    finally:
        for model in models:
            release_model(model)


@pytest.fixture(scope="module")
def spells(as_it_is: Scenario, looser: Scenario) -> dict[str, pd.DataFrame]:
    """The spells of both systems, as their finished runs have them."""
    arms = {"as it is": as_it_is, "looser": looser}
    return {name: result.spells for name, result in run_arms(arms, 1)}


def test_the_same_scenario_twice_has_no_differences(as_it_is: Scenario) -> None:
    for running, _ in run_and_compare(as_it_is, as_it_is, every=13):
        assert running.comparison.left == running.comparison.right == ()
        assert running.comparison.missed[0] == running.comparison.missed[1]
    assert running.comparison.missed[0] > 0
    assert sum(here for _, here, _ in running.comparison.stops) == running.comparison.missed[0]
    assert all(here == there for _, here, there in running.comparison.stops)


def test_the_lists_equal_those_of_the_two_finished_runs(
    as_it_is: Scenario, looser: Scenario, spells: dict[str, pd.DataFrame]
) -> None:
    before: set[int] = set()
    for running, weeks in run_and_compare(as_it_is, looser, every=4):
        comparison = running.comparison
        now = {one.row for one in (*comparison.left, *comparison.right)}
        assert before <= now
        before = now
        for side in (comparison.left, comparison.right):
            onsets = [one.onset for one in side]
            assert onsets == sorted(onsets, reverse=True)
            assert all(onset < weeks for onset in onsets)
    comparison = running.comparison
    stops = {stop: (here, there) for stop, here, there in comparison.stops}
    parts = [
        spells[name]["stopped_at_part"].astype("str").map(STOP_PARTS).value_counts()
        for name in ("as it is", "looser")
    ]
    assert stops == {stop: tuple(int(count.get(stop, 0)) for count in parts) for stop in stops}
    assert set(stops) == set(parts[0].index) | set(parts[1].index)
    sides = (("as it is", "looser", comparison.left), ("looser", "as it is", comparison.right))
    for protected, missed, listed in sides:
        here, there = spells[protected], spells[missed]
        wanted = there[(here["result_13w"] == "protected") & (there["result_13w"] == "missed")]
        assert len(wanted) > 0
        expected = zip(wanted.index, wanted["child"], wanted["stopped_at_part"].map(STOP_PARTS), strict=True)
        assert sorted((one.row, one.child, one.stopped_at) for one in listed) == sorted(expected)


def test_a_spell_evaluated_on_one_side_waits_for_the_other() -> None:
    columns = {"child": [7], "age_years": [3.9], "onset": [10], "severity": [2.0]}
    missed = pd.DataFrame({**columns, "result": ["missed"], "stopped_at_part": ["C5"]}, index=[3])
    protected = pd.DataFrame({**columns, "result": ["protected"], "stopped_at_part": [None]}, index=[3])
    assert compare_children(missed, protected.iloc[:0]).evaluated == 0
    (one,) = compare_children(missed, protected).right
    assert (one.child, one.age, one.stopped_at) == (7, 3, "Screened out")
    assert compare_children(missed, protected).left == ()
