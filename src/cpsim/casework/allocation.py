"""Who works on a case (M13): allocation to the least loaded worker, and what is lost when a worker changes."""

import numpy as np

from cpsim.arrays import Floats, Ints
from cpsim.casework.log import Happening
from cpsim.casework.state import Casework, Desk, Roster, Status

_LEAST_FACTOR = 0.1  # a change of worker makes what is left of an assessment at most ten times as long


def begin(case: Casework, week: int) -> None:
    """Turn to a week: its keys, everybody's caseload, and the order in which workers get new cases."""
    case.week = week
    case.keys.begin(week)
    workers = case.workers
    worker = case.records.worker[open_cases(case)]
    # Counted from row -1 on, since some have nobody.
    workers["caseload"] = np.bincount(worker + 1, minlength=len(workers) + 1)[1:]
    employed = workers["employed"].nonzero()[0]
    team = workers["team"][employed]
    order = np.lexsort((workers["caseload"][employed], team))
    start = team[order].searchsorted(np.arange(len(case.teams) + 1))
    # The last row is nobody's: a team without anybody in post hands its cases to row -1.
    rows = np.full(len(employed) + 1, -1)
    rows[:-1] = employed[order]
    case.roster = Roster(rows, start, _judgement_noise(case))


def _judgement_noise(case: Casework) -> Floats:
    """Factor on the error of judgement of each worker, by row of the table (M13): 1 once the job is learnt."""
    settings, workers = case.scenario.workforce, case.workers
    experience = case.week - workers["hired_week"] + workers["prior_experience_weeks"]
    new = np.maximum(1 - experience / settings.learning_weeks, 0)
    # One more row, so that row -1, nobody, judges like one who has learnt the job.
    noise = np.ones(len(workers) + 1)
    noise[:-1] += settings.learning_noise * new
    return noise


def allocate(case: Casework, desk: Desk, child: Ints, *, limited: bool = False) -> None:
    """Give each child a worker of the child's team at `desk`, in turn from the least loaded; shape (n,).

    With `limited`, workers at the largest caseload get nobody, and a child may stay without a worker.
    """
    if not len(child):
        return
    team = desk.rows[desk.of_child[child]]
    order = team.argsort(kind="stable")
    child, team = child[order], team[order]
    rank = np.arange(len(team)) - team.searchsorted(team)
    start = case.roster.start[team]
    size = case.roster.start[team + 1] - start
    place = np.where(size > 0, start + rank % np.maximum(size, 1), -1)
    worker = case.roster.rows[place]
    if limited:
        worker[case.workers["caseload"][worker] >= case.scenario.workforce.caseload_limit] = -1
    case.records.worker[child] = worker


def let_go(case: Casework, child: Ints, status: int = Status.CLOSED) -> None:
    """Close the cases of these children; shape (n,)."""
    if not len(child):
        return
    case.records.worker[child] = -1
    case.records.status[child] = status
    case.records.worker_changes[child] = 0
    case.harm.hidden_share[child] = 0.0


def open_cases(case: Casework) -> Ints:
    """Children whose assessment is under way or who wait for one, and children under a service; shape (n,)."""
    waiting = case.waiting_initial["child"], case.waiting_core["child"]
    child: Ints = np.concatenate([*waiting, case.under_way, case.served])
    status = case.records.status[child]
    known: Ints = child[(status > Status.CLOSED) & (status < Status.GROWN_UP)]
    return known


def hand_over(case: Casework) -> None:
    """Find a new worker for every case of those who have left this week, and of children who have left the authority.

    Work under way takes longer by the odds of timely success that a change costs (M13).
    """
    workers, records = case.workers, case.records
    gone = ~workers["employed"] & (workers["left_week"] == case.week)
    if not gone.any() and not len(case.newcomers):
        return
    known = open_cases(case)
    worker = records.worker[known]
    elsewhere = case.teams["authority"][workers["team"][worker]] != case.authority[known]
    child = known[(worker >= 0) & (gone[worker] | elsewhere)]
    records.worker[child] = -1
    records.worker_changes[child] += 1
    case.log.add(case.week, Happening.WORKER_CHANGED, child, -1, records.worker_changes[child])
    begin(case, case.week)
    status = records.status[child]
    allocate(case, case.assessment_desk, child[status == Status.INITIAL])
    allocate(case, case.long_term_desk, child[(status > Status.CORE_WAITING) & (status < Status.IN_NEED)])
    allocate(case, case.long_term_desk, child[status >= Status.IN_NEED], limited=True)
    assessed = child[(status == Status.INITIAL) | (status == Status.CORE)]
    left = np.maximum(records.finish[assessed] - case.week, 0)
    factor = max(case.scenario.protection.worker_change_factor, _LEAST_FACTOR)
    extra = np.ceil(left * (1 / factor - 1)).astype(np.int32)
    records.finish[assessed] += extra
    records.working_days[assessed] += 5.0 * extra
