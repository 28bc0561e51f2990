"""Thresholds moved by persuasion or decree: people act on less, as long as they remember."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.governance.boards import WEEK, governed, under
from tests.model.authority import scenario

from cpsim.agents.social_work import TeamRole

KINDS = list(scenario().agencies)


def moved(weeks: int = 0, **settings: object) -> NDArray[np.float64]:
    """How far the threshold of each organisation is from where it usually is, some weeks after the date."""
    with_it = under("thresholds", to_week=WEEK + weeks, **settings).tables["organisations"][
        "share_threshold_shift"
    ]
    difference: NDArray[np.float64] = with_it - governed().tables["organisations"]["share_threshold_shift"]
    return difference


def test_only_those_who_are_named_act_on_less() -> None:
    kind = governed().tables["organisations"]["kind"]
    named = np.isin(kind, [KINDS.index("school"), KINDS.index("gp")])
    shift = moved(kinds=["school", "gp"], shift=-0.3)
    assert shift[named] == pytest.approx(-0.3)
    assert (shift[~named] == 0).all()


@pytest.mark.parametrize("weeks", [0, 10, 40])
def test_what_fades_is_down_to_a_third_after_its_time(weeks: int) -> None:
    shift = moved(weeks, kinds=KINDS, shift=-0.3, fade_weeks=20)
    assert shift == pytest.approx(-0.3 * math.exp(-weeks / 20))


def test_what_does_not_fade_stays() -> None:
    assert moved(100, kinds=KINDS, shift=0.2) == pytest.approx(0.2)


def test_the_front_door_takes_more_on_only_if_it_is_named() -> None:
    for kinds, expected in ((["school"], 0.0), (["school", "front_door"], -0.3)):
        teams = under("thresholds", kinds=kinds, shift=-0.3).tables["teams"]
        doors = teams["role"] == TeamRole.FRONT_DOOR
        assert teams["screening_threshold_shift"][doors] == pytest.approx(expected)
        assert (teams["screening_threshold_shift"][~doors] == 0).all()
