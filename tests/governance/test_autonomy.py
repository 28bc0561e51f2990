"""Autonomous schools share less where results count, and have less trust in the council."""

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.governance.examples import event
from tests.governance.lever_models import WEEK, apply_events, apply_example
from tests.model.authority import replace_sections, scenario

from cpsim.model import ChildProtectionModel
from cpsim.network.ties import TieRole
from cpsim.scenario.problems import ScenarioError

SCHOOL = 0


def threshold_rise(model: ChildProtectionModel) -> NDArray[np.float64]:
    """Rise of the sharing threshold of each organisation, shape (organisations,)."""
    shift = [part.tables["organisations"]["share_threshold_shift"] for part in (model, apply_events())]
    rise: NDArray[np.float64] = shift[0] - shift[1]
    return rise


def find_autonomous(model: ChildProtectionModel) -> set[int]:
    """Return the organisations whose threshold has risen."""
    return set(np.flatnonzero(threshold_rise(model)).tolist())


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_the_share_of_autonomous_schools_is_that_of_the_scenario_and_no_practice_is_autonomous(
    share: float,
) -> None:
    model = apply_example("autonomy", kinds=["school"], share=share)
    schools = np.flatnonzero(model.tables["organisations"]["kind"] == SCHOOL)
    assert find_autonomous(model) <= set(schools.tolist())
    assert len(find_autonomous(model)) == round(share * len(schools))


def test_a_larger_share_includes_the_autonomous_schools_of_a_smaller_one() -> None:
    some, more = (
        find_autonomous(apply_example("autonomy", kinds=["school"], share=share)) for share in (0.3, 0.7)
    )
    assert some < more


def test_thresholds_of_autonomous_schools_rise_with_the_weight_of_league_tables() -> None:
    highest = [
        threshold_rise(apply_example("autonomy", league_effect=0.6, league_weight=weight)).max()
        for weight in (0.0, 0.5, 1.0)
    ]
    assert highest == pytest.approx([0.0, 0.3, 0.6])


def test_only_ties_of_autonomous_organisations_to_the_front_door_weaken() -> None:
    before, after = apply_events().ties, apply_example("autonomy", tie_loss=0.4)
    trust_new = after.settings.network.trust_new
    theirs = np.isin(before.source, list(find_autonomous(after))) & (before.role == TieRole.REFERRAL)
    assert theirs.any()
    assert after.ties.trust[theirs] == pytest.approx(
        before.trust[theirs] + 0.4 * (trust_new - before.trust[theirs])
    )
    assert (after.ties.trust[~theirs] == before.trust[~theirs]).all()


def test_ties_weaken_only_on_the_date() -> None:
    assert (
        apply_example("autonomy", to_week=WEEK + 9).ties.trust == apply_example("autonomy").ties.trust
    ).all()


@pytest.mark.parametrize("nonsense", [{"share": 1.2}, {"league_effect": -1}, {"tie_loss": -0.1}], ids=str)
def test_invalid_autonomy_settings_are_refused(nonsense: dict[str, float]) -> None:
    with pytest.raises(ScenarioError, match=next(iter(nonsense))):
        replace_sections(scenario(), timeline=[event("autonomy", **nonsense)])
