"""Only events that can change what another does are tried together with it."""

from typing import Any

from click.testing import CliRunner

from cpsim.cli import main
from cpsim.reach import find_idle_events
from cpsim.reach.effects import measure_effects
from cpsim.reach.relations import select_related
from cpsim.scenario import Scenario, load


def build(*lines: dict[str, Any]) -> Scenario:
    return load("small", {"timeline": [{"date": "2006-04-03", **line} for line in lines]})


DEFICIT, POOL = {"lever": "deficit"}, {"lever": "pool"}
DUTY = {"lever": "duty", "kinds": ["school"], "bound": True}
LETTER, CUT = {"lever": "scandal"}, {"lever": "budget", "step": -0.1}
HUB = {"lever": "hub", "kinds": ["school"]}
MERGER = {"lever": "restructure", "services": ["social_care"]}


def select(index: int, *lines: dict[str, Any]) -> list[str]:
    events = build(*lines).timeline
    return [event.lever for event in select_related(events[index], events)]


def test_a_deficit_is_tried_with_the_pool_that_reads_it_and_with_what_the_pool_reads() -> None:
    fence = {"lever": "ringfence"}
    assert select(0, DEFICIT, LETTER, POOL, fence, CUT) == ["deficit", "pool", "ringfence", "budget"]


def test_a_scandal_and_a_duty_move_the_same_threshold_and_are_tried_alone() -> None:
    assert select(0, DUTY, LETTER, CUT) == ["duty"]
    assert select(1, DUTY, LETTER, CUT) == ["scandal"]


def test_a_hub_is_tried_with_the_merger_that_breaks_ties() -> None:
    assert select(0, HUB, LETTER, MERGER) == ["hub", "restructure"]


def test_two_duties_are_tried_together_because_the_later_may_repeat_the_earlier() -> None:
    assert select(2, DUTY, LETTER, DUTY) == ["duty", "duty"]


def test_a_very_long_timeline_is_not_tried_and_validate_says_so() -> None:
    lines = [{"date": "2006-04-03", **CUT}] * 51
    many = build(*lines)
    assert find_idle_events(many) == measure_effects(many) == []
    ran = CliRunner().invoke(main, ["validate", "small", "--set", f"timeline={lines}"])
    assert "more than 50 events, so they are not tried" in ran.stdout
