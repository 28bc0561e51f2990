"""A service shared by several authorities has cheaper hours and less trust of its partners."""

from typing import Any

import numpy as np
import pytest
from tests.governance.lever_models import WEEK, apply_events, apply_example

from cpsim.model import ChildProtectionModel


def apply_scale(**settings: Any) -> ChildProtectionModel:
    """Return the tiny authority with its dials on the date."""
    return apply_example("scale", **settings)


@pytest.mark.parametrize("saved_share", [0.0, 0.4, 1.0])
def test_the_cost_of_an_hour_falls_whether_the_saving_is_kept_or_spent(saved_share: float) -> None:
    teams = apply_scale(authorities_sharing=8, economy=0.1, saved_share=saved_share).tables["teams"]
    assert teams["paid_factor"] / teams["capacity_factor"] == pytest.approx(8**-0.1)
    assert (teams["paid_factor"] == 1).all() == (saved_share == 0)
    assert (teams["capacity_factor"] == 1).all() == (saved_share == 1)


def test_hours_rise_and_trust_falls_with_the_number_of_authorities() -> None:
    models = [apply_scale(authorities_sharing=number, economy=0.05, tie_loss=0.05) for number in (1, 2, 4)]
    hours = [model.tables["teams"]["capacity_factor"].mean() for model in models]
    trust = [model.ties.trust.mean() for model in models]
    assert hours == sorted(set(hours))
    assert trust == sorted(set(trust), reverse=True)
    assert hours[0] == 1


def test_every_local_tie_loses_the_same_share_of_trust_once() -> None:
    before, after = apply_events(), apply_scale(authorities_sharing=4, tie_loss=0.5)
    assert after.ties.trust == pytest.approx(before.ties.trust / 2)
    after.timeline.apply_levers(WEEK + 1)
    assert after.ties.trust == pytest.approx(before.ties.trust / 2)


def test_an_authority_on_its_own_does_not_change() -> None:
    before, after = apply_events(), apply_scale(authorities_sharing=1, economy=0.1, tie_loss=0.1)
    assert np.array_equal(after.ties.trust, before.ties.trust)
    assert (after.tables["teams"]["capacity_factor"] == 1).all()
