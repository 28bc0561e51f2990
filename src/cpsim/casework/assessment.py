"""Initial and core assessments and section 47 enquiries (M11, M12): queues, hours, time limits and judgement."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim.arrays import Bools, Floats, Ints
from cpsim.casework.allocation import allocate, let_go
from cpsim.casework.log import Happening, Judgement
from cpsim.casework.screening import HIGHEST_LOAD, Screened, at_the_doors, feel_load
from cpsim.casework.state import STATUSES, WAITING_CASE, Casework, Desk, Queue, Status, joined, table_of

_DAYS_PER_WEEK = 5
_A_TRIFLE = 1e-6  # hours
_PUNCTUALITY_KEPT = 0.99  # the share on time is that of the last hundred assessments or so


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
    after_core = _finish_core(case, finished[(status == Status.CORE) | (status == Status.ENQUIRY)])
    return Assessed(np.concatenate([in_need, after_core]), finished[status == Status.CONFERENCE])


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


def _still(case: Casework, queue: Queue, status: int) -> Queue:
    """Those of a queue who still wait (nobody who grew up or was taken on otherwise)."""
    waiting: Queue = queue[case.records.status[queue["child"]] == status]
    return waiting


def _serve(
    case: Casework,
    desk: Desk,
    queue: Queue,
    priority: Floats,
    hours: Floats,
    available: Floats,
    largest: float,
) -> tuple[Ints, Ints]:
    """Who of a queue is taken on: rows taken, most urgent first within each team, and rows that go on waiting.

    Each team spends its hours down its own list and carries what is left, up to one case, into the next week.

    Args:
        priority: larger goes first, shape (n,); ties go by order of arrival.
        hours: what each case takes, shape (n,).
        available: hours of each team of the desk, shape (teams of the desk,).
        largest: hours of the largest kind of case.
    """
    team = desk.of_child[queue["child"]]
    order = np.lexsort((-priority, team))
    spent = np.zeros(len(order) + 1)
    hours[order].cumsum(out=spent[1:])
    in_team = team[order]
    before = spent[in_team.searchsorted(np.arange(len(desk.rows)))]
    budget = available + case.credit[desk.rows]
    # A case that fits exactly fits, whatever the rounding of a sum over all teams.
    taken = spent[1:] - before[in_team] <= budget[in_team] + _A_TRIFLE
    used = np.bincount(in_team, weights=hours[order] * taken, minlength=len(desk.rows))
    case.credit[desk.rows] = np.minimum(budget - used, largest)
    return order[taken], np.sort(order[~taken])


def hours_of(case: Casework, desk: Desk) -> Floats:
    """Casework hours that each team of a desk has this week, shape (teams of the desk,)."""
    hours: Floats = case.teams["hours_available"][desk.rows]
    return hours


def feel_team_load(case: Casework, desk: Desk, hours_due: Floats) -> None:
    """Note what was asked of each team of a desk this week, and let it feel the smoothed load.

    Up to a load of 1 a case gets the time that is due to it, beyond that less (M11).
    """
    memory = 1 / case.scenario.front_door.load_memory_weeks
    before = case.teams["utilisation"][desk.rows]
    now = np.minimum(hours_due / np.maximum(hours_of(case, desk), 1e-9), HIGHEST_LOAD)
    load = before + memory * (now - before)
    case.teams["hours_demanded"][desk.rows] = hours_due
    case.teams["utilisation"][desk.rows] = load
    case.pace[desk.rows] = np.maximum(load, 1.0) ** -case.scenario.assessment.time_compression


def _start_initial(case: Casework, screened: Screened) -> None:
    settings, hours = case.scenario.assessment, case.scenario.workforce
    desk = case.assessment_desk
    queue = _still(case, case.waiting_initial, Status.WAITING)
    at_the_door = screened.contacts * hours.hours_contact + screened.referrals * hours.hours_referral
    each_authority = len(desk.rows) // len(case.authorities)
    at_the_door = np.repeat(
        at_the_door * (at_the_doors(case, "contact_load") / each_authority), each_authority
    )
    team = desk.of_child[queue["child"]]
    waiting = np.bincount(team, minlength=len(desk.rows))
    due_each = hours.hours_initial * case.teams["workload_factor"][desk.rows]
    hours_due = at_the_door + waiting * due_each
    feel_team_load(case, desk, hours_due)
    feel_load(case, case.by_authority(hours_due), case.by_authority(hours_of(case, desk)))
    highest = case.scenario.front_door.assessment_threshold + case.drift + settings.urgency_cap
    urgency = np.minimum(queue["priority"], highest[case.authority[queue["child"]]])
    urgency += settings.urgency_per_week_waiting * (case.week - queue["arrived"])
    each = (due_each * case.pace[desk.rows])[team]
    taken, left = _serve(
        case,
        desk,
        queue,
        urgency,
        each,
        np.maximum(hours_of(case, desk) - at_the_door, 0),
        hours.hours_initial,
    )
    child, waited = queue["child"][taken], case.week - queue["arrived"][taken]
    case.waiting_initial = queue[left]
    keys = case.keys.judgement(child)
    days = settings.initial_days_median * np.exp(
        settings.initial_days_spread * case.streams.initial_days.normal(keys)
    )
    case.records.status[child] = Status.INITIAL
    allocate(case, desk, child)
    case.records.working_days[child] = _DAYS_PER_WEEK * waited + days
    _finish_in(
        case, child, np.minimum((days / _DAYS_PER_WEEK).astype(np.int64), settings.longest_initial_weeks)
    )
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
    estimate = case.harm.severity[child] + case.misreading[child]
    estimate += settings.file_weight * np.minimum(belief, settings.file_limit)
    estimate += _error(
        case, case.assessment_desk, child, settings.initial_noise
    ) * case.streams.initial.normal(keys)
    case.minutes.append(Judgement("initial assessment", child, belief, estimate, settings.need_threshold, -1))
    on_time = records.working_days[child] <= settings.initial_limit_days
    case.log.add(case.week, Happening.INITIAL_FINISHED, child, -1, on_time)
    _count_on_time(case, case.assessment_desk, child, on_time)
    other = case.harm.other_needs[child] > 0
    other &= case.streams.other_need.uniform(keys) < settings.other_need_recognised
    enquiry = estimate > settings.s47_threshold
    core = enquiry | (estimate > settings.core_threshold)
    in_need = ~core & ((estimate > settings.need_threshold) | other)
    records.belief[child] = belief * case.scenario.front_door.kept_after_assessment
    nothing = ~core & ~in_need
    case.log.add(case.week, Happening.NO_FURTHER_ACTION, child[nothing], -1, estimate[nothing])
    let_go(case, child[nothing])
    records.worker[child[~nothing]] = -1
    return child[in_need], child[core], enquiry[core]


def _count_on_time(case: Casework, desk: Desk, child: Ints, on_time: Bools) -> None:
    """Let each team's share of assessments on time follow those that end this week; shapes (n,)."""
    team, before = desk.of_child[child], case.teams["on_time_share"][desk.rows]
    finished = np.bincount(team, minlength=len(before))
    share = np.bincount(team, weights=on_time, minlength=len(before)) / np.maximum(finished, 1)
    case.teams["on_time_share"][desk.rows] = before + (1 - _PUNCTUALITY_KEPT**finished) * (share - before)


def _reopened(case: Casework, child: Ints) -> Ints:
    """Children in need about whom an enquiry opens: their service and its worker give way to it; shape (n,)."""
    case.records.worker[child] = -1
    case.harm.hidden_share[child] = 0.0
    return child


def _queue_core(case: Casework, child: Ints, enquiry: Bools) -> None:
    if not len(child):
        return
    case.records.status[child] = Status.CORE_WAITING
    arrivals = table_of(WAITING_CASE, child, arrived=case.week, priority=enquiry, enquiry=enquiry)
    case.waiting_core = joined(case.waiting_core, arrivals)


def committed_hours(case: Casework) -> Floats:
    """Hours due this week to children with a plan, in care or in need, by team, shape (teams of the desk,)."""
    hours, desk = case.scenario.workforce, case.long_term_desk
    each = np.zeros(len(STATUSES))
    each[Status.IN_NEED], each[Status.PLAN], each[Status.CARE] = (
        hours.hours_in_need_week,
        hours.hours_plan_week,
        hours.hours_care_week,
    )
    due = each[case.records.status[case.served]]
    in_all = np.bincount(desk.of_child[case.served], weights=due, minlength=len(desk.rows))
    hours_due: Floats = in_all * case.teams["workload_factor"][desk.rows]
    return hours_due


def _start_core(case: Casework) -> None:
    settings, hours, desk = case.scenario.assessment, case.scenario.workforce, case.long_term_desk
    queue = _still(case, case.waiting_core, Status.CORE_WAITING)
    enquiry_hours = (
        hours.hours_s47 + hours.hours_conference / 2
    )  # about half of the enquiries lead to a conference
    largest = hours.hours_core + enquiry_hours
    team = desk.of_child[queue["child"]]
    each = (hours.hours_core + enquiry_hours * queue["enquiry"]) * case.teams["workload_factor"][desk.rows][
        team
    ]
    committed = committed_hours(case)
    feel_team_load(case, desk, committed + np.bincount(team, weights=each, minlength=len(desk.rows)))
    speed = case.pace[desk.rows]
    hours_here = hours_of(case, desk)
    for_services = np.minimum(committed * speed, (1 - hours.least_new_assessment_share) * hours_here)
    # A team to which nothing was due has missed nothing.
    delivered = np.divide(for_services, committed, out=np.ones(len(committed)), where=committed > 0)
    case.delivered_lately[case.week % 4, desk.rows] = np.minimum(delivered, 1.0)
    case.teams["delivered_share"][desk.rows] = case.delivered_lately.sum(axis=0)[desk.rows] / 4
    taken, left = _serve(
        case, desk, queue, queue["priority"], each * speed[team], hours_here - for_services, largest
    )
    child, enquiry = queue["child"][taken], queue["enquiry"][taken]
    waited = case.week - queue["arrived"][taken]
    case.waiting_core = queue[left]
    keys = case.keys.judgement(child)
    weeks = settings.core_weeks_median * np.exp(
        settings.core_weeks_spread * case.streams.core_weeks.normal(keys)
    )
    case.records.working_days[child] = _DAYS_PER_WEEK * (waited + weeks)
    case.records.status[child] = np.where(enquiry, Status.ENQUIRY, Status.CORE)
    allocate(case, desk, child)
    case.log.add(case.week, Happening.CORE_STARTED, child)
    case.log.add(case.week, Happening.ENQUIRY_STARTED, child[enquiry])
    whole_weeks = np.minimum(weeks.astype(np.int64) + 1, settings.longest_core_weeks)
    _finish_in(case, child, np.where(enquiry, settings.enquiry_weeks, whole_weeks))


def _error(case: Casework, desk: Desk, child: Ints, unhurried: float) -> Floats:
    """Spread of the error of judgement about each child: more under time pressure and with a new worker, shape (n,).

    Accuracy grows with the root of the time spent (M11), and is that of the team this week (M13).
    """
    error: Floats = unhurried / (np.sqrt(case.pace) * case.teams["accuracy"])[desk.rows][desk.of_child[child]]
    return error * case.roster.noise[case.records.worker[child]]


def _finish_core(case: Casework, child: Ints) -> Ints:
    """Judge the core assessments and section 47 enquiries that end this week.

    A core assessment ends in a child-in-need service or in nothing, an enquiry in a conference, a service or nothing.
    Returns the children who get a child-in-need service, shape (n,).
    """
    if not len(child):
        return child
    settings, records = case.scenario.assessment, case.records
    estimate = case.harm.severity[child] + settings.child_bias_remaining * case.misreading[child]
    noise = case.streams.core.normal(case.keys.judgement(child))
    estimate += _error(case, case.long_term_desk, child, settings.core_noise) * noise
    on_time = records.working_days[child] <= settings.core_limit_days
    case.log.add(case.week, Happening.CORE_FINISHED, child, -1, on_time)
    _count_on_time(case, case.long_term_desk, child, on_time)
    enquiry = records.status[child] == Status.ENQUIRY
    case.log.add(case.week, Happening.ENQUIRY_FINISHED, child[enquiry], -1, estimate[enquiry])
    conference = enquiry & (estimate > settings.conference_threshold)
    other_need = ~enquiry & (case.harm.other_needs[child] > 0)
    threshold = np.where(enquiry, settings.need_threshold_after_enquiry, settings.need_threshold)
    case.minutes.append(Judgement("core assessment", child, np.nan, estimate, threshold, -1))
    enough = estimate > threshold
    in_need = ~conference & (enough | other_need)
    called = child[conference]
    records.status[called] = Status.CONFERENCE
    _finish_in(case, called, case.scenario.conference.wait_weeks)
    nothing = ~conference & ~in_need
    case.log.add(case.week, Happening.NO_FURTHER_ACTION, child[nothing], -1, estimate[nothing])
    let_go(case, child[nothing])
    served: Ints = child[in_need]
    return served
