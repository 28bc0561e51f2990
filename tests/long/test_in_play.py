"""Every institution by itself: not in play if and only if its results are those of the base, bit for bit."""

from functools import cache

import pytest
from tests.model.authority import assert_same
from tests.reach.reference import BASE, build_arm, list_institutions, run_institutions

from cpsim.reach import find_equal_arms, find_idle_events
from cpsim.results import RunResult

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
