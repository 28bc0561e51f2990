"""Who works on a case (M13): allocation to the least loaded worker, and what is lost when a worker changes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim.casework.state import SERVICES, Casework, Desk, Status

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Roster(NamedTuple):
    """Workers in post, by team and then by caseload, the least loaded first.

    `rows` are rows of the table of workers, shape (W,); team g has `rows[start[g] : start[g + 1]]`.
    """

    rows: Ints
    start: Ints


def roster(case: Casework) -> Roster:
    """The order in which workers are given new cases this week."""
    workers = case.workers
    employed = np.flatnonzero(workers["employed"])
    team = workers["team"][employed]
    order = np.lexsort((employed, workers["caseload"][employed], team))
    return Roster(employed[order], np.searchsorted(team[order], np.arange(len(case.teams) + 1)))


def rank_within(team: Ints) -> Ints:
    """Position of each row among the rows of its team; `team` is sorted, shape (n,)."""
    first = np.searchsorted(team, team)
    rank: Ints = np.arange(len(team)) - first
    return rank


def allocate(case: Casework, desk: Desk, child: Ints, *, limited: bool = False) -> None:
    """Give each child a worker of the child's team at `desk`, in turn from the least loaded; shape (n,).

    With `limited`, workers at the largest caseload get nobody, and a child may stay without a worker.
    """
    if not len(child):
        return
    team = desk.rows[desk.of_child[child]]
    order = np.argsort(team, kind="stable")
    child, team = child[order], team[order]
    ranks = roster(case)
    start, size = ranks.start[team], ranks.start[team + 1] - ranks.start[team]
    somebody = np.flatnonzero(size > 0)
    worker = np.full(len(child), -1, np.int64)
    turn = rank_within(team)[somebody] % size[somebody]
    worker[somebody] = ranks.rows[start[somebody] + turn]
    if limited:
        full = case.workers["caseload"][worker] >= case.scenario.workforce.largest_caseload
        worker[full] = -1
    case.records.worker[child] = worker
    _count(case, worker, 1.0)


def release(case: Casework, child: Ints) -> None:
    """Take the children off their workers' caseloads; shape (n,)."""
    _count(case, case.records.worker[child], -1.0)
    case.records.worker[child] = -1


def _count(case: Casework, worker: Ints, change: float) -> None:
    np.add.at(case.workers["caseload"], worker[worker >= 0], change)


def let_go(case: Casework, child: Ints, status: Status = Status.CLOSED) -> None:
    """Close the cases of these children; shape (n,)."""
    release(case, child)
    case.records.status[child] = status
    case.records.worker_changes[child] = 0
    case.harm.hidden_share[child] = 0.0


def open_cases(case: Casework) -> Ints:
    """Children whom somebody works on or should, in order; shape (n,)."""
    status = case.records.status
    return np.flatnonzero((status > Status.CLOSED) & (status < Status.GROWN_UP))


def pass_on(case: Casework, gone: NDArray[np.bool_]) -> Ints:
    """Find a new worker for every case of those who left (`gone`, by row of the table of workers); returns the children.

    Work under way takes longer by the odds of timely success that a change costs (M13).
    """
    records, factor = case.records, case.scenario.protection.worker_change_factor
    known = open_cases(case)
    worker = records.worker[known]
    child = known[(worker >= 0) & gone[worker]]
    release(case, child)
    records.worker_changes[child] += 1
    status = records.status[child]
    initial = child[status == Status.INITIAL]
    allocate(case, case.assessment_desk, initial)
    assessed = child[(status >= Status.CORE_WAITING) & (status <= Status.CONFERENCE)]
    allocate(case, case.long_term_desk, assessed)
    allocate(case, case.long_term_desk, child[np.isin(status, SERVICES)], limited=True)
    under_way = child[(status == Status.INITIAL) | (status == Status.CORE)]
    left = records.finish[under_way] - case.week
    delayed = under_way[left > 0]
    extra = np.ceil(left[left > 0] * (1 / max(factor, 0.1) - 1)).astype(np.int32)
    records.finish[delayed] += extra
    records.working_days[delayed] += 5.0 * extra
    for week in np.unique(records.finish[delayed]).tolist():
        case.finishing[week].append(delayed[records.finish[delayed] == week])
    return child


def learning_noise(case: Casework, child: Ints) -> Floats:
    """Factor on the error of judgement of each child's worker, 1 for one who has learnt the job (M13), shape (n,)."""
    settings, workers = case.scenario.workforce, case.workers
    worker = case.records.worker[child]
    experience = case.week - workers["hired_week"][worker] + workers["prior_experience_weeks"][worker]
    new = np.maximum(1 - experience / settings.learning_weeks, 0)
    factor: Floats = 1 + settings.learning_noise * np.where(worker >= 0, new, 0)
    return factor / case.teams["accuracy"][workers["team"][worker]]
