"""Assessments and section 47 enquiries: queues, hours, time limits, judgement (M11, M12)."""

import math
from typing import TYPE_CHECKING

from tests.twin.front_door import HIGHEST_LOAD, Screened, feel_load
from tests.twin.people import (
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
from tests.twin.workforce import allocate, error_of

if TYPE_CHECKING:
    from tests.twin.twin import TextbookTwin

A_MOMENT = 1e-6
"""Hours by which a case that just fits may exceed what is left, so that rounding decides about no child."""


def assess(twin: "TextbookTwin", screened: Screened) -> tuple[list[Child], list[Child]]:
    """The week from the queue to the judgement: children who are to get a service, and children for a conference."""
    start_initial(twin, screened)
    finished = [child for child in twin.under_way if child.finish <= twin.week]
    twin.under_way = [child for child in twin.under_way if child.finish > twin.week]
    ending = {child: child.status for child in finished}
    in_need = finish_initial(twin, [child for child in finished if ending[child] == INITIAL])
    for child in screened.grave_news:  # the service and its worker give way to the enquiry
        child.worker = None
        child.hidden_share = 0.0
        queue_core(twin, child, enquiry=True)
    start_core(twin)
    in_need += finish_core(twin, [child for child in finished if ending[child] in {CORE, ENQUIRY}])
    return in_need, [child for child in finished if ending[child] == CONFERENCE]


def start_initial(twin: "TextbookTwin", screened: Screened) -> None:
    """Assessment teams answer the front door, then take up children from the queue (M12.1, M12.2, M12.4)."""
    settings, hours, teams = twin.settings.assessment, twin.settings.workforce, twin.assessment_teams
    queue = [case for case in twin.waiting_initial if case.child.status == WAITING]
    at_the_door = {
        authority: hours_at_the_door(twin, authority, screened) / len(authority.assessment_teams)
        for authority in twin.authorities
    }
    for authority in twin.authorities:
        all_due = 0.0
        for team in authority.assessment_teams:
            waiting = len(cases_of(queue, team, "assessment_team"))
            due = at_the_door[authority] + hours.hours_initial * team.workload_factor * waiting
            all_due += due
            feel_team_load(twin, team, due)
        feel_load(twin, authority, all_due)
    for case in queue:
        team = case.child.assessment_team
        case.hours = hours.hours_initial * team.workload_factor * team.pace

    def urgency(case: Case) -> float:
        waited = twin.week - case.arrived
        highest = (
            twin.settings.front_door.assessment_threshold + case.child.authority.drift + settings.urgency_cap
        )
        return min(case.priority, highest) + settings.urgency_per_week_waiting * waited

    taken: list[Case] = []
    for team in teams:
        cases = sorted(cases_of(queue, team, "assessment_team"), key=urgency, reverse=True)
        taken += take_up(team, cases, max(team.hours - at_the_door[team.authority], 0.0), hours.hours_initial)
    twin.waiting_initial = left_of(queue, taken)
    children = [case.child for case in taken]
    allocate(twin, children, "assessment_team")
    for case in taken:
        child = case.child
        z = twin.chance.normal("days of initial assessment", child.judged())
        days = settings.initial_days_median * math.exp(settings.initial_days_spread * z)
        child.status = INITIAL
        child.working_days = 5 * (twin.week - case.arrived) + days
        child.finish = twin.week + min(int(days / 5), settings.longest_initial_weeks)
        twin.under_way.append(child)
        twin.note("initial_started", child)


def hours_at_the_door(twin: "TextbookTwin", authority: Authority, screened: Screened) -> float:
    """What reading contacts and registering referrals takes this week."""
    hours = twin.settings.workforce
    due = (
        screened.contacts[authority] * hours.hours_contact
        + screened.referrals[authority] * hours.hours_referral
    )
    return due * authority.front_door.contact_load


def cases_of(queue: list[Case], team: Team, role: str) -> list[Case]:
    return [case for case in queue if getattr(case.child, role) is team]


def left_of(queue: list[Case], taken: list[Case]) -> list[Case]:
    gone = set(taken)
    return [case for case in queue if case not in gone]


def feel_team_load(twin: "TextbookTwin", team: Team, hours_due: float) -> None:
    """Pressure cuts the time of a case: up to a load of 1 it gets what is due to it, beyond that less (M11.7)."""
    load = min(hours_due / max(team.hours, 1e-9), HIGHEST_LOAD)
    team.load += (load - team.load) / twin.settings.front_door.load_memory_weeks
    team.pace = max(team.load, 1.0) ** -twin.settings.assessment.time_compression


def take_up(team: Team, cases: list[Case], available: float, largest: float) -> list[Case]:
    """Cases in this order, as far as the hours reach; what is left, up to one case, is carried over."""
    left = available + team.carried_over
    taken = []
    for case in cases:
        if case.hours > left + A_MOMENT:
            break
        left -= case.hours
        taken.append(case)
    team.carried_over = min(left, largest)
    return taken


def finish_initial(twin: "TextbookTwin", children: list[Child]) -> list[Child]:
    """Judge on a lasting misreading, the file and error (M11.1, M11.2, M11.3); returns children in need."""
    settings, in_need = twin.settings.assessment, []
    count_on_time(twin.assessment_teams, "assessment_team", children, settings.initial_limit_days)
    for child in children:
        estimate = child.severity + child.misreading
        estimate += settings.file_weight * min(child.belief, settings.file_limit)
        error = error_of(twin, child, child.assessment_team, settings.initial_noise)
        estimate += error * twin.chance.normal("initial assessment", child.judged())
        twin.note("initial_finished", child, value=float(child.working_days <= settings.initial_limit_days))
        seen = twin.chance.uniform("other need seen", child.judged()) < settings.other_need_recognised
        child.belief *= twin.settings.front_door.kept_after_assessment
        if estimate > settings.s47_threshold or estimate > settings.core_threshold:
            child.worker = None
            queue_core(twin, child, enquiry=estimate > settings.s47_threshold)
        elif estimate > settings.need_threshold or (child.has_other_need and seen):
            child.worker = None
            in_need.append(child)
        else:
            no_further_action(twin, child, estimate)
    return in_need


def queue_core(twin: "TextbookTwin", child: Child, *, enquiry: bool) -> None:
    child.status = CORE_WAITING
    twin.waiting_core.append(Case(child, twin.week, float(enquiry), enquiry))


def count_on_time(teams: list[Team], role: str, children: list[Child], limit: int) -> None:
    """The share on time follows the last hundred assessments or so (M18.2)."""
    for team in teams:
        ended = [child for child in children if getattr(child, role) is team]
        if ended:
            share = sum(child.working_days <= limit for child in ended) / len(ended)
            team.on_time += (1 - 0.99 ** len(ended)) * (share - team.on_time)


def no_further_action(twin: "TextbookTwin", child: Child, estimate: float) -> None:
    twin.note("no_further_action", child, value=estimate)
    let_go(child)


def let_go(child: Child, status: str = CLOSED) -> None:
    """The case is closed."""
    child.status, child.worker, child.worker_changes, child.hidden_share = status, None, 0, 0.0


def start_core(twin: "TextbookTwin") -> None:
    """Long-term teams serve whom they have (M12.3), then take up enquiries and core assessments (M12.5)."""
    settings, hours, teams = twin.settings.assessment, twin.settings.workforce, twin.long_term_teams
    week_of = {
        IN_NEED: hours.hours_in_need_week,
        PLAN: hours.hours_plan_week,
        CARE: hours.hours_care_week,
    }
    queue = [case for case in twin.waiting_core if case.child.status == CORE_WAITING]
    largest = hours.hours_core + hours.hours_s47 + hours.hours_conference / 2
    for case in queue:
        case.hours = largest if case.enquiry else hours.hours_core
        case.hours *= case.child.long_term_team.workload_factor
    served_by = {team: [child for child in twin.served if child.long_term_team is team] for team in teams}
    for team in teams:
        due_to_services = sum(week_of.get(child.status, 0.0) for child in served_by[team])
        due_to_services *= team.workload_factor
        due_to_queue = sum(case.hours for case in cases_of(queue, team, "long_term_team"))
        feel_team_load(twin, team, due_to_services + due_to_queue)
        team.for_services = min(
            due_to_services * team.pace, (1 - hours.least_new_assessment_share) * team.hours
        )
        share = min(team.for_services / due_to_services, 1.0) if due_to_services > 0 else 1.0
        team.delivered[twin.week % 4] = share
    for case in queue:
        case.hours *= case.child.long_term_team.pace
    taken: list[Case] = []
    for team in teams:
        cases = sorted(cases_of(queue, team, "long_term_team"), key=lambda case: case.priority, reverse=True)
        taken += take_up(team, cases, team.hours - team.for_services, largest)
    twin.waiting_core = left_of(queue, taken)
    allocate(twin, [case.child for case in taken], "long_term_team")
    for case in taken:
        child = case.child
        z = twin.chance.normal("weeks of core assessment", child.judged())
        weeks = settings.core_weeks_median * math.exp(settings.core_weeks_spread * z)
        child.working_days = 5 * (twin.week - case.arrived + weeks)
        twin.note("core_started", child)
        if case.enquiry:
            child.status, child.finish = ENQUIRY, twin.week + settings.enquiry_weeks
            twin.note("enquiry_started", child)
        else:
            child.status = CORE
            child.finish = twin.week + min(int(weeks) + 1, settings.longest_core_weeks)
        twin.under_way.append(child)


def finish_core(twin: "TextbookTwin", children: list[Child]) -> list[Child]:
    """Judge again (M11.4, M11.5, M11.6); returns children in need. An enquiry may end in a conference."""
    settings, in_need = twin.settings.assessment, []
    count_on_time(twin.long_term_teams, "long_term_team", children, settings.core_limit_days)
    for child in children:
        estimate = child.severity + settings.child_bias_remaining * child.misreading
        error = error_of(twin, child, child.long_term_team, settings.core_noise)
        estimate += error * twin.chance.normal("core assessment or enquiry", child.judged())
        twin.note("core_finished", child, value=float(child.working_days <= settings.core_limit_days))
        enquiry = child.status == ENQUIRY
        if enquiry:
            twin.note("enquiry_finished", child, value=estimate)
        threshold = settings.need_threshold_after_enquiry if enquiry else settings.need_threshold
        if enquiry and estimate > settings.conference_threshold:
            child.status = CONFERENCE
            child.finish = twin.week + twin.settings.conference.wait_weeks
            twin.under_way.append(child)
        elif estimate > threshold or (not enquiry and child.has_other_need):
            in_need.append(child)
        else:
            no_further_action(twin, child, estimate)
    return in_need
