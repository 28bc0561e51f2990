"""Initial and core assessments and section 47 enquiries (M11, M12): queues, hours, time limits and judgement."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.casework.allocation import allocate, learning_noise, let_go, release
from cpsim.casework.log import Happening
from cpsim.casework.screening import Screened, feel_load
from cpsim.casework.state import NOBODY, STATUSES, Casework, Desk, Queue, Status

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_DAYS_PER_WEEK = 5
_LONGEST_INITIAL, _LONGEST_CORE = 12, 40  # weeks; nothing stays open for ever
_WAITING_RAISES_PRIORITY = 0.8  # per week of waiting, so that nobody waits for ever
_PRIORITY_CAP = 2.0  # above the assessment bar; beyond it a case is simply urgent


class Assessed(NamedTuple):
    """What the assessment teams hand on; shapes (n,).

    `in_need` are children who are to get a child-in-need service, `conferences` those whose conference is due.
    """

    in_need: Ints
    conferences: Ints


def assess(case: Casework, screened: Screened) -> Assessed:
    """The week of the assessment teams, from the queue to the judgement."""
    _start_initial(case, screened)
    finished, status = _finished(case)
    in_need, to_core, enquiry = _finish_initial(case, finished[status == Status.INITIAL])
    _queue_core(case, to_core, enquiry)
    _queue_core(case, _reopened(case, screened.escalated), np.ones(len(screened.escalated), np.bool_))
    _start_core(case)
    after_core = _finish_core(case, finished[status == Status.CORE])
    after_enquiry = _finish_enquiry(case, finished[status == Status.ENQUIRY])
    return Assessed(
        np.concatenate([in_need, after_core, after_enquiry]), finished[status == Status.CONFERENCE]
    )


def _finished(case: Casework) -> tuple[Ints, NDArray[np.int8]]:
    """Take from the roll of work under way what ends this week; returns children and their status, shape (n,)."""
    ends = case.records.finish[case.under_way] <= case.week
    finished = case.under_way[ends]
    case.under_way = case.under_way[~ends]
    return finished, case.records.status[finished]


def _finish_in(case: Casework, child: Ints, weeks: Ints | int) -> None:
    """Let the stage of each child end `weeks` from now; shape (n,)."""
    case.records.finish[child] = case.week + weeks
    case.under_way = np.concatenate([case.under_way, child])


def _still(case: Casework, queue: Queue, status: Status) -> Queue:
    """Those of a queue who still wait (nobody who grew up or was taken on otherwise)."""
    here = case.records.status[queue.child] == status
    return queue if here.all() else queue.take(here)


def _serve(
    case: Casework, desk: Desk, queue: Queue, priority: Floats, hours: Floats, available: Floats
) -> tuple[Ints, Ints]:
    """Who of a queue is taken on: rows taken, most urgent first within each team, and rows that go on waiting.

    Each team spends its hours down its own list and carries what is left, up to one case, into the next week.

    Args:
        priority: larger goes first, shape (n,); ties go by order of arrival.
        hours: what each case takes, shape (n,).
        available: hours of each team of the desk, shape (teams of the desk,).
    """
    team = desk.of_child[queue.child]
    order = np.lexsort((-priority, team))
    spent = np.cumsum(hours[order])
    in_team = team[order]
    start = np.searchsorted(in_team, np.arange(len(desk.rows)))
    before = np.concatenate([[0.0], spent])[start]
    budget = available + case.credit[desk.rows]
    taken = spent - before[in_team] <= budget[in_team]
    used = np.bincount(in_team, weights=hours[order] * taken, minlength=len(desk.rows))
    largest = float(hours.max()) if len(hours) else 0.0
    case.credit[desk.rows] = np.minimum(budget - used, largest)
    return order[taken], np.sort(order[~taken])


def hours_of(case: Casework, desk: Desk) -> Floats:
    """Casework hours that each team of a desk has this week, shape (teams of the desk,)."""
    hours: Floats = case.teams["hours_available"][desk.rows]
    return hours


def pace(case: Casework, desk: Desk) -> Floats:
    """Share of the due time that a case gets in each team: 1 up to a load of 1, less beyond (M11)."""
    load = np.maximum(case.teams["utilisation"][desk.rows], 1e-9)
    return np.minimum(1.0, load**-case.scenario.assessment.time_compression)


def feel_team_load(case: Casework, desk: Desk, hours_due: Floats) -> None:
    """Note what was asked of each team of a desk this week, and let it feel the smoothed load."""
    memory = 1 / case.scenario.front_door.load_memory_weeks
    available = np.maximum(hours_of(case, desk), 1e-9)
    case.teams["hours_demanded"][desk.rows] = hours_due
    load = case.teams["utilisation"]
    load[desk.rows] += memory * (hours_due / available - load[desk.rows])


def _start_initial(case: Casework, screened: Screened) -> None:
    settings, hours = case.scenario.assessment, case.scenario.workforce
    desk = case.assessment_desk
    queue = _still(case, case.waiting_initial, Status.WAITING)
    at_the_door = (screened.contacts * hours.hours_contact + screened.referrals * hours.hours_referral) / len(desk.rows)
    waiting = np.bincount(desk.of_child[queue.child], minlength=len(desk.rows))
    hours_due = at_the_door + waiting * hours.hours_initial
    feel_team_load(case, desk, hours_due)
    feel_load(case, float(hours_due.sum()), float(hours_of(case, desk).sum()))
    if not len(queue.child):
        case.waiting_initial = NOBODY
        return
    urgency = np.minimum(queue.priority, case.scenario.front_door.assessment_bar + case.drift + _PRIORITY_CAP)
    urgency = urgency + _WAITING_RAISES_PRIORITY * (case.week - queue.arrived)
    each = (hours.hours_initial * pace(case, desk))[desk.of_child[queue.child]]
    taken, left = _serve(case, desk, queue, urgency, each, np.maximum(hours_of(case, desk) - at_the_door, 0))
    child, waited = queue.child[taken], case.week - queue.arrived[taken]
    case.waiting_initial = queue.take(left)
    keys = case.keys.judgement(child)
    days = settings.initial_days_median * np.exp(
        settings.initial_days_spread * case.streams.initial_days.normal(keys)
    )
    case.records.status[child] = Status.INITIAL
    allocate(case, desk, child)
    case.records.working_days[child] = _DAYS_PER_WEEK * waited + days
    _finish_in(case, child, np.minimum((days / _DAYS_PER_WEEK).astype(np.int64), _LONGEST_INITIAL))
    case.log.add(case.week, Happening.INITIAL_STARTED, child)


def _finish_initial(case: Casework, child: Ints) -> tuple[Ints, Ints, Bools]:
    """Judge the initial assessments that end this week.

    Returns children in need, children who get a core assessment, and which of these get a section 47 enquiry.
    """
    settings, records = case.scenario.assessment, case.records
    if not len(child):
        return child, child, np.empty(0, np.bool_)
    keys = case.keys.judgement(child)
    belief = case.believe(child)
    hurry = np.sqrt(pace(case, case.assessment_desk))[case.assessment_desk.of_child[child]]
    estimate = case.severity_now(child) + case.misreading[child]
    estimate += settings.file_weight * np.minimum(belief, settings.file_limit)
    error = settings.initial_noise / hurry * learning_noise(case, child)
    estimate += error * case.streams.initial.normal(keys)
    on_time = records.working_days[child] <= settings.initial_limit_days
    case.log.add(case.week, Happening.INITIAL_FINISHED, child, -1, on_time.astype(np.float64))
    other = case.harm.other_need[child] > 0
    other &= case.streams.other_need.uniform(keys) < settings.other_need_seen
    enquiry = estimate > settings.s47_bar
    core = enquiry | (estimate > settings.core_bar)
    in_need = ~core & ((estimate > settings.need_bar) | other)
    records.belief[child] = belief * case.scenario.front_door.kept_after_assessment
    nothing = ~core & ~in_need
    case.log.add(case.week, Happening.NO_FURTHER_ACTION, child[nothing], -1, estimate[nothing])
    let_go(case, child[nothing])
    release(case, child[~nothing])
    return child[in_need], child[core], enquiry[core]


def _reopened(case: Casework, child: Ints) -> Ints:
    """Children in need about whom an enquiry opens: their service and its worker give way to it; shape (n,)."""
    release(case, child)
    case.harm.hidden_share[child] = 0.0
    return child


def _queue_core(case: Casework, child: Ints, enquiry: Bools) -> None:
    if not len(child):
        return
    case.records.status[child] = Status.CORE_WAITING
    arrivals = Queue(child, np.full(len(child), case.week), enquiry.astype(np.float64), enquiry)
    case.waiting_core = case.waiting_core.with_more(arrivals)


def committed_hours(case: Casework) -> Floats:
    """Hours due this week to children with a plan, in care or in need, by long-term team, shape (teams of the desk,)."""
    hours, desk = case.scenario.workforce, case.long_term_desk
    each = np.zeros(len(STATUSES))
    each[Status.IN_NEED], each[Status.PLAN], each[Status.CARE] = (
        hours.hours_in_need_week,
        hours.hours_plan_week,
        hours.hours_care_week,
    )
    return np.bincount(
        desk.of_child[case.served], weights=each[case.records.status[case.served]], minlength=len(desk.rows)
    )


def _start_core(case: Casework) -> None:
    settings, hours, desk = case.scenario.assessment, case.scenario.workforce, case.long_term_desk
    queue = _still(case, case.waiting_core, Status.CORE_WAITING)
    each = hours.hours_core + (hours.hours_s47 + hours.hours_conference / 2) * queue.enquiry
    team = desk.of_child[queue.child]
    committed = committed_hours(case)
    waiting = np.bincount(team, weights=each, minlength=len(desk.rows))
    feel_team_load(case, desk, committed + waiting)
    speed = pace(case, desk)
    hours_here = hours_of(case, desk)
    for_services = np.minimum(committed * speed, (1 - hours.least_new_work) * hours_here)
    due_to_services = np.maximum(committed, 1e-9)
    case.delivered_lately[case.week % 4, desk.rows] = np.minimum(for_services / due_to_services, 1.0)
    case.teams["delivered_share"][desk.rows] = case.delivered_lately[:, desk.rows].mean(axis=0)
    if not len(queue.child):
        case.waiting_core = NOBODY
        return
    taken, left = _serve(case, desk, queue, queue.priority, each * speed[team], hours_here - for_services)
    child, enquiry = queue.child[taken], queue.enquiry[taken]
    waited = case.week - queue.arrived[taken]
    case.waiting_core = queue.take(left)
    keys = case.keys.judgement(child)
    weeks = settings.core_weeks_median * np.exp(settings.core_weeks_spread * case.streams.core_weeks.normal(keys))
    case.records.working_days[child] = _DAYS_PER_WEEK * (waited + weeks)
    case.records.status[child] = np.where(enquiry, Status.ENQUIRY, Status.CORE)
    allocate(case, desk, child)
    case.log.add(case.week, Happening.CORE_STARTED, child)
    case.log.add(case.week, Happening.ENQUIRY_STARTED, child[enquiry])
    core = child[~enquiry]
    _finish_in(case, core, np.minimum(weeks[~enquiry].astype(np.int64) + 1, _LONGEST_CORE))
    _finish_in(case, child[enquiry], settings.enquiry_weeks)


def second_estimate(case: Casework, child: Ints, stream: draws.Stream) -> Floats:
    """Severity as a core assessment or a section 47 enquiry reads it, shape (n,)."""
    settings, desk = case.scenario.assessment, case.long_term_desk
    hurry = np.sqrt(pace(case, desk))[desk.of_child[child]]
    error = settings.core_noise / hurry * learning_noise(case, child)
    estimate = case.severity_now(child) + settings.child_bias_left * case.misreading[child]
    estimate += error * stream.normal(case.keys.judgement(child))
    return estimate


def _finish_core(case: Casework, child: Ints) -> Ints:
    """Judge the core assessments that end this week; returns children who get a child-in-need service."""
    if not len(child):
        return child
    settings = case.scenario.assessment
    estimate = second_estimate(case, child, case.streams.core)
    _log_core_finished(case, child)
    in_need = (estimate > settings.need_bar) | (case.harm.other_need[child] > 0)
    case.log.add(case.week, Happening.NO_FURTHER_ACTION, child[~in_need], -1, estimate[~in_need])
    let_go(case, child[~in_need])
    return child[in_need]


def _log_core_finished(case: Casework, child: Ints) -> None:
    on_time = case.records.working_days[child] <= case.scenario.assessment.core_limit_days
    case.log.add(case.week, Happening.CORE_FINISHED, child, -1, on_time.astype(np.float64))


def _finish_enquiry(case: Casework, child: Ints) -> Ints:
    """Judge the section 47 enquiries that end this week: a conference, a child-in-need service, or nothing."""
    if not len(child):
        return child
    settings = case.scenario.assessment
    estimate = second_estimate(case, child, case.streams.enquiry)
    _log_core_finished(case, child)
    case.log.add(case.week, Happening.ENQUIRY_FINISHED, child, -1, estimate)
    conference = estimate > settings.conference_bar
    in_need = ~conference & (estimate > settings.need_bar_after_enquiry)
    nothing = ~conference & ~in_need
    case.records.status[child[conference]] = Status.CONFERENCE
    _finish_in(case, child[conference], case.scenario.conference.wait_weeks)
    case.log.add(case.week, Happening.NO_FURTHER_ACTION, child[nothing], -1, estimate[nothing])
    let_go(case, child[nothing])
    return child[in_need]
