"""Schools set free by lot tell less where results count, and know the council less."""

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.governance.boards import WEEK, governed, under
from tests.governance.examples import event
from tests.model.authority import changed, scenario

from cpsim.model import ChildProtectionModel
from cpsim.network.ties import TieRole
from cpsim.scenario.problems import ScenarioError

SCHOOL = 0


def rises(model: ChildProtectionModel) -> NDArray[np.float64]:
    """How far the threshold of each organisation has risen; shape (S,)."""
    shift = [part.tables["organisations"]["share_threshold_shift"] for part in (model, governed())]
    risen: NDArray[np.float64] = shift[0] - shift[1]
    return risen


def free(model: ChildProtectionModel) -> set[int]:
    return set(np.flatnonzero(rises(model)).tolist())


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_as_many_schools_are_free_as_the_scenario_says_and_no_practice(share: float) -> None:
    model = under("autonomy", kinds=["school"], share=share)
    schools = np.flatnonzero(model.tables["organisations"]["kind"] == SCHOOL)
    assert free(model) <= set(schools.tolist())
    assert len(free(model)) == round(share * len(schools))


def test_more_free_schools_never_take_the_freedom_of_one() -> None:
    some, more = (free(under("autonomy", kinds=["school"], share=share)) for share in (0.3, 0.7))
    assert some < more


def test_the_more_results_count_the_higher_the_bar_of_the_free() -> None:
    highest = [
        rises(under("autonomy", league_effect=0.6, league_weight=weight)).max() for weight in (0.0, 0.5, 1.0)
    ]
    assert highest == pytest.approx([0.0, 0.3, 0.6])


def test_only_ties_of_the_free_to_the_front_door_loosen() -> None:
    before, after = governed().ties, under("autonomy", tie_loss=0.4)
    stranger = after.settings.network.trust_new
    theirs = np.isin(before.source, list(free(after))) & (before.role == TieRole.REFERRAL)
    assert theirs.any()
    assert after.ties.trust[theirs] == pytest.approx(
        before.trust[theirs] + 0.4 * (stranger - before.trust[theirs])
    )
    assert (after.ties.trust[~theirs] == before.trust[~theirs]).all()


def test_ties_loosen_once() -> None:
    assert (under("autonomy", to_week=WEEK + 9).ties.trust == under("autonomy").ties.trust).all()


@pytest.mark.parametrize("nonsense", [{"share": 1.2}, {"league_effect": -1}, {"tie_loss": -0.1}], ids=str)
def test_freedom_that_makes_no_sense_is_refused(nonsense: dict[str, float]) -> None:
    with pytest.raises(ScenarioError, match=next(iter(nonsense))):
        changed(scenario(), timeline=[event("autonomy", **nonsense)])
