"""Who works on a case (M13): allocation to the least loaded worker, and what is lost when a worker changes."""

import numpy as np
from numpy.typing import NDArray

from cpsim.casework.log import Happening
from cpsim.casework.state import Casework, Desk, Status

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_LEAST_FACTOR = 0.1  # a change of worker makes what is left of an assessment at most ten times as long


def allocate(case: Casework, desk: Desk, child: Ints, *, limited: bool = False) -> None:
    """Give each child a worker of the child's team at `desk`, in turn from the least loaded; shape (n,).

    With `limited`, workers at the largest caseload get nobody, and a child may stay without a worker.
    """
    if not len(child):
        return
    team = desk.rows[desk.of_child[child]]
    order = np.argsort(team, kind="stable")
    child, team = child[order], team[order]
    rank = np.arange(len(team)) - np.searchsorted(team, team)
    start = case.roster.start[team]
    size = case.roster.start[team + 1] - start
    worker = np.full(len(child), -1, np.int64)
    staffed = np.flatnonzero(size > 0)
    worker[staffed] = case.roster.rows[start[staffed] + rank[staffed] % size[staffed]]
    if limited:
        worker[case.workers["caseload"][worker] >= case.scenario.workforce.largest_caseload] = -1
    case.records.worker[child] = worker
    _count(case, worker, 1.0)


def release(case: Casework, child: Ints) -> None:
    """Take the children off their workers' caseloads; shape (n,)."""
    _count(case, case.records.worker[child], -1.0)
    case.records.worker[child] = -1


def _count(case: Casework, worker: NDArray[np.integer], change: float) -> None:
    np.add.at(case.workers["caseload"], worker[worker >= 0], change)


def let_go(case: Casework, child: Ints, status: int = Status.CLOSED) -> None:
    """Close the cases of these children; shape (n,)."""
    if not len(child):
        return
    release(case, child)
    case.records.status[child] = status
    case.records.worker_changes[child] = 0
    case.harm.hidden_share[child] = 0.0


def open_cases(case: Casework) -> Ints:
    """Children whose assessment is under way or who wait for one, and children under a service; shape (n,)."""
    child = np.concatenate([case.waiting_initial.child, case.waiting_core.child, case.under_way, case.served])
    status = case.records.status[child]
    return child[(status > Status.CLOSED) & (status < Status.GROWN_UP)]


def hand_over(case: Casework) -> None:
    """Find a new worker for every case of those who have left this week.

    Work under way takes longer by the odds of timely success that a change costs (M13).
    """
    workers, records = case.workers, case.records
    gone = ~workers["employed"] & (workers["left_week"] == case.week)
    if not gone.any():
        return
    known = open_cases(case)
    worker = records.worker[known]
    child = known[(worker >= 0) & gone[worker]]
    release(case, child)
    records.worker_changes[child] += 1
    case.log.add(case.week, Happening.WORKER_CHANGED, child, -1, records.worker_changes[child].astype(np.float64))
    case.begin(case.week)
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


def learning_noise(case: Casework, child: Ints) -> Floats:
    """Factor on the error of judgement of each child's worker, 1 for one who has learnt the job (M13), shape (n,)."""
    settings, workers = case.scenario.workforce, case.workers
    worker = case.records.worker[child]
    experience = case.week - workers["hired_week"][worker] + workers["prior_experience_weeks"][worker]
    new = np.maximum(1 - experience / settings.learning_weeks, 0)
    factor: Floats = 1 + settings.learning_noise * np.where(worker >= 0, new, 0)
    return factor / case.teams["accuracy"][workers["team"][worker]]
