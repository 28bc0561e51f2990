"""What is not in play in an experiment: an event of an arm that changes nothing at any point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpsim.formatting import format_count
from cpsim.reach.arms import describe_group, find_equal_arms
from cpsim.reach.in_play import find_idle_events
from cpsim.scenario.problems import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cpsim.scenario.schema import Scenario

_MOST_POINTS = 12
"""Most points that are tried; they are spread over all points."""


def describe_idle_arms(arms: Sequence[str], points: int, build: Callable[[str, int], Scenario]) -> list[str]:
    """Describe the events of arms that are not in play, and the arms that are one, at every point.

    Args:
        arms: names of the arms.
        points: number of points.
        build: function that builds the scenario of an arm at a point; raises a ScenarioError if it is not valid.

    >>> from cpsim.scenario import load
    >>> plan = {"date": "2006-04-03", "lever": "workforce_plan"}
    >>> def build(arm, point):
    ...     return load("small", {"timeline": [plan] if arm == "plan" else []})
    >>> for sentence in describe_idle_arms(["usual", "plan"], 1, build):
    ...     print(sentence)  # doctest: +ELLIPSIS
    plan: workforce_plan is not in play: it changes only the signal authorities.movers_retained, ...
    usual and plan are one arm under several names: they turn the same dials in every week, so their results are equal.
    """
    step = max(-(-points // _MOST_POINTS), 1)
    tried = range(0, points, step)
    note = "" if step == 1 else f" (found at {format_count(len(tried), 'point')} of {points})"
    sentences = [*_describe_idle_events(arms, tried, build), *_describe_equal_arms(arms, tried, build)]
    return [f"{sentence}{note}" for sentence in sentences]


def _describe_idle_events(
    arms: Sequence[str], points: Sequence[int], build: Callable[[str, int], Scenario]
) -> Iterator[str]:
    for arm in arms:
        found = None
        for scenario in _build_at(points, arm, build):
            idle = {each.indices: each for each in find_idle_events(scenario)}
            found = idle if found is None else {key: found[key] for key in found if key in idle}
            if not found:
                break
        for each in (found or {}).values():
            yield f"{arm}: {each}"


def _describe_equal_arms(
    arms: Sequence[str], points: Sequence[int], build: Callable[[str, int], Scenario]
) -> Iterator[str]:
    groups = [tuple(arms)] if len(arms) > 1 else []
    for point in points:
        if not groups:
            return
        scenarios = {arm: scenario for arm in arms for scenario in _build_at([point], arm, build)}
        here = find_equal_arms(scenarios)
        common = [tuple(arm for arm in group if arm in other) for group in groups for other in here]
        groups = [group for group in common if len(group) > 1]
    yield from map(describe_group, groups)


def _build_at(points: Sequence[int], arm: str, build: Callable[[str, int], Scenario]) -> Iterator[Scenario]:
    """Build the scenarios of an arm at the points at which it is valid."""
    for point in points:
        try:
            yield build(arm, point)
        except ScenarioError:
            continue
