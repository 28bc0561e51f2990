"""Allocation of cases to social workers (M13), and the effects of a change of social worker."""

import numpy as np

from cpsim.agents.tables import TeamColumns, WorkerColumns
from cpsim.arrays import Bools, Floats, Ints
from cpsim.casework.log import Occurrence
from cpsim.casework.state import Casework, ChildRecords, RoleTeams, Roster, Status
from cpsim.constants import NEVER
from cpsim.stages.declarations import stage

_LEAST_FACTOR = 0.1  # a change of social worker makes the rest of an assessment at most ten times as long


@stage(
    reads=(
        Casework.receiving_services,
        Casework.under_way,
        Casework.waiting_core,
        Casework.waiting_initial,
        ChildRecords.status,
        ChildRecords.worker,
        WorkerColumns.employed,
        WorkerColumns.hired_week,
        WorkerColumns.prior_experience_weeks,
        WorkerColumns.team,
    ),
    writes=(
        Casework.roster,
        WorkerColumns.caseload,
    ),
)
def start_week(state: Casework, week: int) -> None:
    """Start a week: set its keys, count caseloads, and set the order in which social workers get new cases."""
    state.week = week
    state.keys.start_week(week)
    workers = state.workers
    worker = state.records.worker[list_open_cases(state)]
    # Counted from row -1 on, since some cases have no worker.
    workers["caseload"] = np.bincount(worker + 1, minlength=len(workers) + 1)[1:]
    employed = workers["employed"].nonzero()[0]
    team = workers["team"][employed]
    order = np.lexsort((workers["caseload"][employed], team))
    start = team[order].searchsorted(np.arange(len(state.teams) + 1))
    # The last row is -1: cases of a team without anyone in post get no worker.
    rows = np.full(len(employed) + 1, -1)
    rows[:-1] = employed[order]
    state.roster = Roster(rows, start, _judgement_noise(state))


def _recount_cases(state: Casework, left_this_week: Bools) -> None:
    """Count caseloads again in the runs in which a social worker left or a child moved; others stay as they are."""
    workers = state.workers
    run_of_worker = state.run_of_authority[state.teams["authority"][workers["team"]]]
    concerned = np.zeros(len(state.seeds), np.bool_)
    concerned[run_of_worker[left_this_week]] = True
    concerned[state.run_of_authority[state.authority[state.newcomers]]] = True
    before = workers["caseload"].copy()
    start_week(state, state.week)
    workers["caseload"] = np.where(concerned[run_of_worker], workers["caseload"], before)


def _judgement_noise(state: Casework) -> Floats:
    """Factor on the error of judgement of each social worker, by row of the table (M13): 1 for an experienced one."""
    settings, workers = state.scenario.workforce, state.workers
    experience = state.week - workers["hired_week"] + workers["prior_experience_weeks"]
    new = np.maximum(1 - experience / settings.learning_weeks, 0)
    # The extra row is for cases without a worker (row -1), which are judged as by an experienced one.
    noise = np.ones(len(workers) + 1)
    noise[:-1] += settings.learning_noise * new
    return noise


def allocate_workers(state: Casework, teams: RoleTeams, child: Ints, *, limited: bool = False) -> None:
    """Allocate each child to a social worker of the child's team (M13), in turn from the smallest caseload.

    Args:
        state: the state of casework.
        teams: the teams of the role that works on the case.
        child: rows of the children, shape (n,).
        limited: whether workers with the largest allowed caseload get no more cases, so that a child may stay without a
            worker.
    """
    if not len(child):
        return
    team = teams.rows[teams.of_child[child]]
    order = team.argsort(kind="stable")
    child, team = child[order], team[order]
    rank = np.arange(len(team)) - team.searchsorted(team)
    start = state.roster.start[team]
    size = state.roster.start[team + 1] - start
    place = np.where(size > 0, start + rank % np.maximum(size, 1), -1)
    worker = state.roster.rows[place]
    if limited:
        worker[state.workers["caseload"][worker] >= state.scenario.workforce.caseload_limit] = -1
    state.records.worker[child] = worker


def release_workers(state: Casework, child: Ints) -> None:
    """Take the cases of these children, shape (n,), from their social workers, so that they have none."""
    state.records.worker[child] = -1


def close_cases(state: Casework, child: Ints, status: int = Status.CLOSED) -> None:
    """Close the cases of these children, shape (n,), with a status that is `Status.CLOSED` or `Status.ADULT`."""
    if not len(child):
        return
    release_workers(state, child)
    state.move(child, status)
    state.records.worker_changes[child] = 0
    state.harm.hidden_share[child] = 0.0


def list_open_cases(state: Casework) -> Ints:
    """List the children who wait for an assessment, are being assessed, or have a service; shape (n,)."""
    waiting = state.waiting_initial["child"], state.waiting_core["child"]
    child: Ints = np.concatenate([*waiting, state.under_way, state.receiving_services])
    status = state.records.status[child]
    known: Ints = child[(status > Status.CLOSED) & (status < Status.ADULT)]
    return known


@stage(
    reads=(
        Casework.assessment_teams,
        Casework.authority,
        Casework.long_term_teams,
        Casework.newcomers,
        Casework.receiving_services,
        Casework.under_way,
        Casework.waiting_core,
        Casework.waiting_initial,
        ChildRecords.status,
        TeamColumns.authority,
        WorkerColumns.employed,
        WorkerColumns.hired_week,
        WorkerColumns.left_week,
        WorkerColumns.prior_experience_weeks,
        WorkerColumns.team,
    ),
    writes=(
        Casework.roster,
        ChildRecords.finish,
        ChildRecords.worker,
        ChildRecords.worker_changes,
        ChildRecords.working_days,
        WorkerColumns.caseload,
    ),
)
def hand_over_cases(state: Casework) -> None:
    """Reallocate cases whose social worker left this week, or whose child moved to another authority.

    Assessments under way take longer, in proportion to the effect of a change of social worker (M13).
    """
    workers, records = state.workers, state.records
    left_this_week = ~workers["employed"] & (workers["left_week"] == state.week)
    if not left_this_week.any() and not len(state.newcomers):
        return
    known = list_open_cases(state)
    worker = records.worker[known]
    elsewhere = state.teams["authority"][workers["team"][worker]] != state.authority[known]
    child = known[(worker >= 0) & (left_this_week[worker] | elsewhere)]
    release_workers(state, child)
    records.worker_changes[child] += 1
    state.log.add(state.week, Occurrence.WORKER_CHANGED, child, -1, records.worker_changes[child])
    _recount_cases(state, left_this_week)
    status = records.status[child]
    allocate_workers(state, state.assessment_teams, child[status == Status.INITIAL])
    allocate_workers(
        state, state.long_term_teams, child[(status > Status.CORE_WAITING) & (status < Status.IN_NEED)]
    )
    allocate_workers(state, state.long_term_teams, child[status >= Status.IN_NEED], limited=True)
    assessed = child[(status == Status.INITIAL) | (status == Status.CORE)]
    weeks_left = np.maximum(records.finish[assessed] - state.week, 0)
    factor = max(state.scenario.protection.worker_change_factor, _LEAST_FACTOR)
    # Many changes multiply the time that is left, which may then be longer than any run.
    longest = NEVER - records.finish[assessed]
    extra = np.minimum(np.ceil(weeks_left * (1 / factor - 1)), longest).astype(np.int32)
    records.finish[assessed] += extra
    records.working_days[assessed] += 5.0 * extra
