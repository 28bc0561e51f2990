"""Initial and core assessments and section 47 enquiries (M11, M12): queues, hours, time limits and judgements."""

from typing import NamedTuple

import numpy as np

from cpsim.agents.tables import TeamColumns
from cpsim.arrays import Bools, Floats, Ints
from cpsim.casework.allocation import allocate_workers, close_cases, release_workers
from cpsim.casework.log import Judgement, Occurrence
from cpsim.casework.screening import HIGHEST_LOAD, Screening, front_door_column, update_front_door_load
from cpsim.casework.state import (
    STATUSES,
    WAITING_CASE,
    Casework,
    ChildRecords,
    CurrentHarm,
    Queue,
    RoleTeams,
    Status,
    append_rows,
    build_rows,
)
from cpsim.stages.declarations import stage

_DAYS_PER_WEEK = 5
_TOLERANCE_HOURS = 1e-6
_ON_TIME_MEMORY = 0.99  # the share on time is averaged over about the last hundred assessments


class AssessmentOutcome(NamedTuple):
    """The result of a week of assessments; shapes (n,).

    Attributes:
        in_need: children who are to get a child-in-need service.
        conferences: children whose child protection conference is due.
    """

    in_need: Ints
    conferences: Ints


@stage(
    reads=(
        Casework.assessment_teams,
        Casework.authority,
        Casework.long_term_teams,
        Casework.receiving_services,
        Casework.roster,
        CurrentHarm.other_needs,
        CurrentHarm.severity,
        TeamColumns.accuracy,
        TeamColumns.contact_load,
        TeamColumns.hours_available,
        TeamColumns.workload_factor,
    ),
    writes=(
        Casework.drift,
        Casework.front_door_load,
        Casework.hours_carried_over,
        Casework.judgements,
        Casework.recent_delivered_share,
        Casework.time_per_case,
        Casework.under_way,
        Casework.waiting_core,
        Casework.waiting_initial,
        CurrentHarm.hidden_share,
        ChildRecords.belief,
        ChildRecords.believed,
        ChildRecords.finish,
        ChildRecords.status,
        ChildRecords.worker,
        ChildRecords.worker_changes,
        ChildRecords.working_days,
        TeamColumns.delivered_share,
        TeamColumns.hours_demanded,
        TeamColumns.on_time_share,
        TeamColumns.utilisation,
    ),
)
def assess(state: Casework, screening: Screening) -> AssessmentOutcome:
    """Start the assessments for which there are hours, and judge those that end this week (M11, M12).

    Args:
        state: the state of casework.
        screening: the result of this week's screening.
    """
    _start_initial_assessments(state, screening)
    ends = state.records.finish[state.under_way] <= state.week
    finished = state.under_way[ends]
    state.under_way = state.under_way[~ends]
    status = state.records.status[finished]
    in_need, to_core, enquiry = _finish_initial_assessments(state, finished[status == Status.INITIAL])
    _queue_core_assessments(state, to_core, enquiry)
    # An enquiry about a child in need ends the service, and another social worker makes the enquiry.
    escalated = screening.escalated
    release_workers(state, escalated)
    state.harm.hidden_share[escalated] = 0.0
    _queue_core_assessments(state, escalated, np.ones(len(escalated), np.bool_))
    _start_core_assessments(state)
    after_core = _finish_core_assessments(
        state, finished[(status == Status.CORE) | (status == Status.ENQUIRY)]
    )
    return AssessmentOutcome(np.concatenate([in_need, after_core]), finished[status == Status.CONFERENCE])


def _schedule_finish(state: Casework, child: Ints, weeks: Ints | int) -> None:
    """Schedule the end of each child's stage in `weeks` from now; shape (n,)."""
    state.records.finish[child] = state.week + weeks
    state.under_way = np.concatenate([state.under_way, child])


def _select_waiting(state: Casework, queue: Queue, status: int) -> Queue:
    """Select the cases of a queue that still wait, without children who turned 18 or whose case has moved on."""
    waiting: Queue = queue[state.records.status[queue["child"]] == status]
    return waiting


def _select_cases(
    state: Casework,
    teams: RoleTeams,
    queue: Queue,
    priority: Floats,
    hours: Floats,
    available: Floats,
    largest: float,
) -> tuple[Ints, Ints]:
    """Select cases in priority order until each team's hours are used.

    Each team carries its unused hours, up to those of one case, into the next week.

    Args:
        state: the state of casework.
        teams: the teams that take the cases.
        queue: the waiting cases, in order of arrival, shape (n,).
        priority: the highest goes first, and equal ones in order of arrival, shape (n,).
        hours: hours that each case takes, shape (n,).
        available: hours that each team has for the queue this week, shape (G,).
        largest: hours of the largest kind of case.

    Returns:
        Rows of the queue that are selected, by team and priority, and rows that wait on, in order of arrival.
    """
    team = teams.of_child[queue["child"]]
    order = np.lexsort((-priority, team))
    spent = np.zeros(len(order) + 1)
    hours[order].cumsum(out=spent[1:])
    in_team = team[order]
    before = spent[in_team.searchsorted(np.arange(len(teams.rows)))]
    budget = available + state.hours_carried_over[teams.rows]
    # The tolerance accepts a case that fits exactly, despite the rounding of a sum over all teams.
    taken = spent[1:] - before[in_team] <= budget[in_team] + _TOLERANCE_HOURS
    used = np.bincount(in_team, weights=hours[order] * taken, minlength=len(teams.rows))
    state.hours_carried_over[teams.rows] = np.minimum(budget - used, largest)
    return order[taken], np.sort(order[~taken])


def available_hours(state: Casework, teams: RoleTeams) -> Floats:
    """Hours for casework that each of these teams has this week, shape (G,)."""
    hours: Floats = state.teams["hours_available"][teams.rows]
    return hours


def update_team_load(state: Casework, teams: RoleTeams, hours_due: Floats) -> None:
    """Update the smoothed load of these teams, and the time that a case gets (M11).

    Up to a load of 1 a case gets its due hours, and beyond that fewer.

    Args:
        state: the state of casework.
        teams: teams of one role.
        hours_due: hours due in each team this week, shape (G,).
    """
    memory = 1 / state.scenario.front_door.load_memory_weeks
    before = state.teams["utilisation"][teams.rows]
    now = np.minimum(hours_due / np.maximum(available_hours(state, teams), 1e-9), HIGHEST_LOAD)
    load = before + memory * (now - before)
    state.teams["hours_demanded"][teams.rows] = hours_due
    state.teams["utilisation"][teams.rows] = load
    state.time_per_case[teams.rows] = np.maximum(load, 1.0) ** -state.scenario.assessment.time_compression


def _start_initial_assessments(state: Casework, screening: Screening) -> None:
    """Start initial assessments in order of urgency, as far as the hours of the assessment teams reach (M11)."""
    settings, hours = state.scenario.assessment, state.scenario.workforce
    teams = state.assessment_teams
    queue = _select_waiting(state, state.waiting_initial, Status.WAITING)
    front_door_hours = screening.contacts * hours.hours_contact + screening.referrals * hours.hours_referral
    each_authority = len(teams.rows) // len(state.authorities)
    front_door_hours = np.repeat(
        front_door_hours * (front_door_column(state, "contact_load") / each_authority), each_authority
    )
    team = teams.of_child[queue["child"]]
    waiting = np.bincount(team, minlength=len(teams.rows))
    due_each = hours.hours_initial * state.teams["workload_factor"][teams.rows]
    hours_due = front_door_hours + waiting * due_each
    update_team_load(state, teams, hours_due)
    update_front_door_load(
        state, state.sum_by_authority(hours_due), state.sum_by_authority(available_hours(state, teams))
    )
    highest = state.scenario.front_door.assessment_threshold + state.drift + settings.urgency_cap
    urgency = np.minimum(queue["priority"], highest[state.authority[queue["child"]]])
    urgency += settings.urgency_per_week_waiting * (state.week - queue["arrived"])
    each = (due_each * state.time_per_case[teams.rows])[team]
    taken, left = _select_cases(
        state,
        teams,
        queue,
        urgency,
        each,
        np.maximum(available_hours(state, teams) - front_door_hours, 0),
        hours.hours_initial,
    )
    child, waited = queue["child"][taken], state.week - queue["arrived"][taken]
    state.waiting_initial = queue[left]
    keys = state.keys.judgement(child)
    days = settings.initial_days_median * np.exp(
        settings.initial_days_spread * state.streams.initial_days.normal(*keys)
    )
    state.move(child, Status.INITIAL)
    allocate_workers(state, teams, child)
    state.records.working_days[child] = _DAYS_PER_WEEK * waited + days
    _schedule_finish(
        state, child, np.minimum(days / _DAYS_PER_WEEK, settings.longest_initial_weeks).astype(np.int64)
    )
    state.log.add(state.week, Occurrence.INITIAL_STARTED, child)


def _finish_initial_assessments(state: Casework, child: Ints) -> tuple[Ints, Ints, Bools]:
    """Judge the initial assessments that end this week (M11).

    Returns:
        Children who get a child-in-need service, shape (n,); children who get a core assessment, shape (m,); and
        whether each of the latter gets a section 47 enquiry with it, shape (m,).
    """
    settings, records = state.scenario.assessment, state.records
    if not len(child):
        return child, child, np.empty(0, np.bool_)
    keys = state.keys.judgement(child)
    belief = state.update_belief(child)
    estimate = state.harm.severity[child] + state.child_bias[child]
    estimate += settings.file_weight * np.minimum(belief, settings.file_limit)
    estimate += _judgement_error(
        state, state.assessment_teams, child, settings.initial_noise
    ) * state.streams.initial.normal(*keys)
    state.judgements.append(
        Judgement("initial assessment", child, belief, estimate, settings.need_threshold, -1)
    )
    on_time = records.working_days[child] <= settings.initial_limit_days
    state.log.add(state.week, Occurrence.INITIAL_FINISHED, child, -1, on_time)
    _update_on_time_share(state, state.assessment_teams, child, on_time)
    other = state.harm.other_needs[child] > 0
    other &= state.streams.other_need.uniform(*keys) < settings.other_need_recognised
    enquiry = estimate > settings.s47_threshold
    core = enquiry | (estimate > settings.core_threshold)
    in_need = ~core & ((estimate > settings.need_threshold) | other)
    records.belief[child] = belief * state.scenario.front_door.kept_after_assessment
    no_action = ~core & ~in_need
    state.log.add(state.week, Occurrence.NO_FURTHER_ACTION, child[no_action], -1, estimate[no_action])
    close_cases(state, child[no_action])
    release_workers(state, child[~no_action])
    return child[in_need], child[core], enquiry[core]


def _update_on_time_share(state: Casework, teams: RoleTeams, child: Ints, on_time: Bools) -> None:
    """Update each team's share of assessments on time with those that end this week; shapes (n,)."""
    team, before = teams.of_child[child], state.teams["on_time_share"][teams.rows]
    finished = np.bincount(team, minlength=len(before))
    share = np.bincount(team, weights=on_time, minlength=len(before)) / np.maximum(finished, 1)
    state.teams["on_time_share"][teams.rows] = before + (1 - _ON_TIME_MEMORY**finished) * (share - before)


def _queue_core_assessments(state: Casework, child: Ints, enquiry: Bools) -> None:
    """Queue children for a core assessment, with a section 47 enquiry where `enquiry` is set; shapes (n,)."""
    if not len(child):
        return
    state.move(child, Status.CORE_WAITING)
    arrivals = build_rows(WAITING_CASE, child, arrived=state.week, priority=enquiry, enquiry=enquiry)
    state.waiting_core = append_rows(state.waiting_core, arrivals)


def committed_hours(state: Casework) -> Floats:
    """Hours due this week to children in need, on a plan or in care, by long-term team, shape (G,)."""
    hours, teams = state.scenario.workforce, state.long_term_teams
    hours_each = np.zeros(len(STATUSES))
    hours_each[Status.IN_NEED], hours_each[Status.PLAN], hours_each[Status.CARE] = (
        hours.hours_in_need_week,
        hours.hours_plan_week,
        hours.hours_care_week,
    )
    due = hours_each[state.records.status[state.receiving_services]]
    total = np.bincount(teams.of_child[state.receiving_services], weights=due, minlength=len(teams.rows))
    hours_due: Floats = total * state.teams["workload_factor"][teams.rows]
    return hours_due


def _start_core_assessments(state: Casework) -> None:
    """Start core assessments and enquiries with the hours that services leave to the long-term teams (M12)."""
    settings, hours, teams = state.scenario.assessment, state.scenario.workforce, state.long_term_teams
    queue = _select_waiting(state, state.waiting_core, Status.CORE_WAITING)
    enquiry_hours = (
        hours.hours_s47 + hours.hours_conference / 2  # about half of the enquiries lead to a conference
    )
    largest = hours.hours_core + enquiry_hours
    team = teams.of_child[queue["child"]]
    each = (hours.hours_core + enquiry_hours * queue["enquiry"]) * state.teams["workload_factor"][teams.rows][
        team
    ]
    committed = committed_hours(state)
    update_team_load(state, teams, committed + np.bincount(team, weights=each, minlength=len(teams.rows)))
    speed = state.time_per_case[teams.rows]
    hours_here = available_hours(state, teams)
    for_services = np.minimum(committed * speed, (1 - hours.least_new_assessment_share) * hours_here)
    # A team without due hours has delivered its full share.
    delivered = np.divide(for_services, committed, out=np.ones(len(committed)), where=committed > 0)
    state.recent_delivered_share[state.week % 4, teams.rows] = np.minimum(delivered, 1.0)
    state.teams["delivered_share"][teams.rows] = state.recent_delivered_share.sum(axis=0)[teams.rows] / 4
    taken, left = _select_cases(
        state, teams, queue, queue["priority"], each * speed[team], hours_here - for_services, largest
    )
    child, enquiry = queue["child"][taken], queue["enquiry"][taken]
    waited = state.week - queue["arrived"][taken]
    state.waiting_core = queue[left]
    keys = state.keys.judgement(child)
    weeks = settings.core_weeks_median * np.exp(
        settings.core_weeks_spread * state.streams.core_weeks.normal(*keys)
    )
    state.records.working_days[child] = _DAYS_PER_WEEK * (waited + weeks)
    state.move(child[~enquiry], Status.CORE)
    state.move(child[enquiry], Status.ENQUIRY)
    allocate_workers(state, teams, child)
    state.log.add(state.week, Occurrence.CORE_STARTED, child)
    state.log.add(state.week, Occurrence.ENQUIRY_STARTED, child[enquiry])
    whole_weeks = np.minimum(weeks + 1, settings.longest_core_weeks).astype(np.int64)
    _schedule_finish(state, child, np.where(enquiry, settings.enquiry_weeks, whole_weeks))


def _judgement_error(state: Casework, teams: RoleTeams, child: Ints, noise: float) -> Floats:
    """SD of the error of judgement about each child, shape (n,) (M11, M13).

    It falls with the square root of the time spent and with the team's accuracy, and is larger for a new social worker.
    """
    error: Floats = (
        noise / (np.sqrt(state.time_per_case) * state.teams["accuracy"])[teams.rows][teams.of_child[child]]
    )
    return error * state.roster.noise[state.records.worker[child]]


def _finish_core_assessments(state: Casework, child: Ints) -> Ints:
    """Judge the core assessments and section 47 enquiries that end this week (M12).

    A core assessment ends with a child-in-need service or no further action; an enquiry may also lead to a conference.

    Returns:
        The children who get a child-in-need service, shape (n,).
    """
    if not len(child):
        return child
    settings, records = state.scenario.assessment, state.records
    estimate = state.harm.severity[child] + settings.child_bias_remaining * state.child_bias[child]
    noise = state.streams.core.normal(*state.keys.judgement(child))
    estimate += _judgement_error(state, state.long_term_teams, child, settings.core_noise) * noise
    on_time = records.working_days[child] <= settings.core_limit_days
    state.log.add(state.week, Occurrence.CORE_FINISHED, child, -1, on_time)
    _update_on_time_share(state, state.long_term_teams, child, on_time)
    enquiry = records.status[child] == Status.ENQUIRY
    state.log.add(state.week, Occurrence.ENQUIRY_FINISHED, child[enquiry], -1, estimate[enquiry])
    conference = enquiry & (estimate > settings.conference_threshold)
    other_need = ~enquiry & (state.harm.other_needs[child] > 0)
    threshold = np.where(enquiry, settings.need_threshold_after_enquiry, settings.need_threshold)
    state.judgements.append(Judgement("core assessment", child, np.nan, estimate, threshold, -1))
    enough = estimate > threshold
    in_need = ~conference & (enough | other_need)
    to_conference = child[conference]
    state.move(to_conference, Status.CONFERENCE)
    _schedule_finish(state, to_conference, state.scenario.conference.wait_weeks)
    no_action = ~conference & ~in_need
    state.log.add(state.week, Occurrence.NO_FURTHER_ACTION, child[no_action], -1, estimate[no_action])
    close_cases(state, child[no_action])
    to_services: Ints = child[in_need]
    return to_services
