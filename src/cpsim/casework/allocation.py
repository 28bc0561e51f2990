"""Who works on a case (M13): allocation to the least loaded worker, and what is lost when a worker changes."""

import numpy as np

from cpsim.arrays import Floats, Ints
from cpsim.casework.log import Occurrence
from cpsim.casework.state import Casework, RoleTeams, Roster, Status

_LEAST_FACTOR = 0.1  # a change of worker makes what is left of an assessment at most ten times as long


def start_week(state: Casework, week: int) -> None:
    """Turn to a week: its keys, everybody's caseload, and the order in which workers get new cases."""
    state.week = week
    state.keys.start_week(week)
    workers = state.workers
    worker = state.records.worker[list_open_cases(state)]
    # Counted from row -1 on, since some have nobody.
    workers["caseload"] = np.bincount(worker + 1, minlength=len(workers) + 1)[1:]
    employed = workers["employed"].nonzero()[0]
    team = workers["team"][employed]
    order = np.lexsort((workers["caseload"][employed], team))
    start = team[order].searchsorted(np.arange(len(state.teams) + 1))
    # The last row is nobody's: a team without anybody in post hands its cases to row -1.
    rows = np.full(len(employed) + 1, -1)
    rows[:-1] = employed[order]
    state.roster = Roster(rows, start, _judgement_noise(state))


def _judgement_noise(state: Casework) -> Floats:
    """Factor on the error of judgement of each worker, by row of the table (M13): 1 once the job is learnt."""
    settings, workers = state.scenario.workforce, state.workers
    experience = state.week - workers["hired_week"] + workers["prior_experience_weeks"]
    new = np.maximum(1 - experience / settings.learning_weeks, 0)
    # One more row, so that row -1, nobody, judges like one who has learnt the job.
    noise = np.ones(len(workers) + 1)
    noise[:-1] += settings.learning_noise * new
    return noise


def allocate_workers(state: Casework, teams: RoleTeams, child: Ints, *, limited: bool = False) -> None:
    """Give each child a worker of the child's team at `desk`, in turn from the least loaded; shape (n,).

    With `limited`, workers at the largest caseload get nobody, and a child may stay without a worker.
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


def close_cases(state: Casework, child: Ints, status: int = Status.CLOSED) -> None:
    """Close the cases of these children; shape (n,)."""
    if not len(child):
        return
    state.records.worker[child] = -1
    state.records.status[child] = status
    state.records.worker_changes[child] = 0
    state.harm.hidden_share[child] = 0.0


def list_open_cases(state: Casework) -> Ints:
    """Children whose assessment is under way or who wait for one, and children under a service; shape (n,)."""
    waiting = state.waiting_initial["child"], state.waiting_core["child"]
    child: Ints = np.concatenate([*waiting, state.under_way, state.receiving_services])
    status = state.records.status[child]
    known: Ints = child[(status > Status.CLOSED) & (status < Status.ADULT)]
    return known


def hand_over_cases(state: Casework) -> None:
    """Find a new worker for every case of those who have left this week, and of children who have left the authority.

    Work under way takes longer by the odds of timely success that a change costs (M13).
    """
    workers, records = state.workers, state.records
    gone = ~workers["employed"] & (workers["left_week"] == state.week)
    if not gone.any() and not len(state.newcomers):
        return
    known = list_open_cases(state)
    worker = records.worker[known]
    elsewhere = state.teams["authority"][workers["team"][worker]] != state.authority[known]
    child = known[(worker >= 0) & (gone[worker] | elsewhere)]
    records.worker[child] = -1
    records.worker_changes[child] += 1
    state.log.add(state.week, Occurrence.WORKER_CHANGED, child, -1, records.worker_changes[child])
    start_week(state, state.week)
    status = records.status[child]
    allocate_workers(state, state.assessment_teams, child[status == Status.INITIAL])
    allocate_workers(
        state, state.long_term_teams, child[(status > Status.CORE_WAITING) & (status < Status.IN_NEED)]
    )
    allocate_workers(state, state.long_term_teams, child[status >= Status.IN_NEED], limited=True)
    assessed = child[(status == Status.INITIAL) | (status == Status.CORE)]
    left = np.maximum(records.finish[assessed] - state.week, 0)
    factor = max(state.scenario.protection.worker_change_factor, _LEAST_FACTOR)
    extra = np.ceil(left * (1 / factor - 1)).astype(np.int32)
    records.finish[assessed] += extra
    records.working_days[assessed] += 5.0 * extra
