"""A case is held by a social worker of the child's own team, or by none if that team has no staff."""

import numpy as np
from tests.model.authority import build_model, scenario

from cpsim.casework.state import Status


def test_no_social_worker_holds_a_case_of_another_team() -> None:
    turnover = ("workforce.exit_per_year=1.5", "workforce.refill_weeks=8", "front_door.flood_effect=0")
    model = build_model(scenario(*turnover), collect=False)
    state, misplaced = model.casework, 0
    while model.running:
        model.step()
        status, worker = state.records.status, state.records.worker
        team = model.tables["workers"]["team"]
        for desk, stages in (
            (state.assessment_teams, [Status.INITIAL]),
            (
                state.long_term_teams,
                [Status.CORE, Status.ENQUIRY, Status.CONFERENCE, Status.IN_NEED, Status.PLAN],
            ),
        ):
            child = np.flatnonzero(np.isin(status, stages) & (worker >= 0))
            misplaced += int((team[worker[child]] != desk.rows[desk.of_child[child]]).sum())
    assert misplaced == 0
