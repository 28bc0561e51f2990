"""A service shared by several authorities has cheaper hours and knows its partners less."""

from typing import Any

import numpy as np
import pytest
from tests.governance.boards import WEEK, governed, under

from cpsim.model import ChildProtectionModel


def shared(**settings: Any) -> ChildProtectionModel:
    """The tiny authority with its dials as they stand on the day."""
    return under("scale", **settings)


@pytest.mark.parametrize("saved", [0.0, 0.4, 1.0])
def test_an_hour_is_cheaper_whether_that_is_saved_or_spent_on_more_hours(saved: float) -> None:
    teams = shared(authorities_sharing=8, economy=0.1, saved_share=saved).tables["teams"]
    assert teams["paid_factor"] / teams["capacity_factor"] == pytest.approx(8**-0.1)
    assert (teams["paid_factor"] == 1).all() == (saved == 0)
    assert (teams["capacity_factor"] == 1).all() == (saved == 1)


def test_the_more_authorities_share_the_more_hours_and_the_less_trust() -> None:
    models = [shared(authorities_sharing=number, economy=0.05, tie_loss=0.05) for number in (1, 2, 4)]
    hours = [model.tables["teams"]["capacity_factor"].mean() for model in models]
    trust = [model.ties.trust.mean() for model in models]
    assert hours == sorted(set(hours))
    assert trust == sorted(set(trust), reverse=True)
    assert hours[0] == 1


def test_every_local_tie_loses_the_same_share_once() -> None:
    before, after = governed(), shared(authorities_sharing=4, tie_loss=0.5)
    assert after.ties.trust == pytest.approx(before.ties.trust / 2)
    after.timeline.apply_levers(WEEK + 1)
    assert after.ties.trust == pytest.approx(before.ties.trust / 2)


def test_an_authority_that_shares_with_nobody_stays_as_it_is() -> None:
    before, after = governed(), shared(authorities_sharing=1, economy=0.1, tie_loss=0.1)
    assert np.array_equal(after.ties.trust, before.ties.trust)
    assert (after.tables["teams"]["capacity_factor"] == 1).all()
