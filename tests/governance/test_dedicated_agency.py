"""An agency for nothing but child protection: partners leave the matter to it."""

import numpy as np
import pytest
from tests.governance.boards import governed, under
from tests.governance.examples import event
from tests.model.authority import changed, run_of, scenario


def test_everybody_elses_bar_rises_alike() -> None:
    thresholds = [
        model.tables["organisations"]["share_threshold_shift"]
        for model in (under("dedicated_agency"), governed())
    ]
    assert np.subtract(*thresholds) == pytest.approx(0.6)


def test_specialists_judge_better_at_the_front_door_and_in_every_team() -> None:
    assert under("dedicated_agency", accuracy_gain=0.25).tables["teams"]["accuracy"] == pytest.approx(1.25)


def test_unless_somebody_says_so_specialists_judge_like_others() -> None:
    settings = {"date": event("dedicated_agency")["date"], "lever": "dedicated_agency"}
    model = governed(settings)
    assert (model.tables["teams"]["accuracy"] == 1).all()


def test_the_more_others_leave_it_to_the_agency_the_fewer_concerns_reach_it() -> None:
    """Concerns are told before anything that an agency does can answer them, in the first weeks after its date."""
    told = [
        run_of(
            changed(scenario(), timeline=[event("dedicated_agency", threshold_rise=rise, accuracy_gain=0)])
        )
        .weekly.set_index("week")["messages_sent"]
        .loc[52:78]
        .sum()
        for rise in (0.0, 1.0, 3.0)
    ]
    assert told[0] > told[1] > told[2]
