"""Each stage of casework declares the columns that it reads and writes, and debug mode holds it to what it declares."""

from collections.abc import Callable

import numpy as np
import pytest
from tests.model.authority import build_model, scenario

from cpsim.casework.columns import Column, find_declaration, stage
from cpsim.casework.debug import UndeclaredWriteError, run_stage
from cpsim.casework.state import AgencyFiles, Casework, ChildRecords, CurrentHarm
from cpsim.model import PLAN, ChildProtectionModel


def build_debug_model() -> ChildProtectionModel:
    return build_model(scenario(), collect=False, debug=True)


@stage(reads=(ChildRecords.status,), writes=(ChildRecords.belief,))
def add_belief(state: Casework) -> None:
    """Write the column that is declared."""
    state.records.belief[3] += 1.0


@stage(reads=(ChildRecords.status,), writes=(ChildRecords.belief,))
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


def test_a_stage_may_write_what_it_declares() -> None:
    state = build_debug_model().casework
    run_stage(add_belief, state)
    assert state.records.belief[3] == 1.0, "the stage must run"


@pytest.mark.parametrize(
    ("undeclared", "column"),
    [
        (add_belief_and_a_referral, "records.referrals"),
        (empty_the_queue, "casework.under_way"),
        (change_trust, "ties.trust"),
    ],
)
def test_an_undeclared_write_is_an_error_that_names_the_stage_and_the_column(
    undeclared: Callable[[Casework], None], column: str
) -> None:
    state = build_debug_model().casework
    with pytest.raises(
        UndeclaredWriteError, match=f"week 0: the stage {undeclared.__name__} wrote {column}, which"
    ):
        run_stage(undeclared, state)


def test_without_debug_mode_a_stage_is_not_checked() -> None:
    state = build_model(scenario(), collect=False, debug=False).casework
    run_stage(add_belief_and_a_referral, state)
    assert state.records.referrals[3] == 1, "the stage must run"


def test_every_step_of_casework_names_its_stages_and_each_of_them_is_declared() -> None:
    stages = {step.name: [find_declaration(stage) for stage in step.stages] for step in PLAN}
    without = {name for name, declared in stages.items() if not declared}
    assert without == {"governance", "ledger", "data collection"}
    for name, declared in stages.items():
        assert all(declaration.writes for declaration in declared), f"a stage of {name} writes nothing"


def test_the_declared_columns_are_columns_of_the_state() -> None:
    model = build_debug_model()
    known = {
        f"{column.table}.{name}"
        for part in (Casework, ChildRecords, CurrentHarm, AgencyFiles)
        for name, column in vars(part).items()
        if isinstance(column, Column)
    }
    known |= {f"{label}.{name}" for label, table in model.tables.items() for name in table}
    for step in PLAN:
        for each in step.stages:
            declared = find_declaration(each)
            assert set(declared.reads) | set(declared.writes) <= known, (
                f"{each.__name__} declares what is not there"
            )


def test_every_array_of_the_records_and_of_current_harm_is_a_declared_column() -> None:
    state = build_debug_model().casework
    for part in (state.records, state.harm):
        assert set(vars(part)) == {
            name for name, column in vars(type(part)).items() if isinstance(column, Column)
        }


def test_a_function_that_is_no_stage_has_no_declaration() -> None:
    with pytest.raises(KeyError):
        find_declaration(build_debug_model)
