"""A dedicated child protection agency: partners contact it less, and its teams may judge better."""

import numpy as np
import pytest
from tests.governance.examples import event
from tests.governance.lever_models import apply_events, apply_example
from tests.model.authority import replace_sections, run_scenario, scenario


def test_the_thresholds_of_all_partners_rise_equally() -> None:
    thresholds = [
        model.tables["organisations"]["share_threshold_shift"]
        for model in (apply_example("dedicated_agency"), apply_events())
    ]
    assert np.subtract(*thresholds) == pytest.approx(0.6)


def test_accuracy_rises_at_the_front_door_and_in_every_team() -> None:
    assert apply_example("dedicated_agency", accuracy_gain=0.25).tables["teams"]["accuracy"] == pytest.approx(
        1.25
    )


def test_accuracy_does_not_change_by_default() -> None:
    settings = {"date": event("dedicated_agency")["date"], "lever": "dedicated_agency"}
    model = apply_events(settings)
    assert (model.tables["teams"]["accuracy"] == 1).all()


def test_fewer_messages_are_sent_if_the_thresholds_of_partners_rise_more() -> None:
    """In the first weeks after the date, sharing does not yet depend on responses of the agency."""
    messages = [
        run_scenario(
            replace_sections(
                scenario(), timeline=[event("dedicated_agency", threshold_rise=rise, accuracy_gain=0)]
            )
        )
        .weekly.set_index("week")["messages_sent"]
        .loc[52:78]
        .sum()
        for rise in (0.0, 1.0, 3.0)
    ]
    assert messages[0] > messages[1] > messages[2]
