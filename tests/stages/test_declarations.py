"""Every stage declares the columns that it reads and writes, uses them all, and writes nothing of another floor."""

import ast
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from tests.governance.examples import EXAMPLES, FROM, event
from tests.model.authority import build_model, replace_sections, scenario

import cpsim
from cpsim.agents.dials import DIALS
from cpsim.casework.allocation import start_week
from cpsim.casework.state import AgencyFiles, Casework, ChildRecords, CurrentHarm
from cpsim.dial_use import find_dial_uses
from cpsim.governance.duties import CooperationDuties
from cpsim.governance.lever import Lever
from cpsim.scenario.events import load_levers
from cpsim.simulation import PLAN
from cpsim.stages.checks import Accesses
from cpsim.stages.declarations import Column, Declaration, find_declaration

STAGES: list[Callable[..., object]] = [start_week, *(stage for step in PLAN for stage in step.stages)]

LEVERS: dict[str, type[Lever]] = {
    **{name: lever for name, lever in load_levers().items() if issubclass(lever, Lever)},
    "law": CooperationDuties,
}

OF_CASEWORK = [
    column
    for part in (Casework, ChildRecords, CurrentHarm, AgencyFiles)
    for column in vars(part).values()
    if isinstance(column, Column)
]
"""The columns of the state of casework outside the tables of agents."""

STATES = {dial.name for dial in DIALS if dial.composes == "state"}
"""Dials that levers set and that the model itself changes."""

RICH = (
    "authorities.count=2",
    "authorities.moves_between=0.2",
    "population.home_moves_per_year=0.3",
    "network.message_delay_weeks=3",
    "front_door.referral_threshold=1",
    "front_door.assessment_threshold=1",
    "protection.care_threshold=0.5",
    "agencies.hospital.catchment=region",
    "agencies.hospital.sites_per_10k_children=38",
)
"""Two authorities between which families often move, with slow messages, many plans and a hospital for both."""

TIMELINE = [
    event("takeover", date=FROM.replace(year=2005)),
    *map(event, EXAMPLES),
    event("deficit", funder="council"),
    event("ringfence", funder="health"),
    event("pool", parties=5),
    event("boundaries", kind="hospital", merge_to=1),
]
"""Every lever, with both funders, a takeover before and after the first inspection, and mergers of two kinds."""


@cache
def record_accesses() -> dict[str, Accesses]:
    """Run two authorities under all levers in debug mode, and return what each stage and lever has accessed."""
    model = build_model(replace_sections(scenario(*RICH), timeline=TIMELINE), collect=False, debug=True)
    while model.running:
        model.step()
    assert model.access_checks is not None
    return model.access_checks.accesses


def assert_all_used(actor: str, declared: Declaration) -> None:
    accesses = record_accesses()[actor]
    not_read, not_written = (
        set(declared.reads) - accesses.read,
        set(declared.writes) - accesses.written,
    )
    assert not not_read, f"the {actor} declares that it reads {not_read}, but never does; remove it"
    assert not not_written, f"the {actor} declares that it writes {not_written}, but never does; remove it"


@pytest.mark.parametrize("each", STAGES, ids=lambda stage: stage.__qualname__)
def test_a_stage_reads_and_writes_all_columns_that_it_declares(each: Callable[..., object]) -> None:
    assert_all_used(f"stage {each.__qualname__}", find_declaration(each))


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_reads_and_writes_all_columns_that_it_declares(name: str) -> None:
    assert_all_used(f"lever {name!r}", Declaration.of(LEVERS[name].reads, LEVERS[name].writes))


def test_every_step_names_its_stages_and_only_measures_write_nothing() -> None:
    for step in PLAN:
        assert step.stages, f"the step {step.name} names no stage"
        for each in step.stages:
            is_measure = each.__module__.startswith("cpsim.measures.")
            assert bool(find_declaration(each).writes) != is_measure, each.__qualname__


def test_a_column_is_declared_once_because_what_is_written_may_be_read() -> None:
    for each in STAGES:
        declared = find_declaration(each)
        assert not set(declared.reads) & set(declared.writes), each.__qualname__


def test_the_declared_columns_are_columns_of_the_state() -> None:
    model = build_model(scenario(), collect=False)
    known = {f"{column.table}.{column.column}" for column in OF_CASEWORK}
    known |= {f"{label}.{name}" for label, table in model.tables.items() for name in table}
    declarations = [*map(find_declaration, STAGES)]
    declarations += [Declaration.of(lever.reads, lever.writes) for lever in LEVERS.values()]
    for declared in declarations:
        assert {*declared.reads, *declared.writes} <= known


def test_every_array_of_the_records_and_of_current_harm_is_a_declared_column() -> None:
    state = build_model(scenario(), collect=False, debug=False).casework
    for part in (state.records, state.harm):
        assert set(vars(part)) == {
            name for name, column in vars(type(part)).items() if isinstance(column, Column)
        }


def test_no_floor_writes_the_state_of_another() -> None:
    """Ties belong to the network, and the other floors change them only through its methods and the dial of trust."""
    writers: dict[str, set[str]] = defaultdict(set)
    for each in STAGES:
        for column in find_declaration(each).writes:
            writers[column].add(each.__module__.split(".")[1])
    for lever in LEVERS.values():
        for column in (*Declaration.of((), lever.writes).writes, *STATES.intersection(lever.dials)):
            writers[column].add("governance")
    shared = {column: floors for column, floors in writers.items() if len(floors) > 1}
    assert set(shared) == {"ties.trust"}, f"several floors write {shared}"
    of_casework = {column for column, floors in writers.items() if floors == {"casework"}}
    assert {"records.status", "teams.utilisation", "workers.caseload"} <= of_casework


def test_the_readers_of_a_dial_are_those_that_declare_it() -> None:
    uses = find_dial_uses()
    assert uses["teams.accuracy"].read_by_modules == ("casework.assessment", "casework.screening")
    assert uses["teams.accuracy"].read_by_levers == ("inspection", "inspection_judgement", "takeover")
    assert "governance.timeline" not in {module for use in uses.values() for module in use.read_by_modules}, (
        "the timeline writes dials, but nothing depends on what it finds there"
    )


def find_assignments(source: str) -> set[str]:
    """Find the columns of casework to whose rows a module assigns values, as in `records.status[child] = 0`."""
    targets = [
        target.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Subscript) and not ast.unparse(target).startswith("self.")
    ]
    assigned = {target.attr for target in targets if isinstance(target, ast.Attribute)}
    return assigned & {column.column for column in OF_CASEWORK}


def test_an_assignment_to_a_column_is_found() -> None:
    assert find_assignments("records.review[due] += 1\nself.status[spell] = 2") == {"review"}


def test_only_casework_assigns_to_its_columns() -> None:
    """Perfect stages, too, go through the functions of casework."""
    package = Path(cpsim.__file__).parent
    found = {
        file.relative_to(package).as_posix(): find_assignments(file.read_text("utf-8"))
        for file in package.rglob("*.py")
        if "casework" not in file.relative_to(package).parts
    }
    assert not {name: columns for name, columns in found.items() if columns}


def test_a_function_that_is_no_stage_has_no_declaration() -> None:
    with pytest.raises(KeyError, match="build_model is no stage"):
        find_declaration(build_model)
