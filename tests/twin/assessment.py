"""Assessments and section 47 enquiries: queues, hours, time limits and judgements (M11, M12)."""

import math
from typing import TYPE_CHECKING

from tests.twin.agents import (
    CARE,
    CLOSED,
    CONFERENCE,
    CORE,
    CORE_WAITING,
    ENQUIRY,
    IN_NEED,
    INITIAL,
    PLAN,
    WAITING,
    Authority,
    Case,
    Child,
    Team,
)
from tests.twin.front_door import HIGHEST_LOAD, Screening, update_front_door_load
from tests.twin.workforce import allocate_workers, judgement_error

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin

TOLERANCE_HOURS = 1e-6
"""Hours by which a case may exceed the hours left, so that rounding does not exclude a case that fits exactly."""


def assess(twin: "TextbookTwin", screened: Screening) -> tuple[list[Child], list[Child]]:
    """Start and judge assessments; return children who get a service, and children whose conference is due."""
    start_initial_assessments(twin, screened)
    finished = [child for child in twin.under_way if child.finish <= twin.week]
    twin.under_way = [child for child in twin.under_way if child.finish > twin.week]
    ending = {child: child.status for child in finished}
    in_need = finish_initial_assessments(twin, [child for child in finished if ending[child] == INITIAL])
    for child in screened.escalated:  # the enquiry replaces the service and its social worker
        child.worker = None
        child.hidden_share = 0.0
        queue_core_assessment(twin, child, enquiry=True)
    start_core_assessments(twin)
    in_need += finish_core_assessments(
        twin, [child for child in finished if ending[child] in {CORE, ENQUIRY}]
    )
    return in_need, [child for child in finished if ending[child] == CONFERENCE]


def start_initial_assessments(twin: "TextbookTwin", screened: Screening) -> None:
    """Start initial assessments with the hours that the front door leaves (M12.1, M12.2, M12.4)."""
    settings, hours, teams = twin.settings.assessment, twin.settings.workforce, twin.assessment_teams
    queue = [case for case in twin.waiting_initial if case.child.status == WAITING]
    hours_at_front_door = {
        authority: front_door_hours(twin, authority, screened) / len(authority.assessment_teams)
        for authority in twin.authorities
    }
    for authority in twin.authorities:
        authority_due = 0.0
        for team in authority.assessment_teams:
            waiting = len(select_team_cases(queue, team, "assessment_team"))
            due = hours_at_front_door[authority] + hours.hours_initial * team.workload_factor * waiting
            authority_due += due
            update_team_load(twin, team, due)
        update_front_door_load(twin, authority, authority_due)
    for case in queue:
        team = case.child.assessment_team
        case.hours = hours.hours_initial * team.workload_factor * team.time_per_case

    def urgency(case: Case) -> float:
        waited = twin.week - case.arrived
        highest = (
            twin.settings.front_door.assessment_threshold + case.child.authority.drift + settings.urgency_cap
        )
        return min(case.priority, highest) + settings.urgency_per_week_waiting * waited

    taken: list[Case] = []
    for team in teams:
        cases = sorted(select_team_cases(queue, team, "assessment_team"), key=urgency, reverse=True)
        taken += select_cases(
            team, cases, max(team.hours - hours_at_front_door[team.authority], 0.0), hours.hours_initial
        )
    twin.waiting_initial = remove_taken(queue, taken)
    children = [case.child for case in taken]
    allocate_workers(twin, children, "assessment_team")
    for case in taken:
        child = case.child
        z = twin.draws.normal("days of initial assessment", child.judgement_key())
        days = settings.initial_days_median * math.exp(settings.initial_days_spread * z)
        child.status = INITIAL
        child.working_days = 5 * (twin.week - case.arrived) + days
        child.finish = twin.week + min(int(days / 5), settings.longest_initial_weeks)
        twin.under_way.append(child)
        twin.record_event("initial_started", child)


def front_door_hours(twin: "TextbookTwin", authority: Authority, screened: Screening) -> float:
    """Hours that reading contacts and registering referrals takes this week."""
    hours = twin.settings.workforce
    due = (
        screened.contacts[authority] * hours.hours_contact
        + screened.referrals[authority] * hours.hours_referral
    )
    return due * authority.front_door.contact_load


def select_team_cases(queue: list[Case], team: Team, role: str) -> list[Case]:
    return [case for case in queue if getattr(case.child, role) is team]


def remove_taken(queue: list[Case], taken: list[Case]) -> list[Case]:
    gone = set(taken)
    return [case for case in queue if case not in gone]


def update_team_load(twin: "TextbookTwin", team: Team, hours_due: float) -> None:
    """Update a team's load and the time that a case gets: up to a load of 1 its due hours, then fewer (M11.7)."""
    load = min(hours_due / max(team.hours, 1e-9), HIGHEST_LOAD)
    team.load += (load - team.load) / twin.settings.front_door.load_memory_weeks
    team.time_per_case = max(team.load, 1.0) ** -twin.settings.assessment.time_compression


def select_cases(team: Team, cases: list[Case], available: float, largest: float) -> list[Case]:
    """Select cases in this order until the hours are used; unused hours, up to one case, are carried over."""
    left = available + team.hours_carried_over
    taken = []
    for case in cases:
        if case.hours > left + TOLERANCE_HOURS:
            break
        left -= case.hours
        taken.append(case)
    team.hours_carried_over = min(left, largest)
    return taken


def finish_initial_assessments(twin: "TextbookTwin", children: list[Child]) -> list[Child]:
    """Judge the initial assessments that end (M11.1, M11.2, M11.3); return children in need."""
    settings, in_need = twin.settings.assessment, []
    update_on_time_share(twin.assessment_teams, "assessment_team", children, settings.initial_limit_days)
    for child in children:
        estimate = child.severity + child.bias
        estimate += settings.file_weight * min(child.belief, settings.file_limit)
        error = judgement_error(twin, child, child.assessment_team, settings.initial_noise)
        estimate += error * twin.draws.normal("initial assessment", child.judgement_key())
        twin.record_event(
            "initial_finished", child, value=float(child.working_days <= settings.initial_limit_days)
        )
        seen = twin.draws.uniform("other need seen", child.judgement_key()) < settings.other_need_recognised
        child.belief *= twin.settings.front_door.kept_after_assessment
        if estimate > settings.s47_threshold or estimate > settings.core_threshold:
            child.worker = None
            queue_core_assessment(twin, child, enquiry=estimate > settings.s47_threshold)
        elif estimate > settings.need_threshold or (child.has_other_need and seen):
            child.worker = None
            in_need.append(child)
        else:
            close_without_action(twin, child, estimate)
    return in_need


def queue_core_assessment(twin: "TextbookTwin", child: Child, *, enquiry: bool) -> None:
    child.status = CORE_WAITING
    twin.waiting_core.append(Case(child, twin.week, float(enquiry), enquiry))


def update_on_time_share(teams: list[Team], role: str, children: list[Child], limit: int) -> None:
    """Average each team's share on time over about the last hundred assessments (M18.2)."""
    for team in teams:
        ended = [child for child in children if getattr(child, role) is team]
        if ended:
            share = sum(child.working_days <= limit for child in ended) / len(ended)
            team.on_time_share += (1 - 0.99 ** len(ended)) * (share - team.on_time_share)


def close_without_action(twin: "TextbookTwin", child: Child, estimate: float) -> None:
    twin.record_event("no_further_action", child, value=estimate)
    close_case(child)


def close_case(child: Child, status: str = CLOSED) -> None:
    """Close a case."""
    child.status, child.worker, child.worker_changes, child.hidden_share = status, None, 0, 0.0


def start_core_assessments(twin: "TextbookTwin") -> None:
    """Start enquiries and core assessments with the hours that services leave (M12.3, M12.5)."""
    settings, hours, teams = twin.settings.assessment, twin.settings.workforce, twin.long_term_teams
    hours_per_week = {
        IN_NEED: hours.hours_in_need_week,
        PLAN: hours.hours_plan_week,
        CARE: hours.hours_care_week,
    }
    queue = [case for case in twin.waiting_core if case.child.status == CORE_WAITING]
    largest = hours.hours_core + hours.hours_s47 + hours.hours_conference / 2
    for case in queue:
        case.hours = largest if case.enquiry else hours.hours_core
        case.hours *= case.child.long_term_team.workload_factor
    children_of = {
        team: [child for child in twin.receiving_services if child.long_term_team is team] for team in teams
    }
    for team in teams:
        due_to_services = sum(hours_per_week.get(child.status, 0.0) for child in children_of[team])
        due_to_services *= team.workload_factor
        due_to_queue = sum(case.hours for case in select_team_cases(queue, team, "long_term_team"))
        update_team_load(twin, team, due_to_services + due_to_queue)
        team.service_hours = min(
            due_to_services * team.time_per_case, (1 - hours.least_new_assessment_share) * team.hours
        )
        share = min(team.service_hours / due_to_services, 1.0) if due_to_services > 0 else 1.0
        team.recent_delivered_shares[twin.week % 4] = share
    for case in queue:
        case.hours *= case.child.long_term_team.time_per_case
    taken: list[Case] = []
    for team in teams:
        cases = sorted(
            select_team_cases(queue, team, "long_term_team"), key=lambda case: case.priority, reverse=True
        )
        taken += select_cases(team, cases, team.hours - team.service_hours, largest)
    twin.waiting_core = remove_taken(queue, taken)
    allocate_workers(twin, [case.child for case in taken], "long_term_team")
    for case in taken:
        child = case.child
        z = twin.draws.normal("weeks of core assessment", child.judgement_key())
        weeks = settings.core_weeks_median * math.exp(settings.core_weeks_spread * z)
        child.working_days = 5 * (twin.week - case.arrived + weeks)
        twin.record_event("core_started", child)
        if case.enquiry:
            child.status, child.finish = ENQUIRY, twin.week + settings.enquiry_weeks
            twin.record_event("enquiry_started", child)
        else:
            child.status = CORE
            child.finish = twin.week + min(int(weeks) + 1, settings.longest_core_weeks)
        twin.under_way.append(child)


def finish_core_assessments(twin: "TextbookTwin", children: list[Child]) -> list[Child]:
    """Judge the core assessments and enquiries that end (M11.4, M11.5, M11.6); return children in need."""
    settings, in_need = twin.settings.assessment, []
    update_on_time_share(twin.long_term_teams, "long_term_team", children, settings.core_limit_days)
    for child in children:
        estimate = child.severity + settings.child_bias_remaining * child.bias
        error = judgement_error(twin, child, child.long_term_team, settings.core_noise)
        estimate += error * twin.draws.normal("core assessment or enquiry", child.judgement_key())
        twin.record_event("core_finished", child, value=float(child.working_days <= settings.core_limit_days))
        enquiry = child.status == ENQUIRY
        if enquiry:
            twin.record_event("enquiry_finished", child, value=estimate)
        threshold = settings.need_threshold_after_enquiry if enquiry else settings.need_threshold
        if enquiry and estimate > settings.conference_threshold:
            child.status = CONFERENCE
            child.finish = twin.week + twin.settings.conference.wait_weeks
            twin.under_way.append(child)
        elif estimate > threshold or (not enquiry and child.has_other_need):
            in_need.append(child)
        else:
            close_without_action(twin, child, estimate)
    return in_need
