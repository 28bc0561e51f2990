"""A case belongs to a worker of the child's own team; where that team is empty, to nobody, never to a stranger."""

import numpy as np
from tests.model.authority import model_of, scenario

from cpsim.casework.state import Status


def test_nobody_works_on_a_case_of_another_team() -> None:
    turnover = ("workforce.exit_per_year=1.5", "workforce.refill_weeks=8", "front_door.flood_effect=0")
    model = model_of(scenario(*turnover), collect=False)
    state, strangers = model.casework, 0
    while model.running:
        model.step()
        status, worker = state.records.status, state.records.worker
        team = model.tables["workers"]["team"]
        for desk, stages in (
            (state.assessment_desk, [Status.INITIAL]),
            (
                state.long_term_desk,
                [Status.CORE, Status.ENQUIRY, Status.CONFERENCE, Status.IN_NEED, Status.PLAN],
            ),
        ):
            child = np.flatnonzero(np.isin(status, stages) & (worker >= 0))
            strangers += int((team[worker[child]] != desk.rows[desk.of_child[child]]).sum())
    assert strangers == 0
