"""In debug mode, a stage that reads or writes a column which it does not declare stops the run with a clear error."""

from collections.abc import Callable

import numpy as np
import pytest
from tests.model.authority import build_model, scenario

from cpsim.agents.columns import AgentTable
from cpsim.agents.tables import TeamColumns
from cpsim.casework.state import NONE, AgencyFiles, Casework, ChildRecords
from cpsim.model import ChildProtectionModel
from cpsim.network.ties import Ties
from cpsim.stages.checks import UndeclaredReadError, UndeclaredWriteError
from cpsim.stages.declarations import stage


def build_debug_model() -> ChildProtectionModel:
    return build_model(scenario(), collect=False, debug=True)


@stage(reads=(ChildRecords.status,), writes=(ChildRecords.belief,))
def add_belief(state: Casework) -> None:
    """Read and write only what is declared; the number of teams is no column."""
    state.records.belief[3] += 1.0 + state.records.status[3] + len(state.teams)


@stage(reads=(ChildRecords.status, ChildRecords.referrals), writes=(ChildRecords.belief,))
def add_belief_and_a_referral(state: Casework) -> None:
    """Write a column that is declared, and one that is only declared as read."""
    state.records.belief[3] += 1.0
    state.records.referrals[3] += 1


@stage(reads=(), writes=(ChildRecords.belief,))
def empty_the_queue(state: Casework) -> None:
    """Replace the list of work under way, which is not declared."""
    state.under_way = np.array([5])


@stage(reads=(), writes=())
def change_trust(state: Casework) -> None:
    """Write a column of a table of agents that is not declared."""
    state.ties.trust[0] /= 2


@stage(reads=(ChildRecords.belief,), writes=(ChildRecords.believed,))
def let_belief_fade(state: Casework) -> None:
    """Write a column that is only declared as read, through a method of the state."""
    state.records.belief[3] = 5.0
    state.update_belief(np.array([3]))


def test_a_stage_may_read_and_write_what_it_declares() -> None:
    model = build_debug_model()
    model.run_stage(add_belief, model.casework)
    assert model.casework.records.belief[3] > 1.0, "the stage must run"


@pytest.mark.parametrize(
    ("undeclared", "column"),
    [
        (add_belief_and_a_referral, "records.referrals"),
        (empty_the_queue, "casework.under_way"),
        (change_trust, "ties.trust"),
        (let_belief_fade, "records.belief"),
    ],
)
def test_an_undeclared_write_is_an_error_that_names_the_stage_the_week_and_the_column(
    undeclared: Callable[[Casework], None], column: str
) -> None:
    model = build_debug_model()
    with pytest.raises(UndeclaredWriteError) as error:
        model.run_stage(undeclared, model.casework)
    assert str(error.value) == (
        f"week 0: the stage {undeclared.__name__} wrote {column}, which it does not declare; "
        f"add it to its `writes`"
    )


@stage(reads=(AgencyFiles.site,), writes=())
def read_the_evidence(state: Casework) -> None:
    """Read a column of the files that is not declared."""
    assert state.files.site[0] >= 0
    assert state.files.evidence[0] == 0.0


@stage(reads=(), writes=())
def count_the_work_under_way(state: Casework) -> None:
    """Read a column of the state itself."""
    assert len(state.under_way) == 0


@stage(reads=(), writes=())
def read_the_hours(state: Casework) -> None:
    """Read a column of the table of teams by its name."""
    assert state.teams["hours_available"].sum() >= 0


@stage(reads=(Ties.trust,), writes=())
def predict_delivery(state: Casework) -> None:
    """Read columns of the ties through a method of theirs, one of which is not declared."""
    state.ties.delivery_probability(np.array([0]), base=0.9, trust_power=1.0)


@stage(reads=(), writes=())
def update_no_belief(state: Casework) -> None:
    """Read several columns, some of them through a method of the state."""
    assert len(state.drift) == len(state.authorities)
    state.update_belief(NONE)


@pytest.mark.parametrize(
    ("undeclared", "columns", "them"),
    [
        (read_the_evidence, "files.evidence", "it"),
        (count_the_work_under_way, "casework.under_way", "it"),
        (read_the_hours, "teams.hours_available", "it"),
        (predict_delivery, "ties.delivery", "it"),
        (update_no_belief, "casework.drift, records.belief, records.believed", "them"),
    ],
)
def test_an_undeclared_read_is_an_error_that_names_the_stage_the_week_and_the_columns(
    undeclared: Callable[[Casework], None], columns: str, them: str
) -> None:
    model = build_debug_model()
    while model.week < 3:
        model.step()
    model.casework.records.belief[:] = model.casework.files.evidence[0] = 0.0
    model.casework.under_way = NONE
    with pytest.raises(UndeclaredReadError) as error:
        model.run_stage(undeclared, model.casework)
    assert str(error.value) == (
        f"week 3: the stage {undeclared.__name__} read {columns}, which it does not declare; "
        f"add {them} to its `reads`"
    )


@stage(reads=(TeamColumns.hours_available,), writes=(TeamColumns.hours_paid,))
def pay_overtime(teams: AgentTable) -> None:
    """A step of governance that also writes what belongs to casework."""
    teams["hours_paid"] += teams["hours_available"]
    teams["hours_demanded"] = 0.0


def test_a_step_of_governance_is_checked_like_a_stage_of_casework() -> None:
    model = build_debug_model()
    with pytest.raises(
        UndeclaredWriteError, match=r"the stage pay_overtime wrote teams\.hours_demanded, which"
    ):
        model.run_stage(pay_overtime, model.tables["teams"])


def test_a_stage_without_a_declaration_is_refused_in_debug_mode() -> None:
    with pytest.raises(KeyError, match="build_debug_model is no stage; declare what it reads and writes"):
        build_debug_model().run_stage(build_debug_model)


def test_without_debug_mode_a_stage_is_not_checked() -> None:
    model = build_model(scenario(), collect=False, debug=False)
    assert model.access_checks is None
    model.run_stage(add_belief_and_a_referral, model.casework)
    assert model.casework.records.referrals[3] == 1, "the stage must run"
    assert type(model.tables["teams"]) is AgentTable, "a table must be as fast as without the debug mode"
    assert type(model.casework.records) is ChildRecords


def test_outside_the_stages_everything_may_be_read_and_written() -> None:
    model = build_debug_model()
    model.casework.records.referrals[3] += 1
    model.run_stage(add_belief, model.casework)
    assert model.access_checks is not None
    assert model.access_checks.accesses["stage add_belief"].written == {"records.belief"}


def test_a_fork_in_debug_mode_is_checked_by_itself() -> None:
    parent = build_debug_model()
    fork = parent.fork()
    fork.run_stage(add_belief, fork.casework)
    assert parent.access_checks is not None
    assert not parent.access_checks.accesses
    with pytest.raises(UndeclaredReadError):
        fork.run_stage(read_the_hours, fork.casework)
