"""Threshold changes by guidance or persuasion affect the kinds named, and may fade."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.governance.lever_models import WEEK, apply_events, apply_example
from tests.model.authority import scenario

from cpsim.agents.tables import TeamRole

KINDS = list(scenario().agencies)


def threshold_shift(weeks: int = 0, **settings: object) -> NDArray[np.float64]:
    """Shift of the threshold of each organisation some weeks after the date, shape (organisations,)."""
    with_it = apply_example("thresholds", to_week=WEEK + weeks, **settings).tables["organisations"][
        "share_threshold_shift"
    ]
    difference: NDArray[np.float64] = (
        with_it - apply_events().tables["organisations"]["share_threshold_shift"]
    )
    return difference


def test_only_the_kinds_named_change_their_threshold() -> None:
    kind = apply_events().tables["organisations"]["kind"]
    named = np.isin(kind, [KINDS.index("school"), KINDS.index("gp")])
    shift = threshold_shift(kinds=["school", "gp"], shift=-0.3)
    assert shift[named] == pytest.approx(-0.3)
    assert (shift[~named] == 0).all()


@pytest.mark.parametrize("weeks", [0, 10, 40])
def test_a_fading_shift_falls_exponentially(weeks: int) -> None:
    shift = threshold_shift(weeks, kinds=KINDS, shift=-0.3, fade_weeks=20)
    assert shift == pytest.approx(-0.3 * math.exp(-weeks / 20))


def test_a_shift_without_fading_is_permanent() -> None:
    assert threshold_shift(100, kinds=KINDS, shift=0.2) == pytest.approx(0.2)


def test_the_threshold_of_the_front_door_changes_only_if_it_is_named() -> None:
    for kinds, expected in ((["school"], 0.0), (["school", "front_door"], -0.3)):
        teams = apply_example("thresholds", kinds=kinds, shift=-0.3).tables["teams"]
        front_doors = teams["role"] == TeamRole.FRONT_DOOR
        assert teams["screening_threshold_shift"][front_doors] == pytest.approx(expected)
        assert (teams["screening_threshold_shift"][~front_doors] == 0).all()
