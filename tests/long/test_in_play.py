"""Every institution by itself: not in play if and only if its results are those of the base, bit for bit."""

import random
from datetime import date
from functools import cache
from typing import Any

import pytest
from tests.governance.examples import EXAMPLES
from tests.model.authority import assert_same
from tests.reach.reference import BASE, build_arm, list_institutions, run_institutions

from cpsim.governance.lever import Lever
from cpsim.parallel.shared_history import run_arms
from cpsim.reach import find_equal_arms, find_idle_events
from cpsim.reach.in_play import list_events_in_play
from cpsim.results import RunResult
from cpsim.scenario import Scenario, load
from cpsim.scenario.events import load_levers
from cpsim.scenario.problems import ScenarioError

ALL = list_institutions()


@cache
def run_all() -> dict[str, list[RunResult]]:
    """Run all institutions on two seeds, because some change no case of the few conferences of one seed."""
    return run_institutions(*ALL, seeds=2)


def is_same(results: list[RunResult], others: list[RunResult]) -> bool:
    try:
        for one, other in zip(results, others, strict=True):
            assert_same(one, other)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("identifier", ALL)
def test_an_institution_is_out_of_play_exactly_if_it_changes_nothing(identifier: str) -> None:
    arm, results = build_arm(identifier), run_all()
    idle = {index for found in find_idle_events(arm) for index in found.indices}
    assert (len(idle) == len(arm.timeline)) == is_same(results[identifier], results[BASE])


def test_institutions_are_one_arm_exactly_if_their_results_are_equal() -> None:
    results = run_all()
    groups = find_equal_arms({name: build_arm("" if name == BASE else name) for name in results})
    found = {name: group for group in groups for name in group}
    for one in results:
        for other in results:
            together = one == other or found.get(one) == found.get(other, ())
            summaries = ([result.summary for result in results[name]] for name in (one, other))
            if together or len({str(summary) for summary in summaries}) == 1:
                assert together == is_same(results[one], results[other]), (one, other)


KINDS = ("school", "gp", "pct", "hospital", "police", "community")


def draw_line(chance: random.Random) -> dict[str, Any]:
    """Draw an event whose settings are neutral more often than not, so that many events are not in play."""
    name = chance.choice(sorted(set(EXAMPLES) - {"takeover"}))
    lever = load_levers()[name]
    assert issubclass(lever, Lever)
    settings = dict(EXAMPLES[name])
    settings |= {key: value for key, value in lever.neutral.items() if chance.random() < 0.7}
    if "kinds" in settings:
        settings["kinds"] = chance.sample(KINDS, chance.choice([1, 1, 2]))
    if name in ("inspection_judgement", "freedoms") and chance.random() < 0.5:
        settings["lowest_grade" if name == "inspection_judgement" else "top_grade"] = True
    year, month = chance.choice([2005, 2006]), chance.randint(4, 9)
    given = {key: value for key, value in settings.items() if value is not None}
    return {"date": date(year, month, 3), "lever": name, **given}


def draw_scenario(chance: random.Random) -> Scenario:
    """Draw a valid scenario with one to four events, at least one of which is not in play."""
    place = {"population.children": 900, "clock.years": 2, "clock.warm_up_years": 1, "authorities.count": 2}
    while True:
        lines = sorted(
            (draw_line(chance) for _ in range(chance.randint(1, 4))), key=lambda line: line["date"]
        )
        try:
            scenario = load("small", {**place, "timeline": lines})
        except ScenarioError:
            continue
        if find_idle_events(scenario):
            return scenario


@pytest.mark.parametrize("number", range(20))
def test_a_run_is_the_same_without_the_events_that_are_not_in_play(number: int) -> None:
    whole = draw_scenario(random.Random(number))
    rest = whole.model_copy(update={"timeline": list_events_in_play(whole)})
    results = dict(run_arms({"whole": whole, "rest": rest}, 1))
    assert len(rest.timeline) < len(whole.timeline)
    assert_same(results["whole"], results["rest"])
